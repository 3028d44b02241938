"""Places of the division answered from memory: what the database says, never older than a second."""

from __future__ import annotations

import dataclasses
import json
import math
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import geopandas
import psycopg2
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.database.pool import Database
from gis.division.model import DivisionDraft
from gis.division.service import publish
from gis.errors import Busy, Forbidden, NotFound
from gis.people.model import ANONYMOUS, Actor, Role
from gis.publish import service, store
from gis.publish.crs import FORMS
from gis.publish.features import filter_of
from gis.publish.layers import LAYERS
from gis.publish.model import MAX_ITEMS, BBox, CqlFilter, ItemQuery, TimeSpan
from gis.publish.order import Page
from gis.publish.outlines import TRUSTED_SECONDS, Outlines
from gis.zone import local_today
from tests.gis.publish.counted import Counted
from tests.gis.publish.town import COLUMNS, ROWS, SOUTH, STEP, WEST

LEVELS = tuple(name for name, layer in LAYERS.items() if layer.is_division)
PLANNER = Actor(1, Role.PLANNER)
SIGNED_IN = [Actor(1, role) for role in Role if role is not Role.ANONYMOUS]
WORLD = BBox(113, 22, 115, 23.5)
ALL = {"limit": MAX_ITEMS}


class Clock:
    """A clock that stands until it is set, or goes on by `step` each time it is read."""

    def __init__(self, step: float = 0.0) -> None:
        self.now, self.step = 100.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def stored(db, actor, layer, query):
    """What the database says, in the order of codes."""
    chosen = filter_of(actor, LAYERS[layer], query)
    return store.items(db, actor.identity, LAYERS[layer], chosen, Page(), ALL)


def features(page):
    return json.loads(b"[" + page.features + b"]")


def cells(town, outlines, box=WORLD, **asked):
    query = ItemQuery(bbox=box, **{**ALL, **asked})
    return features(service.items(town.db, town.actors["planner"], "cell", query, outlines=outlines))


# ---------------------------------------------------------------- what is answered


@pytest.fixture(scope="module")
def demo_outlines():
    return Outlines()


@pytest.fixture(scope="module")
def corners(demo_db):
    """Every corner of every outline of the demo district, by layer."""
    found = {}
    for layer in LEVELS:
        _, _, shapes = store.outlines(demo_db, PLANNER.identity, LAYERS[layer])
        found[layer] = [
            tuple(corner) for corner in shapely.get_coordinates(shapely.from_wkb(shapes)).tolist()
        ]
    return found


SIZES = st.sampled_from(("least", 1e-12, 2e-7, 1e-4, 1e-3, 0.02, 0.3))


def span(draw, value):
    """Two numbers, the first smaller; one of them the value, or both around it."""
    size, share = draw(SIZES), draw(st.sampled_from((0.0, 0.0, 0.5, 1.0, 1.0)))
    if size == "least":
        return (
            (math.nextafter(value, -math.inf), value) if share else (value, math.nextafter(value, math.inf))
        )
    return value - share * size, value + (1 - share) * size


@st.composite
def boxes_of(draw, corners):
    """A box at a corner, on an edge or anywhere between two corners."""
    first = draw(st.integers(0, len(corners) - 2))
    second = draw(st.sampled_from((first + 1, draw(st.integers(0, len(corners) - 1)))))
    along = draw(st.sampled_from((0.0, 0.5, draw(st.floats(0, 1)))))
    (x, y), (other_x, other_y) = corners[first], corners[second]
    west, east = span(draw, x + (other_x - x) * along)
    south, north = span(draw, y + (other_y - y) * along)
    return BBox(west, south, east, north)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), layer=st.sampled_from(LEVELS))
def test_memory_gives_the_bytes_the_database_gives(demo_db, corners, demo_outlines, data, layer):
    query = ItemQuery(bbox=data.draw(boxes_of(corners[layer])), **ALL)
    wanted = stored(demo_db, PLANNER, layer, query)
    page = service.items(demo_db, PLANNER, layer, query, outlines=demo_outlines)
    assert page.features == wanted.features
    assert (page.returned, page.matched) == (wanted.found, wanted.found)
    assert page.next_after is None and page.previous_before is None


