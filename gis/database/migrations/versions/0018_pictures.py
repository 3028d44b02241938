"""Small pictures of photos, and files of phones that an administrator takes in."""

from gis.database.migrate import run_sql_beside

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run_sql_beside(__file__)
