"""What serving goes by: a place code per point, ready GeoJSON beside the row, tallies for low zooms."""

from gis.database.migrate import run_sql_beside

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql_beside(__file__)
