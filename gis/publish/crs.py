"""The coordinate systems features are read in, and the axes of each (OGC API - Features Part 2, 18-058r1).

A system's URI tells which axis comes first: EPSG:4326 and 4490 say latitude, EPSG:4547 northing. Rows are
kept in CRS84: longitude, latitude in WGS84. CGCS2000 (EPSG:4490) differs from it by less than a metre and is
taken as equal, as everywhere here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import Polygon

from gis.errors import InvalidInput
from gis.geometry.crs import transformer

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_STEPS = 16


@dataclass(frozen=True, slots=True)
class Form:
    """How coordinates are written.

    Attributes
    ----------
    uri : what the standards call the system.
    srid : EPSG code; None for CRS84, the form that large layers hold ready.
    is_flipped : whether latitude, or northing, comes first.
    decimals : digits after the point: a centimetre in degrees, a millimetre in metres.
    """

    uri: str
    srid: int | None = None
    is_flipped: bool = False
    decimals: int = 7

    @property
    def name(self) -> str:
        """A short name; empty for CRS84."""
        return "" if self.srid is None else str(self.srid)


PLAIN = Form(CRS84)


def _epsg(code: int, *, is_flipped: bool, decimals: int = 7) -> Form:
    return Form(f"http://www.opengis.net/def/crs/EPSG/0/{code}", code, is_flipped, decimals)


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        form.uri: form
        for form in (
            PLAIN,
            _epsg(4326, is_flipped=True),
            _epsg(3857, is_flipped=False, decimals=3),
            _epsg(4490, is_flipped=True),
            _epsg(4547, is_flipped=True, decimals=3),
        )
    }
)
"""Every system a collection can be asked for, by URI, the stored one first."""


def form_of(uri: str, pointer: str) -> Form:
    """The system of a URI, written as such or in the safe brackets of a CURIE.

    Raises
    ------
    InvalidInput
        None of ours (18-058r1, requirement crs-crs-valid-value).
    """
    form = FORMS.get(uri.strip().removeprefix("[").removesuffix("]"))
    if form is None:
        raise InvalidInput(f"One of these systems: {', '.join(FORMS)}.", pointer=pointer, code="unknown-crs")
    return form


def box_shape(corners: tuple[float, float, float, float], form: Form) -> Polygon:
    """A box given in a system as a polygon in CRS84; sides are cut in 16, for straight lines do not stay so.

    Parameters
    ----------
    corners : lower values of the first and second axis, then the upper ones, in the system's axis order.

    Raises
    ------
    InvalidInput
        The box cannot be brought to degrees, or is turned round.
    """
    first_low, second_low, first_high, second_high = corners
    if first_low > first_high or second_low > second_high:
        raise InvalidInput("The lower corner of a box comes before the upper one.", pointer="bbox")
    outline = np.array(shapely.segmentize(
        shapely.box(*corners), max(first_high - first_low, second_high - second_low, 1e-9) / _STEPS
    ).exterior.coords)  # fmt: skip
    x, y = (outline[:, 1], outline[:, 0]) if form.is_flipped else (outline[:, 0], outline[:, 1])
    if form.srid not in (None, 4326, 4490):
        x, y = transformer(form.srid or 4326, 4326).transform(x, y)
    if not (
        np.isfinite(x).all() and np.isfinite(y).all() and np.abs(x).max() <= 180 and np.abs(y).max() <= 90
    ):
        raise InvalidInput("This box lies outside its coordinate system.", pointer="bbox")
    return Polygon(np.column_stack([x, y]))


@lru_cache
def to_lonlat(form: Form) -> Callable[[Any, Any], tuple[Any, Any]] | None:
    """What brings first and second coordinates (arrays) of a system to longitudes and latitudes.

    None for CRS84; always the same function for a system, so that what was made with it can be kept.
    """
    if form == PLAIN:
        return None

    def convert(first: Any, second: Any) -> tuple[Any, Any]:
        x, y = (second, first) if form.is_flipped else (first, second)
        if form.srid in (None, 4326, 4490):
            return x, y
        moved: tuple[Any, Any] = transformer(form.srid or 4326, 4326).transform(x, y)
        return moved

    return convert


def in_form(feature: bytes, form: Form) -> bytes:
    """A GeoJSON feature in CRS84 with its geometry in another system."""
    if form == PLAIN:
        return feature
    content = json.loads(feature)
    moved = transformed(shapely.from_geojson(json.dumps(content["geometry"])), form)
    content["geometry"] = json.loads(shapely.to_geojson(moved))
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def transformed(shape: BaseGeometry, form: Form) -> BaseGeometry:
    """A geometry in CRS84 in another system, axes in its order, rounded as it is written."""

    def move(coordinates: np.ndarray) -> np.ndarray:
        x, y = coordinates[:, 0], coordinates[:, 1]
        if form.srid not in (None, 4326, 4490):
            x, y = transformer(4326, form.srid or 4326).transform(x, y)
        return np.column_stack([y, x] if form.is_flipped else [x, y]).round(form.decimals)

    moved: BaseGeometry = shapely.transform(shape, move)
    return moved
