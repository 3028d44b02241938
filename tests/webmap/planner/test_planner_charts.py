"""Chart specifications: every one is drawn, holds text as data alone, and is linked by code."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
import vl_convert

from gis.analysis.result import Unit
from tests.conftest import ROOT
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
from webmap.planner.classes import Classes

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


def test_histogram_counts_like_the_legend_of_the_map():
    """A class holds its lower edge, the last one both."""
    assert [row["count"] for row in places_of(SPECS["histogram"])] == [2, 2]


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
