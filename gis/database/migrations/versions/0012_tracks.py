"""Raw fixes as an append-only stream, and tracks by month."""

from gis.database.migrate import run_sql_beside

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_sql_beside(__file__)
