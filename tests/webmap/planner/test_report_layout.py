"""Pages of reports are filled: sizes of maps and charts, widths of columns, heads that break between words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.papers import pages
from webmap.http.pdf import pdf_of
from webmap.planner.report_columns import Column, fitting, grid_of
from webmap.planner.report_layout import GAP, PAGES, layout_of

ASPECTS = st.floats(0.2, 6)
TEXTS = st.text("0123456789abc 网格", min_size=0, max_size=30)
COLUMNS = st.integers(1, 45).flatmap(
    lambda rows: st.lists(
        st.builds(
            Column,
            st.just("x"),
            st.sampled_from(
                ["Buildings", "Walk of the worst-served twentieth (min)", "每月分钟数 (分钟)", "No."]
            ),
            st.booleans(),
            st.lists(TEXTS, min_size=rows, max_size=rows).map(tuple),
        ),
        min_size=1,
        max_size=9,
    )
)


@given(st.sampled_from(["A4", "A3"]), st.integers(1, 2), ASPECTS, st.integers(0, 1), st.integers(0, 3))
def test_maps_and_charts_beside_each_other_take_the_width_of_the_page(paper, maps, aspect, tall, low):
    found = layout_of(paper, maps=maps, aspect=aspect, numbers=0, tall=tall, low=low)
    assert len(found.maps) == maps
    beside = [size.width for size in found.maps[found.over :]]
    beside += [found.tall] * tall + [found.low] * (low > 0 and found.is_low_beside)
    assert sum(beside) + (len(beside) - 1) * GAP <= PAGES[paper]
    assert all(size.width <= PAGES[paper] for size in found.maps)
    if low and not found.is_low_beside:
        assert found.abreast * found.low + (found.abreast - 1) * GAP <= PAGES[paper]
        assert found.low >= 200


@pytest.mark.parametrize("aspect", [0.7, 1.4])
def test_two_maps_share_a_page_unless_the_first_is_crowded(aspect):
    first, second = layout_of("A4", maps=2, aspect=aspect, numbers=12, tall=1, low=0).maps
    assert first.height + second.height < 700
    high = layout_of("A4", maps=2, aspect=1.0, numbers=60, tall=1, low=0).maps[0]
    assert high.height > 600  # it fills a page of its own


@given(COLUMNS, st.sampled_from([688, 1482]))
def test_a_table_fits_the_page_and_keeps_every_row(columns, page):
    columns = columns[: fitting(columns, page)]
    grid = grid_of(columns, page)
    width = len(columns)
    parts = (len(grid.heads) + 1) // (width + 1)
    rows = [row[at * (width + 1) :][:width] for at in range(parts) for row in grid.rows]
    count = len(columns[0].texts)
    assert rows[:count] == list(zip(*(column.texts for column in columns), strict=True))
    assert all(set(row) == {""} for row in rows[count:])
    assert all(len(row) == len(grid.widths) == len(grid.heads) for row in grid.rows)
    if width > 2 or sum(column.need for column in columns) <= page:
        assert sum(grid.widths) <= page + 1e-6
    for at, column in enumerate(columns):
        assert grid.widths[at] >= column.need - 1e-6


def test_a_long_narrow_table_stands_beside_itself():
    columns = [
        Column("n", "No.", True, tuple(str(n) for n in range(40))),
        Column("m", "Minutes", True, ("7",) * 40),
    ]
    grid = grid_of(columns, PAGES["A4"])
    assert len(grid.rows) == 10 and len(grid.gaps) == 3
    assert grid.rows[0] == ("0", "7", "", "10", "7", "", "20", "7", "", "30", "7")
    assert len(grid_of(columns[:1], PAGES["A4"]).rows) == 10


@pytest.mark.parametrize("page", [300, 420, 688])
def test_heads_break_between_words_and_codes_never(page):
    columns = [
        Column("code", "Code", False, ("440306007001012",) * 3),
        Column("name", "Name", False, ("公明001网格",) * 3),
        Column("buildings", "Buildings", True, ("6",) * 3),
        Column("minutes", "Minutes a month (min)", True, ("12,345.6",) * 3),
        Column("moved", "Moved", False, ("moves",) * 3),
        Column("kind", "Class", False, ("hot over the whole period, in no single week of it",) * 3),
    ]
    columns = columns[: fitting(columns, page)]
    grid = grid_of(columns, page)
    cols = "".join(f'<col style="width: {width}px">' for width in grid.widths)
    rows = [[head for head, _ in grid.heads], *grid.rows]
    cells = "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in rows)
    style = "td { padding: 0 6px; overflow-wrap: anywhere } table { table-layout: fixed; border-spacing: 0; font: 8pt WenQuanYi Micro Hei }"
    html = f'<style>@page {{ size: 900px }} {style}</style><table style="width: {sum(grid.widths)}px">{cols}{cells}</table>'
    (paper,) = pages(pdf_of([html]))
    lines = {re.sub(r"\s+", " ", text).strip() for text in paper.texts}
    assert "440306007001012" in lines and "公明001网格" in lines and "Buildings" in lines
    assert len(columns) < 4 or "12,345.6" in lines
    assert len(columns) < 5 or "moves" in lines
