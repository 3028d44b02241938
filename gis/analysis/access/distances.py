"""Walking distances over a network, exact on its streets, and in a straight line where there is none.

A way from one point to another is: to the street in a straight line, along streets, and off again:

    d(u, f) = offset_u + offset_f + min over the ends e of u's street of (along from e to u + D_f[e]),

where D_f[e] is the way from f's place to node e; on one street the direct way along it counts too. Measuring
to the nearest node instead misjudges people near a limit.

Without a network the straight line is lengthened by a detour factor.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from gis.analysis.access.network import Floats, Indices, Network
from gis.analysis.access.snapping import NOWHERE, Snapped

_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest facility of each point, arrays of shape (n,): infinite and -1 where none is reached."""

    metres: Floats
    facility: Indices


@dataclass(frozen=True, slots=True)
class Pairs:
    """Points and the facilities they reach, arrays of shape (p,), ordered by point and facility."""

    point: Indices
    facility: Indices
    metres: Floats

    def __len__(self) -> int:
        return len(self.point)


@dataclass(frozen=True, slots=True)
class _Grouped:
    """Numbers of things in the order of what they belong to; `starts` tells where each group begins."""

    order: Indices
    starts: Indices

    @classmethod
    def by(cls, group: Indices, groups: int) -> _Grouped:
        order = np.argsort(group, kind="stable")
        return cls(order, np.searchsorted(group[order], np.arange(groups + 1)))

    def joined(self, wanted: Indices) -> tuple[Indices, Indices]:
        """Every member of every wanted group: the row of `wanted`, and the number of the member."""
        first, count = self.starts[wanted], self.starts[wanted + 1] - self.starts[wanted]
        row = np.repeat(np.arange(len(wanted)), count)
        shift = np.repeat(first - (np.cumsum(count) - count), count)
        return row, self.order[np.arange(len(row)) + shift]


def nearest(network: Network, points: Snapped, facilities: Snapped) -> Nearest:
    """The nearest facility of each point over the network; the lower number of equals on one street."""
    to_node, by_node = from_nearest(network, facilities)
    on = np.flatnonzero(points.edge != NOWHERE)
    edge, along, offset = points.edge[on], points.along_m[on], points.offset_m[on]
    ends = network.ends[edge]
    by_end = to_node[ends] + np.column_stack([along, network.lengths[edge] - along])
    end = by_end.argmin(axis=1)
    rows = np.arange(len(on))
    metres, facility = by_end[rows, end] + offset, by_node[ends[rows, end]]
    here, there, direct = _on_one_street(network, points[on], facilities)
    order = np.lexsort([there, direct])[::-1]  # the last one written counts: the nearest
    best = np.full(len(on), np.inf)
    best_there = np.full(len(on), NOWHERE, np.intp)
    best[here[order]], best_there[here[order]] = direct[order], there[order]
    closer = best < metres
    out = Nearest(np.full(len(points), np.inf), np.full(len(points), NOWHERE, np.intp))
    out.metres[on] = np.where(closer, best, metres)
    out.facility[on] = np.where(closer, best_there, facility)
    return out


def from_nearest(network: Network, facilities: Snapped) -> tuple[Floats, Indices]:
    """(n,) metres from each node to its nearest facility, and which one it is; infinite and -1 if none."""
    n = len(network.nodes)
    origin, node, metres = _doors(network, facilities)
    order = np.lexsort([origin, metres, node])
    first = order[np.concatenate([[True], np.diff(node[order]) > 0])[: len(order)]]
    graph = _graph(network, np.zeros(len(first), np.intp), node[first], metres[first], 1)
    found, before = dijkstra(graph, indices=n, return_predecessors=True)
    root = np.where(before == n, np.arange(n + 1), before)
    root[before < 0] = n
    while (root[root] != root).any():
        root = root[root]
    label = np.full(n + 1, NOWHERE, np.intp)
    label[node[first]] = origin[first]
    return found[:n], label[root[:n]]


def within(network: Network, points: Snapped, facilities: Snapped, limit_m: float) -> Pairs:
    """All pairs of a point and a facility not more than `limit_m` apart over the network."""
    on = np.flatnonzero(points.edge != NOWHERE)
    there = points[on]
    by_first = _Grouped.by(network.ends[there.edge, 0], len(network.nodes))
    by_second = _Grouped.by(network.ends[there.edge, 1], len(network.nodes))
    here, other, direct = _on_one_street(network, there, facilities)
    found = [(here, other, direct)]
    for first, metres in _from_each(network, facilities, limit_m):
        facility, node = np.nonzero(np.isfinite(metres))
        for by_node, only_new in ((by_first, False), (by_second, True)):
            step, point = by_node.joined(node)
            whose = facility[step]
            a, b = network.ends[there.edge[point]].T
            by_a = metres[whose, a] + there.along_m[point]
            by_b = metres[whose, b] + (network.lengths[there.edge[point]] - there.along_m[point])
            new = np.isinf(by_a) if only_new else slice(None)  # the others came by their first end
            ways = np.minimum(by_a, by_b) + there.offset_m[point]
            found.append((point[new], whose[new] + first, ways[new]))
    point, facility, ways = (np.concatenate(column) for column in zip(*found, strict=True))
    close = ways <= limit_m
    return _least(on[point[close]], facility[close], ways[close])


