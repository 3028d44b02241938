"""Records as phones send them: receipts, revisions, evidence, quarantine; points by month; device tokens."""

from gis.database.migrate import run_sql_beside

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_sql_beside(__file__)
