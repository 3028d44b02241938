import csv
import json

import numpy as np
import pytest
import shapely

from gis.division.check import check_division
from gis.division.codes import SCHEMES, parse_cell_code
from gis.division.locator import CellLocator
from gis.division.schematic import DATA_DIR, LAND_USES, build_schematic_division, numbering_order
from gis.geometry.crs import area_m2

# Areas of the seeds' Voronoi polygons computed independently from the same outline, km² (domain facts 1.3).
VORONOI_KM2 = {
    "公明": 1.81,
    "上村": 3.59,
    "李松蓢": 3.52,
    "将石": 6.84,
    "玉律": 12.13,
    "迳口": 15.18,
    "新羌": 14.93,
}


@pytest.fixture(scope="module")
def division():
    return build_schematic_division()


@pytest.fixture(scope="module")
def outline():
    feature = json.loads((DATA_DIR / "outline.geojson").read_text(encoding="utf-8"))["features"][0]
    return shapely.from_geojson(json.dumps(feature["geometry"]))


def geometries(places):
    return np.array([place.geometry for place in places], dtype=object)


def degrees_to_m2(geometry):
    return geometry.area * 111_000 * 103_000


def test_there_are_1_2_28_735(division):
    assert len(division.subdistricts) == 2
    assert len(division.communities) == 28
    assert len(division.cells) == sum(community.cell_count for community in division.communities) == 735


def test_all_cells_together_are_one_exact_coverage(division):
    cells = geometries(division.cells)
    assert {cell.geom_type for cell in cells} == {"Polygon"}
    assert shapely.is_valid(cells).all()
    assert shapely.coverage_is_valid(cells)
    assert shapely.coverage_is_valid(geometries(division.communities))
    assert check_division(division.communities, division.cells) == []


def test_union_of_cells_is_the_community_and_of_communities_the_outline(division, outline):
    for community in division.communities:
        members = geometries(cell for cell in division.cells if cell.community_code == community.code)
        assert shapely.symmetric_difference(shapely.coverage_union_all(members), community.geometry).area == 0
        assert area_m2(members).sum() == pytest.approx(area_m2([community.geometry])[0], abs=1.0)
    whole = shapely.coverage_union_all(geometries(division.communities))
    assert shapely.symmetric_difference(whole, division.district.geometry).area == 0
    assert degrees_to_m2(shapely.symmetric_difference(division.district.geometry, outline)) < 0.001
    assert area_m2([division.district.geometry])[0] == pytest.approx(155.98e6, rel=1e-4)


def test_subdistricts_are_the_union_of_their_communities(division):
    for office in division.subdistricts:
        members = [place for place in division.communities if place.subdistrict_code == office.code]
        whole = shapely.coverage_union_all(geometries(members))
        assert shapely.symmetric_difference(whole, office.geometry).area == 0


def test_communities_are_the_voronoi_polygons_of_the_settlements(division):
    areas = area_m2(geometries(division.communities)) / 1e6
    for community, area in zip(division.communities, areas, strict=True):
        name = community.name_zh.removesuffix("社区")
        if name in VORONOI_KM2:
            assert area == pytest.approx(VORONOI_KM2[name], abs=0.02)
        assert shapely.contains_xy(community.geometry, community.lon, community.lat)


def test_codes_are_unique_consecutive_and_in_order(division):
    codes = [cell.code for cell in division.cells]
    assert len(set(codes)) == len(codes)
    for community in division.communities:
        cells = [cell for cell in division.cells if cell.community_code == community.code]
        parsed = [parse_cell_code(cell.code, SCHEMES[division.code_scheme]) for cell in cells]
        assert [code.sequence for code in parsed] == list(range(1, community.cell_count + 1))
        assert {code.community_code for code in parsed} == {community.code}
        longitudes = shapely.get_x(shapely.centroid(geometries(cells)))
        assert np.all(np.diff(longitudes) > -1e-7)
        assert np.array_equal(numbering_order(geometries(cells)), np.arange(len(cells)))


def test_cells_of_equal_longitude_are_numbered_from_the_north():
    boxes = [shapely.box(1, 0, 2, 1), shapely.box(0, 0, 1, 1), shapely.box(0, 1, 1, 2)]
    assert numbering_order(boxes).tolist() == [2, 1, 0]


def test_people_add_up_and_are_spread_like_real_cells(division):
    for community in division.communities:
        cells = [cell for cell in division.cells if cell.community_code == community.code]
        assert sum(cell.population for cell in cells) == community.population
    people = np.array([cell.population for cell in division.cells])
    assert people.sum() == 880_500
    assert 1_050 < np.median(people) < 1_250
    assert 0.25 < np.std(np.log(people)) < 0.45
    assert people.min() > 100


def test_cells_have_the_sizes_of_their_land_use(division):
    areas = {
        use: [cell.area_m2 / 1e6 for cell in division.cells if cell.land_use == use] for use in LAND_USES
    }
    assert all(areas.values())
    assert 0.02 < np.median(areas["urban_village"]) < 0.08
    assert 0.1 < np.median(areas["industrial"]) < 0.3
    assert 1 < np.median(areas["hill"]) < 8
    measured = area_m2(geometries(division.cells))
    assert np.allclose([cell.area_m2 for cell in division.cells], measured)
    assert measured.min() > 500


def test_positions_survive_seven_decimals(division):
    coordinates = shapely.get_coordinates(geometries(division.cells))
    assert np.array_equal(coordinates, [[float(f"{value:.7f}") for value in pair] for pair in coordinates])


def test_every_inner_point_is_found_in_its_own_cell(division):
    cells = geometries(division.cells)
    locator = CellLocator(np.arange(len(cells)), [cell.code for cell in division.cells], cells)
    inner = shapely.get_coordinates(shapely.point_on_surface(cells))
    assert locator.locate(*np.tile(inner, (4, 1)).T).tolist() == list(range(len(cells))) * 4


def test_it_says_that_it_is_schematic(division):
    assert division.notice == "schematic, not legal boundaries"


@pytest.mark.parametrize("name", ["communities.csv", "subdistricts.csv", "spelling_variants.csv"])
def test_reference_files_are_whole(name):
    with (DATA_DIR / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    assert all(None not in row and None not in row.values() for row in rows)
    for row in rows:
        for column in ("area", "population"):
            value = row.get(f"{column}_km2" if column == "area" else column)
            assert not value or row[f"{column}_source"], row
