"""Is a division sound? Every defect with its place and its size; nothing is repaired here.

Overlays are made in lon/lat, where stored edges are straight, and what is found is measured in
EPSG:4547: measuring transformed polygons against each other would report the bend of long edges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.division.codes import SCHEMES, CellCode, CodeScheme, parse_cell_code, parse_community_code
from gis.division.schematic import numbering_order
from gis.errors import InvalidInput
from gis.geometry.crs import area_m2, to_metric

_METRES_PER_DEGREE = 111_000.0


class Severity(StrEnum):
    """How bad a finding is: an error must be mended before publication."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Coded(Protocol):
    """Anything with a code and a polygon in EPSG:4326."""

    @property
    def code(self) -> str:
        """Community or cell code."""

    @property
    def geometry(self) -> BaseGeometry:
        """Polygon or multipolygon, lon/lat."""


@dataclass(frozen=True)
class Area:
    """The simplest thing with a code and a polygon."""

    code: str
    geometry: BaseGeometry


@dataclass(frozen=True)
class Limits:
    """What is still tolerated. Areas in m², lengths in m (EPSG:4547)."""

    area_m2: float = 1.0  # overlaps, gaps and crossings from here on are errors, below warnings
    dust_m2: float = 0.001  # below this: rounding
    gap_width_m: float = 1.0  # edges of two cells nearer than this should have matched
    smallest_cell_m2: float = 500.0
    thinnest: float = 0.05  # 4πA/P²; a circle has 1


@dataclass(frozen=True)
class Finding:
    """One defect: which place, what kind, how bad, how large, where.

    `measure` is in m² for invalid-area kinds (overlap, gap, outside, crossing, area-mismatch, sliver), in
    m for unmatched-edge, else a count. `other_code` is the second cell of an overlap. `geometry` is the
    place in EPSG:4326.
    """

    code: str
    kind: str
    severity: Severity
    measure: float
    message: str
    geometry: BaseGeometry | None = None
    other_code: str | None = None


def check_division(
    communities: Sequence[Coded],
    cells: Sequence[Coded],
    *,
    scheme: CodeScheme = SCHEMES["nbs-2014"],
    limits: Limits | None = None,
) -> list[Finding]:
    """Check codes, shapes, and that cells tile their communities.

    Parameters
    ----------
    communities, cells : in any order.
    scheme : how codes are built; a cell's code names its community.
    limits : tolerances.

    Returns
    -------
    list of Finding
        Kinds ``code-pattern``, ``code-duplicate``, ``orphan`` (no community of that code), ``invalid``,
        ``multipart``, ``sliver``, ``overlap``, ``gap``, ``outside``, ``crossing``, ``area-mismatch``,
        ``unmatched-edge``, ``order``; errors first, then by kind and code. Empty for a sound division.
        Invalid geometries take no part in the checks that follow.
    """
    limits = limits or Limits()
    # One order from here on, so that the same division gives the same report to the last digit.
    communities = sorted(communities, key=lambda area: area.code)
    cells = sorted(cells, key=lambda area: area.code)
    parsed = {area.code: _parsed(area.code, scheme) for area in cells}
    found = list(_check_codes(communities, cells, scheme, parsed))
    found += _check_shapes(communities, limits, smallest_m2=0.0)
    found += _check_shapes(cells, limits, smallest_m2=limits.smallest_cell_m2)
    sound_communities, sound_cells = _sound(communities), _sound(cells)
    found += _check_overlaps(sound_communities, limits)
    found += _check_overlaps(sound_cells, limits)
    found += _check_cover(sound_communities, sound_cells, limits)
    found += _check_nesting(sound_communities, sound_cells, parsed, limits)
    found += _check_edges(sound_cells, limits)
    found += _check_order(sound_cells, parsed)
    rank = list(Severity)
    return sorted(found, key=lambda one: (rank.index(one.severity), one.kind, one.code, -one.measure))


