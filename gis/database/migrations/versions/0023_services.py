"""Opening hours of facilities, the road network, and drafts of new sites."""

from gis.database.migrate import run_sql_beside

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    run_sql_beside(__file__)
