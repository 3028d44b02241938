"""An index that holds all a tile of rental units shows."""

from gis.database.migrate import run_sql_beside

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run_sql_beside(__file__)
