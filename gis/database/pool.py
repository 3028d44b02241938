"""The only door to PostgreSQL: a pool, and one way to open a transaction in somebody's name."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extras import NamedTupleCursor
from psycopg2.pool import ThreadedConnectionPool

from gis.database.errors import to_domain
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
_SESSION_OPTIONS = (
    "-c search_path=app,public -c timezone=Asia/Shanghai -c idle_in_transaction_session_timeout=60000"
)


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
        if not self._slots.acquire(timeout=self._wait_s):
            raise Busy
        try:
            settings = {
                "role": identity.db_role,
                "account": "" if identity.account_id is None else str(identity.account_id),
                "request": request_id,
                "timeout": str(timeout_ms or self._timeout_ms),
                "read_only": "on" if read_only or identity.read_only else "off",
            }
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
        finally:
            self._slots.release()

    def close(self) -> None:
        """Close every connection."""
        if self._pool is not None:
            self._pool.closeall()
            self._pool = None

    def _enter(self, settings: dict[str, str]) -> Connection:
        """Take a connection that answers; replace those that died while idle."""
        for _ in range(self._size + 1):
            connection = self._take()
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

    def _take(self) -> Connection:
        deadline = time.monotonic() + self._wait_s
        while True:
            try:
                return self._open_pool().getconn()
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
                    cursor_factory=NamedTupleCursor,
                    options=_SESSION_OPTIONS,
                    connect_timeout=5,
                    application_name="guangming",
                )
            return self._pool

    def _give_back(self, connection: Connection) -> None:
        broken = bool(connection.closed)
        if not broken:
            try:
                connection.rollback()  # no effect after a commit
            except psycopg2.Error:
                broken = True
        self._open_pool().putconn(connection, close=broken)
