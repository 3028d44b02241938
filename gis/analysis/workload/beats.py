"""Proposing beats: connected groups of cells that carry about the same load. Pure, deterministic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.analysis.workload.fairness import Spread, spread
from gis.analysis.workload.flips import Homes, Plan, balance, smooth
from gis.analysis.workload.graph import CellGraph
from gis.analysis.workload.growth import divide
from gis.analysis.workload.present import from_present
from gis.errors import InvalidInput

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_SEED = 20140101


@dataclass(frozen=True, slots=True)
class Present:
    """The plan of today: the beat of each cell (n,), -1 for a cell of nobody, and what each counts, (n,).

    What counts, e.g. buildings, tells how much of a plan is kept.
    """

    labels: Ints
    size: Floats


@dataclass(frozen=True, slots=True)
class Wishes:
    """How many beats; what share of today's plan stays, 0 to 1; by how much of the mean a beat may be off."""

    beats: int
    keep: float = 0.0
    max_dev: float = 0.1


@dataclass(frozen=True, slots=True)
class Proposal:
    """Beats and how they compare with today's.

    Attributes
    ----------
    labels : beat of each cell, 0..k-1, (n,).
    heir_of : which of today's beats each goes on with, -1 for a new one, (k,); each at most once.
    before, after : figures of today's beats and of the proposed; `before` is None without a plan of today.
    moved : cells that go to another beat than that which goes on with theirs, (n,).
    kept : share of what counts that stays, 0 to 1; None without a plan of today.
    lower_bound : the heaviest cell by the mean of a beat: max/mean can never be less, nor less than 1.
    outside : beats farther than wished from the mean.
    """

    labels: Ints
    heir_of: Ints
    before: Spread | None
    after: Spread
    moved: NDArray[np.bool_]
    kept: float | None
    lower_bound: float
    outside: int


def propose_beats(
    graph: CellGraph, loads: Floats, wishes: Wishes, *, regions: Ints, present: Present | None = None
) -> Proposal:
    """Divide cells into beats.

    Beats are connected in the graph and do not cross regions, every cell is in one beat. Two plans are made
    and made more even cell by cell: one from nothing, and one from today's. Of those that keep enough the
    more even one is proposed; if neither does, the one that keeps more. Where there is room within
    `max_dev`, borders are then made shorter. Compared with a connected plan of today of as many beats in
    the same regions it is never less even.

    Parameters
    ----------
    graph : n cells, connected within each region.
    loads : (n,), none negative.
    regions : (n,) the community of each cell, or zeros.

    Raises
    ------
    InvalidInput
        Fewer beats than regions, or more than cells; `pointer` is "beats".
    """
    counts = allot(loads, regions, wishes.beats)
    plans = [_finished(graph, loads, _fresh(graph, loads, regions, counts), wishes, present)]
    if present is not None:
        started = from_present(graph, loads, present.labels, regions, counts)
        plans.append(_finished(graph, loads, started, wishes, present))
    if present is None or wishes.keep <= 0:
        chosen = min(plans, key=lambda plan: round(plan.after.cv, 9))
    else:
        enough = [plan for plan in plans if (plan.kept or 0.0) >= wishes.keep]
        chosen = min(enough or plans, key=lambda plan: plan.after.cv if enough else -(plan.kept or 0.0))
    return chosen


def allot(loads: Floats, regions: Ints, beats: int) -> Ints:
    """How many beats each region 0..r-1 gets, (r,): one, and the rest by equal proportions (Huntington-Hill).

    No region gets more beats than it has cells.
    """
    cells = np.bincount(regions)
    if not len(cells) <= beats <= len(regions):
        raise InvalidInput(
            "There are at least as many beats as communities to keep to, and at most as many as cells.",
            pointer="beats",
        )
    load = np.bincount(regions, loads, len(cells))
    given = np.ones(len(cells), dtype=np.int64)
    for _ in range(beats - len(cells)):
        claim = np.where(given < cells, (load + 1e-12) / np.sqrt(given * (given + 1.0)), -1.0)
        given[int(np.argmax(claim))] += 1
    return given


