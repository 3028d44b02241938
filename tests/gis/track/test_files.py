"""A person's own track files: with times a stream, without a line; every track stored or listed with its reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from gis.errors import Forbidden, InvalidInput
from gis.track.files import store_track_file

BEGIN = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
GX = 'xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"'


def places(count, *, south=0.0):
    return [(round(113.905 + n * 9.7e-5, 7), 22.755 - south) for n in range(count)]


def moments(count, begin=BEGIN):
    return [(begin + timedelta(seconds=10 * n)).isoformat() for n in range(count)]


def gpx(*tracks: str) -> bytes:
    body = "".join(f"<trk><name>walk</name><trkseg>{track}</trkseg></trk>" for track in tracks)
    return f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{body}</gpx>'.encode()


def trkpts(positions, times=None) -> str:
    told = [f"<time>{at}</time>" if at else "" for at in times or [None] * len(positions)]
    return "".join(
        f'<trkpt lon="{lon}" lat="{lat}">{at}</trkpt>' for (lon, lat), at in zip(positions, told, strict=True)
    )


def kml(*marks: str) -> bytes:
    return f"<kml {GX}><Document><Folder>{''.join(f'<Placemark>{m}</Placemark>' for m in marks)}</Folder></Document></kml>".encode()


def gx_track(positions, times) -> str:
    whens = "".join(f"<when>{at}</when>" for at in times)
    return f"<gx:Track>{whens}{''.join(f'<gx:coord>{lon} {lat} 12.5</gx:coord>' for lon, lat in positions)}</gx:Track>"


def line(positions, span="") -> str:
    text = " ".join(f"{lon},{lat},0" for lon, lat in positions)
    return f"<name>线</name>{span}<LineString><coordinates>\n{text}\n</coordinates></LineString>"


def feature(positions, **properties) -> bytes:
    return json.dumps({"type": "Feature", "properties": properties,
                       "geometry": {"type": "LineString", "coordinates": positions}}).encode()  # fmt: skip


def store(world, name, data, who="pat"):
    report = store_track_file(world.db, world.actor(who), name, data)
    assert report.read == report.stored + report.unchanged + len(report.rejects)
    return report


def tracks(world, begin: datetime):
    return world.ask(
        "SELECT source, fixes, round(minutes), team_id, community_id FROM app.patrol_track WHERE started_at = %s",
        begin,
    )


@pytest.mark.parametrize("kind", ["gpx", "kml", "multi.kml", "geojson", "nested.geojson"])
def test_a_file_with_times_is_one_stream_and_the_same_file_twice_is_one_track(world, kind):
    begin = BEGIN + timedelta(days=["gpx", "kml", "multi.kml", "geojson", "nested.geojson"].index(kind))
    positions, times = places(30), moments(30, begin)
    data = {
        "gpx": lambda: gpx(trkpts(positions[:20], times[:20]), trkpts(positions[20:], times[20:])),
        "kml": lambda: kml(gx_track(positions, times)),
        "multi.kml": lambda: kml(
            f"<gx:MultiTrack>{gx_track(positions[:9], times[:9])}{gx_track(positions[9:], times[9:])}</gx:MultiTrack>"
        ),
        "geojson": lambda: feature(positions, coordTimes=times),
        "nested.geojson": lambda: feature(positions, coordinateProperties={"times": times}),
    }[kind]()
    first = store(world, f"walk.{kind}", data)
    assert (first.stored, first.fixes, first.rejects) == (first.read, 30, ())
    again = store(world, f"renamed.{kind}", data)
    assert (again.stored, again.unchanged, again.stream_id) == (0, first.read, first.stream_id)
    assert world.ask("SELECT next_sequence, closed_at IS NOT NULL FROM app.track_stream WHERE stream_id = %s",
               str(first.stream_id)) == [(30, True)]  # fmt: skip
    assert tracks(world, begin) == [("file", 30, 5, 1, 1)]


def test_the_same_file_of_another_person_is_another_stream(world):
    data = gpx(trkpts(places(5, south=0.001), moments(5)))
    assert store(world, "a.gpx", data).stream_id != store(world, "a.gpx", data, who="rex").stream_id


def test_a_track_without_times_is_a_track_without_times(world):
    data = gpx(trkpts(places(8, south=0.002)))
    report = store(world, "plain.gpx", data)
    assert (report.stored, report.fixes, report.stream_id) == (1, 0, None)
    assert store(world, "plain.gpx", data).unchanged == 1
    rows = world.ask("SELECT name, fixes, minutes, started_at, at IS NOT NULL, account_id FROM app.patrol_track"
                      " WHERE source = 'file' AND fixes = 8")  # fmt: skip
    assert rows == [("walk", 8, None, None, True, world.accounts["pat"])]


def test_a_line_with_a_time_span_knows_when_it_began_and_ended(world):
    begin, end = BEGIN - timedelta(days=3), BEGIN - timedelta(days=3, hours=-1)
    span = f"<TimeSpan><begin>{begin.isoformat()}</begin><end>{end.isoformat()}</end></TimeSpan>"
    data = kml(line(places(7), span), line(places(6), "<TimeSpan><begin>2026</begin></TimeSpan>"))
    assert store(world, "lines.kml", data).stored == 2
    rows = world.ask("SELECT name, fixes, started_at, ended_at, at = started_at FROM app.patrol_track"
                      " WHERE source = 'file' AND name = '线' ORDER BY fixes DESC")  # fmt: skip
    assert rows == [("线", 7, begin, end, True), ("线", 6, None, None, None)]


def test_every_track_is_stored_or_listed_with_its_reason(world):
    good, times = places(5, south=0.003), moments(5, BEGIN + timedelta(hours=9))
    data = kml(
        gx_track(good, times),
        gx_track(good, times[:4]),
        line([(113.9, 22.7), (213.9, 22.7)]),
        line([(113.9, 22.7)]),
        "<Point><coordinates>113.9,22.7</coordinates></Point>",
    )
    report = store(world, "mixed.kml", data)
    assert (report.read, report.stored) == (4, 1)
    assert [(item.row, item.code) for item in report.rejects] == [
        (2, "unequal-times"), (3, "out-of-range"), (4, "too-few-points"),
    ]  # fmt: skip
    assert report.warnings == ("1 placemarks that are no tracks and no lines are left out",)


def test_positions_without_a_time_among_timed_ones_are_told(world):
    data = gpx(trkpts(places(5, south=0.004), [None, *moments(4, BEGIN + timedelta(hours=8))]))
    report = store(world, "some.gpx", data)
    assert report.fixes == 4
    assert report.warnings == ("1 positions without a time in tracks that have times are left out",)


BOMB = b'<?xml version="1.0"?><!DOCTYPE %s [<!ENTITY a "b">]>'


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.gpx", BOMB % b"gpx" + b"<gpx version='1.1'><trk>&a;</trk></gpx>", "xml-dtd-forbidden"),
        ("a.kml", BOMB % b"kml" + b"<kml>&a;</kml>", "xml-dtd-forbidden"),
        ("a.kml", b"<OGRVRTDataSource/>", "content-mismatch"),
        ("a.kml", gpx(), "content-mismatch"),
        ("a.gpx", kml(), "content-mismatch"),
        ("a.kmz", b"PK\x03\x04", "unknown-format"),
        ("a.kml", kml("<Point/>"), "empty"),
        ("a.kml", b"<kml>", "not-xml"),
        ("a.kml", b"<kml>" + b"<Folder>" * 40 + b"</Folder>" * 40 + b"</kml>", "too-deep"),
        ("a.csv", b"lon,lat\n1,2\n", "unknown-format"),
        ("", b"x", "unknown-format"),
        ("a.geojson", b"[" * 100_000, "too-deep"),
    ],
)
def test_an_unusable_file_is_refused_as_a_whole(world, name, data, code):
    with pytest.raises(InvalidInput) as fault:
        store_track_file(world.db, world.actor("pat"), name, data)
    assert fault.value.code == code


def test_those_who_do_not_patrol_store_no_files(world):
    with pytest.raises(Forbidden):
        store_track_file(world.db, world.actor("petra"), "a.gpx", gpx(trkpts(places(3))))
