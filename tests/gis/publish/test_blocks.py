"""Features of wide boxes from memory: what the database says now, to this reader, and nothing else."""

from __future__ import annotations

import dataclasses
import math
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.people.model import Actor, Role
from gis.publish import blocks, blocks_store, service
from gis.publish.blocks import BlockCache
from gis.publish.crs import FORMS
from gis.publish.layers import LAYERS
from gis.publish.model import MAX_ITEMS, BBox, CqlFilter, ItemQuery
from tests.gis.publish.counted import Counted
from tests.gis.publish.town import COLUMNS, ROWS, SOUTH, STEP, WEST

SIDE = 360 / 2**17  # degrees of longitude, a square's width
LAYER_NAMES = ("building", "rental_unit")
WHOLE = BBox(WEST + 1e-4, SOUTH + 1e-4, WEST + COLUMNS * STEP - 1e-4, SOUTH + ROWS * STEP - 1e-4)
NEAR = BBox(WEST + 1e-4, SOUTH + 1e-4, WEST + STEP - 1e-4, SOUTH + ROWS * STEP - 1e-4)
"""The first four cells; the officer has two of them."""
BETWEEN = re.compile(rb',(?=\{"type":"Feature")')
SIGNED_IN = [Actor(1, role) for role in (Role.PLANNER, Role.DISPATCHER, Role.AUDITOR, Role.ADMIN)]


def big_cache():
    return BlockCache(100_000_000)


def texts(page):
    """Features as they were written, in an order of their own."""
    return sorted(BETWEEN.split(page.features)) if page.features else []


def box_of(actor):
    """A wide box of what the actor sees."""
    return WHOLE if actor.sees_district else NEAR


def read(db, actor, box=None, cache=None, *, layer="rental_unit", **asked):
    box = box_of(actor) if box is None else box
    return service.items(db, actor, layer, ItemQuery(bbox=box, **{"limit": MAX_ITEMS, **asked}), blocks=cache)


def assert_true(town, actor, cache, *, layer="rental_unit", box=None):
    """What memory gives is what the database gives; memory has given it."""
    counted = Counted(town.db)
    page = read(counted, actor, box, cache, layer=layer)
    assert counted.asked <= 2
    assert counted.asked == 1 or read(counted, actor, box, cache, layer=layer) == page
    assert counted.asked <= 3, "the second time, the state alone is asked for"
    wanted = read(town.db, actor, box, layer=layer)
    assert texts(page) == texts(wanted)
    assert (page.returned, page.matched) == (wanted.returned, wanted.matched)
    assert (page.next_after, page.previous_before) == (None, None)
    return texts(page)


# ---------------------------------------------------------------- what is answered


@pytest.fixture(scope="module")
def demo_people(demo_url):
    """Readers of the demo district: officers of different cells, and who sees it whole."""
    connection = psycopg2.connect(demo_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id FROM app.account JOIN app.assignment USING (account_id) WHERE role = 'officer'"
            " GROUP BY account_id ORDER BY account_id LIMIT 6"
        )
        officers = [Actor(account_id, Role.OFFICER) for (account_id,) in cursor.fetchall()]
        cursor.execute("SELECT ST_X(geom), ST_Y(geom) FROM app.building ORDER BY building_id")
        places = cursor.fetchall()
    connection.close()
    assert len(officers) > 1
    return officers + SIGNED_IN, places


@pytest.fixture(scope="module")
def demo_cache():
    """Small enough to forget now and then."""
    return BlockCache(3_000_000)


def edge(draw, place, axis):
    """A number at a point's own, beside it, at a square's edge, or anywhere near."""
    kind = draw(st.sampled_from(("at", "above", "below", "square", "near")))
    if kind == "square" and axis == 0:
        return math.floor(place / SIDE) * SIDE
    return {
        "at": place,
        "above": math.nextafter(place, math.inf),
        "below": math.nextafter(place, -math.inf),
    }.get(kind, place + draw(st.floats(-SIDE, SIDE)))


