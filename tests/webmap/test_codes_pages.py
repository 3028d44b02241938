"""The page of codes: what is chosen is printed, and the printed picture says what the phone expects."""

from __future__ import annotations

import pytest

from tests.conftest import sign_in_client
from tests.qr_reading import labels_of, modules_of, read
from tests.world import PASSWORD
from webmap.http import pdf
from webmap.http.qr import qr_svg

EVIL = "<b>${alert(1)}</b>"


@pytest.fixture(scope="module")
def petra(world_app):
    return sign_in_client(world_app, "petra", PASSWORD)


@pytest.fixture
def printed(monkeypatch):
    """What is laid out as PDFs."""
    pages: list[str] = []
    make = pdf._made
    monkeypatch.setattr(pdf, "_made", lambda text: pages.append(text) or make(text))
    return pages


def tokens(world) -> dict[str, str]:
    return dict(world.ask("SELECT code, qr_token FROM app.check_point"))


def test_a_picture_says_what_it_was_made_of(world):
    for token in tokens(world).values():
        assert read(modules_of(qr_svg(token))) == token


def test_the_printed_labels_say_the_codes_of_their_places(petra, world, printed):
    answer = petra.post("/plans/codes/print", data={"check_point": ["1", "2", "6"]})
    assert (answer.mimetype, answer.get_data()[:5]) == ("application/pdf", b"%PDF-")
    assert answer.headers["Cache-Control"] == "no-store"
    expected = {code: token for code, token in tokens(world).items() if code in ("C1", "C2", "C6")}
    assert labels_of(printed[0]) == expected
    assert "到此请扫码" in printed[0] and "Scan when you are here" in printed[0] and "地块6" in printed[0]


def test_one_label_is_printed_alone_whatever_else_is_chosen(petra, world, printed):
    petra.post("/plans/codes/print", data={"check_point": ["1", "2"], "only": "3"})
    assert labels_of(printed[0]) == {"C3": tokens(world)["C3"]}
    assert world.ask(
        "SELECT detail FROM app.audit_log WHERE action = 'check_point.print_code' ORDER BY audit_id DESC LIMIT 1"
    ) == [({"check_points": [3]},)]


def test_six_labels_fill_a_page(world, petra, printed):
    import weasyprint

    world.ask(
        "INSERT INTO app.check_point (code, name_zh, parcel_id, cell_id, community_id, geom)"
        " SELECT 'GT44030600700' || n, %s || n || '号' || repeat('很长的名字', 9), 1, 1, 1,"
        " ST_SetSRID(ST_MakePoint(113.9 + n * 1e-4, 22.755), 4326) FROM generate_series(10, 22) AS n",
        EVIL,
    )
    ids = [
        str(row[0])
        for row in world.ask("SELECT check_point_id FROM app.check_point WHERE code LIKE 'GT%%' AND %s", True)
    ]
    petra.post("/plans/codes/print", data={"check_point": ids})
    assert len(labels_of(printed[0])) == 13
    assert EVIL not in printed[0] and "&lt;b&gt;" in printed[0]
    assert len(weasyprint.HTML(string=printed[0]).render().pages) == 3


def test_the_list_shows_places_and_no_code(petra, world):
    page = petra.get("/plans/codes").text
    assert "C1" in page and "地块1" in page
    assert not any(token in page for token in tokens(world).values())
    east = petra.get("/plans/codes?community=440306007002").text
    assert ">C4<" in east and ">C1<" not in east
    assert petra.get("/plans/codes?parcel=x").status_code == 400
    assert petra.get("/plans/codes?community=%00").status_code == 400


def test_what_cannot_be_printed_is_said_on_the_list(petra):
    for data in ({}, {"only": "999999"}, {"check_point": "x"}):
        answer = petra.post("/plans/codes/print?parcel=1", data=data)
        assert answer.status_code == 302 and answer.headers["Location"].endswith("/plans/codes?parcel=1")
        assert "flash-danger" in petra.get(answer.headers["Location"]).text


def test_a_lost_code_is_replaced_and_the_list_says_since_when(petra, world):
    before = tokens(world)
    answer = petra.post("/plans/codes/5/replace?plan=5")
    assert answer.headers["Location"].endswith("/plans/codes?plan=5")
    after = tokens(world)
    assert {code for code in after if after[code] != before[code]} == {"C5"}
    page = petra.get("/plans/codes?plan=5").text
    assert after["C5"] not in page and "C5" in page
    assert petra.post("/plans/codes/999999/replace").status_code == 404
