"""Charts of how values are spread: a histogram in the colours of the map, the Lorenz curve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil, floor, log10

from gis.analysis.result import Unit
from webmap.planner.charts.parts import (
    SOFT,
    Axis,
    Spec,
    marked,
    quantity,
    sized,
    tip_name,
    tip_number,
)
from webmap.planner.classes import Classes
from webmap.planner.palette import BLUE, SKY, VERMILION

_MOST_STEPS, _FINEST = 15, 1e-6
_NEAR, _DIGITS = 1e-9, 9  # 0.3 is in the step from 0.3, though 0.3 / 0.1 is less than 3


@dataclass(frozen=True, slots=True)
class Share:
    """A point of a Lorenz curve: the part of the places up to this one, and of the load they carry."""

    code: str
    name: str
    places: float
    load: float


def histogram(values: Sequence[float], axis: Axis, *, classes: Classes, count: Axis) -> Spec:
    """How many values lie in each of some steps of equal width, stacked in the colours of the map.

    A step holds its lower edge, the last one both unless it counts. The steps are 1, 2 or 5 times a power of
    ten, of counts never less than 1.
    """
    step, rows = _stacked(values, classes, is_counted=axis.unit is Unit.COUNT)
    x = {
        "field": "from",
        "type": "quantitative",
        "title": axis.title,
        "bin": {"binned": True, "step": step},
        "axis": {"format": axis.format, "labelOverlap": True},
    }
    height = quantity("low", Axis(count.title, Unit.COUNT))
    height["axis"]["tickMinStep"] = 1
    return sized(
        {
            "data": {"values": rows},
            "height": 160,
            "mark": {"type": "bar", "stroke": SOFT, "strokeWidth": 0.5, "binSpacing": 0},
            "encoding": {
                "x": x,
                "x2": {"field": "to"},
                "y": height,
                "y2": {"field": "high"},
                "color": {"field": "colour", "type": "nominal", "scale": None},
                "tooltip": [
                    tip_number("from", axis, "≥"),
                    tip_number("to", axis, "<"),
                    tip_number("count", Axis(count.title, Unit.COUNT)),
                ],
            },
        }
    )


def _stacked(values: Sequence[float], classes: Classes, *, is_counted: bool) -> tuple[float, list[Spec]]:
    """The width of the steps, and a row for each class in each of them."""
    step = _step(values, least=1.0 if is_counted else _FINEST)
    last = floor(max(values, default=0.0) / step + _NEAR) if is_counted else _last(values, step)
    found = Counter((min(floor(value / step + _NEAR), last), classes.colour(value)) for value in values)
    rows: list[Spec] = []
    stacked = Counter[int]()
    for number, colour in sorted(found, key=lambda one: (one[0], classes.colours.index(one[1]))):
        low = stacked[number]
        stacked[number] += found[number, colour]
        row = {"from": round(number * step, _DIGITS), "to": round((number + 1) * step, _DIGITS)}
        rows.append(
            {**row, "low": low, "high": stacked[number], "count": found[number, colour], "colour": colour}
        )
    return step, rows


def _last(values: Sequence[float], step: float) -> int:
    """The number of the step the greatest value lies in or ends."""
    greatest, least = max(values, default=0.0), min(values, default=0.0)
    return max(ceil(greatest / step - _NEAR) - 1, floor(least / step + _NEAR))


def _step(values: Sequence[float], *, least: float) -> float:
    """The finest step of 1, 2 or 5 times a power of ten that makes at most so many steps of the values."""
    greatest = max(values, default=0.0)
    reach = max(greatest - min(values, default=0.0) or abs(greatest) or 1.0, least)
    power = 10.0 ** floor(log10(reach / _MOST_STEPS))
    return max(next(step * power for step in (1, 2, 5, 10) if reach <= step * power * _MOST_STEPS), least)


def lorenz_curve(shares: Sequence[Share], places: Axis, load: Axis) -> Spec:
    """The Lorenz curve with the diagonal of perfect equality; shares ascend and come to 1."""
    corner = {"code": "", "name": "", "places": 0.0, "load": 0.0}
    x, y = quantity("places", places), quantity("load", load)
    x["scale"] = y["scale"] = {"domain": [0, 1]}
    even = {
        "data": {"values": [{"places": 0, "load": 0}, {"places": 1, "load": 1}]},
        "mark": {"type": "line", "color": SOFT, "strokeDash": [4, 4], "strokeWidth": 1},
    }
    curve = {"mark": {"type": "line", "color": BLUE}, "encoding": {"order": {"field": "places"}}}
    points = {
        "transform": [{"filter": "datum.code !== ''"}],
        "mark": {"type": "point", "filled": True, "cursor": "pointer", "opacity": 1},
        "encoding": {
            "color": marked(VERMILION, SKY, BLUE),
            "size": marked(140, 110, 30),
            "tooltip": [tip_name(), tip_number("places", places), tip_number("load", load)],
        },
    }
    values = [corner, *(asdict(share) for share in shares)]
    return sized(
        {
            "height": 240,
            "encoding": {"x": x, "y": y},
            "layer": [even, {"data": {"values": values}, "layer": [curve, points]}],
        }
    )
