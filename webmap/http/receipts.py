"""Answers to batches: what became of each item, by the id its sender made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from gis.patrol.model import Outcome, Receipt
from webmap.http.schemas import Schema, one_of


def schema_of_receipts(*texts: str, **members: Schema) -> Schema:
    """The schema of such an answer; an item has texts of these names and other members besides."""
    item = {
        "client_id": {"type": "string"},
        "outcome": one_of(tuple(outcome.value for outcome in Outcome)),
        **{name: {"type": "string"} for name in texts},
        **members,
    }
    items = {"type": "object", "required": ["client_id", "outcome"], "properties": item}
    return {
        "type": "object",
        "required": ["results"],
        "properties": {"results": {"type": "array", "items": items}},
    }


def results_of(receipts: Iterable[Receipt]) -> dict[str, Any]:
    """The answer; what a receipt does not say is left out."""
    return {"results": [{k: v for k, v in asdict(receipt).items() if v is not None} for receipt in receipts]}
