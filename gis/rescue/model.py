"""The file a phone exports what it could not send to, and what makes it one. Rules only, no I/O.

`webmap/static/field/rescue.js` writes it: `{"format", "version", "sha256", "content"}`, where `sha256` is
that of the text of `content` as it stands in the file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gis.errors import InvalidInput, TooLarge
from gis.patrol.model import parse_time

FORMAT, VERSION = "guangming-field", 1
MAX_BYTES = 64 * 1024 * 1024
"""Of one file: some 130 photos of 300 kB, which are written as base64, and what belongs to them."""
_CONTENT = b'"content":'
_MAX_ID = 2**31 - 1
_BOM = b"\xef\xbb\xbf"

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """Events or visits of one round, as a phone sends them: `kind` is event or visit."""

    round_id: int
    kind: str
    raws: tuple[Raw, ...]


@dataclass(frozen=True, slots=True)
class RescueFile:
    """What a file holds, each as a phone sends it; single items are judged when they are taken in.

    Attributes
    ----------
    account_id, username : whose phone wrote it; older pages wrote no username.
    exported_at : by the phone's clock.
    misshapen : records that name no type or round there is.
    """

    account_id: int
    username: str | None
    device_id: UUID | None
    exported_at: datetime
    points: tuple[Raw, ...]
    told: tuple[Told, ...]
    streams: tuple[Raw, ...]
    photos: tuple[Raw, ...]
    misshapen: tuple[Raw, ...]

    @property
    def fixes(self) -> int:
        """How many positions its walks have."""
        return sum(len(stream["fixes"]) for stream in self.streams if isinstance(stream.get("fixes"), list))


def read_file(data: bytes) -> RescueFile:
    """Check a file and read what it holds.

    Raises
    ------
    TooLarge
        More than `MAX_BYTES`.
    InvalidInput
        It is no JSON (`pointer` is line and column), no export, damaged, or lacks whose and when.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge("A rescue file has at most 64 MB.")
    whole = _parse(data)
    if not isinstance(whole, dict) or whole.get("format") != FORMAT or whole.get("version") != VERSION:
        raise InvalidInput("This file is no export of the phone page.", pointer="format", code="not-ours")
    content = whole.get("content")
    if not isinstance(content, dict) or not _fits(data, whole.get("sha256")):
        raise InvalidInput(
            "The file is damaged or was changed after its export.", pointer="sha256", code="damaged"
        )
    return _content(content)


def _parse(data: bytes) -> Any:
    try:
        return json.loads(data.removeprefix(_BOM).decode("utf-8"), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InvalidInput("The file is no JSON, or is cut off.", pointer=place, code="not-json") from error
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The file is no JSON, or is cut off.", pointer="file", code="not-json") from error


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _fits(data: bytes, sha256: object) -> bool:
    """Whether the text of `content`, up to the brace that ends the file, has the hash the file states."""
    start, end = data.find(_CONTENT) + len(_CONTENT), data.rfind(b"}")
    return hashlib.sha256(memoryview(data)[start:end]).hexdigest() == sha256


def _content(content: dict[str, Any]) -> RescueFile:
    account_id, username = content.get("account"), content.get("username")
    if isinstance(account_id, bool) or not isinstance(account_id, int) or not 0 < account_id <= _MAX_ID:
        raise InvalidInput("The file does not say whose phone it was.", pointer="account", code="no-account")
    records, photos, streams = (_objects(content, name) for name in ("records", "photos", "streams"))
    if any(item.get("account", account_id) != account_id for item in (*records, *photos, *streams)):
        raise InvalidInput(
            "The file mixes the records of several people.", pointer="account", code="mixed-accounts"
        )
    points, told, misshapen = _sorted(records)
    return RescueFile(
        account_id,
        username if isinstance(username, str) else None,
        _uuid(content.get("device_id")),
        parse_time(content.get("exported_at"), "exported_at"),
        points,
        told,
        streams,
        photos,
        misshapen,
    )


def _sorted(records: tuple[Raw, ...]) -> tuple[tuple[Raw, ...], tuple[Told, ...], tuple[Raw, ...]]:
    """Points, what was told of rounds, and what is neither."""
    points: list[Raw] = []
    misshapen: list[Raw] = []
    told: dict[tuple[int, str], list[Raw]] = {}
    for record in records:
        kind, round_id = record.get("type"), record.get("round_id")
        if kind == "point":
            points.append(_sent(record, "type", "revision"))
        elif kind in ("event", "visit") and type(round_id) is int and 0 < round_id <= _MAX_ID:
            told.setdefault((round_id, str(kind)), []).append(_sent(record))
        else:
            misshapen.append(record)
    return tuple(points), tuple(Told(*key, tuple(raws)) for key, raws in told.items()), tuple(misshapen)


def _objects(content: Raw, name: str) -> tuple[Raw, ...]:
    """A list of the content; what is no object in it is no record of a phone."""
    items = content.get(name)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InvalidInput("The file lacks one of its lists.", pointer=name, code="no-list")
    return tuple(items)


def _sent(record: Raw, *besides: str) -> Raw:
    """A record as `webmap/static/field/send.js` sends it; without a body it is refused for what it lacks."""
    body = record.get("body")
    named = {name: record[name] for name in ("client_id", "sequence", *besides) if name in record}
    return {**named, **(body if isinstance(body, dict) else {})}


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def ids_of(raws: tuple[Raw, ...], name: str = "client_id") -> Iterator[str]:
    """The ids of records that are UUIDs, in the form the database writes them."""
    for raw in raws:
        found = _uuid(raw.get(name))
        if found is not None:
            yield str(found)
