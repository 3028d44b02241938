"""Small pictures over HTTP: guarded and kept like the photo itself, and a drawing in place of a broken one."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.conftest import Client, sign_in_client
from tests.pictures import jpeg, webp
from tests.world import PASSWORD

SEEDED = "/api/v1/photos/00000000-0000-4000-8000-00000000000{}"  # of the point in that cell, by dan


@pytest.fixture(scope="module")
def people(world_app) -> dict[str, Client]:
    return {name: sign_in_client(world_app, name, PASSWORD) for name in ("alice", "bob", "dan")}


def test_it_is_answered_as_the_photo_is(people):
    whole, small = (people["alice"].get(SEEDED.format(1) + path) for path in ("", "/thumbnail"))
    assert (small.status_code, small.content_type) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(small.data)).size == (64, 48)
    for name in ("Cache-Control", "Content-Security-Policy", "Cross-Origin-Resource-Policy", "Vary"):
        assert small.headers[name] == whole.headers[name], name
    assert small.headers["X-Content-Type-Options"] == "nosniff"
    assert small.headers["ETag"] != whole.headers["ETag"]


def test_it_is_sent_once_to_each_reader(people):
    path = SEEDED.format(1) + "/thumbnail"
    tag = people["alice"].get(path).headers["ETag"]
    again = people["alice"].get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert people["dan"].get(path, headers={"If-None-Match": tag}).status_code == 200


def test_a_foreign_one_is_answered_like_a_missing_one(people):
    missing = people["bob"].get(SEEDED.format(9) + "/thumbnail")
    foreign = people["bob"].get(SEEDED.format(1) + "/thumbnail")
    assert foreign.status_code == missing.status_code == 404
    assert {**foreign.json, "instance": ""} == {**missing.json, "instance": ""}


@pytest.mark.parametrize(("number", "content"), [(4, webp()), (5, b"")])
def test_a_broken_picture_has_a_drawing_in_its_place(world, people, number, content):
    world.ask("DELETE FROM app.photo_piece WHERE photo_id = %s", number)
    if content:
        world.ask("INSERT INTO app.photo_piece VALUES (%s, 0, %s)", number, content)
    answer = people["dan"].get(SEEDED.format(number) + "/thumbnail")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.data.startswith(b"<svg") and "sandbox" in answer.headers["Content-Security-Policy"]
    assert people["dan"].get(SEEDED.format(number)).status_code in (200, 400)


def test_lists_name_it(people):
    seen = people["alice"].get("/api/v1/patrol-points/1/photos").json["photos"]
    assert [photo["thumbnail_url"] for photo in seen] == [SEEDED.format(1) + "/thumbnail"]
    assert jpeg() == people["alice"].get(seen[0]["url"]).data
