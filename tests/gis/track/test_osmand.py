"""The query form of OsmAnd: what its makers publish is read, in the units of each app."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from gis.errors import InvalidInput
from gis.track.model import Source
from gis.track.osmand import from_osmand
from gis.track.trackers import take_positions

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


def read(address: str, device: str | None = None):
    given = dict(parse_qsl(urlsplit(address).query))
    return from_osmand(given, device or given.get("id") or given.get("deviceid") or "", NOW)


# Those of the tests of Traccar's own decoder, and of its page about the protocol.
@pytest.mark.parametrize(
    ("address", "device", "lon", "lat", "at"),
    [
        ("/?id=902064&lat=42.06288&lon=-88.23412&timestamp=2016-01-27T18%3A55%3A47Z&hdop=6.0&altitude=224.0&speed=0.0",
         "902064", -88.23412, 42.06288, "2016-01-27T18:55:47+00:00"),
        ("/?id=902064&lat=42.06288&lon=-88.23412&timestamp=1442068686579&hdop=6.0&altitude=224.0&speed=0.0",
         "902064", -88.23412, 42.06288, "2015-09-12T14:38:06.579+00:00"),
        ("/?lat=49.60688&lon=6.15788&timestamp=2014-06-04+09%3A10%3A11&altitude=384.7&speed=0.0&id=353861053849681",
         "353861053849681", 6.15788, 49.60688, "2014-06-04T09:10:11+00:00"),
        ("/?id=123456&timestamp=1377177267&lat=60.0&lon=30.0&speed=0.0&bearing=0.0&altitude=0&hdop=0.0",
         "123456", 30, 60, "2013-08-22T13:14:27+00:00"),
        ("/?id=123456&timestamp=1377177267&lat=60.0&lon=30.0", "123456", 30, 60, "2013-08-22T13:14:27+00:00"),
        ("/?lat=60.0&lon=30.0&speed=0.0&heading=0.0&vacc=0&hacc=0&altitude=0&deviceid=123456",
         "123456", 30, 60, NOW.isoformat()),
        ("/?id=861001000719969&lat=41.666667&lon=-0.883333&altitude=350.059479&speed=0.000000&batt=87",
         "861001000719969", -0.883333, 41.666667, NOW.isoformat()),
        ("/?id=123456&timestamp=1377177267&location=60.0,30.0", "123456", 30, 60, "2013-08-22T13:14:27+00:00"),
        ("/?id=123456789012345&timestamp=1504763810&lat=40.7232948571&lon=-74.0061408571&bearing=7.19889788244&speed=40"
         "&ignition=true&rpm=933&fuel=24", "123456789012345", -74.0061408571, 40.7232948571, "2017-09-07T05:56:50+00:00"),
        ("/?id=123456789012345&timestamp=619315200&lat=0.0&lon=0.0&speed=0.0&bearing=0.0&altitude=0.0&accuracy=0.0&batt=0.0",
         "123456789012345", 0, 0, "1989-08-17T00:00:00+00:00"),
    ],
)  # fmt: skip
def test_published_examples_are_read(address, device, lon, lat, at):
    position = read(address)
    assert (position.device, position.fix.lon, position.fix.lat) == (device, lon, lat)
    assert abs(position.fix.device_at - datetime.fromisoformat(at)) < timedelta(milliseconds=1)


def test_osmand_says_metres_a_second_and_its_accuracy_as_hdop():
    # As LiveMonitoringHelper fills lat={0}&lon={1}&timestamp={2}&hdop={3}&altitude={4}&speed={5}&bearing={6}.
    fix = read(
        "/?id=p&lat=22.755&lon=113.905&timestamp=1795165200000&hdop=4.5&altitude=31.2&speed=1.4&bearing=271.5"
    ).fix
    assert (fix.accuracy_m, fix.speed_mps, fix.heading) == (4.5, 1.4, 271.5)
    assert (
        read("/?id=p&lat=22.755&lon=113.905&timestamp=1795165200000&hdop=0.0&speed=6.1E-4").fix.speed_mps
        == 6.1e-4
    )


def test_traccar_client_says_knots_and_zero_for_an_accuracy_it_does_not_know():
    sent = "/?id=48241179&timestamp=1795165200&lat=22.755&lon=113.905&speed=19.438&bearing=90.0&altitude=31.0&accuracy={}&batt=80.0"
    fix = read(sent.format("12.0")).fix
    assert (fix.device_ms, fix.accuracy_m, fix.heading) == (1_795_165_200_000, 12, 90)
    assert fix.speed_mps == pytest.approx(10, abs=1e-3)
    assert read(sent.format("0.0")).fix.accuracy_m is None


def test_what_an_app_does_not_know_is_unknown():
    fix = read("/?id=p&lat=22.755&lon=113.905&timestamp=1795165200&speed=-1&bearing=-1&accuracy=-1").fix
    assert (fix.speed_mps, fix.heading, fix.accuracy_m) == (None, None, None)


@pytest.mark.parametrize(
    "address",
    ["/?id=123456&timestamp=1377177267&cell=257,02,16,2224&wifi=00-14-22-01-23-45,-80", "/?id=1&alarm=sos",
     "/?id=1&lat=60.0&lon=30.0&valid=false", "/?id=1&lat=60.0&lon=30.0&valid=0"],
)  # fmt: skip
def test_messages_without_a_position_that_counts_are_taken(address):
    assert read(address) is None


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("timestamp=1377177267&lat=60.0&lon=30.0", "id"),
        (f"id={'x' * 65}&lat=60.0&lon=30.0", "id"),
        ("id=a%00b&lat=60.0&lon=30.0", "id"),
        ("id=1&lat=60.0", "lon"),
        ("id=1&lat=north&lon=30.0", "lat"),
        ("id=1&lat=NaN&lon=30.0", "lat"),
        ("id=1&lat=1e999&lon=30.0", "lat"),
        ("id=1&lat=95&lon=30.0", "lat"),
        ("id=1&lat=60&lon=30&timestamp=today", "timestamp"),
        ("id=1&lat=60&lon=30&timestamp=1_377_177_267", "timestamp"),
        ("id=1&lat=60&lon=30&timestamp=99999999999999", "/0"),
        ("id=1&lat=60&lon=30&timestamp=-5", "timestamp"),
        ("id=1&lat=60&lon=30&speed=fast", "speed"),
        ("id=1&lat=60&lon=30&accuracy=inf", "accuracy"),
        ("id=1&location=60;30", None),
    ],
)
def test_faults_are_named(query, pointer):
    if pointer is None:
        assert read(f"/?{query}") is None
        return
    with pytest.raises(InvalidInput) as refused:
        read(f"/?{query}")
    assert refused.value.pointer == pointer


def test_positions_make_a_stream_of_the_device_and_day_each_stored_once(world):
    sent = [
        read(f"/?id=osm&lat=22.755&lon={113.905 + n * 1e-4:.4f}&timestamp={1_795_165_200 + 10 * n}&hdop=5")
        for n in range(30)
    ]
    pat = world.actor("pat")
    assert sum(take_positions(world.db, pat, Source.OSMAND, [one]) for one in sent + sent[::-1]) == 30
    assert world.ask(
        "SELECT s.source, s.next_sequence, t.source FROM app.track_stream AS s"
        " JOIN app.patrol_track AS t ON t.client_id = s.stream_id WHERE s.device_id = 'osm'"
    ) == [("osmand", 30, "osmand")]
