"""Which share of people a service is near to, by group, and who is served worst."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gis.analysis.access.network import Bools, Floats, Indices

WITHIN_MINUTES = (5.0, 10.0, 15.0)
WORST = 0.05


@dataclass(frozen=True, slots=True)
class Shares:
    """How well each group of people is served; g groups, then t limits of time.

    Attributes
    ----------
    people : (g,) people in each group.
    share : (g, t) share of them within each limit; NaN for a group without people.
    unreached : (g,) people who reach nothing at all.
    p95 : (g,) minutes within which 95 % of the group are, infinite where more than 5 % reach nothing.
    """

    people: Floats
    share: Floats
    unreached: Floats
    p95: Floats


def shares(
    minutes: Floats,
    people: Floats,
    group: Indices,
    groups: int,
    within: tuple[float, ...] = WITHIN_MINUTES,
) -> Shares:
    """Count people by the time they walk to the nearest facility.

    Parameters
    ----------
    minutes : (n,) time from each point, infinite where nothing is reached.
    people : (n,) people or homes at each point, not negative.
    group : (n,) number of the group of each point, 0 to `groups` - 1, such as its community.
    within : limits in minutes; a way exactly as long as a limit is within it.
    """
    total = _summed(people, group, groups)
    near = [_summed(np.where(minutes <= limit, people, 0.0), group, groups) for limit in within]
    share = np.full((groups, len(within)), np.nan)
    np.divide(np.stack(near, axis=1), total[:, None], out=share, where=total[:, None] > 0)
    unreached = _summed(np.where(np.isfinite(minutes), 0.0, people), group, groups)
    return Shares(total, share, unreached, quantile(minutes, people, group, groups, 1.0 - WORST))


def quantile(values: Floats, weights: Floats, group: Indices, groups: int, level: float) -> Floats:
    """(g,) least value that at least `level` of each group's weight does not exceed; NaN without weight."""
    some = weights > 0
    values, weights, group = values[some], weights[some], group[some]
    order = np.lexsort([values, group])
    values, weights, group = values[order], weights[order], group[order]
    out = np.full(groups, np.nan)
    starts = np.searchsorted(group, np.arange(groups + 1))
    for g in np.flatnonzero(np.diff(starts)):
        rows = slice(starts[g], starts[g + 1])
        so_far = np.cumsum(weights[rows])
        # A sum of shares may miss the level by rounding alone.
        row = np.searchsorted(so_far, level * so_far[-1] * (1.0 - 1e-12))
        out[g] = values[rows][row]
    return out


def worst_served(minutes: Floats, people: Floats, share: float = WORST) -> Bools:
    """(n,) the points with people who walk longer than 1 - `share` of all: at most that share of the people.

    Where more than `share` reach nothing at all, it is all of those.
    """
    limit = quantile(minutes, people, np.zeros(len(minutes), np.intp), 1, 1.0 - share)[0]
    beyond = minutes > limit if np.isfinite(limit) else ~np.isfinite(minutes)
    return np.asarray(beyond & (people > 0), bool)


def served(facility: Indices, minutes: Floats, people: Floats, facilities: int) -> tuple[Floats, Floats]:
    """(m,) people whose nearest facility each is, and the mean minutes they walk; NaN where nobody does."""
    reached = facility >= 0
    to, whom = facility[reached], people[reached]
    total = _summed(whom, to, facilities)
    walked = _summed(whom * minutes[reached], to, facilities)
    return total, np.divide(walked, total, out=np.full(facilities, np.nan), where=total > 0)


def _summed(weights: Floats, group: Indices, groups: int) -> Floats:
    """(g,) sum of the weights of each group."""
    return np.bincount(group, weights, minlength=groups).astype(float)