def _parsed(code: str, scheme: CodeScheme) -> CellCode | None:
    try:
        return parse_cell_code(code, scheme)
    except InvalidInput:
        return None


def _check_codes(
    communities: Sequence[Coded],
    cells: Sequence[Coded],
    scheme: CodeScheme,
    parsed: dict[str, CellCode | None],
) -> Iterator[Finding]:
    for level, areas in (("community", communities), ("cell", cells)):
        for code, times in Counter(area.code for area in areas).items():
            if times > 1:
                message = f"{level} code {code} occurs {times} times"
                yield Finding(code, "code-duplicate", Severity.ERROR, times, message)
    known = {area.code for area in communities}
    for code in sorted(known):
        try:
            parse_community_code(code, scheme)
        except InvalidInput as fault:
            yield Finding(code, "code-pattern", Severity.ERROR, 1, fault.message)
    for area in cells:
        cell_code = parsed[area.code]
        if cell_code is None:
            message = f"cell code {area.code!r} does not follow scheme {scheme.name}"
            yield Finding(area.code, "code-pattern", Severity.ERROR, 1, message, area.geometry)
        elif cell_code.community_code not in known:
            message = f"cell {area.code} names community {cell_code.community_code}, which is not there"
            yield Finding(area.code, "orphan", Severity.ERROR, 1, message, area.geometry)


def _sound(areas: Sequence[Coded]) -> list[Coded]:
    return [area for area in areas if area.geometry is not None and _is_areal(area.geometry)]


def _is_areal(geometry: BaseGeometry) -> bool:
    return bool(
        geometry.geom_type in {"Polygon", "MultiPolygon"} and not geometry.is_empty and geometry.is_valid
    )


def _shapes(areas: Iterable[Coded]) -> NDArray[np.object_]:
    return np.array([area.geometry for area in areas], dtype=object)


def _check_shapes(areas: Sequence[Coded], limits: Limits, *, smallest_m2: float) -> Iterator[Finding]:
    for area in areas:
        if area.geometry is None or not _is_areal(area.geometry):
            reason = "no geometry" if area.geometry is None else shapely.is_valid_reason(area.geometry)
            reason = "empty or not a polygon" if reason == "Valid Geometry" else reason
            yield Finding(area.code, "invalid", Severity.ERROR, 1, f"{area.code}: {reason}", area.geometry)
            continue
        parts = int(shapely.get_num_geometries(area.geometry))
        if parts > 1:
            message = f"{area.code} has {parts} separate parts"
            yield Finding(area.code, "multipart", Severity.WARNING, parts, message, area.geometry)
        metric = to_metric(area.geometry)
        thinness = 4.0 * np.pi * metric.area / metric.length**2
        if metric.area < smallest_m2 or thinness < limits.thinnest:
            message = f"{area.code} is {metric.area:.2f} m² with compactness {thinness:.3f}"
            yield Finding(area.code, "sliver", Severity.WARNING, metric.area, message, area.geometry)


def _check_overlaps(areas: list[Coded], limits: Limits) -> Iterator[Finding]:
    shapes = _shapes(areas)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    common = shapely.intersection(shapes[first], shapes[second])
    sizes = _sizes(common)
    for index in np.flatnonzero(sizes > limits.dust_m2):
        low, high = sorted((areas[first[index]].code, areas[second[index]].code))
        size = float(sizes[index])
        message = f"{low} and {high} overlap by {size:.3f} m²"
        yield Finding(low, "overlap", _by_size(size, limits), size, message, common[index], high)


def _sizes(geometries: NDArray[np.object_]) -> NDArray[np.float64]:
    sizes = np.zeros(len(geometries))
    some = np.flatnonzero(shapely.area(geometries) > 0)
    if len(some):
        sizes[some] = area_m2(geometries[some])
    return sizes


def _by_size(size: float, limits: Limits) -> Severity:
    return Severity.ERROR if size >= limits.area_m2 else Severity.WARNING


