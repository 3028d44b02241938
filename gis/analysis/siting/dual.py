"""How many people k sites can serve at most, found without a solver, and which sites that decides.

Lagrangian relaxation of maximal covering (Galvão, ReVelle 1996): point i pays u_i, at most its weight, to
each site that serves it, instead of having to be served once,

    L(u) = Σ max(0, w_i - u_i) + the k largest of c_j,   c_j = Σ u_i over the points i that site j serves.

L(u) is an upper bound for any u; steps against its subgradient make it small (Held, Wolfe, Crowder 1974). A
site that would bring the bound below what is reached already cannot be in a better choice; one whose absence
would, must be in it. Mostly that decides all sites but some dozens, and often all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gis.analysis.siting.model import Cover, Floats, Indices

_STEPS = 400
_PATIENCE = 8
_LEAST_PACE = 1e-3
_STARTS_AT = 0.2


@dataclass(frozen=True, slots=True)
class Dual:
    """The best bound found.

    Attributes
    ----------
    bound : upper bound of the weight k sites serve.
    pays : (n,) u.
    worth : (m,) c.
    """

    bound: float
    pays: Floats
    worth: Floats


def bounded(left: Cover, k: int, reached: float, start: Floats | None = None) -> Dual:
    """Bound what k sites serve, down to less than one above `reached` if it can be.

    Parameters
    ----------
    reached : weight some k sites are known to serve.
    start : (n,) payments to begin with, such as those found for another k.
    """
    weight, near = left.weight, reached + left.step
    pays = weight / np.maximum(1.0, _STARTS_AT * np.diff(left.serves.indptr)) if start is None else start
    best = Dual(np.inf, pays, pays)
    pace, bad = 1.0, 0
    for _ in range(_STEPS):
        worth = left.by_site @ pays
        chosen = np.argpartition(-worth, k - 1)[:k]
        bound = float(np.maximum(weight - pays, 0.0).sum() + worth[chosen].sum())
        bad = 0 if bound < best.bound * (1.0 - 1e-5) else bad + 1
        if bound < best.bound:
            best = Dual(bound, pays, worth)
        if best.bound < near or pace < _LEAST_PACE:
            break
        if bad >= _PATIENCE:
            pace, bad, pays = pace / 2.0, 0, best.pays
        open_sites = np.zeros(len(worth))
        open_sites[chosen] = 1.0
        slope = left.serves @ open_sites - (weight > pays)
        steep = float(slope @ slope)
        if not steep:
            break
        pays = np.clip(pays - pace * (bound - reached) / steep * slope, 0.0, weight)
    return best


def decided(left: Cover, dual: Dual, k: int, reached: float) -> tuple[Indices, Indices]:
    """Sites that any choice better than `reached` must have, and those it may have besides."""
    order = np.argsort(-dual.worth, kind="stable")
    last = dual.worth[order[k - 1]]
    following = dual.worth[order[k]] if k < len(order) else 0.0
    among = np.zeros(len(order), bool)
    among[order[:k]] = True
    near = reached + left.step
    must = among & (dual.bound - (dual.worth - following) < near)
    out = ~among & (dual.bound - (last - dual.worth) < near)
    return np.flatnonzero(must), np.flatnonzero(~must & ~out)
