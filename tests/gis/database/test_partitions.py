"""Patrol points by month: what was there moves over, later months are made, and reads keep to their months."""

from __future__ import annotations

import uuid

import pytest

from gis.database import migrate
from tests.asking import rows
from tests.conftest import _maintenance, _with_database

POINT = "ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326)"


def query(url, statement, *values):
    return rows(url, statement, values)


def months(url):
    return [
        row[0]
        for row in query(
            url,
            "SELECT relname FROM pg_class WHERE relnamespace = 'app_month'::regnamespace AND relkind = 'r'"
            " AND relname LIKE 'patrol\\_point\\_%%' ORDER BY 1",
        )
    ]


def make_spring(url):
    """March and April 2019, where they are not there yet."""
    query(url, "SELECT app.make_partitions('app.patrol_point', '2019-03-15', '2019-04-01')")


def insert(url, at, number=1):
    query(
        url,
        "INSERT INTO app.patrol_point (client_id, content_sha256, kind, source, at, device_at, is_outside, geom)"
        f" SELECT gen_random_uuid(), sha256('x'), 'OK', 'import', %s, %s, true, {POINT} FROM generate_series(1, %s)",
        at,
        at,
        number,
    )


def test_coming_months_are_there_and_making_them_again_makes_none(database_url):
    coming = query(
        database_url,
        "SELECT to_char(app.today() + n * interval '1 month', '\"patrol_point_\"YYYYMM') FROM generate_series(0, 2) AS n",
    )
    present = months(database_url)
    assert {*present} >= {"patrol_point_rest", *(name for (name,) in coming)}
    assert query(database_url, "SELECT app.make_partitions('app.patrol_point')") == [(0,)]
    migrate.migrate(database_url)
    assert months(database_url) == present


def test_month_begins_and_ends_at_midnight_in_the_district(database_url):
    make_spring(database_url)
    for at, name in (
        ("2019-02-28 23:59:59+08", "rest"),
        ("2019-03-01 00:00+08", "201903"),
        ("2019-03-31 23:59:59+08", "201903"),
        ("2019-04-01 00:00+08", "201904"),
    ):
        insert(database_url, at)
        found = query(database_url, "SELECT tableoid::regclass::text FROM app.patrol_point WHERE at = %s", at)
        assert found == [(f"app_month.patrol_point_{name}",)]


def test_month_of_which_much_came_without_a_partition_gets_one(database_url):
    insert(database_url, "2018-07-15 12:00+08", 1000)
    insert(database_url, "2018-08-15 12:00+08", 999)
    before = query(database_url, "SELECT count(*), sum(quad) FROM app.patrol_point")
    migrate.migrate(database_url)
    assert "patrol_point_201807" in months(database_url)
    assert "patrol_point_201808" not in months(database_url)
    assert query(database_url, "SELECT count(*), sum(quad) FROM app.patrol_point") == before
    assert query(database_url, "SELECT count(*) FROM app_month.patrol_point_201807") == [(1000,)]
    assert query(database_url, "SELECT count(*) FROM app.patrol_point WHERE quad IS NULL") == [(0,)]


def test_every_month_has_the_indexes_and_keys_of_the_table(database_url):
    counts = query(
        database_url,
        "SELECT c.relname, (SELECT count(*) FROM pg_index WHERE indrelid = c.oid),"
        " (SELECT count(*) FROM pg_constraint WHERE conrelid = c.oid AND contype = 'f')"
        " FROM pg_class AS c WHERE c.oid = 'app.patrol_point'::regclass"
        " OR c.relnamespace = 'app_month'::regnamespace AND c.relname LIKE 'patrol\\_point\\_%%' AND c.relkind = 'r'",
    )
    assert len({row[1:] for row in counts}) == 1 and counts[0][1] == 13 and counts[0][2] == 8