@st.composite
def boxes(draw, places):
    """A box some squares wide and high, with a point at one corner."""
    place, sides = draw(st.sampled_from(places)), []
    for axis in (0, 1):
        value, length = edge(draw, place[axis], axis), draw(st.floats(2, 14)) * SIDE
        sides.append((value, value + length) if draw(st.booleans()) else (value - length, value))
    (west, east), (south, north) = sides
    return BBox(west, south, east, north)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), layer=st.sampled_from(LAYER_NAMES))
def test_memory_gives_what_the_database_gives(demo_db, demo_people, demo_cache, data, layer):
    people, places = demo_people
    actor, box = data.draw(st.sampled_from(people)), data.draw(boxes(places))
    limit = data.draw(st.sampled_from((MAX_ITEMS, MAX_ITEMS, 1000, 50)))
    page = read(demo_db, actor, box, demo_cache, layer=layer, limit=limit)
    wanted = read(demo_db, actor, box, layer=layer, limit=limit)
    assert texts(page) == texts(wanted)
    assert dataclasses.replace(page, features=b"") == dataclasses.replace(wanted, features=b"")
    assert demo_cache._bytes == sum(block.size for block in demo_cache._things.values()) <= 3_000_000


def test_most_wide_boxes_of_the_demo_come_from_memory(demo_db, demo_people):
    people, places = demo_people
    cache = big_cache()
    for lon, lat in places[::40]:
        counted = Counted(demo_db)
        box = BBox(lon - 4 * SIDE, lat - 4 * SIDE, lon + 4 * SIDE, lat + 4 * SIDE)
        first = read(counted, people[-1], box, cache)
        counted.asked = 0
        assert read(counted, people[-1], box, cache) == first
        assert counted.asked == 1


@pytest.mark.parametrize("layer", LAYER_NAMES)
def test_same_content_is_the_same_bytes(town, layer):
    planner, warm = town.actors["planner"], big_cache()
    read(town.db, planner, BBox(WEST, SOUTH, WEST + 0.03, SOUTH + 0.02), warm, layer=layer)
    pages = {read(town.db, planner, None, cache, layer=layer).features for cache in (warm, warm, big_cache())}
    assert len(pages) == 1


def test_point_on_the_edge_of_a_square_and_of_a_box_counts_once(town, sql):
    column = math.floor((WEST + 0.03 + 180) / SIDE)
    lon, lat = column * SIDE - 180, SOUTH + 0.0201
    sql(
        "INSERT INTO app.building (code, name_zh, address, use, floors, geom)"
        " VALUES ('EDGE', 'x', 'x', 'mixed', 1, ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
        (lon, lat),
    )
    cache, planner = big_cache(), town.actors["planner"]
    for west, east, number in (
        (lon, lon + 0.01, 1), (lon - 0.01, lon, 1), (lon - 0.01, lon + 0.01, 1),
        (math.nextafter(lon, 180), lon + 0.01, 0), (lon - 0.01, math.nextafter(lon, 0), 0),
    ):  # fmt: skip
        box = BBox(west, lat - 0.01, east, lat + 0.01)
        found = assert_true(town, planner, cache, layer="building", box=box)
        assert sum(b'"EDGE"' in text for text in found) == number
    sql("DELETE FROM app.building WHERE code = 'EDGE'")


# ---------------------------------------------------------------- what is left to the database

LEFT_TO_THE_DATABASE = {
    "span": {"layer": "incident"},
    "after": {"after": "3"},
    "before": {"before": "300"},
    "cell": {"cell": "440309001001001"},
    "community": {"community": "440309001001"},
    "equals": {"equals": {"grade": "watch"}},
    "filter": {"filter": CqlFilter("tenants > 1")},
    "sortby": {"sortby": ("-code",)},
    "small box": {"box": BBox(WEST, SOUTH, WEST + SIDE / 2, SOUTH + SIDE / 2)},
    "box of a district": {"box": BBox(WEST - 0.1, SOUTH - 0.1, WEST + 0.1, SOUTH + 0.1)},
    "another layer": {"layer": "facility"},
    "no points": {"layer": "parcel"},
}  # fmt: skip


