"""Photos over HTTP: pieces, their headers, and pictures nobody can make do anything."""

from __future__ import annotations

import hashlib
import io
import uuid

import pytest

from tests.conftest import Client, program_of, sign_in_client
from tests.pictures import exif, jpeg
from tests.world import PASSWORD

PIECE = "application/offset+octet-stream"
FIELD = "/api/v1/field/photos"
SEEDED = "/api/v1/photos/00000000-0000-4000-8000-000000000001"  # of the point in cell 1, by dan
CONTENT = jpeg(extra=exif(6, secret=b"serial 4711"))


@pytest.fixture(scope="module")
def people(world_app) -> dict[str, Client]:
    return {
        name: sign_in_client(world_app, name, PASSWORD) for name in ("alice", "bob", "pat", "dan", "audrey")
    }


def announced(content: bytes = CONTENT, **changes) -> dict:
    return {
        "client_id": str(uuid.uuid4()),
        "record_id": str(uuid.uuid4()),
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "media_type": "image/jpeg",
        "taken_at": "2014-04-15T09:30:00+08:00",
        **changes,
    }


def patch(client: Client, photo: dict, offset: object, piece: bytes, **headers: str):
    return client.open(
        f"{FIELD}/{photo['client_id']}",
        "PATCH",
        data=piece,
        headers={"Content-Type": PIECE, "Upload-Offset": str(offset), **headers},
    )


def test_a_photo_goes_up_in_pieces_and_comes_back(people):
    pat, photo = people["pat"], announced(lon=113.905, lat=22.755)
    begun = pat.post(FIELD, json=photo)
    assert begun.status_code == 200 and begun.headers["Upload-Offset"] == "0"
    assert begun.headers["Location"] == f"{FIELD}/{photo['client_id']}"
    assert "receipt" not in begun.json
    assert patch(pat, photo, 0, CONTENT[:100]).headers["Upload-Offset"] == "100"
    asked = pat.open(f"{FIELD}/{photo['client_id']}", "HEAD")
    assert (asked.status_code, asked.headers["Upload-Offset"]) == (200, "100")
    assert asked.headers["Upload-Length"] == str(len(CONTENT))
    assert asked.headers["Cache-Control"] == "no-store"
    wrong = patch(pat, photo, 101, CONTENT[101:])
    assert (wrong.status_code, wrong.headers["Upload-Offset"]) == (409, "100")
    assert wrong.json["type"] == "urn:guangming:problem:wrong-offset"
    done = patch(pat, photo, 100, CONTENT[100:])
    receipt = {"client_id": photo["client_id"], "sha256": photo["sha256"]}
    assert (done.json["state"], done.json["receipt"]) == ("complete", receipt)
    assert pat.post(FIELD, json=photo).json["receipt"] == receipt
    shown = pat.get(f"/api/v1/photos/{photo['client_id']}")
    assert shown.data.startswith(b"\xff\xd8") and b"4711" not in shown.data
    kept = pat.get(f"/api/v1/photos/{photo['client_id']}/original")
    assert kept.data == CONTENT and kept.headers["Content-Disposition"].startswith("attachment;")
    assert kept.headers["Cache-Control"] == "no-store"


def test_a_program_sends_with_a_token_and_one_that_only_reads_does_not(world_app, world):
    photo = announced()
    sender, reader = (program_of(world_app, world.actor("pat"), may_write=may) for may in (True, False))
    assert reader.post(FIELD, json=photo).status_code == 403
    assert sender.post(FIELD, json=photo).status_code == 200
    assert patch(sender, photo, 0, CONTENT).json["state"] == "complete"
    assert reader.get(f"/api/v1/photos/{photo['client_id']}").status_code == 200
    assert reader.get(f"/api/v1/photos/{photo['client_id']}/original").status_code == 403


def test_a_cookie_alone_sends_nothing(people):
    photo = announced()
    pat = Client(people["pat"].flask)  # without the page's token
    assert pat.post(FIELD, json=photo).status_code == 403
    people["pat"].post(FIELD, json=photo)
    assert patch(pat, photo, 0, CONTENT).status_code == 403


def test_a_body_that_is_cut_stores_nothing(people):
    pat, photo = people["pat"], announced()
    pat.post(FIELD, json=photo)
    cut = pat.open(
        f"{FIELD}/{photo['client_id']}", "PATCH", input_stream=io.BytesIO(CONTENT[:50]),
        headers={"Content-Type": PIECE, "Upload-Offset": "0"},
        environ_overrides={"CONTENT_LENGTH": str(len(CONTENT))},
    )  # fmt: skip
    assert cut.status_code == 400
    assert pat.get(f"{FIELD}/{photo['client_id']}").json["offset"] == 0


