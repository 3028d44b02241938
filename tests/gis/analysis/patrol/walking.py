"""Walks and points past the application, in the small world."""

from __future__ import annotations

import psycopg2


def write(world, statement, params=None):
    """Run a statement as superuser."""
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement, params)
    connection.close()


def walk(world, began, ended, metres=400, *, lon=113.905, is_outside=False):
    """A straight line eastwards whose middle lies at 22.755 N, in four legs, walked evenly."""
    write(
        world,
        "INSERT INTO app.patrol_track (client_id, source, at, started_at, ended_at, length_m, fixes, is_outside, geom)"
        " SELECT gen_random_uuid(), 'demo', %(began)s, %(began)s, %(ended)s, %(m)s, 5, %(outside)s,"
        " ST_Multi(ST_Transform((SELECT ST_MakeLine(ST_Translate(m, x, 0) ORDER BY x)"
        "   FROM generate_series(-%(m)s / 2, %(m)s / 2, %(m)s / 4) AS x), 4326))"
        " FROM (SELECT ST_Transform(ST_SetSRID(ST_MakePoint(%(lon)s, 22.755), 4326), 4547) AS m) AS middle",
        {"began": began, "ended": ended, "m": metres, "lon": lon, "outside": is_outside},
    )


def point(world, at, cell=2, accuracy_m=None):
    """A point in the middle of a cell."""
    write(
        world,
        "INSERT INTO app.patrol_point (client_id, content_sha256, kind, source, at, device_at, cell_id, community_id,"
        " is_outside, accuracy_m, geom) VALUES (gen_random_uuid(), sha256('y'), 'OK', 'phone', %(at)s, %(at)s, %(cell)s,"
        " 1, false, %(accuracy)s, ST_SetSRID(ST_MakePoint(113.895 + 0.01 * %(cell)s, 22.755), 4326))",
        {"at": at, "cell": cell, "accuracy": accuracy_m},
    )
