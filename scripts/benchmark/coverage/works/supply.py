"""E2SFCA beside the package `access`, on the ways of 22,000 buildings to 500 facilities within 1.5 km."""

from __future__ import annotations

import numpy as np

from gis.analysis.access.distances import within
from gis.analysis.access.floating import STEPS, Decay, floating
from scripts.benchmark.coverage.data import Data
from scripts.benchmark.coverage.row import Row, alternate, check
from scripts.benchmark.coverage.works._town import Town

TITLE = "What there is for each person"
ORDER = 70

_CATCHMENT_M = 1500.0


def rows(data: Data, rounds: int) -> list[Row]:
    """One catchment, all pairs given to both."""
    import pandas as pd
    from access import fca
    from access.weights import step_fn

    town = Town(data)
    pairs = within(town.network, *town.snapped, _CATCHMENT_M)
    homes = town.buildings[1]
    supply = data.stream(62).integers(1, 80, len(town.facilities)).astype(float)
    costs = pd.DataFrame({"origin": pairs.point, "dest": pairs.facility, "cost": pairs.metres})
    demand = pd.DataFrame({"demand": homes}, index=pd.RangeIndex(len(homes), name="geoid"))
    places = pd.DataFrame({"supply": supply}, index=pd.RangeIndex(len(supply), name="geoid"))
    bounds = [_CATCHMENT_M / 3, 2 * _CATCHMENT_M / 3, _CATCHMENT_M]
    weigh = step_fn(dict(zip(bounds, STEPS, strict=True)))

    def ours() -> np.ndarray:
        return floating(pairs, homes, supply, _CATCHMENT_M, Decay.STEPS).per_person

    def theirs() -> np.ndarray:
        found = fca.two_stage_fca(demand, places, costs, weight_fn=weigh)
        return found.reindex(range(len(homes))).fillna(0).to_numpy()

    off = float(np.abs(ours() - theirs()).max())
    check(off <= 1e-12, f"E2SFCA is off by {off:.1e}")
    times = alternate(rounds, ours=ours, access=theirs)
    name = f"E2SFCA of {len(pairs):,} pairs"
    note = f"largest difference {off:.1e}"
    return [Row(name, times["ours"], "access", times["access"], at_least=50.0, note=note)]
