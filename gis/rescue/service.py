"""Files that phones exported, for the administrator: upload, look, take in for whose they are, discard."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from psycopg2 import Binary

from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import Conflict, InvalidInput, NotFound
from gis.patrol.evidence import SANE
from gis.patrol.model import Outcome
from gis.people.model import Actor, Permission
from gis.people.service import record_audit
from gis.people.standing_in import Reason, stand_in_for
from gis.rescue.model import RescueFile, ids_of, read_file
from gis.rescue.taking import Door, Item, take_all

_queries = load_queries(__file__, "store")

PAGE_SIZE = 50
KEPT_FOR = timedelta(days=30)
"""What nobody took in until then is discarded, with all it tells of where somebody was."""
KINDS = ("point", "event", "visit", "walk", "photo")
_PIECE = 1024 * 1024
_STORED = (Outcome.CREATED, Outcome.DUPLICATE, Outcome.REVISED)


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a kind a file holds, and how many of them are here: as the person's, as another's."""

    kind: str
    total: int
    here: int
    others: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A file: its row, what it holds while that is here, what became of each item once taken in."""

    row: Any
    counts: tuple[Count, ...] = ()
    fixes: int = 0
    misshapen: int = 0
    items: tuple[Item, ...] = ()
    fault: InvalidInput | None = None

    @property
    def outcomes(self) -> Mapping[tuple[str, str], int]:
        """How many items of a kind had an outcome."""
        return Counter((item.kind, item.outcome) for item in self.items)

    @property
    def not_stored(self) -> tuple[Item, ...]:
        """What was refused or is in conflict."""
        return tuple(item for item in self.items if item.outcome not in _STORED)


def receive_file(db: Database, actor: Actor, name: str, data: bytes, *, request_id: str = "") -> int:
    """Check a file and keep it until it is taken in; give its id.

    The same file again is the same while it waits. Files older than `KEPT_FOR` are discarded on the way.

    Raises
    ------
    InvalidInput, TooLarge
        As `read_file`; or the account it names is none here.
    """
    actor.require_session()
    actor.require(Permission.TAKE_IN_RESCUED)
    file = read_file(data)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        _discard_old(connection, actor)
        _check_account(connection, file)
        sha256 = hashlib.sha256(data)
        known: int | None = _queries.waiting_file(connection, sha256=Binary(sha256.digest()))
        if known is not None:
            return known
        rescue_file_id = _keep(connection, _clean_name(name), data, sha256.digest(), file)
        record_audit(
            connection,
            actor.account_id,
            "rescue.upload",
            str(rescue_file_id),
            sender=file.account_id,
            sha256=sha256.hexdigest(),
        )
    return rescue_file_id


def rescue_files(db: Database, actor: Actor, *, before: int | None = None) -> list[Any]:
    """List files, newest first, `PAGE_SIZE` at a time; `before` is an id."""
    actor.require(Permission.TAKE_IN_RESCUED)
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(_queries.list_files(connection, before=before, limit=PAGE_SIZE))


def show_file(db: Database, actor: Actor, rescue_file_id: int, *, request_id: str = "") -> Shown:
    """Show a file: what it holds and what of that is here already, and what became of it.

    Which walks are here is asked in the name of the person, which leaves an audit row. Raises `NotFound`.
    """
    actor.require(Permission.TAKE_IN_RESCUED)
    with db.transaction(actor.identity, read_only=True) as connection:
        row = _get(connection, rescue_file_id)
        data = _data(connection, rescue_file_id)
    items = tuple(Item(*item) for item in row.outcome or ())
    if row.state not in ("waiting", "partly"):
        return Shown(row, items=items)
    try:
        file = read_file(data)
        person = stand_in_for(
            db, actor, row.account_id, _reason("rescue.look", row), may_write=False, request_id=request_id
        )
        counts = _counts(db, actor, person, file)
    except InvalidInput as error:
        return Shown(row, items=items, fault=error)
    return Shown(row, counts, file.fixes, len(file.misshapen), items)


def items_of(db: Database, actor: Actor, rescue_file_id: int) -> list[Item]:
    """Tell what became of each item of a file; of none before it was taken in. Raises `NotFound`."""
    actor.require(Permission.TAKE_IN_RESCUED)
    with db.transaction(actor.identity, read_only=True) as connection:
        return [Item(*item) for item in _get(connection, rescue_file_id).outcome or ()]


def take_in(
    db: Database, actor: Actor, rescue_file_id: int, confirmed: int | None, *, request_id: str = ""
) -> list[Item]:
    """Take a file in, in the name of the person whose phone wrote it; give what became of each item.

    Its content is forgotten once all of it is stored. While something is refused it stays, to be taken in
    again or discarded; what is stored is not doubled.

    Parameters
    ----------
    confirmed : the account the administrator confirms; that of the file.

    Raises
    ------
    NotFound
        There is no such file.
    Conflict
        It is settled already.
    InvalidInput
        The account is not confirmed, or may not log records any more.
    Busy
        The database went away. What was stored until then is, so it is harmless to try again.
    """
    actor.require_session()
    actor.require(Permission.TAKE_IN_RESCUED)
    with db.transaction(actor.identity, read_only=True) as connection:
        row = _get(connection, rescue_file_id)
        data = _data(connection, rescue_file_id)
    if row.state not in ("waiting", "partly"):
        raise Conflict("This file is settled already.")
    if confirmed != row.account_id:
        raise InvalidInput("Confirm whose records these are.", pointer="confirm", code="not-confirmed")
    file = read_file(data)
    reason = _reason("rescue.stand_in", row)
    person = stand_in_for(db, actor, row.account_id, reason, may_write=True, request_id=request_id)
    items = take_all(Door(db, person, _walks(db, person, file), request_id), file)
    _settle(db, actor, row, items, request_id=request_id)
    return items


def discard(db: Database, actor: Actor, rescue_file_id: int, *, request_id: str = "") -> None:
    """Forget what a file holds without taking it in. Raises `Conflict` where it is settled or not there."""
    actor.require_session()
    actor.require(Permission.TAKE_IN_RESCUED)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        _forget(connection, actor, rescue_file_id)


def _keep(connection: Connection, name: str, data: bytes, sha256: bytes, file: RescueFile) -> int:
    rescue_file_id: int = _queries.insert_file(
        connection,
        account_id=file.account_id,
        name=name,
        sha256=Binary(sha256),
        bytes=len(data),
        exported_at=file.exported_at,
    )
    for number, first in enumerate(range(0, len(data), _PIECE)):
        piece = Binary(data[first : first + _PIECE])
        _queries.insert_piece(connection, rescue_file_id=rescue_file_id, number=number, content=piece)
    return rescue_file_id


def _settle(db: Database, actor: Actor, row: Any, items: Sequence[Item], *, request_id: str) -> None:
    outcomes = Counter(str(item.outcome) for item in items)
    is_whole = all(item.outcome in _STORED for item in items)
    with db.transaction(actor.identity, request_id=request_id) as connection:
        settled = _queries.settle(
            connection,
            rescue_file_id=row.rescue_file_id,
            state="taken" if is_whole else "partly",
            outcome=json.dumps(items, ensure_ascii=False),
        )
        if settled is None:
            raise Conflict("This file is settled already.")
        if is_whole:
            _queries.forget(connection, rescue_file_id=row.rescue_file_id)
        record_audit(
            connection,
            actor.account_id,
            "rescue.take_in",
            str(row.rescue_file_id),
            sender=row.account_id,
            sha256=row.sha256,
            **outcomes,
        )


def _discard_old(connection: Connection, actor: Actor) -> None:
    for row in list(_queries.old_files(connection, age=KEPT_FOR)):
        _forget(connection, actor, row.rescue_file_id)


def _forget(connection: Connection, actor: Actor, rescue_file_id: int) -> None:
    settled = _queries.settle(connection, rescue_file_id=rescue_file_id, state="discarded", outcome=None)
    if settled is None:
        raise Conflict("This file is settled already.")
    _queries.forget(connection, rescue_file_id=rescue_file_id)
    record_audit(connection, actor.account_id, "rescue.discard", str(rescue_file_id))


def _check_account(connection: Connection, file: RescueFile) -> None:
    """Numbers of accounts differ between installations; the user name tells."""
    row = _queries.find_account(connection, account_id=file.account_id)
    if row is None or file.username not in (None, row.username):
        raise InvalidInput(
            "The file is of an account that is not one of here.", pointer="account", code="unknown-account"
        )


def _counts(db: Database, actor: Actor, person: Actor, file: RescueFile) -> tuple[Count, ...]:
    told = {
        kind: tuple(raw for told in file.told if told.kind == kind for raw in told.raws)
        for kind in ("event", "visit")
    }
    with db.transaction(actor.identity, read_only=True) as connection:
        rows = list(
            _queries.stored_records(
                connection,
                account_id=file.account_id,
                points=list(ids_of(file.points)),
                told=[*ids_of(told["event"]), *ids_of(told["visit"])],
                photos=list(ids_of(file.photos)),
            )
        )
    here = Counter(row.kind for row in rows if row.is_theirs)
    others = Counter(row.kind for row in rows if not row.is_theirs)
    here["walk"] = len(_walks(db, person, file))
    totals = {
        "point": len(file.points),
        **{kind: len(raws) for kind, raws in told.items()},
        "walk": len(file.streams),
        "photo": len(file.photos),
    }
    return tuple(Count(kind, totals[kind], here[kind], others[kind]) for kind in KINDS)


def _walks(db: Database, person: Actor, file: RescueFile) -> dict[str, int]:
    """How many fixes are stored of the walks of a file, by id."""
    with db.transaction(person.identity, read_only=True) as connection:
        walks = list(ids_of(file.streams, "stream_id"))
        return {row.id: row.fixes for row in _queries.stored_walks(connection, walks=walks)}


def _reason(action: str, row: Any) -> Reason:
    return Reason(action, str(row.rescue_file_id), (("sha256", row.sha256),))


def _get(connection: Connection, rescue_file_id: int) -> Any:
    row = _queries.get_file(connection, rescue_file_id=rescue_file_id, sane=SANE)
    if row is None:
        raise NotFound
    return row


def _data(connection: Connection, rescue_file_id: int) -> bytes:
    return b"".join(
        bytes(row.content) for row in _queries.pieces_of(connection, rescue_file_id=rescue_file_id)
    )


def _clean_name(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable())[:200] or "file.json"
