"""Every real input: loaded where a layer fits it, refused row by row where none does."""

from __future__ import annotations

import pytest

from gis.exchange.model import LoadOptions
from gis.exchange.service import load_file

from .conftest import codes, shared


def test_metro_stations(url: str, query) -> None:
    path = shared("csv/metro_stations_gb18030.csv")
    first = load_file(url, "facility", path)
    assert (first.encoding, first.rows_read, first.rows_stored) == ("gb18030", 20, 20)
    assert load_file(url, "facility", path).rows_unchanged == 20
    rows = query("SELECT kind, count(*), count(cell_id) FROM facility GROUP BY kind")
    assert rows == [("metro_station", 20, 20)]
    assert query("SELECT pinyin_initials FROM facility WHERE name_zh = '李松蓢站'") == [("lslz",)]


def test_addresses_without_positions_are_all_refused(url: str, query) -> None:
    report = load_file(url, "rental_unit", shared("csv/addr.gbk.csv"))
    assert set(codes(report)) == {"no-position"}
    # 18,367 lines below the header, 222 of them nothing but a comma
    assert (report.rows_read, report.rows_rejected) == (18_145, 18_145)
    assert any("222 rows" in warning for warning in report.warnings)
    assert query("SELECT count(*) FROM rental_unit") == [(0,)]
    listed = query("SELECT count(*) FROM import_reject WHERE import_batch_id = %s", report.import_batch_id)
    assert listed == [(18_145,)]


@pytest.mark.parametrize(
    ("name", "tracks", "refused", "fixes"),
    [
        ("Mojstrovka.gpx", 1, 0, 184),
        ("apple_watch_route.gpx", 1, 0, 44),
        ("ashland.gpx", 11, 0, 348),
        ("korita-zbevnica.gpx", 4, 1, 871),
    ],
)
def test_tracks_from_elsewhere_are_kept_and_flagged(
    url: str, query, name: str, tracks: int, refused: int, fixes: int
) -> None:
    query("DELETE FROM patrol_track RETURNING 1")
    path = shared(f"gpx/{name}")
    report = load_file(url, "patrol_track", path)
    assert (report.rows_read, report.rows_rejected, report.rows_outside) == (
        tracks,
        refused,
        tracks - refused,
    )
    assert load_file(url, "patrol_track", path).rows_unchanged == tracks - refused
    assert query("SELECT sum(fixes), bool_and(is_outside), bool_and(length_m > 0) FROM patrol_track") == [
        (fixes, True, True)
    ]


def test_times_of_1901_are_unknown_times(url: str, query) -> None:
    load_file(url, "patrol_track", shared("gpx/Mojstrovka.gpx"))
    rows = query("SELECT started_at FROM patrol_track WHERE ST_X(ST_StartPoint(ST_GeometryN(geom, 1))) < 14")
    assert (None,) in rows


def test_waypoints_without_a_time_need_one_given(url: str) -> None:
    path = shared("gpx/korita-zbevnica.gpx")
    assert codes(load_file(url, "patrol_point", path)) == ["missing-device_at"] * 2
    given = load_file(url, "patrol_point", path, LoadOptions(constants={"device_at": "2010-10-02"}))
    assert (given.rows_stored, given.rows_outside) == (2, 2)


@pytest.mark.parametrize(
    ("layer", "name", "rows"),
    [
        ("subdistrict", "nbs_streets_440306_asof_2016-07-31.csv", 15),
        ("subdistrict", "nbs_streets_440306_440309_440311_asof_2023-06-30.csv", None),
        ("community", "communities.csv", 28),
    ],
)
def test_lists_of_names_are_compared_and_not_stored(
    url: str, layer: str, name: str, rows: int | None
) -> None:
    report = load_file(url, layer, shared(name))
    assert set(codes(report)) == {"no-outline"}
    assert report.rows_stored == 0 and report.rows_read == report.rows_rejected
    assert rows in (None, report.rows_read)


def test_the_outline_alone_is_no_parcel(url: str) -> None:
    assert codes(load_file(url, "parcel", shared("guangming_outline_approx.geojson"))) == ["missing-code"]
