"""Putting new cells of one community into the frames of a division. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from gis.division.codes import SCHEMES
from gis.division.model import Level
from gis.errors import InvalidInput
from gis.geometry.crs import STORAGE_EPSG

Frames = dict[Level, geopandas.GeoDataFrame]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_DIGITS = 3


@dataclass(frozen=True, slots=True)
class NewCells:
    """Codes and outlines of k new cells; how many units each old cell of the community gives each, (o, k)."""

    codes: Sequence[str]
    polygons: Sequence[Polygon]
    units: Floats


def codes_like(old: Sequence[str], community: str, scheme: str, count: int) -> list[str]:
    """Codes of new cells, numbered from 1, built as the old ones of the community are.

    Raises
    ------
    InvalidInput
        So many do not fit into the digits of a sequence number.
    """
    known = SCHEMES.get(scheme)
    match = re.fullmatch(known.cell, old[0]) if known and old else None
    if match:
        head, digits = old[0][: match.start("sequence")], len(match["sequence"])
    elif old and all(code.startswith(community) and code != community for code in old):
        head, digits = community, len(old[0]) - len(community)
    else:
        head, digits = community, _DIGITS
    if len(str(count)) > digits:
        raise InvalidInput("So many cells do not fit the digits of their codes.", pointer="cells")
    return [f"{head}{number:0{digits}d}" for number in range(1, count + 1)]


def redrawn(frames: Frames, community: str, new: NewCells, others: Sequence[MultiPolygon]) -> Frames:
    """The frames with new cells of a community; the outlines above follow their parts, corner by corner.

    `others` are the outlines of all other cells in the order of the frame.
    """
    cells = frames[Level.CELL]
    own = (cells["parent_code"] == community).to_numpy()
    rest = cells[~own].copy()
    rest = rest.set_geometry(geopandas.GeoSeries(list(others), index=rest.index, crs=STORAGE_EPSG))
    made = _new_rows(cells[own], frames[Level.COMMUNITY], community, new)
    joined = pd.concat([rest, made], ignore_index=True).sort_values("code", ignore_index=True)
    result: Frames = {Level.CELL: geopandas.GeoDataFrame(joined, geometry="geometry", crs=STORAGE_EPSG)}
    for lower, upper in pairwise(reversed(Level)):
        result[upper] = _outlined(frames[upper], result[lower], is_whole=upper is Level.DISTRICT)
    return result


def _new_rows(
    old: geopandas.GeoDataFrame, communities: geopandas.GeoDataFrame, community: str, new: NewCells
) -> geopandas.GeoDataFrame:
    polygons = np.array(new.polygons, dtype=object)
    shared = shapely.area(shapely.intersection(polygons[:, None], old.geometry.to_numpy()[None, :]))
    name = str(communities.set_index("code").loc[community, "name_zh"]).removesuffix("社区")
    has_english = bool((old["name_en"] != "").any())
    numbers = range(1, len(polygons) + 1)
    return geopandas.GeoDataFrame(
        {
            "code": list(new.codes),
            "name_zh": [f"{name}{number:03d}网格" for number in numbers],
            "name_en": [f"Cell {number:03d}" if has_english else "" for number in numbers],
            "parent_code": [community] * len(polygons),
            "land_use": old["land_use"].to_numpy()[shared.argmax(axis=1)].tolist(),
            "population": people_of(old["population"].to_numpy(float), new.units, shared.T).tolist(),
        },
        geometry=[MultiPolygon([polygon]) for polygon in new.polygons],
        crs=STORAGE_EPSG,
    )


def people_of(people: Floats, units: Floats, shared: Floats) -> Ints:
    """People of each new cell, whole numbers that add up to those of the old ones, (k,).

    An old cell's people (o,) are shared out like its units (o, k), or like its area (o, k) if it has none.
    """
    shares = np.where(units.sum(axis=1, keepdims=True) > 0, units, shared)
    exact = people @ (shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-300))
    whole: Ints = np.floor(exact).astype(np.int64)
    missing = round(float(people.sum())) - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    return whole


def _outlined(
    frame: geopandas.GeoDataFrame, parts: geopandas.GeoDataFrame, *, is_whole: bool
) -> geopandas.GeoDataFrame:
    """A level with the outlines of its parts joined."""
    outlines = []
    for code in frame["code"]:
        own = parts.geometry if is_whole else parts.geometry[parts["parent_code"] == code]
        joined = shapely.normalize(shapely.coverage_union_all(own.to_numpy()))
        outlines.append(MultiPolygon(list(shapely.get_parts(joined))))
    return frame.set_geometry(geopandas.GeoSeries(outlines, index=frame.index, crs=STORAGE_EPSG))
