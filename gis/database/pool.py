"""The only door to PostgreSQL: a pool, and one way to open a transaction in somebody's name."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from queue import Empty, SimpleQueue
from typing import Any

import psycopg2
from psycopg2 import errorcodes as sqlstate
from psycopg2.extensions import BYTES, QuotedString, register_type
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import NamedTupleCursor

from gis.database.errors import of_text, to_domain
from gis.database.question import Question, Rendered, Values
from gis.database.turns import Turns
from gis.errors import Busy

__all__ = ["Connection", "Database", "Identity", "connect"]


@dataclass(frozen=True, slots=True)
class Identity:
    """What the database knows of an actor. `db_role` is one of the fixed group roles, never user input.

    A `read_only` identity cannot write, whatever its transaction was opened for.
    """

    db_role: str
    account_id: int | None = None
    read_only: bool = False


# First statement of every transaction, in one round trip; it doubles as the pool's liveness check.
_ENTER = """
SELECT set_config('role', %(role)s, true),
       set_config('app.account_id', %(account)s, true),
       set_config('app.request_id', %(request)s, true),
       set_config('statement_timeout', %(timeout)s, true),
       set_config('transaction_read_only', %(read_only)s, true)
"""
# The same for a lone read, which leaves the session's own limit of time as it is. Not planned as a SELECT is:
# a fifth less of what PostgreSQL does for one feature.
_READ_AS = (
    "SET LOCAL role = {role}; SET LOCAL app.account_id = {account}; SET LOCAL transaction_read_only = on"
)
# Generic plans: what is prepared was written so that one plan serves every box, cell and page.
_SESSION_OPTIONS = (
    "-c search_path=app,public -c timezone=Asia/Shanghai -c idle_in_transaction_session_timeout=60000"
    " -c plan_cache_mode=force_generic_plan"
    # Many connections on few processors; and rows without an order come in the same one each time.
    " -c max_parallel_workers_per_gather=0 -c synchronize_seqscans=off"
)
# A prepared statement that is there already, or whose tables have changed since: another connection will do.
_STALE = (
    sqlstate.DUPLICATE_PREPARED_STATEMENT,
    sqlstate.FEATURE_NOT_SUPPORTED,
    sqlstate.INVALID_SQL_STATEMENT_NAME,
)


class _PooledConnection(Connection):
    """A connection that knows which statements it has prepared, and keeps one cursor for lone reads."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.prepared: set[str] = set()

    @cached_property
    def reader(self) -> Cursor:
        """Gives text as the UTF-8 bytes that go out again."""
        cursor = self.cursor(cursor_factory=Cursor)
        register_type(BYTES, cursor)
        return cursor


class _Slots:
    """So many at once; whoever waits too long is told that it is busy.

    Raises
    ------
    Busy
        On entering, after `wait_s` seconds.
    """

    def __init__(self, number: int, wait_s: float) -> None:
        self._wait_s = wait_s
        self._free: SimpleQueue[None] = SimpleQueue()  # a semaphore in C
        for _ in range(number):
            self._free.put(None)

    def __enter__(self) -> None:
        try:
            self._free.get(timeout=self._wait_s)
        except Empty:
            raise Busy from None

    def __exit__(self, *_: object) -> None:
        self._free.put(None)


def connect(url: str) -> Connection:
    """Open one connection with the session settings every part of the code relies on."""
    return psycopg2.connect(
        url,
        cursor_factory=NamedTupleCursor,
        options=_SESSION_OPTIONS,
        connect_timeout=5,
        application_name="guangming",
    )


