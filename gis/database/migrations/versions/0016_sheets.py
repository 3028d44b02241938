"""How many visits a month parcels of a level shall have."""

from gis.database.migrate import run_sql_beside

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run_sql_beside(__file__)
