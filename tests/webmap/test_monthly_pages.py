"""The page of the monthly record, its workbook read back, and the page for paper."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest

from gis.monthly.model import Form
from tests import a_month
from tests.conftest import make_app, sign_in_client
from tests.world import PASSWORD
from webmap.http import pdf
from webmap.pages import monthly, monthly_paper

ASKED = f"month={a_month.MONTH}"


@pytest.fixture(scope="module")
def rounds(world) -> a_month.Rounds:
    return a_month.build(world)


@pytest.fixture(scope="module")
def app(world, rounds):
    application = make_app(world.url)
    yield application
    application.extensions["gis"].close()


@pytest.fixture(scope="module")
def clients(app):
    return {name: sign_in_client(app, name, PASSWORD) for name in ("dan", "quinn", "pat", "alice")}


def book_of(client, query: str = ASKED, *, language: str = "en"):
    with client.get(f"/rounds/monthly.xlsx?{query}&lang={language}") as answer:
        assert answer.status_code == 200, answer.text[:300]
        return openpyxl.load_workbook(io.BytesIO(answer.data)), answer


def rows_of(sheet, number: int) -> list[dict]:
    """Rows of a round, by the sheet's headings."""
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows if row[0] == number]


def cover_of(book) -> dict:
    return {row[0]: row[1] for row in book["Cover"].iter_rows(values_only=True) if row[0]}


def test_one_round_is_followed_through_all_sheets(clients, rounds):
    book, answer = book_of(clients["dan"])
    assert book.sheetnames == [
        *("Cover", "1 Plan", "2 Record", "3 Non-conformities", "4 Corrections", "5 Verification")
    ]
    assert answer.headers["Cache-Control"] == "no-store"
    assert f"rounds-{a_month.MONTH}.xlsx" in answer.headers["Content-Disposition"]
    plan = rows_of(book["1 Plan"], rounds.walked)
    assert [(row["Check point"], row["Radius (m)"], row["Stay (s)"]) for row in plan] == [
        *(("C1", 40, 60), ("C2", 40, 60), ("C3", 30, 60))
    ]
    assert plan[0]["Plan"] == "计划1" and plan[0]["Window from"] == "2025-03-10 08:00:00"
    first, *entries = rows_of(book["2 Record"], rounds.walked)
    assert (first["Entry"], first["What"], first["Until"]) == ("Round", "Partly done", "2025-03-10 09:50:00")
    assert first["Note"] == "1 of 3 check points visited"
    assert {row["Person"] for row in entries} == {"演示pat"}
    assert [row["Entry"] for row in entries] == ["start", "visit", "point", "photo", "visit", "visit", "end"]
    assert [row["What"] for row in entries[:3]] == [None, "by passing", "L2 Illegal shacks"]
    faults = rows_of(book["3 Non-conformities"], rounds.walked)
    finding = faults[-1]
    assert (finding["Non-conformity"], finding["What it belongs to"]) == (
        "violation found",
        str(rounds.incident),
    )
    steps = [row for row in rows_of(book["4 Corrections"], rounds.walked)
             if row["What it belongs to"] == finding["What it belongs to"]]  # fmt: skip
    assert {(row["What"], row["Outcome"]) for row in steps} == {
        ("handled", None),
        ("stop notice", "Done"),
        ("correction", "done late"),
        ("investigation", "not needed any more"),
    }
    looked = rows_of(book["5 Verification"], rounds.walked)
    assert {(row["Kind of verification"], row["Person"]) for row in looked} == {
        ("looked again on site", "演示quinn"),
        ("case closed", "演示dan"),
    }
    assert {row["By record"] for row in looked} == {None, a_month.LOOKED}


def test_cover_says_what_it_is_who_made_it_and_what_each_column_means(clients, rounds):
    book, _ = book_of(clients["dan"])
    cover = cover_of(book)
    assert cover["District name"] == "440306 光明新区" and cover["Team"] == "all teams"
    assert cover["Made by"] == "演示dan" and cover["Rounds"] == 3
    assert re.fullmatch("[0-9a-f]{64}", cover["SHA-256"])
    meanings = {row[:2] for row in book["Cover"].iter_rows(values_only=True) if row[2]}
    for sheet in book.sheetnames[1:]:
        for label in next(book[sheet].iter_rows(values_only=True)):
            assert (sheet, label) in meanings


