"""What tracker apps send: read as their makers describe it, each position stored once, late ones in their place."""

from __future__ import annotations

import random

import pytest

from gis.errors import Forbidden, InvalidInput
from gis.track.formats import from_owntracks, from_traccar
from gis.track.model import Source
from gis.track.trackers import take_positions

TST = 1_795_165_200  # 2026-11-20 17:00 in Shanghai


def location(n: int = 0, **more) -> dict:
    """A location of OwnTracks, one every ten seconds going east at 1 m/s."""
    return {"_type": "location", "tid": "p1", "lat": 22.755, "lon": round(113.905 + n * 9.7e-5, 7), "tst": TST + 10 * n,
            "acc": 8, "vel": 36, "cog": 90, "batt": 80, **more}  # fmt: skip


def client(**coords) -> dict:
    """What Traccar Client 9 sends."""
    return {
        "device_id": "48241179",
        "location": {
            "timestamp": "2026-11-20T09:00:00.000Z",
            "coords": {
                "latitude": 22.755,
                "longitude": 113.905,
                "accuracy": 8,
                "speed": 10,
                "heading": 90,
                **coords,
            },
            "is_moving": False,
            "battery": {"level": 1, "is_charging": False},
        },
    }


def forwarded(**position) -> dict:
    """What a Traccar server forwards."""
    return {
        "position": {"latitude": 22.755, "longitude": 113.905, "fixTime": "2026-11-20T09:00:00.000+0000",
                     "speed": 19.438, "course": 90, "accuracy": 8, "valid": True, **position},
        "device": {"id": 7, "uniqueId": "48241179", "name": "phone"},
    }  # fmt: skip


def streams(world, device):
    return world.ask(
        "SELECT source, next_sequence, (started_at AT TIME ZONE 'Asia/Shanghai')::date::text FROM app.track_stream"
        " WHERE device_id = %s ORDER BY started_at",
        device,
    )


def take(world, *messages, who="pat"):
    positions = [from_owntracks(message) for message in messages]
    return take_positions(world.db, world.actor(who), Source.OWNTRACKS, positions)


def test_the_three_formats_say_the_same():
    own, app = from_owntracks(location()), from_traccar(client())[0]
    server = from_traccar(forwarded())[0]
    for position in (own, app, server):
        fix = position.fix
        assert (fix.device_ms, fix.lon, fix.lat) == (TST * 1000, 113.905, 22.755)
        assert (fix.accuracy_m, fix.speed_mps, fix.heading) == (8, pytest.approx(10, abs=1e-3), 90)
    assert (own.device, app.device, server.device) == ("p1", "48241179", "48241179")


def test_device_is_what_the_app_names():
    assert from_owntracks(location(topic="owntracks/pat/phone")).device == "owntracks/pat/phone"
    assert from_owntracks(location(topic="owntracks/pat/phone"), "phone").device == "phone"
    assert from_traccar({**client(), "device_id": 48241179})[0].device == "48241179"


def test_what_apps_do_not_know_is_unknown():
    fix = from_traccar(client(speed=-1, heading=-1, accuracy=-1))[0].fix
    assert (fix.speed_mps, fix.heading, fix.accuracy_m) == (None, None, None)
    assert from_traccar(forwarded(accuracy=0))[0].fix.accuracy_m is None
    bare = from_owntracks({"_type": "location", "tid": "p1", "lat": 22.755, "lon": 113.905, "tst": TST})
    assert bare.fix.accuracy_m is None


def test_messages_without_a_position_are_taken():
    for kind in ("lwt", "transition", "waypoints", "card", "cmd", "status", "encrypted"):
        assert from_owntracks({"_type": kind}) is None
    assert from_traccar({"device_id": "1", "location": {"event": "heartbeat"}}) == []
    assert from_traccar({"device_id": "1"}) == []
    assert len(from_traccar({**client(), "location": [client()["location"], client()["location"]]})) == 2


@pytest.mark.parametrize(
    "message",
    [[], {}, {"_type": 1}, location(lat=None), location(lat="22.7"), location(lon=22.7, lat=113.9), location(tst="now"),
     location(tst=True), location(tst=-5), location(tid="x" * 65), location(tid="a\x00b")],
)  # fmt: skip
def test_bad_messages_of_owntracks_are_refused(message):
    with pytest.raises(InvalidInput):
        from_owntracks(message)


@pytest.mark.parametrize(
    "body",
    [[], {**client(), "device_id": ""}, {**client(), "device_id": None}, {**client(), "location": "here"},
     client(latitude=None), client(longitude=float("nan")), forwarded(fixTime=None), forwarded(fixTime="2026-11-20T09:00:00"),
     {**forwarded(), "device": None}, {**forwarded(), "position": 1}],
)  # fmt: skip
def test_bad_positions_of_traccar_are_refused(body):
    with pytest.raises(InvalidInput):
        from_traccar(body)


def test_late_and_repeated_positions_in_any_order_make_the_line_of_their_times(world):
    messages = [location(n, tid="shuffled") for n in range(60)]
    sent = messages * 2
    random.Random(3).shuffle(sent)
    assert sum(take(world, *sent[at : at + 7]) for at in range(0, len(sent), 7)) == 60
    assert streams(world, "shuffled") == [("owntracks", 60, "2026-11-20")]
    (row,) = world.ask(
        "SELECT t.source, t.fixes, t.minutes, round(t.length_m), ST_NumGeometries(t.geom) FROM app.patrol_track AS t"
        " JOIN app.track_stream ON client_id = stream_id WHERE device_id = 'shuffled'",
    )
    # What came since the last drawing is drawn with the next; here none is further than a minute behind.
    assert row[0] == "owntracks" and row[1] >= 54 and row[4] == 1


def test_same_time_at_another_place_is_another_position(world):
    assert take(world, location(0, tid="two"), location(0, tid="two", lat=22.7551)) == 2
    assert take(world, location(0, tid="two"), location(0, tid="two", lat=22.7551)) == 0


def test_a_day_and_a_device_and_a_person_are_a_stream_each(world):
    midnight = TST + 7 * 3600  # in Shanghai
    late = [
        location(tid="day", tst=midnight - 5),
        location(tid="day", tst=midnight + 5),
        location(tid="other"),
    ]
    assert take(world, *late) == 3
    assert streams(world, "day") == [("owntracks", 1, "2026-11-20"), ("owntracks", 1, "2026-11-21")]
    assert take(world, *late, who="rex") == 3
    assert len(streams(world, "day")) == 4
    assert len(streams(world, "other")) == 2


def test_those_who_do_not_patrol_send_nothing(world):
    with pytest.raises(Forbidden):
        take(world, location(), who="dan")
