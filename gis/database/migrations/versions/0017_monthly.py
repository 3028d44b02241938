"""Points of a round are found by their round, for the monthly record."""

from gis.database.migrate import run_sql_beside

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    run_sql_beside(__file__)
