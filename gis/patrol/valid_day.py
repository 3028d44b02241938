"""What makes a patrol day valid and a month of them enough. Rules only, no I/O.

The measure is that of forestry patrols (jwmgps.com, page 109404): so many metres and minutes a day inside the
own area, so many such days a month by season. The numbers are those of the seasons. Not asked for: that no
route be repeated before the whole area was covered; the coverage page tells that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from gis.patrol.plans import Season


@dataclass(frozen=True, slots=True)
class Rule:
    """What a season asks of a day, and how many such days of a month that lies in it altogether."""

    season: Season
    least_m: int
    least_minutes: int
    least_days: int
    name_zh: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Walked:
    """What one person walked on a day, in metres and minutes inside the own area."""

    metres: float
    minutes: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a day counts.

    Attributes
    ----------
    rule : None on a day that lies in no season; such a day is not judged.
    best : the person who came nearest to the rule; None where no track tells.
    """

    rule: Rule | None
    best: Walked | None

    @property
    def lacks_metres(self) -> bool:
        """Whether the metres are too few."""
        return self.rule is not None and (self.best.metres if self.best else 0) < self.rule.least_m

    @property
    def lacks_minutes(self) -> bool:
        """Whether the minutes are too few."""
        return self.rule is not None and (self.best.minutes if self.best else 0) < self.rule.least_minutes

    @property
    def is_valid(self) -> bool:
        """Whether one person alone walked enough. A day without a track never is."""
        is_judged = self.rule is not None and self.best is not None
        return is_judged and not (self.lacks_metres or self.lacks_minutes)


def rule_of(day: date, rules: Iterable[Rule]) -> Rule | None:
    """The rule of a day: that of its season; of several, the one that asks for most."""
    holding = [rule for rule in rules if rule.season.holds(day)]
    return max(holding, key=lambda r: (r.least_days, r.least_m, r.least_minutes), default=None)


def judge(walks: Sequence[Walked], rule: Rule | None) -> Judgement:
    """Judge a day by what each person walked on it.

    People who walk together do not add up: the day counts if one of them alone walked enough.
    """
    return Judgement(rule, max(walks, key=lambda walk: _nearness(walk, rule), default=None))


def days_wanted(days: Sequence[date], rules: Sequence[Rule]) -> int:
    """How many valid days a month shall have: each season asks for its share of the days; rounded up."""
    asked = [rule.least_days if (rule := rule_of(day, rules)) else 0 for day in days]
    return -(-sum(asked) // len(days))


def _nearness(walk: Walked, rule: Rule | None) -> tuple[float, float, float]:
    if rule is None:
        return 1.0, walk.metres, walk.minutes
    shares = (_share(walk.metres, rule.least_m), _share(walk.minutes, rule.least_minutes))
    return min(shares), walk.metres, walk.minutes


def _share(had: float, wanted: int) -> float:
    return min(1.0, had / wanted) if wanted else 1.0