@pytest.mark.parametrize("asked", LEFT_TO_THE_DATABASE.values(), ids=LEFT_TO_THE_DATABASE)
def test_anything_but_a_wide_box_is_asked_of_the_database(town, monkeypatch, asked):
    monkeypatch.setattr(blocks_store, "written", lambda *_: pytest.fail("memory was asked"))
    planner = town.actors["planner"]
    with pytest.raises(pytest.fail.Exception):
        read(town.db, planner, None, big_cache())
    assert read(town.db, planner, cache=big_cache(), **asked) == read(town.db, planner, **asked)


def test_no_box_and_whatever_officers_ask_is_asked_of_the_database(town, monkeypatch):
    monkeypatch.setattr(blocks_store, "written", lambda *_: pytest.fail("memory was asked"))
    for actor, query in (("planner", ItemQuery()), ("officer", ItemQuery(bbox=NEAR, limit=MAX_ITEMS))):
        actor = town.actors[actor]
        page = service.items(town.db, actor, "rental_unit", query, blocks=big_cache())
        assert page == service.items(town.db, actor, "rental_unit", query)


def test_another_coordinate_system_is_asked_of_the_database(town, monkeypatch):
    monkeypatch.setattr(blocks_store, "written", lambda *_: pytest.fail("memory was asked"))
    form = FORMS["http://www.opengis.net/def/crs/EPSG/0/4547"]
    query = ItemQuery(bbox=WHOLE, limit=MAX_ITEMS)
    page = service.items(town.db, town.actors["planner"], "rental_unit", query, form, blocks=big_cache())
    assert page == service.items(town.db, town.actors["planner"], "rental_unit", query, form)


@pytest.mark.parametrize(("role", "limit"), [("planner", 7), ("planner", 500), ("officer", 7)])
def test_more_than_the_limit_are_paged(town, role, limit):
    actor, cache, seen, after = town.actors[role], big_cache(), [], None
    while True:
        page = read(town.db, actor, None, cache, limit=limit, after=after)
        assert page.returned == len(texts(page)) <= limit
        seen += texts(page)
        if page.next_after is None:
            break
        after = page.next_after
    assert sorted(seen) == texts(read(town.db, actor))
    assert len(seen) > limit


def test_limit_of_just_as_many_is_one_answer(town):
    planner, cache = town.actors["planner"], big_cache()
    number = read(town.db, planner).returned
    counted = Counted(town.db)
    assert read(counted, planner, None, cache, limit=number).next_after is None
    assert counted.asked == 2
    assert read(town.db, planner, None, cache, limit=number - 1).next_after is not None


def test_too_much_is_known_before_anything_is_read(town):
    counted = Counted(town.db)
    cache = big_cache()
    read(counted, town.actors["planner"], None, cache, limit=20)
    assert not cache._things
    assert counted.asked == 1 + 2


def test_told_lasts_as_long_as_it_is_said_to():
    for layer in LAYERS.values():
        told = layer.told or "now()"
        wanted = None if "now()" in told else "day" if "today()" in told else "ever"
        assert layer.told_for == wanted, layer.name
        assert layer.told_for is None or layer.is_point


# ---------------------------------------------------------------- whose it is


@pytest.fixture(scope="module")
def neighbours(town, sql):
    """Officers of the cells beside the first officer's, and one of the same cells."""
    made = [town.actors["officer"]]
    for number, cells in enumerate(([1, 2], [2, 3], [0, 1], [])):
        sql(
            "WITH one AS (INSERT INTO app.account (username, full_name, role) VALUES (%s, 'x', 'officer')"
            " RETURNING account_id), given AS (INSERT INTO app.assignment (account_id, cell_id, duty, valid_from)"
            " SELECT account_id, unnest(%s::integer[]), 'deputy', '2014-01-01' FROM one)"
            " SELECT account_id FROM one",
            (f"near{number}", [town.cells[cell]["cell_id"] for cell in cells]),
        )
        made.append(Actor(sql.__self__.fetchone()[0], Role.OFFICER))
    return made


