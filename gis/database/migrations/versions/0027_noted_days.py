"""Days that wait to be painted: one way to note them, and what was deleted counts no more."""

from gis.database.migrate import run_sql_beside

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    run_sql_beside(__file__)
