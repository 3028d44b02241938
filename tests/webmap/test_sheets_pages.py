"""The pages of day sheets, months and the calendar, as pages, PDFs and a file."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import re
import zlib

import pytest

from tests.conftest import sign_in_client
from tests.gis.patrol.walked import DAY, round_of, walk
from tests.world import PASSWORD

EVIL = "<b>${alert(1)}</b>"
TEAM = f"/rounds/sheets/teams/1?day={DAY}"


@pytest.fixture(scope="module")
def clients(world_app):
    return {name: sign_in_client(world_app, name, PASSWORD) for name in ("pat", "dan", "audrey", "adam")}


@pytest.fixture(scope="module", autouse=True)
def day(world):
    """A day of team 1: a round walked in part with an excuse, one missed, and a walk of 2.05 km in 90 minutes."""
    first = round_of(world)
    round_of(world, state="missed", visited=(), begins="14:00")
    walk(world, "pat", west=113.90, east=113.92, minutes=90, round_id=first)
    world.ask(
        "INSERT INTO app.round_excuse (patrol_round_id, reason, asked_by) VALUES (%s, %s, %s)",
        first,
        EVIL,
        world.accounts["pat"],
    )


def text_of(page: str) -> str:
    """A page's words without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def inside(pdf: bytes) -> bytes:
    """A PDF with its streams unpacked: objects, fonts and drawings to be searched."""
    found = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompress(stream))
    return b"\n".join(found)


def characters(pdf: bytes) -> set[str]:
    """The characters the fonts of an unpacked PDF are mapped to: what a reader could copy out of it."""
    codes = re.findall(rb"<[0-9a-fA-F]{2,4}>\s*<([0-9a-fA-F]{4})>", pdf)
    return {chr(int(code, 16)) for code in codes}


def test_a_teams_day_shows_what_was_visited_missed_and_walked(clients):
    for name in ("pat", "dan", "audrey"):
        page = clients[name].get(f"{TEAM}&lang=zh")
        words = text_of(page.text)
        assert page.status_code == 200
        assert "部分完成 1 · 漏检 1" in words
        assert "1 / 4" in words and "经过 B" in words and words.count("漏巡") == 3
        assert "米，90 分钟" in words
        assert "/ 3 000 米" in words and "有效巡查日 否" in words
        assert EVIL not in page.text and "&lt;b&gt;" in page.text
        assert page.text.count("<svg xmlns") == 2


def test_who_may_not_see_tracks_is_told_so(clients):
    words = text_of(clients["adam"].get(f"{TEAM}&lang=zh").text)
    assert "您的角色不可查看" in words and "90 分钟" not in words
    month = text_of(clients["adam"].get(f"/rounds/months/1?month={DAY:%Y-%m}").text)
    assert "您的角色不可查看" in month


def test_single_people_are_shown_when_asked_for_and_logged(clients, world):
    page = clients["audrey"].get(TEAM).text
    assert "people=1" in page and "演示pat" not in page
    asked = clients["audrey"].get(f"{TEAM}&people=1").text
    assert "演示pat" in asked
    assert world.ask("SELECT account_id, subject FROM app.audit_log WHERE action = 'track.sums'") == [
        (world.accounts["audrey"], "1")
    ]
    assert "people=1" not in clients["dan"].get(TEAM).text
    assert "演示pat" not in clients["dan"].get(f"{TEAM}&people=1").text


def test_another_teams_sheets_are_missing(clients):
    for path in (
        "sheets/teams/2",
        "sheets/teams/2.pdf",
        "months/2",
        "months/2.csv",
        "months/2.pdf",
        "calendar?team=2",
    ):
        assert clients["pat"].get(f"/rounds/{path}").status_code == 404, path
    for path in ("sheets/parcels/4", "sheets/parcels/4.pdf", "sheets/parcels/999"):
        assert clients["pat"].get(f"/rounds/{path}").status_code == 404, path


def test_a_parcels_day_shows_its_points_and_metres(clients):
    page = clients["dan"].get(f"/rounds/sheets/parcels/1?day={DAY}&lang=zh").text
    assert "地块1" in page and "巡查1队" in page
    assert "<polygon" in page  # its outline
    assert "点1" in page and "点2" not in page


def test_the_month_says_of_each_day_whether_it_counts(clients):
    page = clients["pat"].get(f"/rounds/months/1?month={DAY:%Y-%m}&lang=zh").text
    row = text_of(re.search(rf"<tr>\s*<th[^>]*><a[^>]*day={DAY}\".*?</tr>", page, re.S)[0])
    assert "否" in row and "/ 3 000 米" in row and "0 / 2" in row
    assert "无轨迹" in page and "0 / 20" in page


