"""The queue as the worker sees it: taken by one, told how far it is, ended. Statements of gis_migrator."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from gis.analysis.result import Result, Table
from gis.analysis.runs.model import LONGEST_S, MAX_TRIES, ReportWish, digest_of
from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.errors import Forbidden, TooLarge
from gis.people.model import Actor, Permission, Role

_queries = load_queries(__file__)
_LOG = logging.getLogger(__name__)
_TELL_EVERY_S = 0.5

_ = str  # messages are kept in English and shown in the reader's language
_WORKER_GONE = _("The process that measured it ended in the middle of it.")


class Cancelled(Exception):
    """Somebody cancelled the run, or it is another worker's by now."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A run that this worker has begun; `tries` tells this time from others of the same run."""

    run_id: int
    analysis: str
    parameters: dict[str, Any]
    tries: int
    report_of: int | None
    report: ReportWish | None
    account_id: int
    role: str
    name: str
    username: str
    is_active: bool

    def asker(self) -> Actor:
        """The person in whose name it is measured, who only reads.

        Raises
        ------
        Forbidden
            The account is closed, or its role measures nothing any more.
        """
        actor = Actor(self.account_id, Role(self.role), self.name, self.username, may_write=False)
        if not (self.is_active and actor.may(Permission.RUN_COVERAGE)):
            raise Forbidden(_("Who asked for this may not measure any more."))
        return actor


class Queue:
    """One worker's hold on the queue, over a connection of its own in autocommit mode.

    No transaction is open between its calls, so that the server ends none while something is measured.
    """

    def __init__(self, connection: Connection) -> None:
        connection.autocommit = True
        self.connection = connection
        _queries.become_migrator(connection)
        _queries.listen(connection)
        self._is_mine = False

    def take(self) -> Taken | None:
        """Begin the next run; None where there is none, or another worker is at work.

        What a worker left that is gone is taken up again, at most `MAX_TRIES` times in all.
        """
        self._is_mine = self._is_mine or bool(_queries.try_lock(self.connection))
        if not self._is_mine:
            return None
        _queries.give_back(self.connection, most=MAX_TRIES, message=_WORKER_GONE)
        row = _queries.take(self.connection)
        if row is None:
            return None
        return Taken(
            run_id=row.analysis_run_id,
            analysis=row.analysis,
            parameters=row.parameters,
            tries=row.tries,
            report_of=row.report_of,
            report=ReportWish.model_validate(row.report) if row.report else None,
            account_id=row.account_id,
            role=row.role,
            name=row.full_name,
            username=row.username,
            is_active=row.is_active,
        )

    def fail(self, run: Taken, message: str) -> None:
        """End a run that cannot be done."""
        _queries.fail(self.connection, run_id=run.run_id, tries=run.tries, message=message[:500])

    def end_measured(self, run: Taken, version: str, result: Result) -> None:
        """Keep what a run gave and end it, in one transaction.

        Raises
        ------
        Cancelled
            It is not this worker's any more; nothing is kept.
        """
        sha256 = digest_of(result)
        findings = json.dumps([asdict(finding) for finding in result.findings], allow_nan=False)
        with self._transaction():
            for number, table in enumerate(result.tables, 1):
                self._insert(run.run_id, number, table)
            ended = _queries.end_measured(
                self.connection,
                run_id=run.run_id,
                tries=run.tries,
                version=version,
                sha256=sha256,
                findings=findings,
            )
            if ended is None:
                raise Cancelled

    def end_report(self, run: Taken, file: bytes) -> None:
        """Keep the file of a report and end it. Raises `Cancelled` as `end_measured` does."""
        if _queries.end_report(self.connection, run_id=run.run_id, tries=run.tries, file=file) is None:
            raise Cancelled

    def _insert(self, run_id: int, number: int, table: Table) -> None:
        place = None if table.place is None else table.place.value
        figures = json.dumps([[figure.name, figure.unit] for figure in table.figures])
        _queries.insert_table(
            self.connection, run_id=run_id, number=number, name=table.name, place=place, figures=figures
        )
        _queries.insert_rows(
            self.connection,
            run_id=run_id,
            number=number,
            place=place,
            codes=[str(row[0]) for row in table.rows],
            figures=[json.dumps(row, ensure_ascii=False, allow_nan=False) for row in table.rows],
            shapes=list(table.shapes or [None] * len(table.rows)),
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.autocommit = False
        try:
            yield
            self.connection.commit()
        finally:
            if not self.connection.closed:
                self.connection.rollback()  # no effect after a commit
                self.connection.autocommit = True


class Progress:
    """Tells the queue how far a run is, in short transactions, and learns there whether it goes on."""

    def __init__(self, queue: Queue, run: Taken) -> None:
        self._queue, self._run = queue, run
        self._end = time.monotonic() + LONGEST_S
        self._told_at = float("-inf")

    def __call__(self, done: int, total: int) -> None:
        """Tell it, at most twice a second.

        Raises
        ------
        Cancelled
            The run is not this worker's any more.
        TooLarge
            It has taken longer than `LONGEST_S`.
        """
        now = time.monotonic()
        if now > self._end:
            raise TooLarge(_("It took longer than an hour and was given up."))
        if now - self._told_at < _TELL_EVERY_S and done < total:
            return
        self._told_at = now
        values = {"run_id": self._run.run_id, "tries": self._run.tries, "done": done, "total": total}
        if _queries.tell_progress(self._queue.connection, **values) is None:
            raise Cancelled
