"""Making connected beats more even by moving cells over their borders. Pure, deterministic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.analysis.workload.graph import CellGraph

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Move = tuple[int, int]

_PASSES = 200
_LEAST_GAIN = 1e-9  # of the squared mean load


@dataclass(frozen=True, slots=True)
class Homes:
    """Which beat each node is at home in (n,), -1: nowhere; what each counts (n,); what may be away."""

    beat: Ints
    size: Floats
    limit: float


class Plan:
    """Beats of a graph while they change: each stays connected and keeps at least one cell."""

    def __init__(self, graph: CellGraph, loads: Floats, labels: Ints, homes: Homes | None = None) -> None:
        self.graph = graph
        self.loads: list[float] = np.asarray(loads, dtype=np.float64).tolist()
        self.labels: list[int] = np.asarray(labels).tolist()
        count = max(self.labels) + 1
        self.held = np.bincount(self.labels, self.loads, count).tolist()
        self.members: list[set[int]] = [set() for _ in range(count)]
        for node, label in enumerate(self.labels):
            self.members[label].add(node)
        self.mean = sum(self.held) / count
        self.homes = homes
        self.away = sum(self._abroad(node, label) for node, label in enumerate(self.labels))

    def may_afford(self, *moves: Move) -> bool:
        """Whether no more is away from home after the moves than may be, or no more than now."""
        if self.homes is None:
            return True
        more = sum(self._abroad(node, to) - self._abroad(node, self.labels[node]) for node, to in moves)
        return more <= 0 or self.away + more <= self.homes.limit

    def _abroad(self, node: int, label: int) -> float:
        if self.homes is None or self.homes.beat[node] in (label, -1):
            return 0.0
        return float(self.homes.size[node])

    def may_leave(self, node: int, taking: int | None = None) -> bool:
        """Whether a node's beat stays connected without it; with `taking` in its place, if one comes."""
        beat = self.members[self.labels[node]]
        rest = beat - {node} if taking is None else (beat - {node}) | {taking}
        # Only what hung on the node can fall off, and a newcomer must hang on the rest.
        loose = [other for other in self.graph.border[node] if other in rest]
        if taking is not None and taking not in loose:
            loose.append(taking)
        if not loose:
            return False
        return self._hang_together(loose, rest)

    def _hang_together(self, loose: list[int], rest: set[int]) -> bool:
        wanted, found, open_ = set(loose[1:]), {loose[0]}, [loose[0]]
        while open_ and wanted:
            for other in self.graph.border[open_.pop()]:
                if other in rest and other not in found:
                    found.add(other)
                    wanted.discard(other)
                    open_.append(other)
        return not wanted

    def move(self, node: int, label: int) -> None:
        """Give a node to another beat."""
        before = self.labels[node]
        self.away += self._abroad(node, label) - self._abroad(node, before)
        self.members[before].remove(node)
        self.members[label].add(node)
        self.labels[node] = label
        self.held[before] -= self.loads[node]
        self.held[label] += self.loads[node]

    def over_borders(self) -> Iterator[tuple[int, int]]:
        """Every node with each other beat it borders on, in order."""
        for node, label in enumerate(self.labels):
            for other in sorted({self.labels[near] for near in self.graph.border[node]}):
                if other != label:
                    yield node, other

    def gain(self, node: int, label: int, back: float = 0.0) -> float:
        """By how much the sum of squared loads falls when a node moves and `back` comes in return."""
        passed = self.loads[node] - back
        return float(2.0 * passed * (self.held[self.labels[node]] - self.held[label] - passed))

    def border_saved(self, node: int, label: int) -> float:
        """Metres of border between beats that a move does away with; negative if it makes more."""
        near = self.graph.border[node]
        own = sum(metres for other, metres in near.items() if self.labels[other] == self.labels[node])
        new = sum(metres for other, metres in near.items() if self.labels[other] == label)
        return float(new - own)


def balance(plan: Plan) -> None:
    """Move single cells, then pairs, as long as the sum of squared loads falls."""
    for _ in range(_PASSES):
        if not _moved(plan) and not _swapped(plan):
            return


def smooth(plan: Plan, max_dev: float) -> None:
    """Shorten the borders by moves that leave both beats within `max_dev` of the mean load."""
    low, high = (1.0 - max_dev) * plan.mean, (1.0 + max_dev) * plan.mean
    for _ in range(_PASSES):
        moves = [(plan.border_saved(node, label), node, label) for node, label in plan.over_borders()]
        done = False
        for _, node, label in sorted(moves, key=lambda move: (-move[0], move[1:])):
            fits = (
                label != plan.labels[node]
                and plan.held[plan.labels[node]] - plan.loads[node] >= low
                and plan.held[label] + plan.loads[node] <= high
                and plan.border_saved(node, label) > 1.0
            )
            if (
                fits
                and plan.may_afford((node, label))
                and _is_near(plan, node, label)
                and plan.may_leave(node)
            ):
                plan.move(node, label)
                done = True
        if not done:
            return


def _moved(plan: Plan) -> bool:
    least = _LEAST_GAIN * plan.mean**2
    moves = [(plan.gain(node, label), node, label) for node, label in plan.over_borders()]
    moves = [move for move in moves if move[0] > least]
    done = False
    for _, node, label in sorted(moves, key=lambda move: (-move[0], move[1:])):
        if label == plan.labels[node] or plan.gain(node, label) <= least:
            continue
        if plan.may_afford((node, label)) and _is_near(plan, node, label) and plan.may_leave(node):
            plan.move(node, label)
            done = True
    return done


def _swapped(plan: Plan) -> bool:
    """Exchange one pair of cells over a border between beats, for each such border."""
    edge: dict[tuple[int, int], list[int]] = {}
    for node, label in plan.over_borders():
        edge.setdefault((plan.labels[node], label), []).append(node)
    apart = sorted(edge, key=lambda pair: (plan.held[pair[1]] - plan.held[pair[0]], pair))
    done = False
    for pair in apart:
        done |= _swap_one(plan, edge[pair], edge[pair[::-1]])
    return done


def _swap_one(plan: Plan, ours: list[int], theirs: list[int]) -> bool:
    """The best exchange of one of our cells for one of theirs that leaves both beats connected."""
    least = _LEAST_GAIN * plan.mean**2
    if not ours or not theirs:
        return False
    own, other = plan.labels[ours[0]], plan.labels[theirs[0]]
    pairs = [
        (plan.gain(node, other, plan.loads[back]), node, back)
        for node in ours
        if plan.labels[node] == own
        for back in theirs
        if plan.labels[back] == other
    ]
    for gain, node, back in sorted(pairs, key=lambda pair: (-pair[0], pair[1:])):
        if gain <= least:
            return False
        if not plan.may_afford((node, other), (back, own)):
            continue
        if plan.may_leave(node, taking=back) and plan.may_leave(back, taking=node):
            plan.move(node, other)
            plan.move(back, own)
            return True
    return False


def _is_near(plan: Plan, node: int, label: int) -> bool:
    return any(plan.labels[other] == label for other in plan.graph.border[node])