@pytest.mark.parametrize(
    ("offset", "headers", "size", "status"),
    [
        ("", {}, 9, 400),
        ("-1", {}, 9, 400),
        ("１", {}, 9, 400),
        ("99999999999", {}, 9, 400),
        ("0", {"Content-Type": "application/octet-stream"}, 9, 415),
        ("0", {}, 256 * 1024 + 1, 413),
        ("0", {}, 1000, 400),
    ],
)
def test_a_piece_that_is_none(people, offset, headers, size, status):
    pat, photo = people["pat"], announced()
    pat.post(FIELD, json=photo)
    if not offset.isascii():
        offset = offset.encode().decode("latin-1")
    answer = patch(pat, photo, offset, b"x" * size, **headers)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert pat.get(f"{FIELD}/{photo['client_id']}").json["offset"] == 0


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"client_id": "7"}, "client_id"),
        ({"sha256": "xyz"}, "sha256"),
        ({"bytes": 4 * 2**20}, "bytes"),
        ({"media_type": "image/svg+xml"}, "media_type"),
        ({"taken_at": "2014-04-15T09:30:00"}, "taken_at"),
        ({"lon": 113.9}, "lat"),
        ({"lon": "a place", "lat": 0}, "lon"),
        ({"is_original": True}, "is_original"),
    ],
)
def test_an_announcement_is_refused_by_its_field(people, changes, pointer):
    answer = people["pat"].post(FIELD, json=announced(**changes))
    assert answer.status_code == 400
    assert pointer in {error["pointer"] for error in answer.json["errors"]}


def test_a_refused_photo_says_why_in_both_languages(people):
    photo = announced(b"<svg/>")
    people["pat"].post(FIELD, json=photo)
    for language, words in (("en", "This is no JPEG"), ("zh", "不是")):
        answer = people["pat"].open(
            f"{FIELD}/{photo['client_id']}?lang={language}", "PATCH", data=b"<svg/>",
            headers={"Content-Type": PIECE, "Upload-Offset": "0"},
        )  # fmt: skip
        assert answer.status_code == 400 and answer.json["type"].endswith(":not-a-photo")
        assert words in answer.json["title"]
    assert people["pat"].get(f"/api/v1/photos/{photo['client_id']}").status_code == 404


def test_a_picture_can_only_be_looked_at(people):
    answer = people["alice"].get(SEEDED)
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    assert answer.data == jpeg()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert answer.headers["Content-Disposition"].startswith("inline; filename=")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_a_picture_is_sent_once_to_each_reader(people):
    first = people["alice"].get(SEEDED)
    tag = first.headers["ETag"]
    assert tag.startswith('"'), "strong"
    again = people["alice"].get(SEEDED, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert people["dan"].get(SEEDED, headers={"If-None-Match": tag}).status_code == 200
    assert people["bob"].get(SEEDED, headers={"If-None-Match": tag}).status_code == 404


def test_a_foreign_photo_is_answered_like_a_missing_one(people):
    missing = people["bob"].get(f"/api/v1/photos/{uuid.uuid4()}")
    for path in (SEEDED, f"{SEEDED}/original"):
        answer = people["bob"].get(path)
        assert answer.status_code == missing.status_code == 404
        assert {**answer.json, "instance": ""} == {**missing.json, "instance": ""}


@pytest.mark.parametrize("path", ["../../etc/passwd", "1", "00000000-0000-4000-8000-00000000000z", "%00"])
def test_an_address_that_is_none(people, path):
    assert people["dan"].get(f"/api/v1/photos/{path}").status_code == 404


def test_photos_of_a_record_name_the_original_for_those_who_may_see_it(people):
    for kind in ("patrol-points", "incidents"):
        seen = people["alice"].get(f"/api/v1/{kind}/1/photos").json
        assert [photo["url"] for photo in seen["photos"]] == [SEEDED]
        assert "original_url" not in seen["photos"][0]
        for name in ("dan", "audrey"):
            told = people[name].get(f"/api/v1/{kind}/1/photos").json["photos"]
            assert told[0]["original_url"] == f"{SEEDED}/original"
        assert people["bob"].get(f"/api/v1/{kind}/1/photos").status_code == 404
