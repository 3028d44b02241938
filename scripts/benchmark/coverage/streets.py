"""Streets of the benchmark's district, and people who walk them with receivers in their pockets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WALKERS, FIXES_A_DAY, FIX_S = 200, 500, 30
DAY_FIXES = WALKERS * FIXES_A_DAY
_SPACING_M, _OFF_M, _MISSING = 110.0, 22.0, 0.12
_DRAW = 2.5
_ON_FOOT_MPS, _BY_BIKE_MPS, _BIKES = 1.25, 4.0, 0.4
_NOISE_M, _NOISE_KEPT = 4.0, 0.9
_OUTLIERS, _GAP_SHIFTS = 0.003, 0.6
_FIRST_DAY_S = 1_709_222_400  # 2024-03-01 00:00 in Asia/Shanghai


@dataclass(frozen=True)
class Streets:
    """A network: nodes (n, 2) in metres, EPSG:4547, and edges (m, 2) between them, both ways."""

    nodes: Floats
    edges: Ints

    @cached_property
    def liked(self) -> Floats:
        """How much each node draws people, (n,): a few main streets most of them."""
        drawn: Floats = np.exp(np.random.default_rng(len(self.nodes)).normal(0, _DRAW, len(self.nodes)))
        return drawn

    @cached_property
    def neighbours(self) -> Ints:
        """Neighbours of each node (n, 4), -1 where there are fewer."""
        both = np.concatenate([self.edges, self.edges[:, ::-1]])
        both = both[np.argsort(both[:, 0], kind="stable")]
        first = np.searchsorted(both[:, 0], np.arange(len(self.nodes)))
        table = np.full((len(self.nodes), 4), -1)
        table[both[:, 0], np.arange(len(both)) - first[both[:, 0]]] = both[:, 1]
        return table


@dataclass(frozen=True)
class Day:
    """Positions of a day by walker and time, arrays (n,): seconds since 1970, metres in EPSG:4547."""

    walker: Ints
    at_s: Floats
    x: Floats
    y: Floats
    accuracy_m: Floats


def lay_streets(rng: np.random.Generator, district: BaseGeometry) -> Streets:
    """A lattice of streets over the district, shaken, one of eight missing; its largest connected part."""
    west, south, east, north = district.bounds
    x, y = np.arange(west, east, _SPACING_M), np.arange(south, north, _SPACING_M)
    number = np.arange(len(x) * len(y)).reshape(len(y), len(x))
    nodes = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    nodes += rng.uniform(-_OFF_M, _OFF_M, nodes.shape)
    edges = np.concatenate(
        [
            np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
            np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
        ]
    )
    shapely.prepare(district)
    inside = shapely.contains_xy(district, *nodes.T)
    edges = edges[inside[edges].all(axis=1) & (rng.random(len(edges)) > _MISSING)]
    kept = _largest_part(len(nodes), edges)
    renumbered = np.cumsum(kept) - 1
    return Streets(nodes[kept], renumbered[edges[kept[edges[:, 0]]]])


def _largest_part(count: int, edges: Ints) -> NDArray[np.bool_]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(edges)), edges.T), shape=(count, count))
    part = connected_components(graph, directed=False)[1]
    largest: NDArray[np.bool_] = part == np.bincount(part).argmax()
    return largest


def walk_a_day(seed: int, streets: Streets, day: int) -> Day:
    """All fixes of a day, the same whichever days were asked for before.

    Two of five go by bicycle. Positions err by 4 m, and stay so for a while; of a thousand, three are off by
    up to kilometres, half of them without saying so. Three of five shifts have a gap of 5 to 60 minutes.
    """
    rng = np.random.default_rng([seed, day])
    homes = np.random.default_rng([seed, 1 << 20]).integers(0, len(streets.nodes), WALKERS)
    bikes = np.random.default_rng([seed, 1 << 21]).random(WALKERS) < _BIKES
    speed = np.where(bikes, _BY_BIKE_MPS, _ON_FOOT_MPS) * rng.uniform(0.85, 1.15, WALKERS)
    xy = _along(streets.nodes[_paths(rng, streets, homes)], speed[:, None] * FIX_S * np.arange(FIXES_A_DAY))
    xy += _noise(rng, xy.shape)
    accuracy = np.exp(rng.normal(np.log(8.0), 0.4, xy.shape[:2])).clip(3, 45)
    wild = rng.random(xy.shape[:2]) < _OUTLIERS
    xy[wild] += rng.normal(0, 1, (int(wild.sum()), 2)) * np.exp(rng.normal(6, 1, (int(wild.sum()), 1)))
    accuracy[wild & (rng.random(wild.shape) < 0.5)] = 120.0
    start = rng.integers(7 * 3600, 15 * 3600, WALKERS)
    gap = np.where(rng.random(WALKERS) < _GAP_SHIFTS, rng.integers(300, 3600, WALKERS), 0)
    late = np.arange(FIXES_A_DAY) >= rng.integers(50, FIXES_A_DAY - 50, WALKERS)[:, None]
    at = start[:, None] + FIX_S * np.arange(FIXES_A_DAY) + np.where(late, gap[:, None], 0)
    return Day(
        np.repeat(np.arange(WALKERS), FIXES_A_DAY),
        (at + _FIRST_DAY_S + 86_400 * day).ravel().astype(np.float64),
        xy[..., 0].ravel(),
        xy[..., 1].ravel(),
        accuracy.ravel(),
    )


def _paths(rng: np.random.Generator, streets: Streets, at: Ints) -> Ints:
    """Nodes that each walker passes, (walkers, steps): at random, back only from a dead end."""
    steps = int(FIXES_A_DAY * FIX_S * _BY_BIKE_MPS * 1.15 / (_SPACING_M - 2 * _OFF_M)) + 2
    path = np.empty((len(at), steps), dtype=np.int64)
    before = np.full(len(at), -1)
    for step in range(steps):
        path[:, step] = at
        choice = streets.neighbours[at]
        # The largest of u^(1/w) is each with probability w by their sum (Efraimidis and Spirakis 2006).
        wish = np.where(choice < 0, -2.0, rng.random(choice.shape) ** (1 / streets.liked[choice]))
        wish = np.where(choice == before[:, None], wish - 1.0, wish)
        before, at = at, choice[np.arange(len(at)), wish.argmax(axis=1)]
    return path


def _along(corners: Floats, metres: Floats) -> Floats:
    """Places at some metres along each walker's corners: (walkers, fixes, 2)."""
    lengths = np.hypot(*np.moveaxis(np.diff(corners, axis=1), -1, 0))
    way = np.concatenate([np.zeros((len(lengths), 1)), np.cumsum(lengths, axis=1)], axis=1)
    apart = np.arange(len(way))[:, None] * (way.max() + 1)  # one interpolation serves all walkers
    found = [
        np.interp((metres + apart).ravel(), (way + apart).ravel(), corners[..., axis].ravel())
        for axis in (0, 1)
    ]
    return np.stack(found, axis=-1).reshape(*metres.shape, 2)


def _noise(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Errors that drift: each is nine tenths of the one before and a new part."""
    fresh = rng.normal(0, _NOISE_M, shape)
    noise = np.empty(shape)
    noise[:, 0] = fresh[:, 0]
    for step in range(1, shape[1]):
        noise[:, step] = _NOISE_KEPT * noise[:, step - 1] + np.sqrt(1 - _NOISE_KEPT**2) * fresh[:, step]
    return noise
