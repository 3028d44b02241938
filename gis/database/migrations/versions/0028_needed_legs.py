"""Layers of days are painted anew: which legs of theirs are needed is told more sharply than before."""

from gis.database.migrate import run_sql_beside

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    run_sql_beside(__file__)