class Database:
    """A pool of connections of the login role, which may do nothing until it becomes somebody."""

    def __init__(
        self, url: str, *, size: int = 8, wait_s: float = 5.0, statement_timeout_ms: int = 15_000
    ) -> None:
        self._url, self._size = url, size
        self._wait_s, self._timeout_ms = wait_s, statement_timeout_ms
        self._slots = _Slots(size, wait_s)
        # Last in, first out: what was used a moment ago is still in the processor's caches.
        self._idle: list[_PooledConnection] = []
        self._turns = Turns()

    @contextlib.contextmanager
    def transaction(
        self,
        identity: Identity,
        *,
        read_only: bool = False,
        timeout_ms: int | None = None,
        request_id: str = "",
    ) -> Iterator[Connection]:
        """Open a transaction in somebody's name; commit at the end, roll back on any error.

        Raises
        ------
        Busy
            No connection came free in time, or the database is restarting.
        GisError
            Whatever `gis.database.errors` makes of a driver error.
        """
        settings = self._settings(identity, read_only=read_only, request_id=request_id)
        if timeout_ms:
            settings["timeout"] = str(timeout_ms)
        with self._slots:
            connection = self._enter(settings)
            try:
                yield connection
                connection.commit()
            except psycopg2.Error as error:
                raise_from = to_domain(error)
                if raise_from is None:
                    raise
                raise raise_from from error
            except ValueError as error:
                refusal = of_text(error)
                if refusal is None:
                    raise
                raise refusal from error
            finally:
                self._give_back(connection)

    def ask(self, identity: Identity, question: Question, values: Values) -> tuple[Any, ...] | None:
        """Ask one question in somebody's name, in one round trip; text comes as UTF-8 bytes.

        The name, the limits and the question travel together: PostgreSQL runs what one message holds as one
        transaction. A connection that turns out to be dead is replaced, for a read does no harm twice.

        Raises
        ------
        Busy, GisError
            As `transaction` does.
        """
        turn = self._turns.begin()
        try:
            with self._slots:
                return self._read(identity, question, values)
        finally:
            self._turns.end(turn)

    def _read(self, identity: Identity, question: Question, values: Values) -> tuple[Any, ...] | None:
        """Ask on an idle connection, again on another if one has died."""
        for _ in range(self._size + 1):
            connection = self._take()
            connection.autocommit = True
            try:
                row = _answer(connection, identity, question, values)
            except psycopg2.Error as error:
                is_dead = bool(connection.closed) or error.pgcode in _STALE
                self._put(connection, is_dead=is_dead)
                if is_dead:
                    continue
                reason = to_domain(error)
                if reason is None:
                    raise
                raise reason from error
            self._put(connection)
            return row
        raise Busy

    def _settings(self, identity: Identity, *, read_only: bool, request_id: str = "") -> dict[str, str]:
        return {
            "role": identity.db_role,
            "account": "" if identity.account_id is None else str(identity.account_id),
            "request": request_id,
            "timeout": str(self._timeout_ms),
            "read_only": "on" if read_only or identity.read_only else "off",
        }

    def close(self) -> None:
        """Close every connection not in use."""
        while self._idle:
            self._idle.pop().close()

    def _enter(self, settings: dict[str, str]) -> _PooledConnection:
        """Take a connection that answers; replace those that died while idle."""
        for _ in range(self._size + 1):
            connection = self._take()
            connection.autocommit = False
            try:
                with connection.cursor() as cursor:
                    cursor.execute(_ENTER, settings)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                self._put(connection, is_dead=True)
            except psycopg2.Error:
                self._give_back(connection)
                raise
            else:
                return connection
        raise Busy

    def _take(self) -> _PooledConnection:
        """A connection that was idle, or a new one."""
        try:
            return self._idle.pop()
        except IndexError:
            deadline = time.monotonic() + self._wait_s
        while True:
            try:
                return self._open()
            except psycopg2.OperationalError as error:  # starting up or recovering
                if time.monotonic() > deadline:
                    raise Busy from error
                time.sleep(0.2)

    def _open(self) -> _PooledConnection:
        return psycopg2.connect(
            self._url,
            connection_factory=_PooledConnection,
            cursor_factory=NamedTupleCursor,
            options=f"{_SESSION_OPTIONS} -c statement_timeout={self._timeout_ms}",
            connect_timeout=5,
            application_name="guangming",
        )

    def _put(self, connection: _PooledConnection, *, is_dead: bool = False) -> None:
        if is_dead:
            connection.close()
        else:
            self._idle.append(connection)

    def _give_back(self, connection: _PooledConnection) -> None:
        is_dead = bool(connection.closed)
        if not is_dead:
            try:
                connection.rollback()  # no effect after a commit
            except psycopg2.Error:
                is_dead = True
        self._put(connection, is_dead=is_dead)


def _answer(
    connection: _PooledConnection, identity: Identity, question: Question, values: Values
) -> tuple[Any, ...] | None:
    cursor, rendered = connection.reader, question.rendered(connection)
    if not question.is_fixed:
        cursor.execute(f"{_entering(identity)}; {rendered.text}", values)
    else:
        name = rendered.name + identity.db_role
        cursor.execute(_message(rendered, identity, is_prepared=name in connection.prepared), values)
        connection.prepared.add(name)
    row: tuple[Any, ...] | None = cursor.fetchone()
    return row


@lru_cache(4096)
def _message(rendered: Rendered, identity: Identity, *, is_prepared: bool) -> str:
    """Enter, prepare if this connection has not yet, and ask."""
    role = identity.db_role
    steps = [_entering(identity), rendered.prepare(role), rendered.execute(role)]
    if is_prepared:
        del steps[1]
    return "; ".join(steps)


@lru_cache(4096)
def _entering(identity: Identity) -> str:
    account = "" if identity.account_id is None else str(identity.account_id)
    return _READ_AS.format(role=_quoted(identity.db_role), account=_quoted(account))


def _quoted(text: str) -> str:
    """A text in quotes, ready to stand in a statement that is filled in with `%`."""
    return str(QuotedString(text)).replace("%", "%%")
