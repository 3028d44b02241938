"""A map for paper: areas coloured by a figure, outlines and names above them, as SVG. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from markupsafe import Markup, escape
from shapely.geometry.base import BaseGeometry

from webmap.maps.names import placed
from webmap.maps.sketch import Frame, frame_of, scale_bar

_BORDER, _LINE, _INK = "#ffffff", "#44525b", "#17252e"
_DOT = 4.0
_FINE = 0.35  # of a unit of the drawing: what is finer is not seen
_LETTERS = 9.0
# Without quotes and blanks: what draws SVG on paper would look for the first family alone.
_FONT = "Noto Sans CJK SC,Source Han Sans SC,WenQuanYi Micro Hei,sans-serif"


@dataclass(frozen=True, slots=True)
class Area:
    """What is drawn: a polygon or a point in degrees (WGS84), and its colour."""

    shape: BaseGeometry
    colour: str


@dataclass(frozen=True, slots=True)
class Outline:
    """A border drawn over the areas, so thick, and the name inside it ("" for none)."""

    shape: BaseGeometry
    name: str = ""
    thickness: float = 0.9


def choropleth(
    areas: Sequence[Area],
    *,
    label: str,
    outlines: Sequence[Outline] = (),
    marks: Sequence[Area] = (),
    width: int = 640,
    height: int = 480,
) -> Markup:
    """Draw areas, over them outlines with names, and marks on top, with a bar of scale and an arrow to north.

    Parameters
    ----------
    label : what the map is, for who cannot see it.
    marks : polygons drawn half transparent, and points.
    width, height : of the drawing, in its own units. It shows the outlines whole, or the areas where there
        are none.

    Returns
    -------
    Markup
        An `<svg>` element without styles; empty where there is nothing to draw.
    """
    framing = [one.shape for one in outlines or areas]
    if not framing:
        return Markup()
    west, south, east, north = shapely.total_bounds(np.asarray(framing, dtype=object)).tolist()
    frame = frame_of([(west, south), (east, north)], width, height)
    tolerance = _FINE / (frame.scale * 111_320.0)
    parts = [
        *_coloured(frame, _coarser(areas, tolerance)),
        *(_border(frame, one, tolerance) for one in outlines),
        *(_mark(frame, one) for one in marks),
        *_names(frame, [one for one in outlines if one.name]),
        *scale_bar(frame.scale, width, height),
        _north(width, height),
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
    words = Markup(' font-family="{}" aria-label="{}">').format(_FONT, label)
    return Markup(head) + words + Markup("".join(parts) + "</svg>")  # noqa: S704 - names are escaped


def _coarser(areas: Sequence[Area], tolerance: float) -> Iterator[tuple[Area, BaseGeometry]]:
    """Areas without detail nobody sees; neighbours keep a border in common."""
    shapes = np.asarray([one.shape for one in areas], dtype=object)
    polygons = shapely.get_dimensions(shapes) == 2 if len(shapes) else np.zeros(0, dtype=bool)
    if polygons.any():
        shapes[polygons] = shapely.coverage_simplify(shapes[polygons], tolerance)
    return zip(areas, shapes.tolist(), strict=True)


def _path(frame: Frame, shape: BaseGeometry) -> str:
    rings = []
    for polygon in shapely.get_parts(shape):
        for ring in shapely.get_rings(polygon):
            corners = ("{:.1f},{:.1f}".format(*frame(lon, lat)) for lon, lat in _corners(ring))
            rings.append(f"M{' '.join(corners)}Z")
    return "".join(rings)


def _corners(shape: BaseGeometry) -> list[list[float]]:
    corners: list[list[float]] = shapely.get_coordinates(shape).tolist()
    return corners


def _coloured(frame: Frame, areas: Iterable[tuple[Area, BaseGeometry]]) -> Iterator[str]:
    """Areas of one colour as one path, which is drawn sooner than hundreds.

    Holes run against their shells, so that they stay open and areas that overlap do not cancel each other.
    """
    paths: dict[str, list[str]] = {}
    points = []
    for one, shape in areas:
        if shapely.get_dimensions(shape) == 0:
            points.append(_point(frame, shape, one.colour))
        else:
            paths.setdefault(one.colour, []).append(_path(frame, shapely.orient_polygons(shape)))
    for colour, drawn in paths.items():
        yield (
            f'<path d="{"".join(drawn)}" fill="{escape(colour)}" fill-rule="nonzero"'
            f' stroke="{_BORDER}" stroke-width="0.4"/>'
        )
    yield from points


def _border(frame: Frame, one: Outline, tolerance: float) -> str:
    path = _path(frame, shapely.simplify(one.shape, tolerance))
    return f'<path d="{path}" fill="none" stroke="{_LINE}" stroke-width="{one.thickness:g}"/>'


def _mark(frame: Frame, one: Area) -> str:
    if shapely.get_dimensions(one.shape) < 2:
        return _point(frame, one.shape, one.colour)
    return (
        f'<path d="{_path(frame, one.shape)}" fill="{escape(one.colour)}" fill-opacity="0.45"'
        f' stroke="{escape(one.colour)}" stroke-width="0.6"/>'
    )


def _point(frame: Frame, shape: BaseGeometry, colour: str) -> str:
    ((lon, lat),) = _corners(shapely.centroid(shape))
    x, y = frame(lon, lat)
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_DOT:g}" fill="{escape(colour)}"'
        f' stroke="{_BORDER}" stroke-width="1"/>'
    )


def _names(frame: Frame, outlines: Sequence[Outline]) -> Iterator[str]:
    """Names out of each other's way, in a pale halo: twice, since paint-order is not known everywhere."""
    inside = [_corners(shapely.point_on_surface(one.shape))[0] for one in outlines]
    spots = placed([frame(*at) for at in inside], [one.name for one in outlines], _LETTERS)
    for one, (x, y) in zip(outlines, spots, strict=True):
        text = f'<text x="{x:.1f}" y="{y + _LETTERS / 3:.1f}" font-size="{_LETTERS:g}" text-anchor="middle"'
        words = escape(one.name)
        yield f'{text} fill="#fff" stroke="#fff" stroke-width="2.5" stroke-opacity="0.8">{words}</text>'
        yield f'{text} fill="{_INK}">{words}</text>'


def _north(width: int, height: int) -> str:
    """An arrow up, in the room of the bar of scale."""
    x, y = width - 10, height - 6
    return (
        f'<path d="M{x} {y - 16}L{x + 4.5} {y}L{x} {y - 4}L{x - 4.5} {y}Z" fill="{_INK}"/>'
        f'<text x="{x - 12}" y="{y - 2}" font-size="9" text-anchor="middle" fill="#333">N</text>'
    )
