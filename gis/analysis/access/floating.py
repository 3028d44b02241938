"""How much of a service there is for each person: floating catchment areas.

    R_j = S_j / sum over k of P_k f(d_kj)        what facility j has for each person it serves
    A_i = sum over j of R_j f(d_ij)              what person i finds within the catchment

where f, by distance d and catchment d0, is

* 1 within d0: 2SFCA (Luo, Wang 2003);
* 1, 0.68, 0.22 in the three thirds of d0: E2SFCA (Luo, Qi 2009, slow decay);
* (exp(-(d/d0)²/2) - exp(-1/2)) / (1 - exp(-1/2)) within d0: Gaussian (Dai 2010).

Whatever f is, the sum of P_i A_i is the supply of the facilities somebody reaches; nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from gis.analysis.access.distances import Pairs
from gis.analysis.access.network import Bools, Floats

STEPS = (1.0, 0.68, 0.22)


class Decay(StrEnum):
    """How a facility counts less with distance."""

    NONE = "none"  # 2SFCA
    STEPS = "steps"  # E2SFCA
    GAUSSIAN = "gaussian"


@dataclass(frozen=True, slots=True)
class Supply:
    """What there is for each person.

    Attributes
    ----------
    per_person : (n,) A of each point, in units of supply by person; 0 where nothing is reached.
    ratio : (m,) R of each facility; 0 where nobody reaches it.
    reached : (m,) facilities somebody reaches.
    """

    per_person: Floats
    ratio: Floats
    reached: Bools


def weights(metres: Floats, catchment_m: float, decay: Decay) -> Floats:
    """f of each distance; 0 beyond the catchment."""
    share = metres / catchment_m
    if decay is Decay.NONE:
        return (metres <= catchment_m).astype(float)
    if decay is Decay.STEPS:
        bounds = np.array([catchment_m / 3.0, 2.0 * catchment_m / 3.0, catchment_m])
        return np.array([*STEPS, 0.0])[np.searchsorted(bounds, metres)]
    edge = np.exp(-0.5)
    return np.where(share <= 1.0, (np.exp(-0.5 * share**2) - edge) / (1.0 - edge), 0.0)


def floating(
    pairs: Pairs, people: Floats, supply: Floats, catchment_m: float, decay: Decay = Decay.STEPS
) -> Supply:
    """Share each facility's supply among the people who reach it.

    Parameters
    ----------
    pairs : ways from points to facilities, at least all within the catchment.
    people : (n,) people at each point, not negative.
    supply : (m,) supply of each facility (places, doctors, square metres), not negative.
    """
    near = weights(pairs.metres, catchment_m, decay)
    wanted = np.bincount(pairs.facility, people[pairs.point] * near, minlength=len(supply))
    reached = wanted > 0
    ratio = np.divide(supply, wanted, out=np.zeros(len(supply)), where=reached)
    found = np.bincount(pairs.point, ratio[pairs.facility] * near, minlength=len(people))
    return Supply(found.astype(float), ratio, reached)
