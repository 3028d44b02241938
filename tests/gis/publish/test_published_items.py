"""Items, single records, clusters and areas against the rows they come from."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import shapely
from pyproj import Geod

from gis.errors import Forbidden, InvalidInput, NotFound
from gis.geometry.quad import square_of
from gis.people.model import ANONYMOUS
from gis.publish import service
from gis.publish.layers import LAYERS, layers_of
from gis.publish.model import MAX_CLUSTERS, AreaQuery, BBox, ItemQuery, TimeSpan, cluster_zoom, snapped
from tests.gis.publish.town import NOW, SOUTH, WEST, lonlat

POINT_LAYERS = ("building", "rental_unit", "incident", "patrol_point", "facility")
BOX = BBox(WEST + 0.004, SOUTH - 0.002, WEST + 0.037, SOUTH + 0.026)
GEOD = Geod(ellps="WGS84")


def features(page):
    return json.loads(b"[" + page.features + b"]")


def ids(page):
    return [feature["id"] for feature in features(page)]


def every_page(town, actor, layer, **query):
    found, after = [], None
    while True:
        page = service.items(town.db, actor, layer, ItemQuery(after=after, **query))
        found += ids(page)
        after = page.next_after
        if after is None:
            return found


def inside(row, box=BOX):
    lon, lat = lonlat(row)
    return box.west <= lon <= box.east and box.south <= lat <= box.north


def seen_by(town, role):
    return [layer for layer in POINT_LAYERS if town.actors[role].may(LAYERS[layer].permission)]


@pytest.mark.parametrize("role", ["officer", "patrol", "dispatcher", "planner", "auditor", "admin"])
def test_box_holds_exactly_the_visible_rows_in_it(town, role):
    for layer in seen_by(town, role):
        key = LAYERS[layer].key
        expected = sorted(row[key] for row in town.visible(layer, role) if inside(row))
        assert sorted(every_page(town, town.actors[role], layer, bbox=BOX, limit=1000)) == expected
        everything = [row for row in town.rows[layer] if inside(row)]
        if role == "officer" and layer != "facility":
            assert 0 < len(expected) < len(everything), "no row would leak"


def test_pages_follow_one_another_without_gap_or_repeat(town):
    whole = sorted(row["rental_unit_id"] for row in town.rows["rental_unit"])
    for size in (1, 7, 100, 599, 600, 601):
        if size == 1:
            page = service.items(town.db, town.actors["planner"], "rental_unit", ItemQuery(limit=1))
            assert (page.returned, page.next_after) == (1, str(whole[0]))
            continue
        assert every_page(town, town.actors["planner"], "rental_unit", limit=size) == whole
    codes = [cell["code"] for cell in town.cells]
    assert every_page(town, town.actors["officer"], "cell", limit=5) == sorted(codes)


def test_points_on_the_very_edge_of_a_box_are_in_it_and_just_beyond_not(town):
    row = town.rows["incident"][0]
    lon, lat = lonlat(row)
    actor = town.actors["planner"]
    touching = BBox(lon, lat, lon + 0.001, lat + 0.001)
    assert row["incident_id"] in every_page(town, actor, "incident", bbox=touching, limit=100)
    beyond = BBox(lon + 1e-7, lat, lon + 0.001, lat + 0.001)  # 1 cm; float32 boxes would still meet
    assert row["incident_id"] not in every_page(town, actor, "incident", bbox=beyond, limit=100)


def test_polygons_are_found_by_their_shape(town):
    actor = town.actors["planner"]
    box = BBox(WEST + 0.005, SOUTH + 0.005, WEST + 0.0051, SOUTH + 0.0051)
    expected = sorted(
        row["parcel_id"]
        for row in town.rows["parcel"]
        if shapely.from_wkt(row["geom"]).intersects(shapely.box(box.west, box.south, box.east, box.north))
    )
    assert every_page(town, actor, "parcel", bbox=box, limit=100) == expected
    assert every_page(town, actor, "cell", bbox=box, limit=100) == [town.cells[3]["code"]]


def test_cell_community_time_and_equality_filters(town):
    actor, cell, community = town.actors["planner"], town.cells[5], town.communities[1]
    rows = town.rows["incident"]
    since = NOW - timedelta(days=30)
    day = (NOW - timedelta(days=10)).date()
    cases = [
        ({"cell": cell["code"]}, lambda r: r["cell_id"] == cell["cell_id"]),
        ({"community": community["code"]}, lambda r: r["community_id"] == community["community_id"]),
        ({"span": TimeSpan(from_at=since)}, lambda r: r["reported_at"] >= since),
        ({"span": TimeSpan(before_at=since)}, lambda r: r["reported_at"] < since),
        ({"equals": {"state": "closed", "severity": "1"}}, lambda r: r["state"] == "closed"),
        ({"equals": {"is_open": "false"}}, lambda r: r["state"] in ("closed", "voided")),
        (
            {"span": TimeSpan.parse(str(day))},
            lambda r: (r["reported_at"] + timedelta(hours=8)).date() == day,
        ),
    ]
    for query, wanted in cases:
        expected = sorted(row["incident_id"] for row in rows if wanted(row))
        assert sorted(every_page(town, actor, "incident", limit=1000, **query)) == expected, query


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"equals": {"description": "x"}}, "description"),
        ({"equals": {"reporter_id": "1"}}, "reporter_id"),
        ({"equals": {"severity": "1 OR 1=1"}}, "severity"),
        ({"equals": {"is_open": "yes"}}, "is_open"),
        ({"cell": "999"}, "cell"),
        ({"community": "'; DROP TABLE app.cell; --"}, "community"),
        ({"after": "x"}, "after"),
    ],
)
def test_bad_filter_is_named(town, query, pointer):
    with pytest.raises(InvalidInput) as caught:
        service.items(town.db, town.actors["planner"], "incident", ItemQuery(**query))
    assert caught.value.pointer == pointer


def test_roles_that_may_not_ask_are_refused(town):
    for role, layer in [("patrol", "building"), ("patrol", "rental_unit"), ("admin", "patrol_track")]:
        with pytest.raises(Forbidden):
            service.items(town.db, town.actors[role], layer, ItemQuery())
    with pytest.raises(Forbidden):
        service.items(town.db, ANONYMOUS, "facility", ItemQuery())
    with pytest.raises(NotFound):
        service.items(town.db, town.actors["planner"], "account", ItemQuery())


def test_nothing_personal_is_published(town):
    personal = {"account_id", "reporter_id", "client_id", "full_name", "phone", "content_sha256", "username"}
    planner = town.actors["planner"]
    for layer in layers_of(planner):
        page = service.items(town.db, planner, layer.name, ItemQuery(limit=3))
        for feature in features(page):
            record = json.loads(service.item(town.db, planner, layer.name, str(feature["id"])))
            text = json.dumps([feature, record])
            assert not personal & {*feature["properties"], *record["properties"]}
            assert "13912345678" not in text
            assert "欧阳" not in json.dumps(record, ensure_ascii=False)


def test_record_of_a_building_counts_its_units_and_masks_its_head(town):
    building = town.rows["building"][3]
    units = [u for u in town.rows["rental_unit"] if u["building_id"] == building["building_id"]]
    record = json.loads(
        service.item(town.db, town.actors["planner"], "building", str(building["building_id"]))
    )
    found = record["properties"]
    assert found["rental_units"] == len(units) > 0
    assert found["tenants"] == 2 * len(units)
    assert sum(grade["count"] for grade in found["units_by_grade"]) == len(units)
    assert [(h["name_masked"], h["phone_masked"]) for h in found["heads"]] == [("欧**", "139****5678")]


def test_record_of_a_unit_says_what_the_list_does(town):
    planner = town.actors["planner"]
    page = features(service.items(town.db, planner, "rental_unit", ItemQuery(limit=200)))
    assert {feature["properties"]["is_overdue"] for feature in page} == {True, False}
    for feature in page:
        assert json.loads(service.item(town.db, planner, "rental_unit", str(feature["id"]))) == feature


def test_foreign_and_missing_records_cannot_be_told_apart(town):
    officer = town.actors["officer"]
    visible = {row["incident_id"] for row in town.visible("incident", "officer")}
    foreign = next(r["incident_id"] for r in town.rows["incident"] if r["incident_id"] not in visible)
    messages = set()
    for feature_id in (str(foreign), "999999", "nonsense", "-1", "99999999999"):
        with pytest.raises(NotFound) as caught:
            service.item(town.db, officer, "incident", feature_id)
        messages.add((caught.value.code, caught.value.message))
    assert len(messages) == 1


@pytest.mark.parametrize("role", ["officer", "patrol", "planner"])
@pytest.mark.parametrize("zoom", [10, 13, 16])
def test_clusters_gather_every_visible_point_once(town, role, zoom):
    for layer in seen_by(town, role):
        made = service.clusters(town.db, town.actors[role], layer, BOX, zoom)
        square_zoom = cluster_zoom(zoom)
        rows = [row for row in town.visible(layer, role) if inside(row, snapped(BOX, square_zoom))]
        squares = {}
        for row in rows:
            squares.setdefault(square_of(*lonlat(row), square_zoom), []).append(row)
        expected = sorted(
            (
                len(members),
                round(sum(lonlat(m)[0] for m in members) / len(members), 6),
                round(sum(lonlat(m)[1] for m in members) / len(members), 6),
            )
            for members in squares.values()
        )
        found = features(made.page)
        assert made.is_complete
        made_of = sorted(
            (f["properties"]["count"], *(round(x, 6) for x in f["geometry"]["coordinates"])) for f in found
        )
        assert len(made_of) == len(expected)
        assert sum(made_of, ()) == pytest.approx(sum(expected, ()), abs=2e-6)
        singles = {f["id"] for f in found if f["properties"]["count"] == 1}
        assert singles <= {row[LAYERS[layer].key] for row in rows}


def test_clusters_are_single_points_from_zoom_17_and_refuse_shapes(town):
    made = service.clusters(town.db, town.actors["officer"], "rental_unit", BOX, 17)
    expected = sorted(r["rental_unit_id"] for r in town.visible("rental_unit", "officer") if inside(r))
    assert [f["properties"]["id"] for f in features(made.page)] == expected
    assert {f["properties"]["count"] for f in features(made.page)} == {1}
    with pytest.raises(InvalidInput):
        service.clusters(town.db, town.actors["planner"], "parcel", BOX, 12)
    assert len(expected) < MAX_CLUSTERS


@pytest.mark.parametrize("role", ["officer", "patrol", "planner"])
def test_circle_is_measured_in_metres(town, role):
    lon, lat, radius_m = WEST + 0.011, SOUTH + 0.033, 1500.0
    query = AreaQuery(shapely.Point(lon, lat), radius_m=radius_m, limit=1000)
    for layer in seen_by(town, role):
        answer = service.query_area(town.db, town.actors[role], layer, query)
        expected = []
        for row in town.visible(layer, role):
            distance = GEOD.inv(lon, lat, *lonlat(row))[2]
            assert abs(distance - radius_m) > 0.01, "too close to call"
            if distance < radius_m:
                expected.append(row)
        key = LAYERS[layer].key
        assert ids(answer.page) == sorted(row[key] for row in expected)
        assert answer.matched == len(expected) > 0
        in_cells = [row for row in expected if row["cell_id"]]
        assert sum(c.count for c in answer.by_cell) == len(in_cells)
        names = {cell["cell_id"]: cell["code"] for cell in town.cells}
        for count in answer.by_cell:
            assert count.count == sum(names[row["cell_id"]] == count.code for row in in_cells)


def test_polygon_with_a_hole_and_a_limit(town):
    ring = shapely.Polygon(
        [(WEST, SOUTH - 0.01), (WEST + 0.06, SOUTH - 0.01), (WEST + 0.03, SOUTH + 0.04)],
        [[(WEST + 0.025, SOUTH + 0.01), (WEST + 0.035, SOUTH + 0.01), (WEST + 0.03, SOUTH + 0.02)]],
    )
    answer = service.query_area(town.db, town.actors["planner"], "incident", AreaQuery(ring, limit=10))
    expected = [r for r in town.rows["incident"] if ring.intersects(shapely.Point(lonlat(r)))]
    assert (answer.matched, answer.page.returned) == (len(expected), 10)
    own = service.query_area(town.db, town.actors["officer"], "incident", AreaQuery(ring, limit=1000))
    visible = {r["incident_id"] for r in town.visible("incident", "officer")}
    assert set(ids(own.page)) == {r["incident_id"] for r in expected} & visible


@pytest.mark.parametrize(
    ("shape", "radius_m"),
    [
        (shapely.Point(114, 22.7), None),
        (shapely.Point(114, 22.7), -1.0),
        (shapely.Point(114, 22.7), 20_001.0),
        (shapely.LineString([(114, 22.7), (114.1, 22.7)]), 10.0),
    ],
)
def test_area_without_sense_is_refused(shape, radius_m):
    with pytest.raises(InvalidInput):
        AreaQuery(shape, radius_m=radius_m)


@pytest.mark.parametrize("role", ["officer", "planner"])
@pytest.mark.parametrize("k", [1, 7, 100])
def test_nearest_units_are_the_nearest_in_metres(town, role, k):
    lon, lat = WEST + 0.0123, SOUTH + 0.0345
    page = service.nearest(town.db, town.actors[role], "rental_unit", lon, lat, k)
    distances = {
        row["rental_unit_id"]: GEOD.inv(lon, lat, *lonlat(row))[2]
        for row in town.visible("rental_unit", role)
    }
    expected = sorted(distances, key=lambda unit: (distances[unit], unit))[:k]
    # Units of one building share its place and thus their distance.
    assert ids(page) == expected
    for feature in features(page):
        assert feature["properties"]["distance_m"] == pytest.approx(distances[feature["id"]], abs=0.06)


def test_nearest_cell_is_the_one_around_a_point_and_then_its_neighbours(town):
    cell = town.cells[0]
    west, south, _, _ = cell["box"]
    page = service.nearest(town.db, town.actors["officer"], "cell", west + 0.002, south + 0.005, 3)
    first = features(page)[0]
    assert (first["id"], first["properties"]["distance_m"]) == (cell["code"], 0)
    metres = [feature["properties"]["distance_m"] for feature in features(page)]
    assert metres == sorted(metres)
    with pytest.raises(InvalidInput):
        service.nearest(town.db, town.actors["planner"], "incident", west, south, 1)
