"""Charts of what grows or changes: trends over days, one small panel per place, gain by number of sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from webmap.planner.charts.parts import (
    INK,
    PALE,
    Axis,
    Spec,
    days,
    labelled,
    marked,
    quantity,
    ringed,
    sized,
    tip_day,
    tip_name,
    tip_number,
    unsized,
)
from webmap.planner.palette import BLUE, OKABE_ITO, SKY, VERMILION

FEW = 7
_PANEL = (84, 48)
_BETWEEN, _PADDED, _AXIS = 10, 4, 36  # pixels between panels, what Vega adds, and for the axis of a row


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a series on a day (ISO 8601)."""

    code: str
    name: str
    day: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Step:
    """What is reached with `k` things."""

    k: int
    value: float


def trend_lines(points: Sequence[Point], axis: Axis, *, columns: int = 3) -> Spec:
    """A line for each series over days: a few have their own colours, of many the selected one stands out.

    The legend of a few has so many columns.
    """
    count = len({point.code for point in points})
    encoding: Spec = {
        "x": days(),
        "y": quantity("value", axis),
        "detail": {"field": "code", "type": "nominal"},
        "strokeWidth": marked(3, 2.5, 1.5),
        "tooltip": [tip_name("label"), tip_day(), tip_number("value", axis)],
    }
    if count <= FEW:
        encoding["color"] = {
            "field": "label",
            "type": "nominal",
            "sort": None,
            "title": None,
            "scale": {"range": list(OKABE_ITO)},
            "legend": {"orient": "bottom", "columns": columns},
        }
    else:
        encoding["color"] = marked(VERMILION, SKY, PALE)
    mark = {"type": "line", "point": count <= FEW, "cursor": "pointer"}
    return sized({**_series(points), "height": 220, "mark": mark, "encoding": encoding})


def gain_curve(steps: Sequence[Step], things: Axis, axis: Axis, *, every: int = 1) -> Spec:
    """What is reached with 1, 2, … things; the value stands at every point, or at some: the last and back."""
    x = {
        "field": "k",
        "type": "ordinal",
        "title": things.title,
        "axis": {"labelAngle": 0, "domain": True},
    }
    tip = [{"field": "k", "type": "ordinal", "title": things.title}, tip_number("value", axis)]
    line = {"type": "line", "color": BLUE, "point": {"color": BLUE, "size": 50}}
    words = {"type": "text", "dy": -10, "fontSize": 11, "color": INK}
    text = {"field": "value", "type": "quantitative", "format": axis.precise}
    told = [step.k for step in steps] if every == 1 else [step.k for step in steps[:0:-every]]
    return sized(
        {
            "data": {"values": [asdict(step) for step in steps]},
            "height": 200,
            "encoding": {"x": x, "y": quantity("value", axis, zero=False)},
            "layer": [
                {"mark": line, "encoding": {"tooltip": tip}},
                {
                    "transform": [{"filter": {"field": "k", "oneOf": told}}],
                    "mark": words,
                    "encoding": {"text": text},
                },
            ],
        }
    )


def small_multiples(points: Sequence[Point], axis: Axis, *, columns: int = 4) -> Spec:
    """A small area over days for every series, all on one scale; a page fits the number of columns."""
    plain = {"labels": False, "ticks": False, "title": None, "grid": False}
    height = quantity("value", axis)
    height["axis"] = {"title": None, "tickCount": 2, "format": axis.format}
    area = {
        "mark": {"type": "area", "line": {"color": BLUE, "strokeWidth": 1.5}, "color": SKY, "opacity": 0.45},
        "encoding": {"x": days(plain), "y": height},
    }
    # One rectangle a panel takes the click and carries the ring.
    whole = {
        "transform": [{"aggregate": [{"op": "count", "as": "days"}], "groupby": ["code", "label"]}],
        "mark": {"type": "rect", "fill": "#ffffff", "fillOpacity": 0.01, "cursor": "pointer"},
        "encoding": {**ringed(), "tooltip": [tip_name("label")]},
    }
    header = {"title": None, "labelFontSize": 11, "labelLimit": _PANEL[0], "labelPadding": 2}
    return unsized(
        {
            **_series(points),
            "facet": {
                "field": "label",
                "type": "nominal",
                "sort": {"field": "order", "op": "min"},
                "header": header,
            },
            "columns": columns,
            "spacing": _BETWEEN,
            "spec": {"width": _PANEL[0], "height": _PANEL[1], "layer": [area, whole]},
            "usermeta": {"panel": _PANEL[0] + _BETWEEN + _PADDED, "axis": _AXIS},
        }
    )


def _series(points: Sequence[Point]) -> Spec:
    """One row of data a series, which Vega makes points of: a fraction of the bytes of rows of points.

    `label` is the name, or name and code where two have the same name; `order` is the order given.
    """
    series: dict[str, Spec] = {}
    for point in points:
        known = series.setdefault(
            point.code,
            {"code": point.code, "name": point.name, "order": len(series), "day": [], "value": []},
        )
        known["day"].append(point.day)
        known["value"].append(None if point.value is None else float(f"{point.value:.6g}"))
    return {
        "data": {"values": labelled(list(series.values()))},
        "transform": [{"flatten": ["day", "value"]}, {"calculate": "toDate(datum.day)", "as": "day"}],
    }