@pytest.mark.parametrize("layer", LEVELS)
@pytest.mark.parametrize("actor", SIGNED_IN, ids=lambda actor: actor.role)
def test_every_role_is_given_what_the_database_would_give_it(demo_db, demo_outlines, actor, layer):
    """One copy for all is right only as long as no policy tells readers of the division apart."""
    wanted = stored(demo_db, actor, layer, ItemQuery(bbox=WORLD))
    page = service.items(demo_db, actor, layer, ItemQuery(bbox=WORLD, **ALL), outlines=demo_outlines)
    assert wanted.found > 0
    assert page.features == wanted.features


@pytest.mark.parametrize("table", [*LEVELS, "division_revision"])
def test_policies_of_the_division_are_plainly_true(town, table):
    """Fails when a policy narrows who sees which place: then a shared copy would show what it must not."""
    connection = psycopg2.connect(town.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT permissive, roles::text[], qual FROM pg_policies"
            " WHERE schemaname = 'app' AND tablename = %s AND cmd IN ('SELECT', 'ALL')",
            (table,),
        )
        policies = cursor.fetchall()
    connection.close()
    assert {(permissive, qual) for permissive, _, qual in policies} == {("PERMISSIVE", "true")}
    assert {actor.identity.db_role for actor in SIGNED_IN} <= {
        role for _, roles, _ in policies for role in roles
    }


LINE, POINT = (
    BBox(WEST, SOUTH, WEST + STEP, SOUTH),
    BBox(WEST + STEP, SOUTH + STEP, WEST + STEP, SOUTH + STEP),
)
POLYGON = shapely.box(WEST, SOUTH, WEST + STEP, SOUTH + STEP)
WHOLE_TIME = TimeSpan(datetime(2014, 1, 1, tzinfo=UTC))
LEFT_TO_THE_DATABASE = {
    "line": {"bbox": LINE},
    "point": {"bbox": POINT},
    "inner point": {"bbox": BBox(WEST + 0.001, SOUTH + 0.001, WEST + 0.001, SOUTH + 0.001)},
    "no box": {},
    "shape": {"shape": POLYGON},
    "span": {"span": WHOLE_TIME},
    "after": {"after": "440309001001001"},
    "before": {"before": "440309001002001"},
    "cell": {"cell": "440309001001001"},
    "community": {"community": "440309001001"},
    "equals": {"equals": {"land_use": "estate"}},
    "filter": {"filter": CqlFilter("population > 1")},
    "sortby": {"sortby": ("-code",)},
    "limit": {"limit": 5},
}


@pytest.mark.parametrize("asked", LEFT_TO_THE_DATABASE.values(), ids=LEFT_TO_THE_DATABASE)
def test_anything_but_a_box_is_asked_of_the_database(town, asked):
    query = ItemQuery(**{"bbox": WORLD, **asked}) if asked else ItemQuery()
    planner, counted = town.actors["planner"], Counted(town.db)
    outlines = Outlines()
    service.items(counted, planner, "cell", ItemQuery(bbox=WORLD), outlines=outlines)
    asked_before = counted.asked
    page = service.items(counted, planner, "cell", query, outlines=outlines)
    assert counted.asked > asked_before
    assert page == service.items(town.db, planner, "cell", query)


def test_every_condition_there_is_counts():
    asked = {name: value for asked in LEFT_TO_THE_DATABASE.values() for name, value in asked.items()}
    allowed = {"bbox", "limit", "wants_matched"}
    conditions = {field.name for field in dataclasses.fields(ItemQuery)} - allowed
    assert conditions == asked.keys() - allowed
    for name in conditions:
        assert ItemQuery(bbox=WORLD, **{name: asked[name]}).box_alone is None
    assert ItemQuery(bbox=WORLD, limit=3, wants_matched=True).box_alone == WORLD


def test_another_coordinate_system_and_another_layer_are_asked_of_the_database(town):
    planner, form = town.actors["planner"], FORMS["http://www.opengis.net/def/crs/EPSG/0/4547"]
    query = ItemQuery(bbox=WORLD)
    for layer, asked in (("cell", form), ("facility", FORMS["http://www.opengis.net/def/crs/OGC/1.3/CRS84"])):
        page = service.items(town.db, planner, layer, query, asked, outlines=Outlines())
        assert page == service.items(town.db, planner, layer, query, asked)


