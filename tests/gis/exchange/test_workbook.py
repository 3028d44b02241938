"""Workbooks, read back by openpyxl."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest

from gis.exchange.workbook import Book, Column


def read(*rows, columns=("一", "二", "三", "四"), has_head=True):
    file = io.BytesIO()
    with Book(file) as book:
        sheet = book.sheet("表 & <1>", [Column(label, 20) for label in columns], has_head=has_head)
        book.sheet("Second", [Column("x")])
        for row in rows:
            sheet.row(row)
    return openpyxl.load_workbook(file)


def test_texts_numbers_days_and_times_come_back():
    at = dt.datetime(2025, 3, 31, 16, 30, 5, tzinfo=dt.UTC)
    book = read(["a < b & c", 12, 0.5, None], [dt.date(2025, 3, 31), at, "", " 两行\n ok "])
    assert book.sheetnames == ["表 & <1>", "Second"]
    sheet = book["表 & <1>"]
    assert list(sheet.iter_rows(values_only=True)) == [
        ("一", "二", "三", "四"),
        ("a < b & c", 12, 0.5, None),
        ("2025-03-31", "2025-04-01 00:30:05", None, " 两行\n ok "),
    ]
    assert sheet["A1"].font.bold and not sheet["A2"].font.bold
    assert sheet.freeze_panes == "B2" and 20 <= sheet.column_dimensions["A"].width < 21
    assert list(book["Second"].iter_rows(values_only=True)) == [("x",)]


@pytest.mark.parametrize("text", ["=1+1", "+86 755", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_what_begins_like_a_formula_is_text_and_marked(text):
    cell = read([text])["表 & <1>"]["A2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_what_xml_or_a_cell_cannot_hold_is_left_out():
    sheet = read(["a\x00\x0bb\ud800c\uffff", "#N/A", "x" * 40_000])["表 & <1>"]
    assert [cell.value for cell in sheet[2]][:2] == ["abc", "#N/A"]
    assert sheet["B2"].data_type == "s" and len(sheet["C2"].value) == 32_767


def test_a_cover_has_no_headings():
    sheet = read(["only"], has_head=False)["表 & <1>"]
    assert list(sheet.iter_rows(values_only=True)) == [("only",)] and sheet.freeze_panes is None
