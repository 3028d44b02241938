"""Running periodic jobs: each due one once, however many processes look, and again after a kill.

A queue library (procrastinate) was looked at: its worker needs psycopg 3 beside our psycopg2, two drivers for
a handful of periodic jobs. An advisory lock and a table of runs do what these need.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

import psycopg2

from gis.database.pool import Connection, Database, connect
from gis.database.sql import load_queries
from gis.jobs.model import Job, LastRun, Outcome, is_due
from gis.jobs.registry import JOBS
from gis.people.model import Actor, Permission

_queries = load_queries(__file__)
_LOG = logging.getLogger(__name__)
_MAX_DETAIL = 2_000
SHOWN_RUNS = 100


def run_due_jobs(url: str, jobs: Iterable[Job] = JOBS) -> dict[str, Outcome]:
    """Run every job that is due and that no other process is running; returns how each ended.

    Parameters
    ----------
    url : str
        libpq URL of a role that may become gis_migrator.

    Raises
    ------
    psycopg2.Error
        The database cannot be reached, or went away. What a job raises is kept with its run.
    """
    connection = connect(url)
    try:
        _queries.become_migrator(connection)
        connection.commit()
        outcomes = {job.name: _run_if_due(connection, job) for job in jobs}
    finally:
        connection.close()
    return {name: outcome for name, outcome in outcomes.items() if outcome is not None}


def keep_running(url: str, every_s: float, *, goes_on: Callable[[], bool]) -> None:
    """Look for due jobs every so often while `goes_on`, also when the database is away for a time."""
    while goes_on():
        try:
            for name, outcome in run_due_jobs(url).items():
                _LOG.info("job %s: %s", name, outcome)
        except psycopg2.Error as error:
            _LOG.warning("jobs: %s", str(error).strip())
        time.sleep(every_s)


def recent_runs(db: Database, actor: Actor) -> tuple[list[Any], list[Any]]:
    """The latest run of each job, and the `SHOWN_RUNS` latest runs of all."""
    actor.require(Permission.SEE_JOBS)
    with db.transaction(actor.identity, read_only=True) as connection:
        latest = {row.name: row for row in _queries.latest_by_name(connection)}
        by_job = [(job, latest.get(job.name)) for job in JOBS]
        return by_job, list(_queries.recent_runs(connection, most=SHOWN_RUNS))


def _run_if_due(connection: Connection, job: Job) -> Outcome | None:
    if not _queries.try_lock(connection, name=job.name):
        connection.rollback()
        return None
    try:
        _queries.mark_cut_off(connection, name=job.name)
        last = _queries.last_run(connection, name=job.name)
        now = _queries.now(connection)
        known = last and LastRun(last.started_at, Outcome(last.outcome))
        if not is_due(job, known, now):
            connection.commit()
            return None
        run_id = _queries.begin_run(connection, name=job.name)
        connection.commit()
        return _run(connection, job, run_id)
    finally:
        if not connection.closed:
            connection.rollback()
            _queries.unlock(connection, name=job.name)
            connection.commit()


def _run(connection: Connection, job: Job, run_id: int) -> Outcome:
    try:
        detail, outcome = job.run(connection), Outcome.DONE
        connection.commit()
    except Exception as error:
        if connection.closed:
            raise
        connection.rollback()
        _LOG.exception("job %s failed", job.name)
        detail, outcome = f"{type(error).__name__}: {error}".strip(), Outcome.FAILED
    _queries.end_run(connection, run_id=run_id, outcome=outcome, detail=detail[:_MAX_DETAIL])
    _queries.forget_old_runs(connection, name=job.name)
    connection.commit()
    return outcome
