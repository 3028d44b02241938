"""What a rescue file holds goes through the doors phones use, in the name of who logged it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from gis.database.pool import Database
from gis.errors import Conflict, Forbidden, GisError, InvalidInput, NotFound, TooLarge
from gis.geometry.validate import lon_lat
from gis.patrol.batch import clean, refusal
from gis.patrol.model import MAX_BATCH, Envelope, Outcome, Receipt, parse_client_id, parse_time
from gis.patrol.records import log_records
from gis.patrol.walking import log_events, log_visits
from gis.people.model import Actor
from gis.photo.model import MAX_PIECE, Announcement, Progress, State
from gis.photo.upload import announce_photo, take_piece
from gis.rescue.model import Raw, RescueFile
from gis.track.model import CHAIN_START, MAX_FIXES, chain, parse_fix, parse_upload
from gis.track.model import Receipt as Stored
from gis.track.service import append_fixes

# What speaks of one item and not of the server.
_REFUSALS = (Conflict, Forbidden, InvalidInput, NotFound, TooLarge)


class Item(NamedTuple):
    """What became of one item of a file; `kind` is point, event, visit, walk, photo or record."""

    kind: str
    id: str
    outcome: str
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """Where things go in: `person` is whose they are; `known` counts the stored fixes of walks, by id."""

    db: Database
    person: Actor
    known: Mapping[str, int]
    request_id: str = ""


def take_all(door: Door, file: RescueFile) -> list[Item]:
    """Send all of a file, in the order a phone sends it; harmless when repeated.

    The phone's clock is believed: how far it is off is measured at an upload, and the file's way here took as
    long as it did.

    Raises
    ------
    Busy
        The database went away; what was answered for until then is stored.
    """
    items = [_shapeless(raw) for raw in file.misshapen]
    items += _points(door, file)
    for told in file.told:
        items += _told(door, told.round_id, told.kind, told.raws)
    items += [_walk(door, raw) for raw in file.streams]
    items += [_photo(door, raw) for raw in file.photos]
    return items


def _points(door: Door, file: RescueFile) -> list[Item]:
    envelope = Envelope(device_id=file.device_id)

    def send(raws: Sequence[Raw]) -> list[Receipt]:
        return log_records(door.db, door.person, raws, envelope, request_id=door.request_id)

    return _in_batches("point", file.points, send)


def _told(door: Door, round_id: int, kind: str, raws: Sequence[Raw]) -> list[Item]:
    log = log_events if kind == "event" else log_visits

    def send(some: Sequence[Raw]) -> list[Receipt]:
        return log(door.db, door.person, round_id, some, request_id=door.request_id)

    return _in_batches(kind, raws, send)


def _in_batches(kind: str, raws: Sequence[Raw], send: Callable[[Sequence[Raw]], list[Receipt]]) -> list[Item]:
    items = []
    for first in range(0, len(raws), MAX_BATCH):
        for receipt in _sent(raws[first : first + MAX_BATCH], send):
            items.append(_item(kind, receipt))
    return items


def _item(kind: str, receipt: Receipt, outcome: str | None = None) -> Item:
    detail = None if receipt.detail is None else clean(receipt.detail)
    return Item(kind, clean(receipt.client_id), outcome or receipt.outcome, receipt.code, detail)


def _sent(raws: Sequence[Raw], send: Callable[[Sequence[Raw]], list[Receipt]]) -> list[Receipt]:
    """Send a batch; one that is refused whole is halved until the bad record is alone, as a phone does."""
    try:
        return send(raws)
    except _REFUSALS as error:
        if len(raws) == 1:
            return [refusal(raws[0], error)]
    middle = len(raws) // 2
    return _sent(raws[:middle], send) + _sent(raws[middle:], send)


def _refused(kind: str, claimed: object, error: GisError) -> Item:
    outcome = Outcome.CONFLICT if isinstance(error, Conflict) else Outcome.REJECTED
    return _item(kind, refusal({"client_id": claimed}, error), outcome)


def _shapeless(raw: Raw) -> Item:
    error = InvalidInput(
        "this is no point, and no event or visit of a round", pointer="type", code="unknown-type"
    )
    return _refused("record", raw.get("client_id"), error)


def _walk(door: Door, raw: Raw) -> Item:
    try:
        stream_id = parse_client_id(raw.get("stream_id"))
        try:
            stored = _append(door, stream_id, raw, raw.get("round_id"))
        except InvalidInput as error:
            if error.pointer != "round_id" or raw.get("round_id") is None:
                raise
            stored = _append(door, stream_id, raw, None)  # the round is gone; the walk was walked
        return _walked(door, stream_id, raw["fixes"], stored)
    except _REFUSALS as error:
        return _refused("walk", raw.get("stream_id"), error)


def _append(door: Door, stream_id: UUID, raw: Raw, round_id: object) -> Stored:
    fixes = raw.get("fixes")
    if not isinstance(fixes, list):
        raise InvalidInput("fixes is a list", pointer="fixes")
    for first in range(0, max(1, len(fixes)), MAX_FIXES):
        some = fixes[first : first + MAX_FIXES]
        upload = parse_upload(
            {
                "sent_at": datetime.now(UTC).isoformat(),
                "device_id": raw.get("device_id"),
                "round_id": round_id,
                "first": first,
                "fixes": some,
                "is_last": first + len(some) == len(fixes),
            }
        )
        stored = append_fixes(door.db, door.person, stream_id, upload, request_id=door.request_id)
    return stored


def _walked(door: Door, stream_id: UUID, fixes: list[Any], stored: Stored) -> Item:
    """Compare the chain of hashes, where the file holds all that is stored."""
    told = [parse_fix(fix, f"/fixes/{number}") for number, fix in enumerate(fixes)]
    if stored.stored == len(told) and chain(CHAIN_START, told).hex() != stored.sha256:
        raise Conflict("The server holds other positions of this walk.", code="other-fixes")
    before = door.known.get(str(stream_id))
    if before is None:
        return Item("walk", str(stream_id), Outcome.CREATED)
    return Item("walk", str(stream_id), Outcome.REVISED if before < len(told) else Outcome.DUPLICATE)


def _photo(door: Door, raw: Raw) -> Item:
    try:
        content = _bytes(raw.get("base64"))
        photo = _announcement(raw, content)
        progress = announce_photo(door.db, door.person, photo, request_id=door.request_id)
        was_here = progress.state is State.COMPLETE
        while progress.state is State.UPLOADING:
            progress = _next_piece(door, photo.client_id, content, progress)
    except _REFUSALS as error:
        return _refused("photo", raw.get("client_id"), error)
    if progress.state is State.REFUSED:
        return Item("photo", progress.client_id, Outcome.REJECTED, progress.refusal)
    return Item("photo", progress.client_id, Outcome.DUPLICATE if was_here else Outcome.CREATED)


def _next_piece(door: Door, client_id: UUID, content: bytes, progress: Progress) -> Progress:
    piece = content[progress.offset : progress.offset + MAX_PIECE]
    return take_piece(door.db, door.person, client_id, progress.offset, piece, request_id=door.request_id)


def _announcement(raw: Raw, content: bytes) -> Announcement:
    lon, lat = raw.get("lon"), raw.get("lat")
    return Announcement(
        client_id=parse_client_id(raw.get("client_id")),
        record_id=_uuid(raw.get("record_id"), "record_id"),
        sha256=_hash(raw.get("sha256")),
        bytes=len(content),
        media_type=str(raw.get("media_type")),
        taken_at=parse_time(raw.get("taken_at"), "taken_at"),
        position=None if lon is None and lat is None else lon_lat(lon, lat),
    )


def _bytes(value: object) -> bytes:
    try:
        return base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("The photo is no base64.", pointer="base64", code="bad-base64") from error


def _hash(value: object) -> bytes:
    try:
        return bytes.fromhex(str(value))
    except ValueError as error:
        raise InvalidInput(
            "A SHA-256 has 64 hexadecimal digits.", pointer="sha256", code="bad-hash"
        ) from error


def _uuid(value: object, field: str) -> UUID:
    try:
        return UUID(str(value))
    except ValueError as error:
        raise InvalidInput(f"{field} is not a UUID", pointer=field, code="bad-uuid") from error
