"""Tallies and stored features follow the rows, whoever writes them and however often."""

from __future__ import annotations

import json
import threading

import psycopg2
import pytest

from gis.errors import Forbidden
from gis.people.model import Actor, Role
from gis.publish import service
from gis.publish.model import ItemQuery
from tests.gis.publish.town import SOUTH, STEP, WEST

POINT_LAYERS = ("building", "rental_unit", "incident", "check_point", "patrol_point", "facility")
KEPT = "SELECT zoom, place, sum(objects) FROM app.layer_tally WHERE layer = %s GROUP BY 1, 2 HAVING sum(objects) <> 0"


@pytest.fixture
def cursor(town):
    connection = psycopg2.connect(town.url)
    connection.autocommit = True
    with connection.cursor() as opened:
        yield opened
    connection.close()


def kept(cursor, layer):
    cursor.execute(KEPT, (layer,))
    return set(cursor.fetchall())


def counted(cursor, layer):
    cursor.execute(
        f"SELECT l.zoom, CASE WHEN l.zoom < 0 THEN coalesce(t.cell_id, 0) ELSE t.quad >> (48 - 2 * l.zoom) END, count(*)"
        f" FROM app.{layer} AS t CROSS JOIN (VALUES (-1), (0), (15), (17), (19)) AS l (zoom) GROUP BY 1, 2"
    )
    return set(cursor.fetchall())


def add(cursor, number, lon=WEST + 0.5 * STEP, lat=SOUTH + 0.5 * STEP):
    cursor.execute(
        "INSERT INTO app.facility (code, kind, name_zh, geom) SELECT %s || n, (SELECT min(code) FROM app.facility_kind),"
        " '测试', ST_SetSRID(ST_MakePoint(%s + n * 1e-4, %s), 4326) FROM generate_series(1, %s) AS n",
        (f"T{threading.get_ident()}-{number}-", lon, lat, 7),
    )


@pytest.mark.parametrize("layer", POINT_LAYERS)
def test_tally_is_what_counting_gives(cursor, layer):
    assert kept(cursor, layer) == counted(cursor, layer)


def test_tally_follows_inserts_moves_and_removals(town, cursor):
    for number in range(40):
        add(cursor, number)
    assert kept(cursor, "facility") == counted(cursor, "facility")
    cursor.execute("UPDATE app.facility SET geom = ST_Translate(geom, 0.01, 0.01) WHERE code LIKE 'T%'")
    assert kept(cursor, "facility") == counted(cursor, "facility")
    cursor.execute("SELECT app.compact_tally('facility')")
    assert kept(cursor, "facility") == counted(cursor, "facility")
    cursor.execute(
        "SELECT count(*) - count(DISTINCT (zoom, place)) FROM app.layer_tally WHERE layer = 'facility'"
    )
    assert cursor.fetchone()[0] == 0
    planner = town.actors["planner"]
    found = service.items(town.db, planner, "facility", ItemQuery(limit=1))
    cursor.execute("SELECT count(*) FROM app.facility")
    assert found.matched == cursor.fetchone()[0]
    cursor.execute("DELETE FROM app.facility WHERE code LIKE 'T%'")
    assert kept(cursor, "facility") == counted(cursor, "facility")


def test_writers_at_the_same_time_lose_no_count(town, cursor):
    def write():
        connection = psycopg2.connect(town.url)
        connection.autocommit = True
        with connection.cursor() as own:
            for number in range(30):
                add(own, number)
                own.execute("SELECT app.compact_tally('facility')")
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cursor.execute("SELECT count(*) FROM app.facility WHERE code LIKE 'T%'")
    assert cursor.fetchone()[0] == 4 * 30 * 7
    assert kept(cursor, "facility") == counted(cursor, "facility")
    cursor.execute("DELETE FROM app.facility WHERE code LIKE 'T%'")


def test_version_grows_with_every_write_and_only_there(cursor):
    def version(zoom, low, high):
        cursor.execute("SELECT app.layer_version('facility', %s::smallint, %s, %s)", (zoom, low, high))
        return cursor.fetchone()[0]

    cursor.execute("SELECT app.quad_of(%s, %s) >> 18", (WEST + 0.5 * STEP, SOUTH + 0.5 * STEP))
    square = cursor.fetchone()[0]
    here, elsewhere = version(15, square, square + 1), version(15, square + 5000, square + 5001)
    add(cursor, 0)
    assert version(15, square, square + 1) > here
    assert version(15, square + 5000, square + 5001) == elsewhere
    here = version(15, square, square + 1)
    cursor.execute("SELECT app.compact_tally('facility')")
    assert version(15, square, square + 1) == here
    cursor.execute("DELETE FROM app.facility WHERE code LIKE 'T%'")
    assert version(15, square, square + 1) > here


def test_squares_are_told_with_versions_and_numbers_only_to_who_sees_the_district(town, cursor):
    add(cursor, 0)
    cursor.execute(
        "SELECT place, sum(changes)::bigint, sum(objects)::bigint FROM app.layer_tally"
        " WHERE layer = 'facility' AND zoom = 17 GROUP BY place"
    )
    wanted = {place: (version, number) for place, version, number in cursor.fetchall()}
    ask = "SELECT * FROM app.squares_written('facility', 17::smallint, %s)"
    for actor in town.actors.values():
        if not actor.sees_district:
            with pytest.raises(Forbidden), town.db.transaction(actor.identity) as own:
                own.cursor().execute(ask, ([*wanted],))
            continue
        with town.db.transaction(actor.identity, read_only=True) as connection, connection.cursor() as own:
            own.execute(ask, ([*wanted, 7, 7, -1],))
            (found,) = own.fetchall()
            own.execute(ask, ("{}",))
            assert own.fetchall() == [(None, None, None)]
        told = zip(found.places, zip(found.versions, found.objects, strict=True), strict=True)
        assert dict(told) == wanted
    cursor.execute("DELETE FROM app.facility WHERE code LIKE 'T%'")


@pytest.mark.parametrize("layer", ["building", "rental_unit", "incident"])
def test_stored_feature_says_what_a_composed_one_does(town, layer):
    from gis.publish.crs import FORMS

    other = FORMS["http://www.opengis.net/def/crs/EPSG/0/4326"]
    planner = town.actors["planner"]
    stored = service.items(town.db, planner, layer, ItemQuery(limit=1000))
    made = service.items(town.db, planner, layer, ItemQuery(limit=1000), other)
    kept_features = json.loads(b"[" + stored.features + b"]")
    composed_features = json.loads(b"[" + made.features + b"]")
    assert kept_features
    for left, right in zip(kept_features, composed_features, strict=True):
        assert left["id"] == right["id"]
        assert left["properties"] == right["properties"]
        assert left["geometry"]["coordinates"] == right["geometry"]["coordinates"][::-1]


def test_a_grade_with_another_interval_moves_the_due_days(town, cursor):
    planner = Actor(town.actors["planner"].account_id, Role.PLANNER)

    def due():
        page = service.items(
            town.db, planner, "rental_unit", ItemQuery(limit=1000, equals={"grade": "watch"})
        )
        return [feature["properties"]["due_on"] for feature in json.loads(b"[" + page.features + b"]")]

    before = due()
    cursor.execute(
        "UPDATE app.rental_grade SET visit_interval_days = visit_interval_days + 1 WHERE code = 'watch'"
    )
    after = due()
    cursor.execute(
        "UPDATE app.rental_grade SET visit_interval_days = visit_interval_days - 1 WHERE code = 'watch'"
    )
    assert before and all(a > b for a, b in zip(after, before, strict=True))
    assert due() == before