def test_two_exports_of_the_same_data_have_the_same_hash_in_both_languages(clients, rounds, world):
    first = cover_of(book_of(clients["dan"])[0])["SHA-256"]
    chinese, _ = book_of(clients["dan"], language="zh")
    assert first in [row[1] for row in chinese.worksheets[0].iter_rows(values_only=True)]
    assert chinese.sheetnames[3] == "3 不符合项"
    world.ask(
        "UPDATE app.patrol_round SET ended_at = ended_at + interval '1 s' WHERE patrol_round_id = %s",
        rounds.done,
    )
    assert cover_of(book_of(clients["dan"])[0])["SHA-256"] != first


def test_what_looks_like_a_formula_is_text(clients, rounds):
    book, _ = book_of(clients["dan"])
    found = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row
             if isinstance(cell.value, str) and cell.value.startswith("=")]  # fmt: skip
    assert {cell.value for cell in found} == {a_month.NOTE}
    assert len(found) == 2  # the point and the finding
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in found)


def test_the_page_shows_what_the_month_holds_and_leads_to_both_files(clients, rounds):
    page = clients["dan"].get(f"/rounds/monthly?{ASKED}&lang=en").text
    assert f'value="{a_month.MONTH}"' in page and "not over" not in page
    for kind in ("xlsx", "pdf"):
        assert f'href="/rounds/monthly.{kind}?month={a_month.MONTH}&amp;team="' in page
    assert "T1" in page and "T3" in page
    assert clients["dan"].get("/rounds/monthly").status_code == 200
    own = clients["quinn"].get(f"/rounds/monthly?{ASKED}").text
    assert "T2" in own and "T1" not in own and 'value=""' not in own


def test_the_list_of_rounds_links_to_it_for_those_who_have_one(clients, rounds):
    links = {
        name: "/rounds/monthly?" in clients[name].get("/rounds").text for name in ("dan", "quinn", "pat")
    }
    assert links == {"dan": True, "quinn": True, "pat": False}


def test_others_and_faulty_questions_are_refused(clients, rounds):
    for ending in ("", ".xlsx", ".pdf"):
        for name in ("pat", "alice"):
            assert clients[name].get(f"/rounds/monthly{ending}?{ASKED}").status_code == 404
        assert clients["quinn"].get(f"/rounds/monthly{ending}?{ASKED}&team=1").status_code == 404
        for query in ("month=2025-13", "month=x", "team=x", "team=-1"):
            assert clients["dan"].get(f"/rounds/monthly{ending}?{query}").status_code == 400


def test_the_page_for_paper_holds_a_block_of_each_round_with_its_five_parts(clients, rounds, monkeypatch):
    printed = []
    made = pdf._made
    monkeypatch.setattr(pdf, "_made", lambda html: printed.append(html) or made(html))
    answer = clients["dan"].get(f"/rounds/monthly.pdf?{ASKED}&lang=en")
    assert answer.data.startswith(b"%PDF-") and answer.mimetype == "application/pdf"
    blocks = printed[0].split("<section>")[1:]
    assert len(blocks) == 3
    for title in ("1 Plan", "2 Record", "3 Non-conformities", "4 Corrections", "5 Verification"):
        assert all(f"<h3>{title}" in block for block in blocks)
    assert "1. C1 点1 40 m 60 s" in blocks[0] and "started late" in blocks[0] and "45 min" in blocks[0]
    assert "looked again on site" in blocks[0] and "暴雨红色预警" in blocks[1]
    assert "=HYPERLINK(&#34;http://x.test" in blocks[0]


def test_too_many_rounds_for_paper_are_told_clearly(clients, rounds, monkeypatch):
    monkeypatch.setattr(monthly, "PAPER", Form("pdf", 2))
    page = clients["dan"].get(f"/rounds/monthly?{ASKED}&lang=en").text
    assert "A PDF holds 2 rounds at most" in page and "monthly.pdf" not in page and "monthly.xlsx" in page
    refused = clients["dan"].get(f"/rounds/monthly.pdf?{ASKED}&lang=en")
    assert refused.status_code == 400 and "choose a team" in refused.text
    assert "monthly.pdf" in clients["dan"].get(f"/rounds/monthly?{ASKED}&team=2").text


def test_a_month_with_too_many_entries_for_paper_is_refused_and_not_counted_as_exported(
    clients, rounds, world, monkeypatch
):
    def exports() -> int:
        return world.ask("SELECT count(*) FROM app.audit_log WHERE action = 'monthly_record.export'")[0][0]

    monkeypatch.setattr(monthly_paper, "_MOST_LINES", 7)
    before = exports()
    refused = clients["dan"].get(f"/rounds/monthly.pdf?{ASKED}&lang=en")
    assert refused.status_code == 400 and "take the workbook" in refused.text
    assert exports() == before
    assert clients["dan"].get(f"/rounds/monthly.pdf?{ASKED}&team=2").status_code == 200
    assert exports() == before + 1