@pytest.mark.parametrize("layer", LAYER_NAMES)
def test_officers_never_share_what_only_one_may_see(town, neighbours, layer):
    cache, seen = big_cache(), {}
    for actor in (*neighbours, town.actors["planner"], *neighbours, town.actors["dispatcher"]) * 2:
        found = assert_true(town, actor, cache, layer=layer)
        assert seen.setdefault(actor, found) == found
    first, beside, _, same, none = (seen[actor] for actor in neighbours)
    assert first == same != beside
    assert none == []
    own = {town.cells[0]["cell_id"], town.cells[1]["cell_id"]}
    assert len(first) == sum(row["cell_id"] in own for row in town.rows[layer])


def test_scope_is_read_again_when_an_assignment_ends(town, sql, neighbours):
    cache, officer = big_cache(), neighbours[1]
    before = assert_true(town, officer, cache)
    end = "UPDATE app.assignment SET valid_to = %s WHERE account_id = %s AND cell_id = %s"
    cell = town.cells[1]["cell_id"]
    sql(end, ("2015-01-01", officer.account_id, cell))
    after = assert_true(town, officer, cache)
    assert set(after) < set(before)
    sql(end, (None, officer.account_id, cell))
    assert assert_true(town, officer, cache) == before


# ---------------------------------------------------------------- how old it may be

FIRST = "(SELECT min(rental_unit_id) FROM app.rental_unit)"
CHANGES = {
    "grade": f"UPDATE app.rental_unit SET grade = CASE grade WHEN 'watch' THEN 'strict' ELSE 'watch' END"
    f" WHERE rental_unit_id = {FIRST}",
    "moved within": f"UPDATE app.rental_unit SET geom = ST_Translate(geom, 1e-7, 0) WHERE rental_unit_id = {FIRST}",
    "moved": f"UPDATE app.rental_unit SET geom = ST_SetSRID(ST_MakePoint({WEST + 0.033}, {SOUTH + 0.022}), 4326)"
    f" WHERE rental_unit_id = {FIRST}",
    "visited": f"UPDATE app.rental_unit SET last_visit_at = now() WHERE rental_unit_id = {FIRST}",
    "all": "UPDATE app.rental_unit SET tenants = tenants + 1",
    "interval": "UPDATE app.rental_grade SET visit_interval_days = visit_interval_days + 90",
    "added": "INSERT INTO app.rental_unit (code, address, grade, filed_on, cell_id, community_id, geom)"
    " SELECT 'NEW', address, grade, filed_on, cell_id, community_id, geom FROM app.rental_unit LIMIT 1",
    "added where none was": "INSERT INTO app.rental_unit (code, address, grade, filed_on, geom) VALUES"
    f" ('FAR', 'x', 'watch', '2014-01-01', ST_SetSRID(ST_MakePoint({WEST + 0.0599 - 1e-4}, {SOUTH + 0.0399 - 1e-4}), 4326))",
    "removed": "DELETE FROM app.rental_unit WHERE code IN ('NEW', 'FAR')",
    "compacted": "SELECT app.compact_tally('rental_unit')",
}  # fmt: skip


@pytest.fixture(scope="module")
def kept():
    return big_cache()


@pytest.mark.parametrize("change", CHANGES)
def test_change_shows_in_the_next_read(town, sql, kept, change):
    planner, officer = town.actors["planner"], town.actors["officer"]
    before = assert_true(town, planner, kept)
    assert_true(town, officer, kept)
    sql(CHANGES[change])
    after = assert_true(town, planner, kept)
    assert (after == before) == (change == "compacted")
    assert_true(town, officer, kept)


def test_only_what_was_written_is_read_again(town, sql):
    cache, planner = big_cache(), town.actors["planner"]
    read(town.db, planner, None, cache)
    known = set(cache._things)
    sql(CHANGES["grade"])
    read(town.db, planner, None, cache)
    assert len(set(cache._things) - known) == 1


