"""Small towns for the tests, and ways over them found by networkx."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import shapely
from hypothesis import strategies as st

from gis.analysis.access.network import Network
from gis.analysis.access.snapping import NOWHERE, Snapped


def town(seed: int, side: int = 5, kept: float = 0.75) -> Network:
    """Crooked streets between shifted places of a grid; some streets are missing, some are rings."""
    random = np.random.default_rng(seed)
    places = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * 100.0
    places = places + random.normal(0, 15, places.shape)
    number = np.arange(side * side).reshape(side, side)
    east = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    north = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    pairs = np.concatenate([east, north, east[:2]])  # two streets side by side
    pairs = pairs[random.random(len(pairs)) < kept]
    middles = places[pairs].mean(axis=1) + random.normal(0, 10, (len(pairs), 2))
    lines = [shapely.LineString([places[a], m, places[b]]) for (a, b), m in zip(pairs, middles, strict=True)]
    ring = shapely.LineString([places[0], places[0] + [0, -40], places[0] + [-40, -20], places[0]])
    return Network.from_lines(np.array([*lines, ring], dtype=object))


def scattered(seed: int, count: int, side: int = 5) -> np.ndarray:
    return np.random.default_rng([seed, count]).uniform(-50, side * 100, (count, 2))


def cut_at(network: Network, *groups: Snapped) -> nx.Graph:
    """The network with a node at every snapped place, and a spur to every point: what is true by construction."""
    graph = nx.Graph()
    for edge, ((a, b), length) in enumerate(zip(network.ends.tolist(), network.lengths, strict=True)):
        stops = [(0.0, ("node", a)), (length, ("node", b))]
        for group, snapped in enumerate(groups):
            stops += [
                (snapped.along_m[i], ("place", group, int(i))) for i in np.flatnonzero(snapped.edge == edge)
            ]
        stops.sort(key=lambda stop: stop[0])
        for (start, one), (end, other) in pairwise(stops):
            known = graph.get_edge_data(one, other, {"weight": np.inf})["weight"]
            graph.add_edge(one, other, weight=min(known, end - start))
    for group, snapped in enumerate(groups):
        for i in np.flatnonzero(snapped.edge != NOWHERE).tolist():
            graph.add_edge(("place", group, i), ("point", group, i), weight=snapped.offset_m[i])
    return graph


def by_networkx(network: Network, points: Snapped, facilities: Snapped) -> np.ndarray:
    """(n, m) metres from every point to every facility."""
    graph = cut_at(network, points, facilities)
    out = np.full((len(points), len(facilities)), np.inf)
    for j in range(len(facilities)):
        if ("point", 1, j) in graph:
            ways = nx.single_source_dijkstra_path_length(graph, ("point", 1, j), weight="weight")
            for i in range(len(points)):
                out[i, j] = ways.get(("point", 0, i), np.inf)
    return out


seeds = st.integers(0, 10_000)
