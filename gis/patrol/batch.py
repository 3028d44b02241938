"""A batch of records of one phone, in one transaction, and what a type of record does with its part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from gis.database.pool import Connection
from gis.errors import GisError
from gis.patrol.model import Envelope, Outcome, Receipt
from gis.people.model import Actor


@dataclass(frozen=True, slots=True)
class Batch:
    """The transaction and the circumstances in which records are stored.

    Attributes
    ----------
    team_id : the team the actor walks with today.
    kinds, violations : codes of `app.violation_kind`, all and those that are violations.
    """

    connection: Connection
    actor: Actor
    envelope: Envelope
    received_at: datetime
    team_id: int | None
    kinds: frozenset[str]
    violations: frozenset[str]


class RecordType(Protocol):
    """Stores the records of one type."""

    def __call__(self, batch: Batch, raws: Sequence[Mapping[str, Any]], /) -> list[Receipt]:
        """Give a receipt for each, in order; a bad record is refused and takes no other along."""


def refusal(raw: object, error: GisError) -> Receipt:
    """Write the receipt that refuses a record."""
    claimed = str(raw.get("client_id") if isinstance(raw, Mapping) else None)[:64]
    pointer = getattr(error, "pointer", None)
    detail = f"{pointer}: {error.message}" if pointer else error.message
    return Receipt(
        clean(claimed),
        Outcome.REJECTED,
        error.code,
        clean(detail),
        pointer=None if pointer is None else clean(pointer),
    )


def clean(text: str) -> str:
    """The same without what can be neither answered nor stored: NUL and lone surrogates."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
