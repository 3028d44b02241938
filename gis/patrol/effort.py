"""Metres and minutes summed from tracks, as `app.walked()` gives them. Rules only, no I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from gis.patrol.valid_day import Walked


@dataclass(frozen=True, slots=True)
class Sum:
    """Figures of some tracks; `minutes` leave out those without times, of which there are `untimed`."""

    tracks: int
    untimed: int
    metres: float
    minutes: float


@dataclass(frozen=True, slots=True)
class Walk:
    """What one person walked on a day in one round, or in none.

    Attributes
    ----------
    walker : tells the people of a day apart, without a name.
    of_day : without what a longer track of the same person tells already.
    of_round : without what a longer track of the same person in the same round tells already.
    inside : of the day, inside the team's area.
    """

    on_date: date
    walker: int
    patrol_round_id: int | None
    of_day: Sum
    of_round: Sum
    inside: Walked


@dataclass(frozen=True, slots=True)
class Effort:
    """Figures summed over people."""

    people: int
    sum: Sum


def effort_of_day(walks: Iterable[Walk]) -> Effort | None:
    """Sum what was walked on a day; None without a track."""
    counted = [walk for walk in walks if walk.of_day.tracks]
    return _effort(counted, [walk.of_day for walk in counted])


def effort_of_round(walks: Iterable[Walk], round_id: int) -> Effort | None:
    """Sum what was walked in a round; None without a track."""
    counted = [walk for walk in walks if walk.patrol_round_id == round_id]
    return _effort(counted, [walk.of_round for walk in counted])


def by_walker(walks: Iterable[Walk]) -> list[Walked]:
    """What each person walked on a day inside the own area."""
    sums: dict[int, list[Walked]] = defaultdict(list)
    for walk in walks:
        sums[walk.walker].append(walk.inside)
    return [Walked(sum(w.metres for w in own), sum(w.minutes for w in own)) for own in sums.values()]


def total(sums: Sequence[Sum]) -> Sum:
    """Add figures up."""
    return Sum(
        sum(each.tracks for each in sums),
        sum(each.untimed for each in sums),
        sum(each.metres for each in sums),
        sum(each.minutes for each in sums),
    )


def _effort(walks: Sequence[Walk], sums: Sequence[Sum]) -> Effort | None:
    return Effort(len({walk.walker for walk in walks}), total(sums)) if walks else None
