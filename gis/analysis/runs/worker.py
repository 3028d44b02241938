"""The worker: takes one run at a time from the queue, measures it in its asker's name, keeps the result."""

from __future__ import annotations

import logging
import select
import time
from collections.abc import Callable
from contextlib import closing

import psycopg2

from gis.analysis.registry import analysis_named
from gis.analysis.result import Progress as Told
from gis.analysis.result import Result
from gis.analysis.runs.model import ReportWish, checked
from gis.analysis.runs.queue import Cancelled, Progress, Queue, Taken
from gis.database.pool import Database, connect
from gis.errors import Busy, GisError, Unavailable
from gis.people.model import Actor

_LOG = logging.getLogger(__name__)
_LOOK_EVERY_S = 5.0
_AGAIN_AFTER_S = 5.0
_READ_MS = 300_000

ReportMaker = Callable[[Database, Actor, int, ReportWish, Told], bytes]
"""Makes the report of a run as a PDF, telling how far it is."""

_ = str  # messages are kept in English and shown in the reader's language


def keep_working(
    url: str, db: Database, *, goes_on: Callable[[], bool], make_report: ReportMaker | None = None
) -> None:
    """Work through the queue while `goes_on`, also when the database is away for a time.

    Parameters
    ----------
    url : libpq URL of a role that may become gis_migrator: it takes runs and keeps results.
    db : what runs read from, in the name of who asked.
    make_report : of who starts the worker, for the core draws no pages; without it reports fail.
    """
    while goes_on():
        try:
            with closing(connect(url)) as connection:
                queue = Queue(connection)
                while goes_on():
                    if not work_once(queue, db, make_report):
                        _wait(queue)
        except psycopg2.Error as error:
            _LOG.warning("runs: %s", str(error).strip())
            time.sleep(_AGAIN_AFTER_S)
        except Exception:  # a thread that ended would leave runs queued with nobody to tell
            _LOG.exception("runs")
            time.sleep(_AGAIN_AFTER_S)


def work_off(url: str, db: Database, make_report: ReportMaker | None = None) -> int:
    """Work through what is queued now and return how many runs that were. Raises `psycopg2.Error`."""
    with closing(connect(url)) as connection:
        queue = Queue(connection)
        number = 0
        while work_once(queue, db, make_report):
            number += 1
    return number


def work_once(queue: Queue, db: Database, make_report: ReportMaker | None = None) -> bool:
    """Take a run and carry it out; tells whether there was one.

    Raises
    ------
    psycopg2.Error
        The queue's connection is lost; the run is taken up again.
    """
    run = queue.take()
    if run is None:
        return False
    try:
        if run.report is not None:
            _make_report(queue, db, run, run.report, make_report)
        else:
            version, result = measured(db, run.asker(), run.analysis, run.parameters, Progress(queue, run))
            queue.end_measured(run, version, result)
    except Cancelled:
        _LOG.info("run %d is cancelled", run.run_id)
    except Busy:  # the database is away or restarting: taken up again, as after a kill
        _LOG.warning("run %d: the database is busy", run.run_id)
        time.sleep(_AGAIN_AFTER_S)
    except GisError as error:
        queue.fail(run, error.message)
    except Exception:
        if queue.connection.closed:
            raise
        _LOG.exception("run %d failed", run.run_id)
        queue.fail(run, _("It could not be measured; the log of the server tells more."))
    else:
        _LOG.info("run %d is done", run.run_id)
    return True


def measured(
    db: Database, actor: Actor, name: str, parameters: dict[str, object], progress: Told
) -> tuple[str, Result]:
    """Measure an analysis in somebody's name; no transaction is open while it measures.

    Returns
    -------
    tuple
        The version of the data and the result.

    Raises
    ------
    NotFound, InvalidInput
        There is no such analysis, or it does not know these parameters.
    """
    analysis = analysis_named(name)
    asked = checked(analysis.parameters, parameters)
    with db.transaction(actor.identity, read_only=True, timeout_ms=_READ_MS) as connection:
        # Before the data: what comes in between makes the run outdated, never falsely current.
        version = analysis.version(connection, asked)
        material = analysis.load(connection, asked)
    return version, analysis.measure(material, asked, progress)


def _make_report(
    queue: Queue, db: Database, run: Taken, wish: ReportWish, make_report: ReportMaker | None
) -> None:
    if make_report is None or run.report_of is None:
        raise Unavailable(_("This server makes no reports in the background."))
    queue.end_report(run, make_report(db, run.asker(), run.report_of, wish, Progress(queue, run)))


def _wait(queue: Queue) -> None:
    """Until somebody asks for a run, or some seconds."""
    connection = queue.connection
    # What came with the answer to a statement is there already; the socket would not tell.
    if not connection.notifies and select.select([connection], [], [], _LOOK_EVERY_S)[0]:
        connection.poll()
    connection.notifies.clear()
