"""Stored features of rental units end before what depends on the day."""

from gis.database.migrate import run_sql_beside

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_sql_beside(__file__)