def test_period_is_read_from_its_months_alone(database_url):
    make_spring(database_url)
    plan = query(
        database_url,
        "EXPLAIN SELECT * FROM app.patrol_point WHERE at >= '2019-03-02 00:00+08' AND at < '2019-03-03 00:00+08'",
    )
    read = {name for name in months(database_url) if any(name in row[0] for row in plan)}
    assert read == {"patrol_point_201903"}


def test_writes_over_several_months_are_counted_as_one_layer(database_url):
    make_spring(database_url)
    insert(database_url, "2019-03-10 12:00+08", 3)
    insert(database_url, "2018-09-15 12:00+08", 2)
    query(
        database_url,
        "UPDATE app.patrol_point SET at = at + interval '1 month' WHERE at = '2019-03-10 12:00+08'",
    )
    query(database_url, "DELETE FROM app.patrol_point WHERE at = '2018-09-15 12:00+08'")
    tally = "SELECT sum(objects) FROM app.layer_tally WHERE layer = 'patrol_point' AND zoom = %s"
    (count,) = query(database_url, "SELECT count(*) FROM app.patrol_point")
    assert query(database_url, tally, 0) == query(database_url, tally, 19) == [count]


@pytest.fixture
def old_url(server_url):
    """A database as it stood before points were kept by month."""
    name = f"before_months_{uuid.uuid4().hex[:8]}"
    with _maintenance(server_url) as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    url = _with_database(server_url, name)
    query(url, (migrate._HERE / "bootstrap.sql").read_text("utf-8").replace("%", "%%"))
    migrate._run_migrations(url, "0009")
    yield url
    with _maintenance(server_url) as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_points_of_before_keep_their_ids_and_get_receipts_months_and_grades(old_url):
    query(old_url, "INSERT INTO app.violation_kind VALUES ('OK', '正常', 'all clear', false)")
    for source, at, accuracy in (
        ("phone", "2026-01-05 10:00+08", 5),
        ("demo", "2026-02-05 10:00+08", 10),
        ("demo", "2026-02-06 10:00+08", 30),
        ("import", "2014-04-15 10:00+08", None),
        ("phone", "2199-01-01 10:00+08", 5),
    ):
        query(
            old_url,
            "INSERT INTO app.patrol_point (client_id, content_sha256, kind, source, device_at, accuracy_m, is_outside,"
            f" geom) VALUES (gen_random_uuid(), sha256('x'), 'OK', %s, %s, %s, true, {POINT})",
            source,
            at,
            accuracy,
        )
    columns = "patrol_point_id, client_id, device_at, received_at, quad, ST_AsText(geom)"
    before = query(old_url, f"SELECT {columns} FROM app.patrol_point ORDER BY 1")
    migrate.migrate(old_url)
    assert query(old_url, f"SELECT {columns} FROM app.patrol_point ORDER BY 1") == before
    assert query(old_url, "SELECT grade, method FROM app.patrol_point ORDER BY patrol_point_id") == [
        ("C", "gps"),
        ("A", "gps"),
        ("B", "gps"),
        ("C", None),
        ("D", "gps"),
    ]
    flagged = "SELECT at = received_at, clock_offset_s < -86400 FROM app.patrol_point WHERE clock_offset_s IS NOT NULL"
    assert query(old_url, flagged) == [(True, True)]
    assert query(
        old_url,
        "SELECT count(*) FROM app.field_receipt AS r JOIN app.patrol_point AS p USING (client_id, at, content_sha256)"
        " WHERE r.kind = 'point' AND r.revision = 1",
    ) == [(5,)]
    assert {"patrol_point_201404", "patrol_point_202601", "patrol_point_202602"} <= {*months(old_url)}
    insert(old_url, "2026-02-07 10:00+08")
    assert query(old_url, "SELECT max(patrol_point_id) FROM app.patrol_point") == [(before[-1][0] + 1,)]
    tally = "SELECT sum(objects) FROM app.layer_tally WHERE layer = 'patrol_point' AND zoom = 0"
    assert query(old_url, tally) == [(6,)]