def test_next_day_in_the_district_is_another_answer(town, sql):
    cache, planner = big_cache(), town.actors["planner"]
    sql("SELECT pg_get_functiondef('app.today()'::regprocedure)")
    today = sql.__self__.fetchone()[0]
    overdue = b'"is_overdue":true'
    before = assert_true(town, planner, cache)
    buildings = assert_true(town, planner, cache, layer="building")
    try:
        sql(today.replace("::date", "::date + 1000"))
        after = assert_true(town, planner, cache)
        counted = Counted(town.db)
        assert texts(read(counted, planner, cache=cache, layer="building")) == buildings
        assert counted.asked == 1, "buildings are the same every day"
    finally:
        sql(today)
    assert {overdue in text for text in before} == {True, False}
    assert {overdue in text for text in after} == {True}
    assert assert_true(town, planner, cache) == before


def moved_about(sql):
    """Move the first unit to and fro between two squares."""
    for step in range(60):
        lon = WEST + (0.011 if step % 2 else 0.044)
        sql(
            f"UPDATE app.rental_unit SET geom = ST_SetSRID(ST_MakePoint(%s, {SOUTH + 0.02}), 4326)"
            f" WHERE rental_unit_id = {FIRST}",
            (lon,),
        )


def test_read_that_meets_a_write_is_of_one_moment(town, sql):
    """Squares found before a write and squares read after it would show a moved unit twice or not at all."""
    planner = town.actors["planner"]
    number = read(town.db, planner).returned
    for west in (True, False):
        moved_about(sql)  # ends in the west
        cache = big_cache()
        middle = WEST + 0.03
        half = (
            BBox(WEST, SOUTH, middle, WHOLE.north) if west else BBox(middle, SOUTH, WHOLE.east, WHOLE.north)
        )
        read(town.db, planner, half, cache)

        def move(asked):
            if asked == 2:
                sql(
                    f"UPDATE app.rental_unit SET geom = ST_Translate(geom, 0.033, 0) WHERE rental_unit_id = {FIRST}"
                )

        page = read(Counted(town.db, before=move), planner, None, cache)
        assert page.returned == len(texts(page)) == len(set(texts(page))) == number
        assert texts(page) == texts(read(town.db, planner))


def test_where_every_read_meets_a_write_the_database_answers(town, sql):
    planner, cache = town.actors["planner"], big_cache()
    read(town.db, planner, BBox(WHOLE.west, WHOLE.south, WHOLE.west + 0.03, WHOLE.north), cache)
    counted = Counted(town.db, before=lambda asked: asked > 1 and sql(CHANGES["all"]))
    page = read(counted, planner, None, cache)
    assert counted.asked == 1 + blocks._TRIES + 1
    assert texts(page) == texts(read(town.db, planner))


def test_threads_never_see_a_unit_twice_or_another_ones_rows(town, sql, neighbours):
    people = [town.actors["planner"], *neighbours]
    cache = BlockCache(200_000)  # a few squares too few
    numbers = {actor: read(town.db, actor).returned for actor in people}
    over = threading.Event()

    def look(actor):
        seen = set()
        while not over.is_set():
            page = read(town.db, actor, None, cache)
            assert page.returned == len(set(texts(page)))
            seen.add(page.returned)
        return seen

    sql(f"UPDATE app.rental_unit SET cell_id = NULL WHERE rental_unit_id = {FIRST}")
    numbers = {actor: read(town.db, actor).returned for actor in people}
    with ThreadPoolExecutor(len(people)) as pool:
        jobs = {actor: pool.submit(look, actor) for actor in people}
        try:
            moved_about(sql)
        finally:
            over.set()
        assert {actor: job.result() for actor, job in jobs.items()} == {
            actor: {number} for actor, number in numbers.items()
        }
    assert cache._bytes <= 200_000


# ---------------------------------------------------------------- memory


def test_cache_too_small_for_an_answer_still_gives_it(town):
    planner = town.actors["planner"]
    for size in (1, 5_000, 100_000):
        cache = BlockCache(size)
        for _ in range(2):
            assert texts(read(town.db, planner, None, cache)) == texts(read(town.db, planner))
        assert cache._bytes == sum(block.size for block in cache._things.values()) <= size
