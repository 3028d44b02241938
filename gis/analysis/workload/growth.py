"""A first division of a graph into connected parts of about equal load: by cuts of spanning trees. Pure."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from gis.analysis.workload.graph import CellGraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_TREES = 12
"""Spanning trees tried for a cut; more gain little, for flips put right what is left."""

_BORDER_PRICE = 0.02
"""A cut through all the border there is costs as much as this share of the load on the wrong side."""


def divide(graph: CellGraph, nodes: Ints, loads: Floats, count: int, rng: np.random.Generator) -> Ints:
    """Number the nodes of a connected graph so that each number is connected and they weigh about alike.

    Halves the nodes again and again, each time at the tree edge that fits best: taking one edge out of a
    spanning tree always leaves two connected parts.

    Parameters
    ----------
    nodes : (m,) nodes of the graph, connected among themselves.
    loads : (n,) of all nodes of the graph.
    count : how many parts, 1 to m.

    Returns
    -------
    ndarray
        (m,) numbers 0..count-1, in the order of `nodes`.
    """
    labels = np.zeros(len(nodes), dtype=np.int64)
    if count == 1:
        return labels
    low = count // 2
    inside = _low_half(graph, nodes, loads[nodes], (low, count - low), rng)
    if not inside.any():  # a star falls into no two halves; one node can always be taken off
        low = 1
        inside = _low_half(graph, nodes, loads[nodes], (1, count - 1), rng)
    labels[inside] = divide(graph, nodes[inside], loads, low, rng)
    labels[~inside] = low + divide(graph, nodes[~inside], loads, count - low, rng)
    return labels


def _low_half(
    graph: CellGraph, nodes: Ints, loads: Floats, counts: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Which nodes make up the first of two connected parts that shall hold so many parts each.

    None at all if no tree had a branch with enough nodes on both sides.
    """
    place = {node: position for position, node in enumerate(nodes.tolist())}
    around = [
        [(place[other], metres) for other, metres in graph.border[node].items() if other in place]
        for node in place
    ]
    weights = loads.tolist()
    whole = max(sum(metres for known in around for _, metres in known), 1.0)
    best, chosen = np.inf, np.zeros(len(nodes), dtype=np.bool_)
    for _ in range(_TREES):
        order, parent = _spanning_tree(around, rng)
        held, size = _branches(order, parent, weights)
        for wanted in sorted(set(counts)):
            root, off = _best_cut(held, size, wanted / sum(counts), (wanted, sum(counts) - wanted))
            if off >= best:
                continue
            inside = _branch(order, parent, root)
            cut = sum(
                metres
                for node, known in enumerate(around)
                for other, metres in known
                if inside[node] != inside[other]
            )
            if off + _BORDER_PRICE * cut / whole < best:
                best = off + _BORDER_PRICE * cut / whole
                chosen = np.array(inside) if wanted == counts[0] else ~np.array(inside)
    return chosen


def _spanning_tree(
    around: list[list[tuple[int, float]]], rng: np.random.Generator
) -> tuple[list[int], list[int]]:
    """A random spanning tree from node 0 (Prim): nodes in the order they were reached, parent of each.

    Trees along long borders are bushy, and their branches compact. In plain Python, for most graphs here
    are small: scipy's tree takes a millisecond for any.
    """
    parent = [-1] * len(around)
    order, seen = [], [False] * len(around)
    chance = iter(rng.random(2 * sum(len(known) for known in around) + 1).tolist())
    edges = [(0.0, 0, -1)]
    while edges:
        _, node, before = heappop(edges)
        if seen[node]:
            continue
        seen[node], parent[node] = True, before
        order.append(node)
        for other, metres in around[node]:
            if not seen[other]:
                heappush(edges, (0.05 + next(chance) / (1.0 + metres), other, node))
    return order, parent


def _branches(order: list[int], parent: list[int], loads: list[float]) -> tuple[list[float], list[int]]:
    """What the branch below each node weighs, itself included, and how many nodes it has."""
    held, size = list(loads), [1] * len(loads)
    for node in order[:0:-1]:
        held[parent[node]] += held[node]
        size[parent[node]] += size[node]
    return held, size


def _best_cut(held: list[float], size: list[int], share: float, least: tuple[int, int]) -> tuple[int, float]:
    """The branch nearest to a share of the load that leaves enough nodes on both sides, and how far off."""
    total = max(held[0], 1e-12)
    best, root = np.inf, 0
    for node in range(1, len(held)):
        off = abs(held[node] / total - share)
        if off < best and size[node] >= least[0] and len(held) - size[node] >= least[1]:
            best, root = off, node
    return root, best


def _branch(order: list[int], parent: list[int], root: int) -> list[bool]:
    inside = [False] * len(order)
    inside[root] = True
    for node in order[1:]:
        if inside[parent[node]]:
            inside[node] = True
    return inside
