"""Patrol levels, seasons, plans, rounds with their points and events, excuses, and runs of periodic jobs."""

from gis.database.migrate import run_sql_beside

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_sql_beside(__file__)
