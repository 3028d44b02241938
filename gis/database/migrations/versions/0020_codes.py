"""Codes of check points can be replaced; incidents follow their finders; records of a device in order."""

from gis.database.migrate import run_sql_beside

revision = "0020"
down_revision = "0018"


def upgrade() -> None:
    run_sql_beside(__file__)
