"""Gi* of 800 cells; bunches in place and time among 300,000 incidents of three years, 12 implanted."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.analysis.hotspots.chance import Chance
from gis.analysis.hotspots.gi_star import gi_star
from gis.analysis.hotspots.space_time import Bunches, Near, members
from gis.analysis.hotspots.weights import Weights, contiguity
from scripts.benchmark.coverage.data import Data
from scripts.benchmark.coverage.row import Row, alternate, check

TITLE = "Hot spots"
ORDER = 80

_INCIDENTS, _DAYS = 300_000, 1_096
_BUNCHES, _OF, _FOR_DAYS, _SPREAD_M = 12, 150, 8.0, 60.0
_NEAR = Near(150.0, 5.0, 60)
_LEVEL, _EMPTY = 0.05, 5

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Incidents:
    """Places (n, 2), days since the first, and the number of the implanted bunch or -1."""

    xy: Floats
    at_days: Floats
    bunch: Ints


def rows(data: Data, rounds: int) -> list[Row]:
    """Gi* beside esda; bunches found, missed and invented."""
    return [*_gi_star(data, rounds), *_bunches(data, rounds)]


def _gi_star(data: Data, rounds: int) -> list[Row]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of old names in its own code
        import esda
        import libpysal

    rate = data.stream(80).gamma(2.0, 3.0, len(data.cells))
    weights = contiguity(data.cells)
    star = libpysal.weights.fill_diagonal(_as_theirs(libpysal, weights), 1.0)

    def theirs() -> Floats:
        return np.asarray(esda.G_Local(rate, star, transform="B", star=True, permutations=0).Zs)

    off = float(np.abs(gi_star(rate, weights) - theirs()).max())
    check(off <= 1e-10, f"Gi* is {off:g} off esda's")
    times = alternate(rounds, ours=lambda: gi_star(rate, weights), esda=theirs)
    return [
        Row("Gi* of every cell", ours=times["ours"], peer="esda", theirs=times["esda"], at_least=1.0),
        Row("Gi*, farthest from esda", value=off, unit="", at_most=1e-10),
    ]


def _as_theirs(libpysal, weights: Weights):  # type: ignore[no-untyped-def]
    near: dict[int, list[int]] = {cell: [] for cell in range(weights.size)}
    for begin, end in zip(weights.begin.tolist(), weights.end.tolist(), strict=True):
        near[begin].append(end)
    return libpysal.weights.W(near, silence_warnings=True)


def _bunches(data: Data, rounds: int) -> list[Row]:
    made = _made(data, 0, _BUNCHES)
    told = [_implanted(made, rows) for rows in _found(made)]
    missed, invented = _BUNCHES - len({*told} - {-1}), told.count(-1)
    times = alternate(rounds, ours=lambda: _found(made))
    on_nothing = sum(len(_found(_made(data, 1 + turn, 0))) for turn in range(_EMPTY))
    return [
        Row("bunches among 300,000 incidents, with p", ours=times["ours"], at_most=1.0),
        Row(f"of {_BUNCHES} implanted ones missed", value=missed, unit="",
            at_most=1.0),
        Row("told and not implanted", value=invented, unit="", at_most=0.0),
        Row(f"told in {_EMPTY} districts without any", value=on_nothing, unit="", at_most=1.0,
            note=f"clusters of ST-DBSCAN that are more than chance at a level of {_LEVEL:g}"),
    ]  # fmt: skip


def _implanted(made: Incidents, rows: Ints) -> int:
    """The implanted bunch of which a cluster holds at least half; -1 for none."""
    of = np.bincount(made.bunch[rows] + 1, minlength=_BUNCHES + 1)[1:]
    return int(np.argmax(of)) if of.max() >= _OF / 2 else -1


def _found(made: Incidents) -> list[Ints]:
    clusters = members(Bunches(made.xy, _NEAR).labels(made.at_days))
    chance = Chance(made.xy, np.floor(made.at_days))
    return [rows for rows in clusters if chance.evidence(rows).p <= _LEVEL]


def _made(data: Data, number: int, bunches: int) -> Incidents:
    """Incidents about rental units, in some buildings often, at any time; bunches of 150 within 8 days."""
    rng = data.stream(81 + number)
    buildings = np.unique(data.units, axis=0)
    often = rng.pareto(1.5, len(buildings)) + 0.1
    place = rng.choice(len(buildings), _INCIDENTS, p=often / often.sum())
    xy = buildings[place] + rng.normal(0, 20.0, (_INCIDENTS, 2))
    at_days = rng.uniform(0, _DAYS, _INCIDENTS)
    bunch = np.full(_INCIDENTS, -1)
    for k in range(bunches):
        rows = slice(k * _OF, (k + 1) * _OF)
        xy[rows] = buildings[rng.integers(len(buildings))] + rng.normal(0, _SPREAD_M, (_OF, 2))
        at_days[rows] = rng.uniform(0, _DAYS - _FOR_DAYS) + rng.uniform(0, _FOR_DAYS, _OF)
        bunch[rows] = k
    return Incidents(xy, at_days, bunch)
