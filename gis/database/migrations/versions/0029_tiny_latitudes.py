"""A position a hair off the equator has a place code, too."""

from gis.database.migrate import run_sql_beside

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    run_sql_beside(__file__)
