"""The proof of a p-median: every choice that could be better is tried, or bounded away.

A node has sites that are in, and sites that may be; its bound (relaxation.py) starts from that of the node
above. The node with the least bound comes first, so that the bound of what is left rises all the time. A node
is closed when nothing better is left in it; else the site that saves most is put in, and put out.

It stands in for HiGHS here: with few sites among many places, where the relaxation leaves a gap of one or two
in a hundred, it proves in seconds what HiGHS left open after forty (programs of Elloumi 2010).
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gis.analysis.siting.model import Floats, Indices
from gis.analysis.siting.relaxation import Best, Effort, Relaxed, Task, decided, raised

_EFFORT = Effort(steps=60, patience=4, pace=0.5, least_pace=0.02)


@dataclass(frozen=True, slots=True)
class _Node:
    """Sites that are in, sites that may be, and what is known from above; `share` of the whole tree."""

    must: Indices
    may: Indices
    pays: Floats
    bound: float
    share: float


def proven(
    costs: Floats, k: int, root: Relaxed, best: Best, ends: float, progress: Callable[[float], None]
) -> float:
    """Make `best` the best there is, and give the bound that proves it, or that of what is left at `ends`.

    Parameters
    ----------
    costs : (m, n) of each site for each point; k < m.
    ends : when to stop, by `time.monotonic`.
    progress : called with the share of the tree that is closed; what it raises ends the work.
    """
    must, may = decided(Task(costs, 0, k), root, best)
    count, closed = itertools.count(), 0.0
    open_nodes = [(root.bound, next(count), _Node(must, may, root.pays, root.bound, 1.0))]
    while open_nodes:
        progress(closed)
        bound, _, node = heapq.heappop(open_nodes)
        if bound > best.enough:
            return best.reached
        if time.monotonic() > ends:
            return bound
        branches = _branches(costs, k, node, best)
        for branch in branches:
            heapq.heappush(open_nodes, (branch.bound, next(count), branch))
        closed += node.share - sum(branch.share for branch in branches)
    return best.reached


def _branches(costs: Floats, k: int, node: _Node, best: Best) -> list[_Node]:
    """What is left of a node: one or two nodes, or none."""
    musts = len(node.must)
    if musts >= k or musts + len(node.may) <= k:
        left = np.concatenate([node.must, node.may])
        best.offer(costs, left, _filled(costs, left[:k], k))
        return []
    sites = np.concatenate([node.must, node.may])
    task = Task(costs[sites], musts, k)
    relaxed = raised(task, node.pays, best, _EFFORT)
    if relaxed.bound > best.enough:
        return []
    order = np.argsort(relaxed.worth[musts:], kind="stable") + musts
    best.offer(costs, sites, sites[np.concatenate([np.arange(musts), order[: k - musts]])])
    more, may = decided(task, relaxed, best)
    must = np.concatenate([node.must, sites[more]])
    bound, share = max(relaxed.bound, node.bound), node.share / 2.0
    if not len(may):
        return [_Node(must, may, relaxed.pays, bound, node.share)]
    first = may[relaxed.worth[may].argmin()]
    rest = sites[may[may != first]]
    return [
        _Node(must, rest, relaxed.pays, bound, share),
        _Node(np.append(must, sites[first]), rest, relaxed.pays, bound, share),
    ]


def _filled(costs: Floats, chosen: Indices, k: int) -> Indices:
    """Exactly k sites: the lowest numbers are added where fewer are left, which costs nothing."""
    others = np.setdiff1d(np.arange(len(costs)), chosen)
    return np.concatenate([chosen, others[: k - len(chosen)]])
