"""What phones sent and could not be stored, kept so that an administrator can repair it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from psycopg2 import Binary

from gis.database.sql import load_queries
from gis.patrol.batch import Batch, clean
from gis.patrol.model import Outcome, Receipt

_queries = load_queries(__file__)

MAX_BYTES = 16 * 1024
MAX_PER_DAY = 500
"""How many records of one account are kept a day."""
_MAX_DEPTH = 16


def keep(batch: Batch, raws: Sequence[object], receipts: Sequence[Receipt]) -> list[Receipt]:
    """Keep what was refused or is in conflict, and say so in its receipt.

    The very same payload is kept once. What is no object, too large or beyond the day's limit is not kept.
    """
    if not batch.envelope.keeps_refused:
        return list(receipts)
    texts = [
        _text(raw) if _is_refused(receipt) else None for raw, receipt in zip(raws, receipts, strict=True)
    ]
    wanted = {_digest(text): (text, receipt) for text, receipt in zip(texts, receipts, strict=True) if text}
    kept = _insert(batch, wanted) if wanted else frozenset()
    return [
        replace(receipt, is_kept=text is not None and _digest(text) in kept)
        if _is_refused(receipt)
        else receipt
        for text, receipt in zip(texts, receipts, strict=True)
    ]


def _insert(batch: Batch, wanted: Mapping[bytes, tuple[str, Receipt]]) -> frozenset[bytes]:
    """Insert within the day's limit; give the digests that are there."""
    connection = batch.connection
    digests = [Binary(digest) for digest in wanted]
    kept = {bytes(row.payload_sha256) for row in _queries.kept_payloads(connection, digests=digests)}
    room = max(0, MAX_PER_DAY - int(_queries.kept_today(connection)))
    new = [digest for digest in wanted if digest not in kept][:room]
    if new:
        chosen = [wanted[digest] for digest in new]
        device_id = batch.envelope.device_id
        _queries.keep_payloads(
            connection,
            device_id=None if device_id is None else str(device_id),
            sent_at=batch.envelope.sent_at,
            payloads=[text for text, _ in chosen],
            digests=[Binary(digest) for digest in new],
            codes=[receipt.code for _, receipt in chosen],
            pointers=[receipt.pointer for _, receipt in chosen],
            details=[receipt.detail or "" for _, receipt in chosen],
        )
    return frozenset(kept.union(new))


def _is_refused(receipt: Receipt) -> bool:
    return receipt.outcome in (Outcome.CONFLICT, Outcome.REJECTED)


def _text(raw: object) -> str | None:
    """The payload as JSON that PostgreSQL takes; None if it is no usable object."""
    if not isinstance(raw, Mapping):
        return None
    try:
        text = json.dumps(_storable(raw, 0), ensure_ascii=False, sort_keys=True, allow_nan=False)
    except ValueError:
        return None
    return text if len(text.encode()) <= MAX_BYTES else None


def _storable(value: object, depth: int) -> Any:
    """The same without what `jsonb` cannot hold: NUL, lone surrogates, numbers that are none."""
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(value, Mapping):
        return {clean(str(name)): _storable(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item, depth + 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, int | float | None) else clean(str(value))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
