"""The periodic jobs there are."""

from __future__ import annotations

from datetime import timedelta

from gis.analysis.patrol.keeping import keep_some
from gis.analysis.patrol.kept import keep_default
from gis.analysis.runs.schedules import ask_due, forget_old_runs
from gis.database.migrate import ADD_MONTHS
from gis.database.pool import Connection
from gis.jobs.model import Job
from gis.patrol.generation import plan_rounds, settle_rounds
from gis.photo.drawing import draw_some
from gis.settings import GisSettings
from gis.track.thinning import thin_some


def _rounds(connection: Connection) -> str:
    settled = settle_rounds(connection)
    return f"{settled} settled, {plan_rounds(connection)} rows written"


def _months(connection: Connection) -> str:
    with connection.cursor() as cursor:
        cursor.execute(ADD_MONTHS)
        return f"{sum(made for (made,) in cursor)} months added"


def _fixes(connection: Connection) -> str:
    done = thin_some(connection, days=GisSettings().raw_fix_days)  # type: ignore[call-arg]
    return f"{done.streams} streams thinned, {done.removed} fixes removed"


def _thumbnails(connection: Connection) -> str:
    return f"{draw_some(connection)} photos drawn"


def _schedules(connection: Connection) -> str:
    return f"{ask_due(connection)} analyses asked for"


def _old_runs(connection: Connection) -> str:
    return f"{forget_old_runs(connection)} runs forgotten"


def _footprints(connection: Connection) -> str:
    days = GisSettings().raw_fix_days  # type: ignore[call-arg]
    return f"{keep_some(connection, raw_fix_days=days)} days painted"


def _coverage(connection: Connection) -> str:
    return keep_default(connection)


JOBS = (
    Job("plan_rounds", timedelta(minutes=15), _rounds),
    Job("add_months", timedelta(days=1), _months),
    Job("thin_fixes", timedelta(minutes=30), _fixes),
    Job("draw_thumbnails", timedelta(minutes=15), _thumbnails),
    Job("ask_scheduled_analyses", timedelta(minutes=5), _schedules),
    Job("forget_old_analyses", timedelta(days=1), _old_runs),
    # What changes is painted within seconds beside the jobs; this makes sure of the rest.
    Job("paint_days", timedelta(minutes=15), _footprints),
    Job("keep_coverage", timedelta(days=1), _coverage),
)
