"""The process beside the app: periodic jobs, and in threads of their own what cannot wait for them."""

from __future__ import annotations

import os
import threading

from gis.analysis.patrol.keeping import start_keeping
from gis.analysis.runs.worker import ReportMaker, keep_working
from gis.database.pool import Database
from gis.jobs.runner import keep_running
from gis.settings import GisSettings


def reading_database(settings: GisSettings) -> Database:
    """What analyses read from, in the name of who asked: as the application does."""
    url = settings.web_database_url or settings.database_url
    return Database(url.get_secret_value(), size=2, wait_s=settings.pool_wait_s)


def run_beside(settings: GisSettings, every_s: float, make_report: ReportMaker | None = None) -> None:
    """Run until whoever started this process ends; then it ends at once.

    A run that is cut off by that is taken up again by the next worker.
    """
    url, parent = settings.database_url.get_secret_value(), os.getppid()

    def goes_on() -> bool:
        return os.getppid() == parent

    worker = threading.Thread(
        target=keep_working,
        args=(url, reading_database(settings)),
        kwargs={"goes_on": goes_on, "make_report": make_report},
        name="analyses",
        daemon=True,
    )
    worker.start()
    start_keeping(url, goes_on=goes_on)
    keep_running(url, every_s, goes_on=goes_on)
