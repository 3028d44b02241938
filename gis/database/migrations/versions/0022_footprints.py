"""What each day covered, kept once, and which days have changed since."""

from gis.database.migrate import run_sql_beside

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    run_sql_beside(__file__)
