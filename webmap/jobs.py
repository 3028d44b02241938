"""The process beside the app: `python -m webmap.jobs --every 30`.

It runs what `python -m gis.admin jobs` does, and makes the reports that take long: the core has no pages.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable
from functools import cache

from flask import Flask
from flask_babel import force_locale

from gis.analysis.runs.model import ReportWish
from gis.analysis.runs.worker import ReportMaker
from gis.database.pool import Database
from gis.jobs.process import run_beside
from gis.people.model import Actor
from gis.settings import GisSettings


def main(arguments: list[str] | None = None) -> int:
    """Run until whoever started it ends."""
    parser = argparse.ArgumentParser(prog="webmap.jobs", description=__doc__)
    parser.add_argument("--every", type=float, default=30.0, metavar="SECONDS", help="look so often")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    for library in ("weasyprint", "fontTools"):  # they tell every step
        logging.getLogger(library).setLevel(logging.WARNING)
    run_beside(GisSettings(), options.every, report_maker(_application))  # type: ignore[call-arg]
    return 0


def report_maker(application: Callable[[], Flask]) -> ReportMaker:
    """What makes reports by an application's templates; it is made when the first report is."""

    def make(
        db: Database, actor: Actor, run_id: int, wish: ReportWish, progress: Callable[[int, int], None]
    ) -> bytes:
        from webmap.planner.report import report_by_community

        app = application()
        with app.test_request_context("/"), force_locale(wish.locale):
            return report_by_community(db, actor, run_id, paper=wish.paper, progress=progress)

    return make


@cache
def _application() -> Flask:
    from webmap import create_app

    return create_app()


if __name__ == "__main__":
    sys.exit(main())
