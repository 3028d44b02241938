"""An invented street network: borders of cells are streets, lanes run through them as dense as people live.

It fits cells and buildings and is no street of the real district: `is_synthetic` says so where it is shown.
"""

from __future__ import annotations

import math

import numpy as np
import shapely

from gis.demo import names
from gis.demo.chance import Floats, Ints, Objects
from gis.demo.ground import PLANE, Ground
from gis.demo.housing import LAND_USES
from gis.roads.model import Stated, Streets

STATED = Stated(title="演示路网（虚构）", source="gis/demo/streets.py")
# Per land use as in housing.LAND_USES: metres between lanes, and what the lanes are.
_SPACING_M = np.array([70.0, 110.0, 150.0, 600.0, 130.0])
_LANES = ("living_street", "footway", "service", "path", "residential")
# Of lanes between two junctions: dead ends and ways round, as in any town.
_MISSING_SHARE = 0.12
_GRID_DEG = 1e-7  # about 1 cm
_ON_BORDER_DEG = 2e-6
_NAMES = 90


def make_streets(rng: np.random.Generator, ground: Ground) -> Streets:
    """Pieces of borders and lanes that share a vertex wherever they meet; the same seed, the same lines."""
    borders, ranks = _borders(ground)
    lanes = _lanes(rng, ground)
    # Snap rounding puts a vertex where lines meet, on the grid, on both of them.
    pieces = shapely.get_parts(shapely.union_all(np.concatenate([borders, lanes]), grid_size=_GRID_DEG))
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    border = np.full(len(pieces), -1, np.int64)
    which, nearest = shapely.STRtree(borders).query_nearest(
        middles, max_distance=_ON_BORDER_DEG, all_matches=False
    )
    border[which] = nearest
    cell = ground.locate(shapely.get_coordinates(middles))
    stays = (border >= 0) | ((cell >= 0) & (rng.random(len(pieces)) >= _MISSING_SHARE))
    border, cell = border[stays], cell[stays]
    kinds = np.array([LAND_USES.index(use) for use in ground.land_use])[cell].tolist()
    communities = [ground.communities.name[k] for k in ground.community[cell].tolist()]
    classes, titles = [], []
    for b, c, kind, community in zip(border.tolist(), cell.tolist(), kinds, communities, strict=True):
        classes.append(ranks[b] if b >= 0 else _LANES[kind])
        number, word = (b, "路") if b >= 0 else (c, "巷")
        titles.append(f"{community}{names.lane(number % _NAMES)}{word}")
    walkable = np.ones(len(titles), dtype=bool)
    return Streets(np.asarray(pieces[stays], dtype=object), classes, titles, walkable)


def _borders(ground: Ground) -> tuple[Objects, list[str]]:
    """Each stretch of border once, with its class by what it parts: communities, cells, or the outside."""
    drawn = shapely.union_all(shapely.boundary(ground.polygon))
    stretches = shapely.get_parts(shapely.line_merge(drawn))
    middles = shapely.line_interpolate_point(stretches, 0.5, normalized=True)
    stretch, cell = shapely.STRtree(ground.polygon).query(
        middles, predicate="dwithin", distance=_ON_BORDER_DEG
    )
    low = np.full(len(stretches), len(ground.communities.code))
    high = np.full(len(stretches), -1)
    np.minimum.at(low, stretch, ground.community[cell])
    np.maximum.at(high, stretch, ground.community[cell])
    sides = np.bincount(stretch, minlength=len(stretches))
    ranks = np.where(sides < 2, "tertiary", np.where(low < high, "secondary", "tertiary"))
    return np.asarray(stretches, dtype=object), ranks.tolist()


def _lanes(rng: np.random.Generator, ground: Ground) -> Objects:
    """Two families of lines across each cell, at right angles, turned as chance has it, cut at the border."""
    kind = np.array([LAND_USES.index(use) for use in ground.land_use])
    corners = PLANE.to_metres(ground.bounds.reshape(-1, 2)).reshape(-1, 4)
    lines: list[Floats] = []
    of: list[int] = []
    for n, (west, south, east, north) in enumerate(corners.tolist()):
        reach = math.hypot(east - west, north - south) / 2
        middle = np.array([(west + east) / 2, (south + north) / 2])
        angle = rng.uniform(0, math.pi / 2)
        spacing = float(_SPACING_M[kind[n]])
        for along in (angle, angle + math.pi / 2):
            step = np.array([math.cos(along), math.sin(along)])
            offsets = np.arange(-reach + rng.uniform(0, spacing), reach, spacing)
            offsets += rng.uniform(-0.15, 0.15, len(offsets)) * spacing
            foot = middle + offsets[:, None] * np.array([-step[1], step[0]])
            lines.append(np.stack([foot - reach * step, foot + reach * step], axis=1))
            of += [n] * len(offsets)
    across = shapely.linestrings(PLANE.to_degrees(np.concatenate(lines).reshape(-1, 2)).reshape(-1, 2, 2))
    within: Ints = np.array(of, np.int64)
    inside = shapely.get_parts(shapely.intersection(across, ground.polygon[within]))
    return np.asarray(inside[shapely.length(inside) > 0], dtype=object)
