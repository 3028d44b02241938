"""Small pictures of photos that came before there were any; a periodic job."""

from __future__ import annotations

from psycopg2 import Binary

from gis.database.pool import Connection
from gis.database.sql import load_queries
from gis.errors import InvalidInput
from gis.photo.formats import read_picture
from gis.photo.thumbnail import draw

_queries = load_queries(__file__, "store")

AT_ONCE = 200
"""Photos of one run: some seconds of work."""


def draw_some(connection: Connection, most: int = AT_ONCE) -> int:
    """Draw the newest photos that have no small picture, in a transaction of gis_migrator; give how many.

    One that cannot be drawn is not tried again.
    """
    due = [row.photo_id for row in _queries.without_thumbnail(connection, most=most)]
    for photo_id in due:
        content = bytes(_queries.whole(connection, photo_id=photo_id) or b"")
        _queries.keep_thumbnail(connection, photo_id=photo_id, thumbnail=Binary(_drawn(content)))
    return len(due)


def _drawn(content: bytes) -> bytes:
    try:
        return draw(read_picture(content).cleaned)
    except InvalidInput:
        return b""