def ways(network: Network, points: Snapped, facilities: Snapped, limit_m: float) -> Floats:
    """(m, n) metres from each facility to each point over the network; infinite beyond `limit_m`.

    For most of the pairs there are this is quicker than `within`, and gives the same numbers.
    """
    on = np.flatnonzero(points.edge != NOWHERE)
    there = points[on]
    a, b = network.ends[there.edge].T
    rest = network.lengths[there.edge] - there.along_m
    found = np.full((len(facilities), len(points)), np.inf)
    for first, metres in _from_each(network, facilities, limit_m):
        by_ends = np.minimum(metres[:, a] + there.along_m, metres[:, b] + rest)
        found[first : first + len(metres), on] = by_ends + there.offset_m
    here, other, direct = _on_one_street(network, there, facilities)
    np.minimum.at(found, (other, on[here]), direct)
    found[found > limit_m] = np.inf
    return found


def nearest_straight(points: Floats, facilities: Floats, detour: float) -> Nearest:
    """The nearest facility in a straight line times `detour`; shapes (n, 2) and (m, 2), EPSG:4547."""
    if not len(facilities):
        return Nearest(np.full(len(points), np.inf), np.full(len(points), NOWHERE, np.intp))
    metres, facility = cKDTree(facilities).query(points)
    return Nearest(metres * detour, facility.astype(np.intp))


def ways_straight(points: Floats, facilities: Floats, limit_m: float, detour: float) -> Floats:
    """(m, n) metres in a straight line times `detour`; infinite beyond `limit_m`; EPSG:4547."""
    found: Floats = cdist(facilities, points) * detour
    found[found > limit_m] = np.inf
    return found


def within_straight(points: Floats, facilities: Floats, limit_m: float, detour: float) -> Pairs:
    """All pairs not more than `limit_m` apart in a straight line times `detour`; EPSG:4547."""
    near = cKDTree(points).sparse_distance_matrix(
        cKDTree(facilities), np.nextafter(limit_m / detour, np.inf), output_type="ndarray"
    )
    metres = near["v"] * detour
    close = metres <= limit_m
    return _least(near["i"][close], near["j"][close], metres[close])


def _doors(network: Network, facilities: Snapped) -> tuple[Indices, Indices, Floats]:
    """The two ways from each facility to the ends of its street: facility, node, metres."""
    on = np.flatnonzero(facilities.edge != NOWHERE)
    edge, along = facilities.edge[on], facilities.along_m[on]
    metres = np.column_stack([along, network.lengths[edge] - along]) + facilities.offset_m[on, None]
    return np.repeat(on, 2), network.ends[edge].ravel(), metres.ravel()


def _graph(network: Network, source: Indices, node: Indices, metres: Floats, more: int) -> csr_array:
    """Arcs of the network and one-way arcs from further nodes, by ascending `source` from 0, no arc twice."""
    arcs, n = network.arcs, len(network.nodes)
    starts = arcs.indptr[-1] + np.searchsorted(source, np.arange(1, more + 1))
    return csr_array(
        (
            np.concatenate([arcs.data, metres]),
            np.concatenate([arcs.indices, node.astype(np.int32)]),
            np.concatenate([arcs.indptr, starts.astype(np.int32)]),
        ),
        shape=(n + more, n + more),
    )


def _from_each(network: Network, facilities: Snapped, limit_m: float) -> Iterator[tuple[int, Floats]]:
    """(b, n) metres from b facilities to every node, some at a time; infinite beyond the limit."""
    n = len(network.nodes)
    origin, node, metres = _doors(network, facilities)
    # A ring has both ends at one node: of its two arcs the shorter one stays.
    order = np.lexsort([metres, node, origin])
    twice = (np.diff(origin[order]) == 0) & (np.diff(node[order]) == 0)
    order = order[np.concatenate([[True], ~twice])[: len(order)]]
    graph = _graph(network, origin[order], node[order], metres[order], len(facilities))
    for first in range(0, len(facilities), _AT_ONCE):
        some = np.arange(first, min(first + _AT_ONCE, len(facilities)))
        yield first, dijkstra(graph, indices=n + some, limit=limit_m)[:, :n]


def _on_one_street(network: Network, points: Snapped, facilities: Snapped) -> tuple[Indices, Indices, Floats]:
    """Points and facilities on one street and the direct way between them: point, facility, metres."""
    on = np.flatnonzero(facilities.edge != NOWHERE)
    point, number = _Grouped.by(facilities.edge[on], len(network.lines)).joined(points.edge)
    facility = on[number]
    apart = np.abs(points.along_m[point] - facilities.along_m[facility])
    return point, facility, apart + points.offset_m[point] + facilities.offset_m[facility]


def _least(point: Indices, facility: Indices, metres: Floats) -> Pairs:
    """Pairs in order, each once with its shortest way."""
    if not len(point):
        return Pairs(point.astype(np.intp), facility.astype(np.intp), metres)
    many = int(facility.max()) + 1
    both = point.astype(np.int64) * many + facility  # one key: sorting by two takes five times as long
    order = np.argsort(both, kind="stable")
    both, metres = both[order], metres[order]
    first = np.flatnonzero(np.concatenate([[True], np.diff(both) > 0]))
    point, facility = np.divmod(both[first], many)
    return Pairs(point.astype(np.intp), facility.astype(np.intp), np.minimum.reduceat(metres, first))
