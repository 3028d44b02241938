"""Pages by key, forwards and backwards, in any order; places as of a day; coverage; coordinate systems."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.errors import InvalidInput
from gis.geometry.crs import transformer
from gis.publish import service
from gis.publish.crs import CRS84, FORMS, PLAIN, box_shape, form_of, to_lonlat, transformed
from gis.publish.model import BBox, CqlFilter, ItemQuery, TimeSpan
from gis.publish.properties import sortables

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def features(page):
    return json.loads(b"[" + page.features + b"]")


def ids(page):
    return [feature["id"] for feature in features(page)]


def flat(pages):
    return [feature_id for page in pages for feature_id in page]


def walk(town, role, layer, **asked):
    """Every page forwards, then every page back again from the last."""
    actor = town.actors[role]
    pages, after = [], None
    while True:
        page = service.items(town.db, actor, layer, ItemQuery(after=after, **asked))
        pages.append(ids(page))
        if page.next_after is None:
            break
        after = page.next_after
    back, before = [pages[-1]], page.previous_before
    while before is not None:
        page = service.items(town.db, actor, layer, ItemQuery(before=before, **asked))
        back.append(ids(page))
        before = page.previous_before
    return pages, back[::-1]


@pytest.mark.parametrize("role", ["officer", "planner"])
@pytest.mark.parametrize(
    ("layer", "sortby"),
    [
        ("incident", ()),
        ("incident", ("-closed_at",)),
        ("incident", ("state", "-severity", "closed_at")),
        ("rental_unit", ("last_visit_at",)),
        ("rental_unit", ("-area_m2", "grade")),
        ("cell", ("-code",)),
        ("cell", ()),
        ("facility", ("-name_zh",)),
    ],
)
def test_pages_forwards_and_back_hold_every_row_once_in_order(town, role, layer, sortby):
    actor = town.actors[role]
    whole = features(service.items(town.db, actor, layer, ItemQuery(limit=10_000, sortby=sortby)))
    everything = [feature["id"] for feature in whole]
    pages, back = walk(town, role, layer, limit=7, sortby=sortby)
    assert flat(pages) == everything
    assert len(set(everything)) == len(everything)
    assert flat(back) == everything
    assert all(len(page) == 7 for page in pages[:-1])
    for name in reversed(sortby):
        plain = name.removeprefix("-")
        told = [feature["properties"][plain] for feature in whole if feature["properties"][plain] is not None]
        if name == sortby[0]:
            assert told == sorted(told, reverse=name.startswith("-"))
            nulls = [feature["properties"][plain] is None for feature in whole]
            assert nulls == sorted(nulls)  # what is unknown comes last, either way


def test_a_row_that_comes_or_goes_moves_no_page(town):
    planner = town.actors["planner"]
    first = service.items(town.db, planner, "facility", ItemQuery(limit=10))
    second = service.items(town.db, planner, "facility", ItemQuery(limit=10, after=first.next_after))
    connection = psycopg2.connect(town.url)
    with connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM app.facility WHERE facility_id = %s RETURNING code", (ids(first)[3],))
    connection.close()
    again = service.items(town.db, planner, "facility", ItemQuery(limit=10, after=first.next_after))
    assert ids(again) == ids(second)


@pytest.mark.parametrize(
    "cursor", ["nonsense", "WzFd", "bnVsbA", "W251bGwsICJ4Il0", "e30", "W1tdLCAxXQ", "a\0b", "é"]
)
def test_a_cursor_of_another_order_is_refused(town, cursor):
    planner = town.actors["planner"]
    for asked in ({"after": cursor}, {"before": cursor}):
        with pytest.raises(InvalidInput):
            service.items(town.db, planner, "rental_unit", ItemQuery(sortby=("-due_on",), **asked))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30))
def test_any_cursor_is_answered_or_refused(town, cursor):
    for sortby in ((), ("-area_m2",)):
        try:
            service.items(
                town.db, town.actors["planner"], "rental_unit", ItemQuery(after=cursor, sortby=sortby)
            )
        except InvalidInput as error:
            assert error.message


def test_sorting_by_what_is_not_listed_is_refused(town):
    planner = town.actors["planner"]
    for name in ("geometry", "is_overdue", "reporter_id", "code; drop table app.cell", ""):
        with pytest.raises(InvalidInput):
            service.items(town.db, planner, "rental_unit", ItemQuery(sortby=(name,)))
    assert "code" in {known.name for known in sortables("rental_unit")}


def test_matched_is_told_where_it_is_cheap_or_asked_for(town):
    planner, officer = town.actors["planner"], town.actors["officer"]
    box = BBox(113.9, 22.7, 113.93, 22.74)
    units = len(town.rows["rental_unit"])
    assert service.items(town.db, planner, "rental_unit", ItemQuery(limit=5)).matched == units
    assert service.items(town.db, planner, "rental_unit", ItemQuery(limit=5, bbox=box)).matched is None
    counted = service.items(town.db, planner, "rental_unit", ItemQuery(limit=5, bbox=box, wants_matched=True))
    assert counted.matched == len(
        ids(service.items(town.db, planner, "rental_unit", ItemQuery(bbox=box, limit=10_000)))
    )
    own = len(town.visible("rental_unit", "officer"))
    assert service.items(town.db, officer, "rental_unit", ItemQuery(limit=5)).matched is None
    assert (
        service.items(town.db, officer, "rental_unit", ItemQuery(limit=5, wants_matched=True)).matched
        == own
        < units
    )


def test_a_filter_finds_the_same_for_an_officer_by_place_codes(town):
    ring = "POLYGON((113.9001 22.7101, 113.9192 22.7103, 113.9188 22.7394, 113.9001 22.7101))"
    asked = CqlFilter(f"S_INTERSECTS(geometry, {ring}) AND grade IN ('watch', 'strict')")
    shape = shapely.from_wkt(ring)
    for role in ("officer", "planner"):
        found = set(
            ids(service.items(town.db, town.actors[role], "rental_unit", ItemQuery(filter=asked, limit=1000)))
        )
        expected = {
            row["rental_unit_id"]
            for row in town.visible("rental_unit", role)
            if row["grade"] in ("watch", "strict") and shape.intersects(shapely.from_wkt(row["geom"]))
        }
        assert found == expected
        assert found


def test_cells_as_of_a_day(town):
    planner = town.actors["planner"]
    connection = psycopg2.connect(town.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO app.division_revision (title, code_scheme, source, is_schematic, valid_from, valid_to)"
            " VALUES ('older', 'test', 'test', true, '2010-01-01', '2014-01-01') RETURNING revision_id"
        )
        revision = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO app.cell (community_id, revision_id, code, name_zh, code_scheme, valid_from, valid_to,"
            " area_m2, geom) SELECT community_id, %s, code, '旧' || name_zh, code_scheme, '2010-01-01', '2014-01-01',"
            " area_m2, geom FROM app.cell WHERE cell_id = %s",
            (revision, town.cells[0]["cell_id"]),
        )
    connection.close()
    code = town.cells[0]["code"]

    def on(text):
        return features(
            service.items(town.db, planner, "cell", ItemQuery(span=TimeSpan.parse(text), limit=100))
        )

    assert len(features(service.items(town.db, planner, "cell", ItemQuery(limit=100)))) == len(town.cells)
    old = on("2012-05-01")
    assert [cell["id"] for cell in old] == [f"{code}@2010-01-01"]
    assert old[0]["properties"]["name_zh"].startswith("旧")
    assert [cell["id"] for cell in on("2013-12-31")] == [f"{code}@2010-01-01"]
    assert len(on("2014-01-01")) == len(town.cells)
    assert len(on("2013-01-01/..")) == len(town.cells) + 1
    assert on("../2009-12-31") == []
    single = json.loads(service.item(town.db, planner, "cell", f"{code}@2010-01-01"))
    assert single["id"] == f"{code}@2010-01-01"
    assert single["properties"]["valid_to"] == "2014-01-01"
    assert json.loads(service.item(town.db, planner, "cell", code))["properties"]["valid_to"] is None
    pages, back = walk(town, "planner", "cell", limit=5, span=TimeSpan.parse("2013-01-01/.."))
    assert flat(pages) == flat(back)
    assert len(flat(pages)) == len(town.cells) + 1


def test_coverage_results_are_a_layer_of_own_cells(town):
    connection = psycopg2.connect(town.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO app.coverage_run (from_on, to_on, radius_m, revision_id, fixes, legs)"
            " SELECT '2026-01-01', '2026-01-31', 50, revision_id, 1, 1 FROM app.division_revision"
            " WHERE valid_to IS NULL RETURNING coverage_run_id"
        )
        run = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO app.coverage_share SELECT %s, cell_id, community_id, 1000, 250 FROM app.cell"
            " WHERE valid_to IS NULL",
            (run,),
        )
    connection.close()
    seen = {
        role: features(service.items(town.db, town.actors[role], "coverage", ItemQuery(limit=1000)))
        for role in ("officer", "planner")
    }
    assert len(seen["planner"]) == len(town.cells)
    assert {feature["properties"]["cell"] for feature in seen["officer"]} == {
        cell["code"] for cell in town.cells[:2]
    }
    first = seen["officer"][0]
    assert first["properties"]["share"] == 0.25
    assert (
        json.loads(service.item(town.db, town.actors["officer"], "coverage", str(first["id"])))["id"]
        == first["id"]
    )
    february = TimeSpan(
        datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC) + timedelta(days=9)
    )
    assert ids(service.items(town.db, town.actors["planner"], "coverage", ItemQuery(span=february))) == []


@pytest.mark.parametrize("uri", [uri for uri in FORMS if uri != CRS84])
def test_coordinates_are_those_of_pyproj_in_the_axis_order_of_the_authority(town, uri):
    form = form_of(uri, "crs")
    planner = town.actors["planner"]
    plain = features(service.items(town.db, planner, "facility", ItemQuery(limit=5)))
    other = features(service.items(town.db, planner, "facility", ItemQuery(limit=5), form))
    for left, right in zip(plain, other, strict=True):
        x, y = left["geometry"]["coordinates"]
        if form.srid not in (4326, 4490):
            x, y = transformer(4326, form.srid).transform(x, y)
        expected = [y, x] if form.is_flipped else [x, y]
        assert right["geometry"]["coordinates"] == pytest.approx(expected, abs=2 * 10**-form.decimals)
        assert right["properties"] == left["properties"]
    # EPSG:4547 at the district: northing about 2,520 km, easting about 500 km at 114 degrees east.
    if form.srid == 4547:
        northing, easting = other[0]["geometry"]["coordinates"]
        assert 2.4e6 < northing < 2.6e6
        assert 4e5 < easting < 6e5


@pytest.mark.parametrize("uri", list(FORMS))
def test_a_box_comes_back_from_every_system(uri):
    form = FORMS[uri]
    corner = transformed(shapely.Point(113.91, 22.71), form)
    far = transformed(shapely.Point(113.95, 22.75), form)
    shape = box_shape((corner.x, corner.y, far.x, far.y), form)
    assert shape.bounds == pytest.approx((113.91, 22.71, 113.95, 22.75), abs=2e-4)
    convert = to_lonlat(form)
    if form == PLAIN:
        assert convert is None
    else:
        lon, lat = convert([corner.x], [corner.y])
        assert (lon[0], lat[0]) == pytest.approx((113.91, 22.71), abs=1e-6)


@pytest.mark.parametrize("corners", [(3, 0, 2, 1), (0, 3, 1, 2), (1e9, 1e9, 2e9, 2e9)])
def test_a_box_that_is_none_is_refused(corners):
    with pytest.raises(InvalidInput):
        box_shape(corners, FORMS[f"{EPSG}4547"])


def test_an_unknown_system_is_refused():
    with pytest.raises(InvalidInput):
        form_of(f"{EPSG}4526", "crs")
    assert form_of(f"[{EPSG}4490]", "crs").srid == 4490
