"""The fewest further sites that serve everybody: the location set covering problem (Toregas and others 1971).

    min Σ x_j,  Σ x_j >= 1 over the sites j that serve i, for every point i any site serves,  x_j in {0, 1}

Points no site serves cannot be helped by a choice; they are told apart. Sites that are there already stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from gis.analysis.siting.exchange import greedy, needed
from gis.analysis.siting.highs import Program
from gis.analysis.siting.model import (
    TIME_LIMIT_S,
    Cover,
    Indices,
    Progress,
    Siting,
    Status,
    no_progress,
)
from gis.analysis.siting.reduction import reduced
from gis.analysis.siting.solver import minimise

_NONE = np.empty(0, np.intp)


@dataclass(frozen=True, slots=True)
class FewestSites:
    """The fewest sites, and who stays unserved whatever is chosen.

    Attributes
    ----------
    siting : its objective and bound count sites.
    out_of_reach : points with people that neither an existing site nor a candidate serves.
    """

    siting: Siting
    out_of_reach: Indices


def fewest_sites(
    cover: Cover,
    *,
    existing: Indices = _NONE,
    time_limit_s: float = TIME_LIMIT_S,
    progress: Progress = no_progress,
) -> FewestSites:
    """The fewest sites beside the existing ones that serve every point with people some site can serve.

    `progress` is called while HiGHS works, always with the same numbers, and can end the work there.
    """
    out_of_reach = np.flatnonzero((np.diff(cover.serves.indptr) == 0) & (cover.weight > 0))
    left = cover.left_by(existing)
    everybody = Cover(left.serves, np.ones(len(left.weight)))
    sites = needed(everybody, greedy(everybody, everybody.serves.shape[1]))
    if not len(sites):
        return FewestSites(Siting(sites, 0.0, 0.0, Status.OPTIMAL, "nobody is left"), out_of_reach)
    serves, which = reduced(left.serves)
    points, ones = serves.shape[0], np.ones(len(which))
    program = Program(ones, serves, np.ones(points), np.full(points, np.inf), ones)
    found = minimise(program, time_limit_s, partial(progress, 0, 1))
    if found.values is not None:
        theirs = needed(everybody, which[found.values > 0.5])
        sites = theirs if len(theirs) < len(sites) or found.proven else sites
    fewest = float(len(sites))
    bound = fewest if found.proven else max(1.0, float(np.ceil(found.bound - 1e-6)))
    status = Status.OPTIMAL if bound >= fewest else Status.TIME_LIMIT
    return FewestSites(Siting(sites, fewest, min(bound, fewest), status, found.message), out_of_reach)
