"""Chart specifications: every one is drawn, holds text as data alone, and is linked by code."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from gis.analysis.result import Unit
from tests.conftest import ROOT
from tests.pdf_pictures import pictures_of
from webmap.http.pdf import as_image, pdf_of
from webmap.planner.charts import (
    Axis,
    Bar,
    Change,
    Point,
    Share,
    Spec,
    Step,
    dumbbell,
    gain_curve,
    histogram,
    lorenz_curve,
    ranked_bars,
    small_multiples,
    to_svg,
    trend_lines,
)
from webmap.planner.classes import Classes, classes_of
from webmap.planner.definitions import Word

EVIL = "';alert(1)//<img src=x onerror=alert(1)>"
SHARE = Axis("Share", Unit.SHARE)
NAMES = [EVIL, "东周社区", "东周社区", "塘家社区"]
CODES = [f"44030600700{n}" for n in range(1, 5)]


def _points(count: int) -> list[Point]:
    first = date(2026, 11, 1)
    return [
        Point(f"c{n}", f"{EVIL} {n % 3}", str(first + timedelta(day)), (n + day) % 10 / 10)
        for n in range(count)
        for day in range(5)
    ]


SPECS: dict[str, Spec] = {
    "ranked_bars": ranked_bars(
        [Bar(c, n, 0.2, "#0072b2", 0.5) for c, n in zip(CODES, NAMES, strict=True)], SHARE
    ),
    "no_bars": ranked_bars([], SHARE),
    "few_lines": trend_lines(_points(4), SHARE),
    "many_lines": trend_lines(_points(28), SHARE),
    "small_multiples": small_multiples(_points(28), SHARE),
    "gain_curve": gain_curve([Step(k, 1 - 0.5**k) for k in range(1, 11)], Axis("Sites"), SHARE),
    "histogram": histogram(
        [0, 1, 5, 10], Axis("n"), classes=Classes((0, 5, 10), ("#ffffff", "#000000")), count=Axis("Cells")
    ),
    "lorenz_curve": lorenz_curve(
        [Share(c, n, i / 4, (i / 4) ** 2) for i, (c, n) in enumerate(zip(CODES, NAMES, strict=True), 1)],
        SHARE,
        SHARE,
    ),
    "dumbbell": dumbbell(
        [Change(c, n, 1.0, 2.0) for c, n in zip(CODES, NAMES, strict=True)],
        Axis("Minutes", Unit.MINUTES),
        before="before",
        after="after",
    ),
}


def places_of(spec: Any) -> list[dict[str, Any]]:
    """All rows of data of a specification."""
    if isinstance(spec, dict):
        own = spec.get("data", {}).get("values", []) if isinstance(spec.get("data"), dict) else []
        return own + [row for part in spec.values() for row in places_of(part)]
    return [row for part in spec for row in places_of(part)] if isinstance(spec, list) else []


def without_data(spec: Any) -> Any:
    if isinstance(spec, dict):
        return {key: without_data(part) for key, part in spec.items() if key != "data"}
    return [without_data(part) for part in spec] if isinstance(spec, list) else spec


@pytest.mark.parametrize("name", SPECS)
def test_every_specification_is_drawn_in_both_languages(name):
    chinese = to_svg(SPECS[name])
    assert chinese.startswith("<svg") and "<img" not in chinese
    assert to_svg(SPECS[name], width=300, english=True).startswith("<svg")
    assert to_svg(SPECS[name]) == chinese


@pytest.mark.parametrize("name", SPECS)
def test_text_of_records_is_data_and_nothing_else(name):
    assert "alert" not in json.dumps(without_data(SPECS[name]))


@pytest.mark.parametrize("name", sorted(set(SPECS) - {"no_bars", "gain_curve", "histogram"}))
def test_marks_carry_the_code_of_their_place(name):
    assert {row["code"] for row in places_of(SPECS[name]) if row.get("code")} >= {"c0"} or {
        row["code"] for row in places_of(SPECS[name]) if row.get("code")
    } == set(CODES)
    assert [one["name"] for one in SPECS[name]["params"]] == ["selected", "hovered"]


def test_places_of_one_name_keep_rows_of_their_own():
    labels = [row["label"] for row in places_of(SPECS["ranked_bars"])]
    assert labels == [EVIL, f"东周社区 {CODES[1]}", f"东周社区 {CODES[2]}", "塘家社区"]


def test_small_multiples_keep_the_order_given():
    svg = to_svg(
        small_multiples([Point(c, n, "2026-11-01", 1) for c, n in (("1", "乙"), ("2", "甲"))], SHARE)
    )
    assert svg.index("乙") < svg.index("甲")


def test_days_are_days_whatever_the_clock():
    """A day drawn in local time would move to the day before, west of Greenwich."""
    svg = to_svg(SPECS["few_lines"])
    assert "11-01" in svg and "10-31" not in svg


def rows_of(values, unit=Unit.NUMBER):
    classes = classes_of(values, unit, Word("", ""))
    return classes, places_of(histogram(values, Axis("x", unit), classes=classes, count=Axis("n")))


@given(st.lists(st.floats(-1e4, 1e6, allow_subnormal=False), min_size=1, max_size=60))
def test_steps_of_a_histogram_are_of_one_width_and_hold_every_value(values):
    _, rows = rows_of(values)
    assert sum(row["count"] for row in rows) == len(values)
    widths = [row["to"] - row["from"] for row in rows]
    assert max(widths) == pytest.approx(min(widths), rel=1e-6) and min(widths) > 0
    assert len({row["from"] for row in rows}) <= 17
    assert min(row["from"] for row in rows) <= min(values) + 1e-6 * max(widths)
    assert max(row["to"] for row in rows) >= max(values) - 1e-6 * max(widths)


def test_a_histogram_counts_like_the_legend_of_the_map():
    """A class holds its lower edge, the last one both; steps that two classes share are stacked."""
    classes, rows = rows_of([1.0, 1.5, 2.0, 5.0, 5.2, 9.0, 30.0] * 3, Unit.MINUTES)
    of_class = Counter(classes.colour(value) for value in [1.0, 1.5, 2.0, 5.0, 5.2, 9.0, 30.0] * 3)
    found = Counter()
    for row in rows:
        found[row["colour"]] += row["count"]
        assert row["high"] - row["low"] == row["count"]
    assert found == of_class


def test_shares_end_with_the_whole_and_counts_have_steps_of_their_own():
    _, rows = rows_of([0.0, 0.3, 1.0], Unit.SHARE)
    assert [(row["from"], row["to"]) for row in rows] == [(0, 0.1), (0.3, 0.4), (0.9, 1)]
    _, rows = rows_of([0, 1, 1, 3], Unit.COUNT)
    assert [(row["from"], row["to"], row["count"]) for row in rows] == [(0, 1, 1), (1, 2, 2), (3, 4, 1)]


def test_a_drawing_is_as_wide_as_told_with_its_labels():
    codes = [f"44030600700{n:04}" for n in range(3)]
    spec = ranked_bars([Bar(code, code, 1.0) for code in codes], SHARE)
    assert re.search(r'width="(\d+)"', to_svg(spec, width=247, rows=45))[1] == "247"
    assert re.search(r'height="(\d+)"', to_svg(SPECS["few_lines"], width=218, height=220))[1] == "220"


def test_codes_beside_bars_are_whole_on_paper():
    """The letters that make room for a label are those it is drawn with; wider ones would be cut off."""
    code = "8" * 15
    svg = to_svg(ranked_bars([Bar(code, code, 1.0)], Axis("")), width=300, rows=40)
    html = f'<style>@page {{ size: 400px; margin: 50px }} img {{ display: block }}</style><img src="{as_image(svg)}">'
    (page,) = pictures_of(pdf_of([html]), "codes-beside-bars", pages=1, dpi=96)
    ink = np.asarray(page.convert("L")) < 200
    assert ink.any() and ink.any(axis=0).argmax() > 50


def test_bars_of_nothing_begin_at_the_left():
    svg = to_svg(ranked_bars([Bar(c, c, 0.0) for c in CODES], Axis("")), width=300, rows=60)
    assert ">1.0<" in svg or ">1<" in svg


def test_a_drawing_asks_nothing_of_the_network():
    outside = {
        "data": {"url": "http://127.0.0.1:9/data.csv"},
        "mark": "point",
        "encoding": {"x": {"field": "a"}},
    }
    with pytest.raises(ValueError, match=r"(?i)not allowed|denied|access|permission"):
        to_svg(outside)


def test_page_and_pdf_draw_by_the_same_versions():
    manifest = json.loads((ROOT / "webmap/static/vendor/manifest.json").read_text("utf-8"))
    assert manifest["vega"]["version"] == vl_convert.get_vega_version()
    assert manifest["vega-embed"]["version"] == vl_convert.get_vega_embed_version()
    bundled = vl_convert.javascript_bundle("vegaEmbed", vl_version="6.4")
    assert f'"{manifest["vega-lite"]["version"]}"' in bundled
