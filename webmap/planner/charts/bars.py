"""Charts with a row for each place: ranked bars, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from webmap.planner.charts.parts import (
    INK,
    PALE,
    SOFT,
    Axis,
    Spec,
    labelled,
    marked,
    quantity,
    ringed,
    rows_of_names,
    sized,
    tip_name,
    tip_number,
)
from webmap.planner.palette import BLUE, VERMILION

ROW = 20  # pixels of height a row takes


@dataclass(frozen=True, slots=True)
class Bar:
    """A place with a value; `colour` is that of its class on the map, `target` a mark beside the bar."""

    code: str
    name: str
    value: float | None
    colour: str = BLUE
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A place before and after."""

    code: str
    name: str
    before: float
    after: float


def ranked_bars(bars: Sequence[Bar], axis: Axis, *, longest_name: int = 130) -> Spec:
    """Bars in the order given, with names (cut beyond so many pixels) beside them and targets as ticks."""
    x = quantity("value", axis)
    if bars and not any(one.value or one.target for one in bars):
        x["scale"] = {"domain": [0, 1]}  # else nothing lies in the middle
    bar = {
        "mark": {"type": "bar", "cursor": "pointer", "height": {"band": 0.8}},
        "encoding": {
            "x": x,
            "color": {"field": "colour", "type": "nominal", "scale": None},
            **ringed(PALE),  # the palest class too is seen on white
            "tooltip": [tip_name("label"), tip_number("value", axis)],
        },
    }
    layers = [bar]
    if any(one.target is not None for one in bars):
        tick = {"type": "tick", "color": INK, "thickness": 2, "height": {"band": 0.9}}
        layers.append({"mark": tick, "encoding": {"x": {"field": "target", "type": "quantitative"}}})
    return sized(
        {
            "data": {"name": "rows", "values": labelled([asdict(bar) for bar in bars])},
            "height": ROW * max(len(bars), 1),
            "encoding": {"y": rows_of_names(longest_name)},
            "layer": layers,
        }
    )


def dumbbell(changes: Sequence[Change], axis: Axis, *, before: str, after: str) -> Spec:
    """Each place before (hollow) and after (full), joined by a line; the title is the legend."""
    tip = [tip_name("label"), tip_number("before", axis, before), tip_number("after", axis, after)]
    line = {
        "mark": {"type": "rule", "cursor": "pointer", "strokeWidth": 3},
        "encoding": {
            "x": quantity("before", axis, zero=False),
            "x2": {"field": "after"},
            "color": marked(INK, SOFT, PALE),
            "tooltip": tip,
        },
    }
    point = {"type": "point", "size": 70, "cursor": "pointer", "strokeWidth": 2, "opacity": 1}
    ends = [
        {
            "mark": {**point, "stroke": colour, "fill": fill},
            "encoding": {"x": {"field": field, "type": "quantitative"}, "tooltip": tip},
        }
        for field, colour, fill in (("before", VERMILION, "#ffffff"), ("after", BLUE, BLUE))
    ]
    legend = {"text": f"○ {before}   ● {after}", "anchor": "start", "fontSize": 12, "fontWeight": "normal"}
    return sized(
        {
            "data": {"values": labelled([asdict(change) for change in changes])},
            "height": ROW * max(len(changes), 1),
            "title": legend,
            "encoding": {"y": rows_of_names()},
            "layer": [line, *ends],
        }
    )
