"""The nearest facility of each building over the streets, exact along them, beside networkx.

networkx does what users of it do: places are moved to the nearest node, which is quicker to write and wrong
near a limit. That ours is exact is checked with networkx too, on the streets cut at every place.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from gis.analysis.access.distances import nearest, within
from gis.analysis.access.snapping import Snapped, snap
from scripts.benchmark.coverage.data import Data, Floats
from scripts.benchmark.coverage.row import Row, alternate, check
from scripts.benchmark.coverage.works._town import FACILITIES, KINDS, Town

TITLE = "Ways over streets"
ORDER = 72

_LIMIT_M, _PAIRS_M = 500.0, 1500.0


def rows(data: Data, rounds: int) -> list[Row]:
    """One kind of facility of eight, and all pairs near enough."""
    import networkx as nx
    from scipy.spatial import cKDTree

    town = Town(data)
    network, (homes, all_facilities) = town.network, town.snapped
    kind = np.arange(0, FACILITIES, KINDS)
    facilities = all_facilities[kind]
    graph = nx.Graph()
    graph.add_weighted_edges_from(
        (int(a), int(b), float(metres)) for (a, b), metres in zip(network.ends, network.lengths, strict=True)
    )
    nodes = cKDTree(network.nodes)
    at = nodes.query(town.buildings[0])[1]
    doors = set(nodes.query(town.facilities[kind])[1].tolist())

    def theirs() -> Floats:
        found = nx.multi_source_dijkstra_path_length(graph, doors, weight="weight")
        return np.array([found.get(node, np.inf) for node in at.tolist()])

    ours = nearest(network, homes, facilities).metres
    true = _cut_everywhere(network, homes, facilities, nx)
    check(np.allclose(ours, true, rtol=0, atol=1e-6), "ways over the streets")
    wrong = (ours <= _LIMIT_M) != (theirs() <= _LIMIT_M)
    people = town.buildings[1]
    times = alternate(
        rounds,
        ours=lambda: nearest(network, homes, facilities),
        networkx=theirs,
        snapping=lambda: snap(network, town.buildings[0]),
        pairs=lambda: within(network, homes, all_facilities, _PAIRS_M),
    )
    misjudged = 100 * people[wrong].sum() / people.sum()
    note = (
        f"{len(network.lengths):,} streets, {len(kind)} facilities; largest difference from networkx on the "
        f"streets cut at every place {np.abs(ours - true).max():.0e} m; by nearest nodes {misjudged:.1f} % "
        f"of homes are on the wrong side of {_LIMIT_M:g} m"
    )
    count = len(within(network, homes, all_facilities, _PAIRS_M))
    return [
        Row(
            "nearest facility of 22,000 buildings", times["ours"], "networkx", times["networkx"],
            at_least=5.0, note=note,
        ),
        Row("bringing buildings onto streets, once", times["snapping"]),
        Row(f"{count:,} pairs within {_PAIRS_M:g} m", times["pairs"]),
    ]  # fmt: skip


def _cut_everywhere(network: Any, homes: Snapped, facilities: Snapped, nx: Any) -> Floats:
    """Metres by networkx on streets with a node at every place."""
    stops: list[list[tuple[float, Any]]] = [
        [(0.0, int(a)), (float(length), int(b))]
        for (a, b), length in zip(network.ends, network.lengths, strict=True)
    ]
    for name, places in (("home", homes), ("facility", facilities)):
        for i, (edge, along) in enumerate(zip(places.edge, places.along_m, strict=True)):
            stops[edge].append((float(along), (name, i)))
    graph = nx.MultiGraph()
    for street in stops:
        street.sort(key=lambda stop: stop[0])
        for (start, one), (end, other) in pairwise(street):
            graph.add_edge(one, other, weight=end - start)
    for i, metres in enumerate(facilities.offset_m):
        graph.add_edge("source", ("facility", i), weight=float(metres))
    found = nx.single_source_dijkstra_path_length(graph, "source", weight="weight")
    return np.array([found.get(("home", i), np.inf) for i in range(len(homes))]) + homes.offset_m
