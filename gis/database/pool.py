"""The only door to PostgreSQL: a pool, and one way to open a transaction in somebody's name."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import psycopg2
from psycopg2 import errorcodes as sqlstate
from psycopg2.extensions import BYTES, register_type
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import NamedTupleCursor
from psycopg2.pool import ThreadedConnectionPool

from gis.database.errors import to_domain
from gis.database.question import Question, Values
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
Answer = TypeVar("Answer")


class _PooledConnection(Connection):
    """A connection that knows which statements it has prepared."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.prepared: set[str] = set()


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
        self._slots = threading.BoundedSemaphore(size)
        self._opening = threading.Lock()
        self._pool: ThreadedConnectionPool | None = None

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
        with self._slot():
            connection = self._enter(settings)
            try:
                yield connection
                connection.commit()
            except psycopg2.Error as error:
                raise_from = to_domain(error)
                if raise_from is None:
                    raise
                raise raise_from from error
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

        def read(connection: _PooledConnection, settings: dict[str, str]) -> tuple[Any, ...] | None:
            text = _message(connection, question, identity.db_role)
            with connection.cursor(cursor_factory=Cursor) as cursor:
                register_type(BYTES, cursor)
                cursor.execute(text, {**settings, **values})
                row: tuple[Any, ...] | None = cursor.fetchone()
            if question.is_fixed:
                connection.prepared.add(question.rendered(connection).name + identity.db_role)
            return row

        return self._read(identity, read)

    def _read(
        self, identity: Identity, read: Callable[[_PooledConnection, dict[str, str]], Answer]
    ) -> Answer:
        """Run a read that opens and ends its own transaction, again on another connection if one has died."""
        settings = self._settings(identity, read_only=True)
        with self._slot():
            for _ in range(self._size + 1):
                connection = self._take()
                connection.autocommit = True
                try:
                    answer = read(connection, settings)
                except psycopg2.Error as error:
                    is_dead = bool(connection.closed) or error.pgcode in _STALE
                    self._open_pool().putconn(connection, close=is_dead)
                    if is_dead:
                        continue
                    reason = to_domain(error)
                    if reason is None:
                        raise
                    raise reason from error
                self._open_pool().putconn(connection)
                return answer
        raise Busy

    @contextlib.contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._slots.acquire(timeout=self._wait_s):
            raise Busy
        try:
            yield
        finally:
            self._slots.release()

    def _settings(self, identity: Identity, *, read_only: bool, request_id: str = "") -> dict[str, str]:
        return {
            "role": identity.db_role,
            "account": "" if identity.account_id is None else str(identity.account_id),
            "request": request_id,
            "timeout": str(self._timeout_ms),
            "read_only": "on" if read_only or identity.read_only else "off",
        }

    def close(self) -> None:
        """Close every connection."""
        if self._pool is not None:
            self._pool.closeall()
            self._pool = None

    def _enter(self, settings: dict[str, str]) -> _PooledConnection:
        """Take a connection that answers; replace those that died while idle."""
        for _ in range(self._size + 1):
            connection = self._take()
            connection.autocommit = False
            try:
                with connection.cursor() as cursor:
                    cursor.execute(_ENTER, settings)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                self._open_pool().putconn(connection, close=True)
            except psycopg2.Error:
                self._give_back(connection)
                raise
            else:
                return connection
        raise Busy

    def _take(self) -> _PooledConnection:
        deadline = time.monotonic() + self._wait_s
        while True:
            try:
                return cast(_PooledConnection, self._open_pool().getconn())
            except psycopg2.OperationalError as error:  # starting up or recovering
                if time.monotonic() > deadline:
                    raise Busy from error
                time.sleep(0.2)

    def _open_pool(self) -> ThreadedConnectionPool:
        with self._opening:
            if self._pool is None:
                # psycopg2 closes every returned connection beyond minconn, so both bounds are the size.
                self._pool = ThreadedConnectionPool(
                    self._size,
                    self._size,
                    self._url,
                    connection_factory=_PooledConnection,
                    cursor_factory=NamedTupleCursor,
                    options=_SESSION_OPTIONS,
                    connect_timeout=5,
                    application_name="guangming",
                )
            return self._pool

    def _give_back(self, connection: _PooledConnection) -> None:
        broken = bool(connection.closed)
        if not broken:
            try:
                connection.rollback()  # no effect after a commit
            except psycopg2.Error:
                broken = True
        self._open_pool().putconn(connection, close=broken)


def _message(connection: _PooledConnection, question: Question, role: str) -> str:
    """Enter, prepare if this connection has not yet, and ask."""
    rendered = question.rendered(connection)
    if not question.is_fixed:
        return f"{_ENTER}; {rendered.text}"
    if rendered.name + role in connection.prepared:
        return f"{_ENTER}; {rendered.execute(role)}"
    return f"{_ENTER}; {rendered.prepare(role)}; {rendered.execute(role)}"