def test_more_than_the_limit_are_paged(town):
    planner, outlines, seen, after = town.actors["planner"], Outlines(), [], None
    while True:
        query = ItemQuery(bbox=WORLD, limit=7, after=after)
        page = service.items(town.db, planner, "cell", query, outlines=outlines)
        seen += [feature["id"] for feature in features(page)]
        if page.next_after is None:
            break
        after = page.next_after
    assert seen == [feature["id"] for feature in cells(town, outlines)]
    assert len(seen) == COLUMNS * ROWS


def test_limit_of_just_as_many_is_one_answer(town):
    assert len(cells(town, Outlines(), limit=COLUMNS * ROWS)) == COLUMNS * ROWS


def test_who_may_not_ask_is_not_answered(town):
    outlines = Outlines()
    assert cells(town, outlines)
    query = ItemQuery(bbox=WORLD)
    with pytest.raises(Forbidden):
        service.items(town.db, ANONYMOUS, "cell", query, outlines=outlines)
    narrow = dataclasses.replace(town.actors["planner"], collections=frozenset({"incident"}))
    with pytest.raises(NotFound):
        service.items(town.db, narrow, "cell", query, outlines=outlines)


# ---------------------------------------------------------------- how old it may be


def test_database_is_asked_once_a_second_and_read_again_only_after_a_change(town, sql):
    clock, counted = Clock(), Counted(town.db)
    outlines = Outlines(clock)
    reads = []
    for now in (100.0, 100.5, 100.99, 101.0, 101.99, 102.0, 110.0):
        clock.now = now
        service.items(counted, town.actors["planner"], "cell", ItemQuery(bbox=WORLD), outlines=outlines)
        reads.append(counted.asked)
    assert reads == [1, 1, 1, 2, 2, 3, 4]
    sql("UPDATE app.cell SET name_en = name_en || 'x'")
    clock.now += TRUSTED_SECONDS
    cells_read = service.items(
        counted, town.actors["planner"], "cell", ItemQuery(bbox=WORLD), outlines=outlines
    )
    assert counted.asked == 6  # the version, then the places
    assert all(feature["properties"]["name_en"].endswith("x") for feature in features(cells_read))


CHANGES = {
    "cell": "UPDATE app.cell SET name_zh = '改' || name_zh",
    "one cell": "UPDATE app.cell SET population = population + 1 WHERE code LIKE '%003'",
    "shape": "UPDATE app.cell SET geom = ST_Translate(geom, 0.0001, 0) WHERE code LIKE '%012'",
    "ended": "UPDATE app.cell SET valid_to = '2015-01-01' WHERE code LIKE '%011'",
    "in force again": "UPDATE app.cell SET valid_to = NULL WHERE code LIKE '%011'",
    "code above": "UPDATE app.community SET code = replace(code, '4403090010', '4403090020')",
    "revision": "UPDATE app.division_revision SET is_schematic = NOT is_schematic",
    "added": "INSERT INTO app.cell (community_id, revision_id, code, name_zh, code_scheme, valid_from, area_m2, geom)"
    " SELECT community_id, revision_id, code || 'a', name_zh, code_scheme, valid_from, area_m2,"
    " ST_Translate(geom, 0.1, 0) FROM app.cell ORDER BY code LIMIT 1",
    "removed": "DELETE FROM app.cell WHERE code LIKE '%a'",
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_change_is_seen_after_a_second_at_most(town, sql, change):
    clock = Clock()
    outlines = Outlines(clock)
    before = cells(town, outlines)
    sql(change)
    clock.now += TRUSTED_SECONDS - 0.01
    assert cells(town, outlines) == before
    clock.now += 0.01
    after = cells(town, outlines)
    assert after != before
    assert after == cells(town, None, sortby=("code",))


def test_change_of_the_office_shows_in_its_communities(town, sql):
    clock = Clock()
    outlines = Outlines(clock)
    query = ItemQuery(bbox=WORLD)

    def offices():
        page = service.items(town.db, town.actors["planner"], "community", query, outlines=outlines)
        return {feature["properties"]["subdistrict"] for feature in features(page)}

    assert offices() == {"440309001"}
    sql("UPDATE app.subdistrict SET code = '440309009'")
    clock.now += TRUSTED_SECONDS
    assert offices() == {"440309009"}


def test_what_the_database_said_counts_from_when_it_was_asked(town, sql):
    """An answer that was long on its way is no younger for that."""
    clock = Clock()
    outlines = Outlines(clock)

    class Slow(Counted):
        def ask(self, *arguments):
            answer = super().ask(*arguments)
            clock.now += 0.9
            return answer

    service.items(Slow(town.db), town.actors["planner"], "cell", ItemQuery(bbox=WORLD), outlines=outlines)
    sql("UPDATE app.cell SET name_en = 'slow'")
    clock.now += 0.1
    assert {feature["properties"]["name_en"] for feature in cells(town, outlines)} == {"slow"}


def test_threads_see_one_state_at_a_time_and_the_last_one_in_the_end(town, sql):
    clock = Clock(step=0.3)  # every fourth reading, about, asks the database
    outlines = Outlines(clock)
    sql("UPDATE app.cell SET name_en = '0'")

    def read(_):
        return [{feature["properties"]["name_en"] for feature in cells(town, outlines)} for _ in range(30)]

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(read, number) for number in range(4)]
        for number in range(1, 20):
            sql("UPDATE app.cell SET name_en = %s", (str(number),))
        seen = [names for job in jobs for names in job.result()]
    assert {len(names) for names in seen} == {1}
    clock.now += TRUSTED_SECONDS
    assert {feature["properties"]["name_en"] for feature in cells(town, outlines)} == {"19"}