def test_a_sheet_leads_to_the_days_and_months_around_it(clients):
    page = clients["dan"].get(TEAM).text
    for near in (DAY - dt.timedelta(days=1), DAY + dt.timedelta(days=1)):
        assert f"/rounds/sheets/teams/1?day={near}" in page
    month = clients["dan"].get("/rounds/months/1?month=2026-01").text
    assert "month=2025-12" in month and "month=2026-02" in month
    for name in clients:
        listed = clients[name].get(f"/rounds?day={DAY}").text
        assert f"/rounds/sheets?day={DAY}" in listed and f"/rounds/calendar?month={DAY:%Y-%m}" in listed
    index = clients["pat"].get(f"/rounds/sheets?day={DAY}").text
    assert f"/rounds/sheets/teams/1?day={DAY}" in index and "/rounds/sheets/teams/2" not in index
    assert f"/rounds/sheets/parcels/1?day={DAY}" in index


def test_the_calendar_leads_to_the_rounds_of_a_day(clients):
    page = clients["dan"].get(f"/rounds/calendar?month={DAY:%Y-%m}&lang=zh").text
    cell = re.search(rf'href="/rounds\?day={DAY}".*?</td>', page, re.S)[0]
    assert "部分完成 1" in cell and "漏检 1" in cell
    october = clients["dan"].get("/rounds/calendar?month=2026-10&lang=zh").text
    assert "国庆节" in october
    assert "National Day" in clients["dan"].get("/rounds/calendar?month=2026-10&lang=en").text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("sheets/teams/1?day=x", 400),
        ("sheets/teams/1?day=0001-01-01", 400),
        ("sheets/teams/1?day=9999-12-31", 400),
        ("sheets/teams/1.pdf?day=2026-02-30", 400),
        ("sheets?day=%00", 400),
        ("months/1?month=2026", 400),
        ("months/1?month=2026-13", 400),
        ("months/1.csv?month=0001-01", 400),
        ("calendar?month=9999-12", 400),
        ("calendar?team=x", 400),
        ("calendar?team=%EF%BC%91", 400),
        ("calendar?team=999", 404),
        ("sheets/teams/99999999999", 404),
        ("sheets/parcels/99999999999999999999", 404),
    ],
)
def test_wrong_days_months_and_teams_are_refused(clients, path, status):
    assert clients["dan"].get(f"/rounds/{path}").status_code == status


def test_sheets_are_printed_with_chinese_text_drawings_and_a_name(clients):
    sheets = {
        f"/rounds/sheets/teams/1.pdf?day={DAY}&lang=zh": ("巡查1队", 2),
        f"/rounds/sheets/parcels/1.pdf?day={DAY}&lang=zh": ("地块1", 2),
        f"/rounds/months/1.pdf?month={DAY:%Y-%m}&lang=zh": ("巡查1队", 2),
    }
    for path, (name, most) in sheets.items():
        answer = clients["dan"].get(path)
        pdf = inside(answer.get_data())
        assert answer.mimetype == "application/pdf" and pdf.startswith(b"%PDF-"), path
        assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= most, path
        assert re.search(rb"/MediaBox\s*\[0 0 595\.\d* 841\.\d*\]", pdf), path  # A4 in points
        assert set(name + "队长审核人日期") <= characters(pdf), path


def test_a_month_is_a_file_that_excel_reads_and_does_not_run(clients, world):
    world.ask("UPDATE app.team SET name_zh = '=1+1' WHERE team_id = 1")
    try:
        answer = clients["dan"].get(f"/rounds/months/1.csv?month={DAY:%Y-%m}&lang=zh")
    finally:
        world.ask("UPDATE app.team SET name_zh = '巡查1队' WHERE team_id = 1")
    data = answer.get_data()
    assert answer.mimetype == "text/csv" and data.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig")))
    assert len(rows) == 31 and {len(row) for row in rows} == {len(head)}
    row = dict(zip(head, rows[DAY.day - 1], strict=True))
    assert row["队伍"] == "'=1+1" and row["日"] == DAY.isoformat()
    assert (row["巡查任务"], row["部分完成"], row["漏检"]) == ("2", "1", "1")
    assert (row["巡查点"], row["已到"]) == ("4", "1")
    assert row["有效巡查日"] == "否" and "/ 3\u00a0000 米" in row["说明"]
    assert row["时长（分钟）"] == "90"
