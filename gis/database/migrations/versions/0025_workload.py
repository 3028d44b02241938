"""Versions of the weights by which work is counted in minutes."""

from gis.database.migrate import run_sql_beside

revision = "0025"
down_revision = "0023"


def upgrade() -> None:
    run_sql_beside(__file__)
