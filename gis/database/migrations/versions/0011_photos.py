"""Photos of patrol points and incidents, received in pieces."""

from gis.database.migrate import run_sql_beside

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_sql_beside(__file__)