def test_dead_connections_are_replaced_and_no_database_is_busy(town, sql):
    clock = Clock()
    outlines = Outlines(clock)
    assert cells(town, outlines)
    sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'gis_web' AND datname = current_database()"
    )
    clock.now += TRUSTED_SECONDS
    assert len(cells(town, outlines)) == COLUMNS * ROWS
    away = dataclasses.replace(town, db=Database("host=127.0.0.1 port=1 user=gis_web", size=1, wait_s=0.0))
    assert len(cells(away, outlines)) == COLUMNS * ROWS
    clock.now += TRUSTED_SECONDS
    with pytest.raises(Busy):
        cells(away, outlines)
    assert len(cells(town, outlines)) == COLUMNS * ROWS


def test_without_a_place_in_force_none_is_found(town, sql):
    clock = Clock()
    outlines = Outlines(clock)
    sql("UPDATE app.cell SET valid_to = '2015-01-01'")
    assert cells(town, outlines) == []
    sql("UPDATE app.cell SET valid_to = NULL")
    clock.now += TRUSTED_SECONDS
    assert len(cells(town, outlines)) == COLUMNS * ROWS


def new_division():
    """The southern row of the town alone, cut in two."""
    middle, east, north = WEST + 2 * STEP, WEST + COLUMNS * STEP, SOUTH + STEP
    shapes = [shapely.box(WEST, SOUTH, middle, north), shapely.box(middle, SOUTH, east, north)]
    communities = geopandas.GeoDataFrame({"code": ["W", "E"]}, geometry=shapes, crs=4326)
    since = local_today() - timedelta(days=2)
    parts = communities.assign(code=["W-1", "E-1"])
    return DivisionDraft("new", "test", "survey", False, since, communities, parts)


def test_new_division_is_seen_in_every_layer(town):
    """Last here: the town's cells are history afterwards."""
    clock = Clock()
    outlines = Outlines(clock)
    planner, query = town.actors["planner"], ItemQuery(bbox=WORLD, **ALL)

    def codes():
        pages = [service.items(town.db, planner, layer, query, outlines=outlines) for layer in LEVELS]
        return [[feature["id"] for feature in features(page)] for page in pages]

    before = codes()
    publish(town.url, new_division())
    clock.now += TRUSTED_SECONDS - 0.01
    assert codes() == before
    clock.now += 0.01
    assert codes() == [["district"], ["district"], ["E", "W"], ["E-1", "W-1"]]
    assert [cell["properties"]["is_schematic"] for cell in cells(town, outlines)] == [False, False]
