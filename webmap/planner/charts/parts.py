"""What all charts are made of: the chart itself, axes, the look, the marks of what is selected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gis.analysis.result import Unit

Spec = dict[str, Any]
INK, SOFT, PALE, LINE = "#17252e", "#4a5b66", "#aab6bd", "#d8e0e4"
FONT = "PingFang SC,Microsoft YaHei,Noto Sans CJK SC,Source Han Sans SC,WenQuanYi Micro Hei,sans-serif"
"""Without quotes and blanks: what draws SVG on paper would look for the first family alone, and take a
wider one than the labels were given room for."""
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"  # a name, never asked for
_FORMATS = {Unit.SHARE: ".0%", Unit.COUNT: ",d"}
_WHOLE = dict.fromkeys((Unit.MINUTES, Unit.METRES, Unit.SQUARE_METRES), ",.0f")
_WHOLE_STEPS: dict[Unit, Spec] = {Unit.COUNT: {"tickMinStep": 1}}
_PRECISE = {Unit.SHARE: ".1%", Unit.COUNT: ",d", **_WHOLE}


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of a page or a report: `id` is unique on the page, `note` says in a sentence what it shows."""

    id: str
    title: str
    spec: Spec
    note: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis counts: its title in the reader's language, with the sign of the unit, and the unit."""

    title: str
    unit: Unit = Unit.NUMBER

    @property
    def format(self) -> str:
        """Number format (d3) of its labels."""
        return _FORMATS.get(self.unit, ",~f")

    @property
    def precise(self) -> str:
        """Number format (d3) of a single value."""
        return _PRECISE.get(self.unit, ",.3~f")


def sized(parts: Mapping[str, Any]) -> Spec:
    """A specification as wide as what holds it."""
    return unsized({"width": "container", **parts})


def unsized(parts: Mapping[str, Any]) -> Spec:
    """A specification that knows its own width."""
    marked = [{"name": "selected", "value": ""}, {"name": "hovered", "value": ""}]
    return {"$schema": _SCHEMA, "background": None, "params": marked, "config": _CONFIG, **parts}


def marked(selected: Any, hovered: Any, other: Any) -> Spec:
    """A value of a channel for the selected place, for the hovered one and for all others."""
    return {
        "condition": [
            {"test": "selected !== '' && datum.code === selected", "value": selected},
            {"test": "hovered !== '' && datum.code === hovered", "value": hovered},
        ],
        "value": other,
    }


def ringed(other: str | None = None) -> Spec:
    """The ring round what is selected or hovered; `other` is the thin line round all else."""
    return {"stroke": marked(INK, SOFT, other), "strokeWidth": marked(2.5, 1.5, 0.5)}


def quantity(field: str, axis: Axis, *, zero: bool = True) -> Spec:
    """A numeric axis."""
    return {
        "field": field,
        "type": "quantitative",
        "title": axis.title or None,
        "axis": {"format": axis.format, "tickCount": 5, **_WHOLE_STEPS.get(axis.unit, {})},
        "scale": {"zero": zero, "nice": True},
    }


def days(axis: Spec | None = None) -> Spec:
    """An axis of days."""
    return {
        "field": "day",
        "type": "temporal",
        "scale": {"type": "utc"},
        "title": None,
        "axis": axis or {"format": "%m-%d", "labelOverlap": True, "grid": False},
    }


def rows_of_names(longest: int = 130) -> Spec:
    """An axis of names, cut beyond so many pixels, in the order of the rows."""
    return {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {"labelLimit": longest, "ticks": False, "domain": False},
    }


def labelled(rows: list[Spec]) -> list[Spec]:
    """Give every row a label of its own: the name, with the code where another has the same name."""
    names = [row["name"] for row in rows]
    shared = {name for name in names if names.count(name) > 1}
    for row in rows:
        row["label"] = f"{row['name']} {row['code']}" if row["name"] in shared else row["name"]
    return rows


def tip_name(field: str = "name") -> Spec:
    """The head of a tooltip."""
    return {"field": field, "type": "nominal", "title": "name"}


def tip_day() -> Spec:
    """The day of a tooltip, in UTC as the axis is."""
    return {
        "field": "day",
        "type": "temporal",
        "timeUnit": "utcyearmonthdate",
        "format": "%Y-%m-%d",
        "title": "day",
    }


def tip_number(field: str, axis: Axis, title: str = "") -> Spec:
    """A number of a tooltip."""
    return {"field": field, "type": "quantitative", "title": title or axis.title, "format": axis.precise}


_CONFIG: Spec = {
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": SOFT,
        "titleColor": SOFT,
        "gridColor": LINE,
        "domainColor": LINE,
        "tickColor": LINE,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelSeparation": 6,
        "titlePadding": 10,  # labels are wider in some fonts than Vega reckons
    },
    "legend": {"labelColor": INK, "labelFontSize": 12, "symbolStrokeWidth": 3},
    "header": {"labelColor": INK},
    "aria": False,  # the page describes the chart as a whole and gives its rows as a table
}