def _check_cover(communities: list[Coded], cells: list[Coded], limits: Limits) -> Iterator[Finding]:
    """Gaps are what communities have and cells have not; interior rings of the union are not enough."""
    land, tiled = shapely.union_all(_shapes(communities)), shapely.union_all(_shapes(cells))
    for kind, rest, owners in (
        ("gap", shapely.difference(land, tiled), communities),
        ("outside", shapely.difference(tiled, land), cells),
    ):
        parts = shapely.get_parts(rest)
        parts = parts[shapely.get_dimensions(parts) == 2]
        sizes = _sizes(parts)
        for index in np.flatnonzero(sizes > limits.dust_m2):
            size = float(sizes[index])
            width_m = 2.0 * size / to_metric(parts[index]).length
            code = _owner(parts[index], owners)
            where = (
                f"no cell covers {size:.3f} m²" if kind == "gap" else f"{size:.3f} m² outside all communities"
            )
            message = f"{code}: {where}, about {width_m:.2f} m wide"
            yield Finding(code, kind, _by_size(size, limits), size, message, parts[index])


def _owner(place: BaseGeometry, areas: list[Coded]) -> str:
    inside = shapely.point_on_surface(place)
    return min((area.code for area in areas if shapely.intersects(area.geometry, inside)), default="")


def _check_nesting(
    communities: list[Coded], cells: list[Coded], parsed: dict[str, CellCode | None], limits: Limits
) -> Iterator[Finding]:
    by_code = {area.code: area.geometry for area in communities}
    owned: dict[str, list[Coded]] = {}
    for cell in cells:
        cell_code = parsed[cell.code]
        if cell_code is not None and cell_code.community_code in by_code:
            owned.setdefault(cell_code.community_code, []).append(cell)
    for code, members in sorted(owned.items()):
        shapes = _shapes(members)
        beyond = shapely.difference(shapes, by_code[code])
        for index, size in enumerate(_sizes(beyond)):
            if size > limits.dust_m2:
                cell_text = members[index].code
                message = f"cell {cell_text} crosses the border of its community by {size:.3f} m²"
                severity = _by_size(float(size), limits)
                yield Finding(cell_text, "crossing", severity, float(size), message, beyond[index])
        surplus = float((shapely.area(shapes).sum() / by_code[code].area - 1.0) * area_m2([by_code[code]])[0])
        if abs(surplus) >= limits.area_m2:
            message = f"cells of {code} add up to {surplus:+.3f} m² against the community"
            yield Finding(code, "area-mismatch", Severity.ERROR, surplus, message, by_code[code])


def _check_edges(cells: list[Coded], limits: Limits) -> Iterator[Finding]:
    if not cells:
        return
    edges = shapely.coverage_invalid_edges(_shapes(cells), gap_width=limits.gap_width_m / _METRES_PER_DEGREE)
    for cell, edge in zip(cells, edges, strict=True):
        if not edge.is_empty:
            length_m = float(to_metric(edge).length)
            message = f"cell {cell.code}: {length_m:.2f} m of border do not match the neighbour's vertices"
            yield Finding(cell.code, "unmatched-edge", Severity.WARNING, length_m, message, edge)


def _check_order(cells: list[Coded], parsed: dict[str, CellCode | None]) -> Iterator[Finding]:
    groups: dict[str, list[tuple[int, Coded]]] = {}
    for cell in cells:
        cell_code = parsed[cell.code]
        if cell_code is not None:
            groups.setdefault(cell_code.community_code, []).append((cell_code.sequence, cell))
    for code, members in sorted(groups.items()):
        members.sort(key=lambda member: member[0])
        order = numbering_order(_shapes(cell for _, cell in members))
        misplaced = int(np.sum(order != np.arange(len(members))))
        if misplaced:
            message = f"{code}: {misplaced} cells are not numbered from west to east, then north to south"
            yield Finding(code, "order", Severity.INFO, misplaced, message)