def _fresh(graph: CellGraph, loads: Floats, regions: Ints, counts: Ints) -> Ints:
    labels = np.zeros(len(loads), dtype=np.int64)
    first = 0
    for region, count in enumerate(counts.tolist()):
        nodes = np.flatnonzero(regions == region)
        rng = np.random.default_rng([_SEED, region])
        labels[nodes] = first + divide(graph, nodes, loads, count, rng)
        first += count
    return labels


def _finished(
    graph: CellGraph, loads: Floats, labels: Ints, wishes: Wishes, present: Present | None
) -> Proposal:
    """A plan made as even as it gets, then smoother where that costs nothing wished for."""
    before = None if present is None else _before(loads, present)
    plan = Plan(graph, loads, labels, _homes(labels, wishes, present))
    balance(plan)
    even = _told(plan, loads, wishes, present)
    smooth(plan, wishes.max_dev)
    smoother = _told(plan, loads, wishes, present)
    worse = before is not None and smoother.after.cv > before.cv >= even.after.cv
    return even if worse or smoother.outside > even.outside else smoother


def _homes(labels: Ints, wishes: Wishes, present: Present | None) -> Homes | None:
    """Where cells are at home in a plan that goes on with today's; nothing is kept of what is nobody's."""
    if present is None or wishes.keep <= 0:
        return None
    heir_of = heirs(labels, present)
    beat_of = {int(old): beat for beat, old in enumerate(heir_of) if old >= 0}
    # A cell whose beat nobody goes on with is away wherever it is.
    home = np.array([beat_of.get(int(old), -2) if old >= 0 else -1 for old in present.labels])
    known = float(present.size[present.labels >= 0].sum())
    return Homes(home, present.size, (1.0 - wishes.keep) * known + 1e-9)


def heirs(labels: Ints, present: Present) -> Ints:
    """Which of today's beats each new one goes on with so that most stays, -1 for none, (k,)."""
    from scipy.optimize import linear_sum_assignment  # a web page loads no scipy

    known = present.labels >= 0
    shared = np.zeros((int(labels.max()) + 1, int(present.labels.max(initial=-1)) + 1))
    np.add.at(shared, (labels[known], present.labels[known]), present.size[known] + 1e-9)
    heir_of = np.full(len(shared), -1, dtype=np.int64)
    rows, columns = linear_sum_assignment(-shared)
    some = shared[rows, columns] > 0
    heir_of[rows[some]] = columns[some]
    return heir_of


def _told(plan: Plan, loads: Floats, wishes: Wishes, present: Present | None) -> Proposal:
    """The state of a plan as a proposal, beats numbered in the order of their first cells."""
    first: dict[int, int] = {}
    labels = np.array([first.setdefault(label, len(first)) for label in plan.labels], dtype=np.int64)
    held = np.bincount(labels, loads)
    after = spread(held)
    off = np.abs(held - after.mean) > wishes.max_dev * after.mean + 1e-9
    moved, kept, heir_of = np.zeros(len(labels), dtype=np.bool_), None, np.full(len(held), -1)
    if present is not None:
        heir_of = heirs(labels, present)
        known = present.labels >= 0
        moved = known & (heir_of[labels] != present.labels)
        whole = float(present.size[known].sum())
        kept = 1.0 - float(present.size[moved].sum()) / whole if whole else 1.0
    bound = float(loads.max()) / after.mean if after.mean else 0.0
    before = None if present is None else _before(loads, present)
    return Proposal(labels, heir_of, before, after, moved, kept, bound, int(off.sum()))


def _before(loads: Floats, present: Present) -> Spread:
    known = present.labels >= 0
    _, beat = np.unique(present.labels[known], return_inverse=True)
    return spread(np.bincount(beat, loads[known]))
