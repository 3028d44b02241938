"""From twelve weekly layers of Gi* to one word for each cell: new, persistent, fading … Pure.

The classes are those of the published emerging hot spot analysis (Esri), in our words and on our own terms:
each week is compared within itself, so that a wet week in the whole district makes no cell hot, and a cell
is hot in a week if its Gi* of that week stays significant after Benjamini and Hochberg over the week's
cells. A trend is that of Mann and Kendall on the cell's z over the weeks, |Z| > 1.96. The first rule that
holds is the class (`w` weeks, "mostly" is at least 90 % of them):

* none: hot in no week.
* new: hot in the last week and never before.
* growing, persistent, fading: mostly hot, the last week included, with z rising, without trend, or falling.
* past: mostly hot, but not in the last week.
* lasting: hot in all of the last two or more weeks, never before.
* swinging: hot in the last week, and cold in some week before.
* sporadic: hot in the last week and in others before, with pauses.
* ended: hot in some weeks, not in the last.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from gis.analysis.hotspots.weights import Bools, Floats

MOSTLY = 0.9
TREND_Z = 1.96


class Trend(StrEnum):
    """What the weeks tell of a cell."""

    NONE = "none"
    NEW = "new"
    GROWING = "growing"
    PERSISTENT = "persistent"
    FADING = "fading"
    PAST = "past"
    LASTING = "lasting"
    SWINGING = "swinging"
    SPORADIC = "sporadic"
    ENDED = "ended"


def mann_kendall(series: Floats) -> Floats:
    """Z of each row's trend, (n,), with correction for ties and continuity; above 0 where it rises.

    Parameters
    ----------
    series : (n, w) values in the order of time.
    """
    count, weeks = series.shape
    earlier, later = np.triu_indices(weeks, 1)
    score = np.sign(series[:, later] - series[:, earlier]).sum(axis=1)
    variance = np.full(count, weeks * (weeks - 1) * (2 * weeks + 5) / 18.0)
    for row in range(count):
        ties = np.unique(series[row], return_counts=True)[1]
        variance[row] -= np.sum(ties * (ties - 1) * (2 * ties + 5)) / 18.0
    nearer = score - np.sign(score)
    z: Floats = np.divide(nearer, np.sqrt(variance), out=np.zeros(count), where=variance > 0)
    return z


def classify(z: Floats, is_hot: Bools, is_cold: Bools) -> NDArray[np.object_]:
    """The class of each cell: (n,) of `Trend`.

    Parameters
    ----------
    z, is_hot, is_cold : (n, w) by cell and week, the last week last.
    """
    weeks = z.shape[1]
    hot_weeks = is_hot.sum(axis=1)
    last = is_hot[:, -1]
    mostly = hot_weeks >= MOSTLY * weeks
    run = current_run(is_hot)
    trend = mann_kendall(z)
    rules = {
        Trend.NONE: hot_weeks == 0,
        Trend.NEW: last & (hot_weeks == 1),
        Trend.GROWING: last & mostly & (trend > TREND_Z),
        Trend.FADING: last & mostly & (trend < -TREND_Z),
        Trend.PERSISTENT: last & mostly,
        Trend.PAST: mostly,
        Trend.LASTING: last & (run == hot_weeks),
        Trend.SWINGING: last & is_cold.any(axis=1),
        Trend.SPORADIC: last,
    }
    names = np.array([*rules, Trend.ENDED], dtype=object)
    classes: NDArray[np.object_] = names[np.select(list(rules.values()), range(len(rules)), len(rules))]
    return classes


def current_run(is_hot: Bools) -> NDArray[np.int64]:
    """For how many weeks up to the last a cell has been hot without a break: (n,)."""
    backwards = ~is_hot[:, ::-1]
    first = np.argmax(backwards, axis=1)
    run: NDArray[np.int64] = np.where(backwards.any(axis=1), first, is_hot.shape[1])
    return run
