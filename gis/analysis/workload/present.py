"""Turning the plan of today into connected beats of a wanted number. Pure, deterministic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.analysis.workload.graph import CellGraph
from gis.analysis.workload.growth import divide

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_SEED = 20140102


def from_present(graph: CellGraph, loads: Floats, present: Ints, regions: Ints, counts: Ints) -> Ints:
    """Connected beats near to today's, `counts[r]` of them in region r.

    A beat that is in pieces, or in several regions, comes apart. While there are too many, first a cell of
    nobody, then the smaller pieces of a beat, then the lightest beat joins its lightest neighbour; while
    there are too few, the heaviest is halved.

    Parameters
    ----------
    graph : n cells, connected within each region.
    present : (n,) beat of each cell, -1 for a cell of nobody.

    Returns
    -------
    ndarray
        (n,) numbers from 0.
    """
    labels = np.zeros(len(loads), dtype=np.int64)
    first = 0
    for region, count in enumerate(counts.tolist()):
        nodes = np.flatnonzero(regions == region)
        parts = _parts(graph, nodes.tolist(), present)
        _merge(graph, loads, parts, count)
        members = [part.nodes for part in parts]
        rng = np.random.default_rng([_SEED, region])
        while len(members) < count:
            _halve(graph, loads, members, rng)
        for number, own in enumerate(sorted(members, key=min)):
            labels[sorted(own)] = first + number
        first += count
    return labels


class _Part:
    """A connected piece of a beat; `rank` 0 of nobody, 1 a smaller piece, 2 the largest of its beat."""

    def __init__(self, nodes: set[int], load: float, rank: int) -> None:
        self.nodes, self.load, self.rank = nodes, load, rank


def _parts(graph: CellGraph, nodes: list[int], present: Ints) -> list[_Part]:
    by_beat: dict[int, set[int]] = {}
    for node in nodes:
        by_beat.setdefault(int(present[node]), set()).add(node)
    parts = []
    for beat, own in sorted(by_beat.items()):
        pieces = []
        while own:
            piece = graph.reached(min(own), own)
            own -= piece
            pieces.append(piece)
        pieces.sort(key=lambda piece: (-len(piece), min(piece)))
        for number, piece in enumerate(pieces):
            parts.append(_Part(piece, 0.0, 0 if beat < 0 else 1 if number else 2))
    return parts


def _merge(graph: CellGraph, loads: Floats, parts: list[_Part], count: int) -> None:
    owner: dict[int, _Part] = {}
    for part in parts:
        part.load = float(loads[sorted(part.nodes)].sum())
        owner.update(dict.fromkeys(part.nodes, part))
    while len(parts) > count:
        small = min(parts, key=lambda part: (part.rank, part.load, min(part.nodes)))
        near = {
            id(owner[other]): owner[other]
            for node in small.nodes
            for other in graph.border[node]
            if owner[other] is not small
        }
        home = min(near.values(), key=lambda part: (part.rank != 2, part.load, min(part.nodes)))
        home.nodes |= small.nodes
        home.load += small.load
        home.rank = max(home.rank, small.rank)
        owner.update(dict.fromkeys(small.nodes, home))
        parts.remove(small)


def _halve(graph: CellGraph, loads: Floats, members: list[set[int]], rng: np.random.Generator) -> None:
    """Halve the heaviest part that has more than one cell."""
    heaviest = max(
        (own for own in members if len(own) > 1), key=lambda own: (loads[sorted(own)].sum(), -min(own))
    )
    nodes = np.array(sorted(heaviest))
    half = divide(graph, nodes, loads, 2, rng)
    members.remove(heaviest)
    members += [set(nodes[half == number].tolist()) for number in (0, 1)]
