"""Analyses as runs, their results, and schedules."""

from gis.database.migrate import run_sql_beside

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    run_sql_beside(__file__)
