"""Charts of how values are spread: a histogram with the classes of the map, the Lorenz curve."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass

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


@dataclass(frozen=True, slots=True)
class Share:
    """A point of a Lorenz curve: the part of the places up to this one, and of the load they carry."""

    code: str
    name: str
    places: float
    load: float


def histogram(values: Sequence[float], axis: Axis, *, classes: Classes, count: Axis) -> Spec:
    """How many values lie in each class of the map; a class holds its lower edge, the last one both."""
    found = [0] * len(classes.colours)
    for value in values:
        found[bisect_right(classes.edges[1:-1], value)] += 1
    rows = [
        {"from": low, "to": high, "count": number, "colour": colour}
        for low, high, number, colour in zip(
            classes.edges, classes.edges[1:], found, classes.colours, strict=False
        )
    ]
    x = {
        "field": "from",
        "type": "quantitative",
        "title": axis.title,
        "bin": "binned",
        "axis": {"format": axis.format, "values": list(classes.edges), "labelOverlap": True},
    }
    height = quantity("count", Axis(count.title, Unit.COUNT))
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
                "color": {"field": "colour", "type": "nominal", "scale": None},
                "tooltip": [
                    tip_number("from", axis, "≥"),
                    tip_number("to", axis, "<"),
                    tip_number("count", Axis(count.title, Unit.COUNT)),
                ],
            },
        }
    )


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
