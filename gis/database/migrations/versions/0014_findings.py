"""Violations found on patrol become incidents with legal deadlines, reckoned by the working calendar."""

from gis.database.migrate import run_sql_beside

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run_sql_beside(__file__)
