"""Uploading fixes over HTTP: what a phone, a tracker app and a form are answered."""

from __future__ import annotations

import base64
import io
import uuid
from datetime import UTC, datetime

import pytest

from tests.conftest import program_of, sign_in_client
from tests.world import PASSWORD

DEVICE = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MS = NOW.timestamp() * 1000


@pytest.fixture(scope="module")
def pat(world_app):
    return sign_in_client(world_app, "pat", PASSWORD)


def upload(first: int, count: int, **more) -> dict:
    fixes = [[MS + n * 10_000, 113.905 + n * 9.7e-5, 22.755, 5, 1, 90] for n in range(first, first + count)]
    return {
        "sent_at": datetime.now(UTC).isoformat(),
        "device_id": DEVICE,
        "first": first,
        "fixes": fixes,
        **more,
    }


def test_fixes_are_answered_with_their_number_and_chain(pat):
    address = f"/api/v1/field/tracks/{uuid.uuid4()}/fixes"
    first = pat.post(address, json=upload(0, 5))
    assert (first.status_code, first.json["stored"], len(first.json["sha256"])) == (200, 5, 64)
    assert pat.post(address, json=upload(0, 5)).json == first.json
    gap = pat.post(address, json=upload(7, 2))
    assert (gap.status_code, gap.content_type, gap.json["wanted"]) == (409, "application/problem+json", 5)
    bad = pat.post(address, json=upload(5, 1, fixes=[[MS, 113.9, 22.7], [MS, 113.9, None]]))
    assert (bad.status_code, bad.json["errors"][0]["pointer"]) == (400, "/fixes/1/lat")
    assert pat.post(address, json=upload(5, 1001)).status_code == 413
    assert pat.post("/api/v1/field/tracks/walk/fixes", json=upload(0, 1)).status_code == 404


def test_a_walk_is_read_by_its_person_and_kept_by_no_cache(world_app, pat):
    address = f"/api/v1/field/tracks/{uuid.uuid4()}"
    pat.post(f"{address}/fixes", json=upload(0, 30, is_last=True))
    answer = pat.get(f"{address}?first=28&limit=5")
    assert answer.headers["Cache-Control"] == "no-store"
    assert [fix[0] for fix in answer.json["fixes"]] == [28, 29]
    assert answer.json["track"]["properties"]["minutes"] == 4.8
    assert pat.get(f"{address}?limit=10001").status_code == 400
    for name in ("rex", "alice", "dan", "petra"):
        assert sign_in_client(world_app, name, PASSWORD).get(address).status_code == 404
    assert sign_in_client(world_app, "audrey", PASSWORD).get(address).json["stored"] == 30


def test_an_upload_by_cookie_without_its_token_is_refused(world_app, pat):
    answer = pat.flask.post(f"/api/v1/field/tracks/{uuid.uuid4()}/fixes", json=upload(0, 1))
    assert answer.status_code == 403


def message(**more) -> dict:
    return {"_type": "location", "tid": "own", "lat": 22.755, "lon": 113.905, "tst": MS / 1000, **more}


def basic(secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"anything:{secret}".encode()).decode()}


def test_owntracks_signs_in_by_basic_and_is_answered_an_empty_list(world_app, world):
    program = program_of(world_app, world.actor("pat"))
    headers = basic(program.headers["Authorization"].removeprefix("Bearer "))
    for body in (message(), message(), {"_type": "lwt", "tst": 1}):
        answer = world_app.test_client().post("/api/v1/trackers/owntracks", json=body, headers=headers)
        assert (answer.status_code, answer.json) == (200, [])
    answer = world_app.test_client().post("/api/v1/trackers/owntracks", data=b"", headers=headers)
    assert (answer.status_code, answer.json) == (200, [])
    answer = world_app.test_client().post("/api/v1/trackers/owntracks", json=message(lat=95), headers=headers)
    assert answer.status_code == 400
    for wrong in ({}, basic("gg_" + "x" * 43)):
        assert (
            world_app.test_client()
            .post("/api/v1/trackers/owntracks", json=message(), headers=wrong)
            .status_code
            == 401
        )


def test_traccar_is_told_how_many_were_new(world_app, world):
    program = program_of(world_app, world.actor("pat"))
    coords = {"latitude": 22.755, "longitude": 113.905}
    body = {"device_id": "t1", "location": {"timestamp": "2026-11-20T09:00:00Z", "coords": coords}}
    assert program.post("/api/v1/trackers/traccar", json=body).json == {"stored": 1}
    assert program.post("/api/v1/trackers/traccar", json=body).json == {"stored": 0}
    assert program.get("/api/v1/trackers/traccar?id=t1&lat=22.7&lon=113.9").status_code == 405


GPX = b"""<gpx version="1.1"><trk><trkseg>
<trkpt lon="113.905" lat="22.755"><time>2026-11-19T01:00:00Z</time></trkpt>
<trkpt lon="113.906" lat="22.755"><time>2026-11-19T01:01:00Z</time></trkpt></trkseg></trk></gpx>"""


def test_a_track_file_comes_as_a_form_or_as_the_body(pat):
    form = pat.post("/api/v1/field/track-files", data={"file": (io.BytesIO(GPX), "走.gpx")})
    assert (form.status_code, form.json["stored"], form.json["rejected"], form.json["fixes"]) == (
        200,
        1,
        0,
        2,
    )
    body = pat.post("/api/v1/field/track-files", data=GPX, content_type="application/gpx+xml")
    assert (body.json["unchanged"], body.json["stream_id"]) == (1, form.json["stream_id"])
    track = pat.get(f"/api/v1/field/tracks/{form.json['stream_id']}").json["track"]
    assert track["properties"]["length_m"] == pytest.approx(102.7, abs=0.2)
    assert pat.post("/api/v1/field/track-files", data=GPX, content_type="text/plain").status_code == 400
