"""A division of another shape and another scheme of codes replaces the one in force, or nothing happens."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas
import pytest
import shapely

from gis.errors import InvalidInput
from gis.exchange.model import LoadOptions
from gis.exchange.service import load_file

from .conftest import SAMPLES

OPTIONS = LoadOptions(code_scheme="other-1", title="别的网格")
WEST, SOUTH, MIDDLE, NORTH, EAST = 113.88, 22.74, 113.92, 22.80, 113.96


def communities(**changes: object) -> geopandas.GeoDataFrame:
    shapes = [shapely.box(WEST, SOUTH, MIDDLE, NORTH), shapely.box(MIDDLE, SOUTH, EAST, NORTH)]
    columns = {"社区编码": ["W", "E"], "社区名称": ["西社区", "东社区"]} | changes
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs=4326)


def cells(shift: float = 0.0) -> geopandas.GeoDataFrame:
    half = (SOUTH + NORTH) / 2
    shapes = [
        shapely.box(WEST, SOUTH, MIDDLE + shift, half),
        shapely.box(WEST, half, MIDDLE, NORTH),
        shapely.box(MIDDLE, SOUTH, EAST, half),
        shapely.box(MIDDLE, half, EAST, NORTH),
    ]
    codes = ["W-1", "W-2", "E-1", "E-2"]
    return geopandas.GeoDataFrame(
        {"grid_code": codes, "parent_code": ["W", "W", "E", "E"]}, geometry=shapes, crs=4326
    )


def write(path: Path, upper: geopandas.GeoDataFrame, lower: geopandas.GeoDataFrame) -> Path:
    upper.to_file(path, layer="communities", driver="GPKG")
    lower.to_file(path, layer="cells", driver="GPKG")
    return path


def in_force(query) -> list[tuple[object, ...]]:
    return query('SELECT code FROM cell WHERE valid_to IS NULL ORDER BY code COLLATE "C"')


def test_replace_repeat_and_move_rows(url: str, query, tmp_path: Path) -> None:
    load_file(url, "facility", SAMPLES / "facilities.geojson")
    path = write(tmp_path / "other.gpkg", communities(), cells())
    report = load_file(url, "division", path, OPTIONS)
    assert (report.rows_read, report.rows_stored, report.rows_rejected) == (6, 6, 0)
    assert in_force(query) == [("E-1",), ("E-2",), ("W-1",), ("W-2",)]
    assert query("SELECT title, code_scheme, is_schematic FROM division_revision WHERE valid_to IS NULL") == [
        ("别的网格", "other-1", False)
    ]
    # 楼村 (113.9190, 22.7812) now lies in the upper west cell; 李松蓢 and 白花 lie in none
    rows = query("SELECT f.code, c.code FROM facility f LEFT JOIN cell c USING (cell_id) ORDER BY f.code")
    assert rows == [("FS-0001", None), ("FS-0002", "W-2"), ("FS-0003", None)]
    again = load_file(url, "division", path, OPTIONS)
    assert (again.rows_stored, again.rows_unchanged) == (0, 6)


def test_two_geojson_files(url: str, query, tmp_path: Path) -> None:
    upper, lower = tmp_path / "社区.geojson", tmp_path / "网格.geojson"
    communities().to_file(upper, driver="GeoJSON")
    cells().assign(grid_code=["W1", "W2", "E1", "E2"]).to_file(lower, driver="GeoJSON")
    options = LoadOptions(code_scheme="other-2", communities_path=str(upper))
    assert load_file(url, "division", lower, options).rows_stored == 6
    assert in_force(query) == [("E1",), ("E2",), ("W1",), ("W2",)]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (
            lambda shape: shapely.Polygon([(113.88, 22.74), (113.9, 22.8), (113.9, 22.74), (113.88, 22.8)]),
            "self-intersection",
        ),
        (lambda shape: None, "no-position"),
        (lambda shape: shapely.box(22.74, 113.88, 22.80, 113.92), "swapped-axes"),
    ],
)
def test_one_bad_row_and_the_division_in_force_stays(
    url: str, query, tmp_path: Path, spoil, code: str
) -> None:
    before = in_force(query)
    lower = cells()
    lower.loc[1, "geometry"] = spoil(lower.geometry[1])
    report = load_file(url, "division", write(tmp_path / "bad.gpkg", communities(), lower), OPTIONS)
    assert report.rows_stored == 0 and report.rows_read == report.rows_rejected == 6
    first = report.rejects[0]
    assert (first.row, first.code) == (2, code) and first.field.startswith("cell: ")
    assert in_force(query) == before


def test_overlapping_cells_are_refused_as_a_whole(url: str, query, tmp_path: Path) -> None:
    before = in_force(query)
    path = write(tmp_path / "overlap.gpkg", communities(), cells(shift=0.005))
    with pytest.raises(InvalidInput):
        load_file(url, "division", path, OPTIONS)
    assert in_force(query) == before


@pytest.mark.parametrize("number", ["4.40306E+11", "440306007001.0"])
def test_codes_that_were_numbers(url: str, tmp_path: Path, number: str) -> None:
    path = write(tmp_path / "n.gpkg", communities(社区编码=[number, "E"]), cells())
    report = load_file(url, "division", path, OPTIONS)
    assert (report.rejects[0].field, report.rejects[0].code) == ("community: 社区编码", "code-as-number")


def test_what_a_division_needs(url: str, tmp_path: Path) -> None:
    path = tmp_path / "cells.gpkg"
    cells().to_file(path, layer="cells", driver="GPKG")
    for file, options, code in (
        (path, LoadOptions(), "no-code-scheme"),
        (path, OPTIONS, "no-such-sheet"),
        (SAMPLES / "facilities.geojson", OPTIONS, "no-communities"),
    ):
        with pytest.raises(InvalidInput) as fault:
            load_file(url, "division", file, options)
        assert fault.value.code == code


def test_dry_run_of_a_division(url: str, query, tmp_path: Path) -> None:
    before = in_force(query)
    path = write(tmp_path / "dry.gpkg", communities(), cells().assign(grid_code=list("abcd")))
    options = LoadOptions(code_scheme="dry", dry_run=True)
    assert load_file(url, "division", path, options).rows_stored == 6
    assert in_force(query) == before


def test_geojson_with_an_unclosed_cell(url: str, query, tmp_path: Path) -> None:
    upper, lower = tmp_path / "c.geojson", tmp_path / "g.geojson"
    communities().to_file(upper, driver="GeoJSON")
    data = json.loads(cells().to_json())
    data["features"][0]["geometry"]["coordinates"][0].pop()
    lower.write_text(json.dumps(data), encoding="utf-8")
    before = in_force(query)
    report = load_file(url, "division", lower, LoadOptions(code_scheme="x", communities_path=str(upper)))
    assert report.rejects[0].code == "unclosed-ring"
    assert in_force(query) == before
