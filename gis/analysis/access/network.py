"""A network of streets to walk on, made from lines.

* Lines meet where they share a vertex, at their ends or between, as in OpenStreetMap, and where one ends on
  another, as in drawings; an end within `join_m` of a line is on it. Lines that only cross are bridges.
* Every street can be walked both ways: one-way rules bind vehicles.
* Lengths are those of the lines in EPSG:4547. Slopes, stairs and waiting at lights are not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Bools = NDArray[np.bool_]
Lines = NDArray[np.object_]

JOIN_M = 0.01
_LOOSE_M = 1.0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many of the given lines are no street: they are shut, or have no length."""

    closed: int
    empty: int


@dataclass(frozen=True)
class Network:
    """Streets between nodes; metres in EPSG:4547, (easting, northing).

    Attributes
    ----------
    nodes : (n, 2) places where streets meet or end.
    ends : (m, 2) nodes at the first and last vertex of each street.
    lengths : (m,) metres.
    lines : (m,) LineStrings.
    row : (m,) number of the given line each street is a piece of.
    part : (m,) number of the connected part each street is in, 0 the longest.
    """

    nodes: Floats
    ends: Indices
    lengths: Floats
    lines: Lines
    row: Indices
    part: Indices
    left_out: LeftOut

    @classmethod
    def from_lines(cls, lines: Lines, *, closed: Bools | None = None, join_m: float = JOIN_M) -> Network:
        """Cut lines where they meet; the module tells where that is.

        Parameters
        ----------
        lines : (k,) LineStrings, MultiLineStrings or None, EPSG:4547.
        closed : (k,) lines nobody may walk on; all are open by default.
        join_m : how far an end may be from the line it is meant to meet; 0 for shared vertices only.

        Raises
        ------
        ValueError
            If a coordinate is not finite, or a geometry is no line.
        """
        given = np.asarray(lines, dtype=object)
        shut = np.zeros(len(given), bool) if closed is None else np.asarray(closed, bool)
        parts, row = _simple(given, shut)
        points, of_line = _vertices(parts, join_m)
        place = _places(points, of_line, join_m)
        first, last = _cut(place, of_line)
        pieces = _pieces(points, first, last)
        ends, lengths = np.column_stack([place[first], place[last]]), shapely.length(pieces)
        real = (ends[:, 0] != ends[:, 1]) | (lengths > join_m)
        ends, lengths, pieces = ends[real], lengths[real], pieces[real]
        kept, ends = np.unique(ends, return_inverse=True)
        ends = ends.reshape(-1, 2).astype(np.intp)
        _, at = np.unique(place, return_index=True)
        nodes = points[at[kept]]
        left_out = LeftOut(
            closed=int(shut.sum()),
            empty=int((shapely.is_missing(given) | (shapely.length(given) == 0))[~shut].sum()),
        )
        source = row[of_line[first]][real]
        return cls(nodes, ends, lengths, pieces, source, _parts(ends, lengths, len(nodes)), left_out)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index over the streets."""
        return shapely.STRtree(self.lines)

    @cached_property
    def arcs(self) -> csr_array:
        """(n, n) metres from node to node along the shortest street between them, both ways."""
        tail, head = np.concatenate([self.ends, self.ends[:, ::-1]]).T
        metres = np.tile(self.lengths, 2)
        order = np.lexsort([metres, head, tail])
        tail, head, metres = tail[order], head[order], metres[order]
        # csgraph adds parallel arcs up; only the shortest may stay.
        first = np.concatenate([[True], (np.diff(tail) > 0) | (np.diff(head) > 0)])[: len(tail)]
        starts = np.searchsorted(tail[first], np.arange(len(self.nodes) + 1)).astype(np.int32)
        size = (len(self.nodes), len(self.nodes))
        return csr_array((metres[first], head[first].astype(np.int32), starts), shape=size)

    @cached_property
    def loose_ends(self) -> int:
        """Dead ends within a metre of a street they do not meet: most are slips in drawing."""
        dead = np.flatnonzero(np.bincount(self.ends.ravel(), minlength=len(self.nodes)) == 1)
        places = shapely.points(self.nodes[dead])
        which, street = self.tree.query(places, predicate="dwithin", distance=_LOOSE_M)
        other = (self.ends[street] != dead[which][:, None]).all(axis=1)
        return len(np.unique(which[other]))

    @cached_property
    def crossings(self) -> int:
        """Pairs of streets that cross without a common vertex, taken as bridges."""
        one, other = self.tree.query(self.lines, predicate="crosses")
        return int((one < other).sum())

    def longest_part(self) -> Network:
        """The network without streets that cannot be reached from its longest connected part.

        People beside an island in the data would otherwise seem to reach nothing.
        """
        inside = self.part == 0
        kept, ends = np.unique(self.ends[inside], return_inverse=True)
        return Network(
            self.nodes[kept],
            ends.reshape(-1, 2).astype(np.intp),
            self.lengths[inside],
            self.lines[inside],
            self.row[inside],
            self.part[inside],
            self.left_out,
        )


def _simple(given: Lines, shut: Bools) -> tuple[Lines, Indices]:
    """LineStrings of some length that are not shut, and the rows they came from."""
    kind = shapely.get_type_id(given)
    if not np.isin(kind, [-1, 1, 2, 5]).all():
        raise ValueError("a network is made of lines only")
    parts, row = shapely.get_parts(given, return_index=True)
    wanted = ~shut[row] & (shapely.length(parts) > 0)
    parts, row = parts[wanted], row[wanted]
    if not np.isfinite(shapely.get_coordinates(parts)).all():
        raise ValueError("a line has a coordinate that is not finite")
    return parts, row.astype(np.intp)


def _vertices(parts: Lines, join_m: float) -> tuple[Floats, Indices]:
    """Vertices (v, 2) and their lines, with one more wherever another line ends between two of them."""
    points, of_line = shapely.get_coordinates(parts, return_index=True)
    if join_m <= 0 or not len(points):
        return points, of_line
    rows = _end_rows(of_line)
    where, at = np.unique(points[rows], axis=0, return_inverse=True)  # most ends are those of several lines
    ends = np.asarray(shapely.points(where), dtype=object)
    which, line = shapely.STRtree(parts).query(ends, predicate="dwithin", distance=join_m)
    own = np.isin(which * len(parts) + line, at.reshape(-1) * len(parts) + of_line[rows])
    which, line = which[~own], line[~own]
    # Lines are laid one behind the other, so that one search finds the vertices before and after each end.
    steps = np.hypot(*np.diff(points, axis=0).T) * (np.diff(of_line) == 0)
    way = np.concatenate([[0.0], np.cumsum(steps)])
    along = way[np.searchsorted(of_line, line)] + shapely.line_locate_point(parts[line], ends[which])
    order = np.argsort(along, kind="stable")
    line, along, new = line[order], along[order], where[which[order]]
    after = np.clip(np.searchsorted(way, along), 1, len(way) - 1)
    between = np.ones(len(after), bool)
    for vertex in (after - 1, after):
        between &= (of_line[vertex] == line) & (np.hypot(*(points[vertex] - new).T) > join_m)
    after = after[between]
    return np.insert(points, after, new[between], axis=0), np.insert(of_line, after, line[between])


def _end_rows(of_line: Indices) -> Indices:
    """Rows of the first and last vertex of each line."""
    turns = np.flatnonzero(np.diff(of_line))
    return np.unique(np.concatenate([[0], turns, turns + 1, [len(of_line) - 1]]))


def _places(points: Floats, of_line: Indices, join_m: float) -> Indices:
    """(v,) number of the place of each vertex; vertices of one place have one number."""
    where, place = np.unique(points, axis=0, return_inverse=True)
    place = place.reshape(-1).astype(np.intp)
    if join_m <= 0 or not len(where):
        return place
    at_end = np.zeros(len(where), bool)
    at_end[place[_end_rows(of_line)]] = True
    pairs = cKDTree(where).query_pairs(join_m, output_type="ndarray")
    pairs = pairs[at_end[pairs].any(axis=1)]
    if not len(pairs):
        return place
    size = (len(where), len(where))
    joined = csr_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=size)
    _, group = connected_components(joined, directed=False)
    return np.asarray(group, np.intp)[place]


def _cut(place: Indices, of_line: Indices) -> tuple[Indices, Indices]:
    """Rows of the first and last vertex of each street: lines are cut where a place is met twice."""
    starts = np.concatenate([[True], of_line[1:] != of_line[:-1]])[: len(of_line)]
    stops = np.concatenate([of_line[1:] != of_line[:-1], [True]])[-len(of_line) :] if len(of_line) else starts
    again = np.concatenate([[False], (place[1:] == place[:-1]) & ~starts[1:]])[: len(place)]
    met = np.bincount(place[~again], minlength=place.max(initial=-1) + 1)
    node = starts | stops | ((met[place] > 1) & ~again)
    rows = np.flatnonzero(node)
    inside = of_line[rows[:-1]] == of_line[rows[1:]]
    return rows[:-1][inside], rows[1:][inside]


def _pieces(points: Floats, first: Indices, last: Indices) -> Lines:
    """LineStrings of the vertices from `first` to `last`, both included."""
    counts = last - first + 1
    number = np.repeat(np.arange(len(first)), counts)
    rows = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    return np.asarray(shapely.linestrings(points[rows], indices=number), dtype=object).reshape(-1)


def _parts(ends: Indices, lengths: Floats, n_nodes: int) -> Indices:
    """(m,) connected part of each street, the longest first, equals by their first node."""
    links = csr_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(n_nodes, n_nodes))
    count, label = connected_components(links, directed=False)
    metres = np.bincount(label[ends[:, 0]], lengths, minlength=count)
    rank: Indices = np.empty(count, np.intp)
    rank[np.argsort(-metres, kind="stable")] = np.arange(count)
    return np.asarray(rank[label[ends[:, 0]]], np.intp)
