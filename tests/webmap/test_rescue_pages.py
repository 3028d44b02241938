"""The administrator's pages of rescue files and refused photos."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import uuid

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from gis.rescue import model
from tests.conftest import Client, sign_in_client
from tests.pictures import jpeg
from tests.rescue_files import exported, photo, record, walk
from tests.world import PASSWORD, World

RESCUE, REFUSED = "/admin/rescue", "/admin/refused-photos"


@pytest.fixture(scope="module")
def adam(world_app) -> Client:
    client = sign_in_client(world_app, "adam", PASSWORD)
    client.get("/?lang=en")
    return client


def upload(client: Client, *files: tuple[bytes, str]):
    fields = MultiDict([("file", FileStorage(io.BytesIO(data), filename=name)) for data, name in files])
    boundary, body = encode_multipart(fields)  # the client itself would leave a temporary file open
    return client.post(RESCUE, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def uploaded(client: Client, world: World, **content) -> str:
    answer = upload(client, (exported(world.accounts["pat"], username="pat", **content), "phone.json"))
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def cells(page: str, table: str) -> list[list[str]]:
    """The rows of a table as text."""
    body = re.search(rf'<table class="data" id="{table}">.*?<tbody>(.*?)</tbody>', page, re.S)[1]
    rows = re.findall(r"<tr.*?</tr>", body, re.S)
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)]
        for row in rows
    ]


def test_a_file_is_shown_taken_in_and_told_of(adam, world):
    account = world.accounts["pat"]
    point = record(account, note="<b>旧账</b>")
    page = uploaded(
        adam, world,
        records=[point, record(account, kind="=1+1"), record(account, "event", round_id=1)],
        photos=[photo(account, point["client_id"], jpeg())], streams=[walk(account, 4)],
    )  # fmt: skip
    shown = adam.get(page).text
    assert "演示pat" in shown and "These are the records of 演示pat (pat)" in shown
    assert cells(shown, "content") == [
        ["Points", "2", "0", "0"],
        ["Events of rounds", "1", "0", "0"],
        ["Visits of check points", "0", "0", "0"],
        ["Walks 4 positions", "1", "0", "0"],
        ["Photos", "1", "0", "0"],
    ]
    answer = adam.post(f"{page}/take-in", data={"confirm": account})
    assert (answer.status_code, answer.headers["Location"]) == (302, page)
    told = adam.get(page).text
    assert [row[:2] + row[5:] for row in cells(told, "outcome")] == [
        ["Points", "1", "1"],
        ["Events of rounds", "1", "0"],
        ["Walks", "1", "0"],
        ["Photos", "1", "0"],
    ]
    assert len(cells(told, "not-stored")) == 1 and "unknown-kind" in told
    assert cells(told, "content")[0] == ["Points", "2", "1", "0"], "it is still here"
    sheet = adam.get(f"{page}/outcome.csv")
    assert sheet.mimetype == "text/csv" and "attachment" in sheet.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(sheet.data.decode("utf-8-sig"))))
    assert rows[0] == ["kind", "id", "outcome", "code", "detail"]
    assert rows[1] == ["point", point["client_id"], "created", "", ""]
    assert [row[2] for row in rows[2:]] == ["rejected", "created", "created", "created"]
    assert "discarded" in adam.get(adam.post(f"{page}/discard").headers["Location"]).text
    assert "=1+1" not in "".join(row[0] for row in cells(adam.get(page).text, "not-stored"))


def test_no_cell_of_the_sheet_becomes_a_formula(adam, world):
    page = uploaded(
        adam, world, records=[record(world.accounts["pat"], "event", round_id=1, client_id="=HYPERLINK(1)")]
    )
    adam.post(f"{page}/take-in", data={"confirm": world.accounts["pat"]})
    rows = list(csv.reader(io.StringIO(adam.get(f"{page}/outcome.csv").data.decode("utf-8-sig"))))
    assert rows[1][:3] == ["event", "'=HYPERLINK(1)", "rejected"]


def test_what_a_file_says_is_text_on_the_page(adam, world):
    account = world.accounts["pat"]
    page = uploaded(
        adam, world, records=[record(account, "event", round_id=1, client_id="<script>x</script>")]
    )
    adam.post(f"{page}/take-in", data={"confirm": account})
    assert "<script>x" not in adam.get(page).text
    bad = upload(adam, (b"{", "<script>x</script>.json"))
    assert bad.status_code == 400 and "<script>x" not in bad.text and "&lt;script&gt;x" in bad.text


def test_without_the_persons_name_confirmed_nothing_is_taken_in(adam, world):
    page = uploaded(adam, world, records=[record(world.accounts["pat"])])
    for data in ({}, {"confirm": world.accounts["quinn"]}, {"confirm": "x"}):
        answer = adam.post(f"{page}/take-in", data=data)
        assert answer.status_code == 400 and "Confirm whose records these are." in answer.text
    assert "to take in" in adam.get(page).text


def test_several_files_are_judged_each_by_itself(adam, world):
    good = exported(world.accounts["pat"], records=[record(world.accounts["pat"])])
    other = exported(world.accounts["quinn"], records=[record(world.accounts["quinn"])])
    before = world.ask("SELECT count(*) FROM app.rescue_file")[0][0]
    answer = upload(adam, (good, "a.json"), (b'{"format":\n oops', "b.json"), (other, "c.json"))
    assert answer.status_code == 400
    assert "b.json: The file is no JSON, or is cut off. <code>line 2, column 2</code>" in answer.text
    assert world.ask("SELECT count(*) FROM app.rescue_file")[0][0] == before + 2
    assert upload(adam, (good, "a.json"), (other, "c.json")).headers["Location"] == RESCUE
    assert world.ask("SELECT count(*) FROM app.rescue_file")[0][0] == before + 2, "the same while they wait"
    assert "Choose a file." in adam.get(upload(adam).headers["Location"]).text


def test_a_file_may_be_larger_than_other_bodies(adam, world, monkeypatch):
    account = world.accounts["pat"]
    content = jpeg(behind=b"x" * 2_900_000)
    photos = [photo(account, str(uuid.uuid4()), content) for _ in range(2)]
    data = exported(account, photos=photos)
    assert len(data) > 7_000_000
    assert upload(adam, (data, "large.json")).status_code == 302
    monkeypatch.setattr(model, "MAX_BYTES", 5_000_000)
    assert "at most 64 MB" in upload(adam, (data, "large.json")).text
    small = adam.post("/admin/quarantine/1/dismiss", data={"reason": "x" * 5_000_000})
    assert small.status_code == 413, "other pages keep their limit"


def test_nobody_else_uploads_and_no_forged_form_does(world_app, adam, world):
    data = exported(world.accounts["pat"])
    for name in ("pat", "dan", "audrey"):
        assert upload(sign_in_client(world_app, name, PASSWORD), (data, "x.json")).status_code == 404
    assert upload(Client(adam.flask), (data, "x.json")).status_code == 403


def refused(world: World, content: bytes, code: str, media_type: str = "image/png") -> int:
    return world.ask(
        "WITH made AS (INSERT INTO app.photo (client_id, record_id, account_id, taken_at, sha256, bytes,"
        " received_bytes, media_type, state, refusal, refused_at) VALUES (gen_random_uuid(), gen_random_uuid(), %s,"
        " now(), %s, %s, %s, %s, 'refused', %s, now()) RETURNING photo_id)"
        ", piece AS (INSERT INTO app.photo_piece SELECT photo_id, 0, %s FROM made)"
        " SELECT photo_id FROM made",
        world.accounts["pat"], hashlib.sha256(content).digest(), len(content), len(content), media_type, code, content,
    )[0][0]  # fmt: skip


def test_a_refused_photo_is_looked_at_judged_and_deleted(adam, world):
    good, bad = refused(world, jpeg(), "wrong-type"), refused(world, b"<svg/>", "not-a-photo")
    page = adam.get(REFUSED).text
    assert f"{REFUSED}/{good}" in page and "no picture" in page and "pat" in page
    assert "nothing is kept of it" in page
    drawn = adam.get(f"{REFUSED}/{good}/picture")
    assert drawn.mimetype == "image/jpeg" and drawn.headers["Cache-Control"] == "no-store"
    assert adam.get(f"{REFUSED}/{bad}/picture").mimetype == "image/svg+xml"
    again = adam.post(f"{REFUSED}/{bad}/judge")
    assert again.status_code == 400 and "This is no JPEG" in again.text
    assert adam.post(f"{REFUSED}/{good}/judge").status_code == 302
    assert adam.get(f"{REFUSED}/{good}").status_code == 404
    assert adam.post(f"{REFUSED}/{bad}/delete", data={"reason": ""}).status_code == 400
    assert adam.post(f"{REFUSED}/{bad}/delete", data={"reason": "svg"}).status_code == 302
    left = world.ask("SELECT photo_id, state FROM app.photo WHERE photo_id = ANY (%s)", [good, bad])
    assert left == [(good, "complete")]


def test_photos_not_finished_have_a_list_of_their_own(adam, world):
    world.ask(
        "INSERT INTO app.photo (client_id, record_id, account_id, taken_at, sha256, bytes, received_bytes, media_type)"
        " VALUES (gen_random_uuid(), gen_random_uuid(), %s, now(), sha256('x'), 4000, 1500, 'image/jpeg')",
        world.accounts["quinn"],
    )
    page = adam.get(f"{REFUSED}?state=uploading").text
    assert "quinn" in page and ">1.5<" in page and ">4.0<" in page
    number = re.search(rf"{REFUSED}/(\d+)", page)[1]
    assert "announced less than a day ago" in adam.get(f"{REFUSED}/{number}").text
    answer = adam.post(f"{REFUSED}/{number}/delete", data={"reason": "x"})
    assert answer.status_code == 400 and "still under way" in answer.text
