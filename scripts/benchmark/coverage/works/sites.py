"""Ten sites for the most homes (MCLP), beside spopt with CBC, which takes minutes to write its program."""

from __future__ import annotations

import numpy as np

from gis.analysis.access.distances import within
from gis.analysis.access.snapping import snap
from gis.analysis.siting.lscp import fewest_sites
from gis.analysis.siting.mclp import gain_curve, most_served
from gis.analysis.siting.model import Cover, Siting
from scripts.benchmark.coverage.data import Data
from scripts.benchmark.coverage.row import Row, alternate, check
from scripts.benchmark.coverage.works._town import Town

TITLE = "Where ten sites serve the most"
ORDER = 74

_POINTS, _SITES, _K, _LIMIT_M = 10_345, 2_000, 10, 500.0


def rows(data: Data, rounds: int) -> list[Row]:
    """10,345 buildings and 2,000 candidate places, 500 m over the streets; both prove their answer."""
    import pulp
    from spopt.locate import MCLP

    town, chance = Town(data), data.stream(63)
    some = np.sort(chance.permutation(len(town.buildings[0]))[:_POINTS])
    homes = town.buildings[1][some]
    doors = chance.permutation(town.network.nodes)[:_SITES]
    pairs = within(town.network, town.snapped[0][some], snap(town.network, doors), _LIMIT_M)
    costs = np.full((_POINTS, _SITES), 10 * _LIMIT_M)
    costs[pairs.point, pairs.facility] = pairs.metres
    cover = Cover.from_pairs(pairs.point, pairs.facility, homes, _SITES)
    their_objective: list[float] = []

    def theirs() -> None:
        model = MCLP.from_cost_matrix(costs, homes, service_radius=_LIMIT_M, p_facilities=_K)
        model = model.solve(pulp.PULP_CBC_CMD(msg=False))
        their_objective.append(pulp.value(model.problem.objective))

    times = alternate(
        rounds,
        once=["spopt"],
        ours=lambda: most_served(cover, _K),
        spopt=theirs,
        curve=lambda: gain_curve(cover, _K),
    )
    found = most_served(cover, _K)
    check(
        found.objective == round(their_objective[0]),
        f"{found.objective} of ours, {their_objective[0]} of spopt",
    )
    curve, fewest = gain_curve(cover, _K), fewest_sites(cover)
    return [
        Row(
            "MCLP, 10 of 2,000 sites for 10,345 points", times["ours"], "spopt, CBC", times["spopt"],
            at_least=50.0, note=f"{_told(found)}; the same objective as spopt's",
        ),
        Row(
            "gain curve for 0 to 10 sites", times["curve"],
            note=f"largest gap {max(one.gap for one in curve):.2%}",
        ),
        Row("LSCP, gap", value=100 * fewest.siting.gap, unit="%", note=_told(fewest.siting)),
    ]  # fmt: skip


def _told(found: Siting) -> str:
    return (
        f"objective {found.objective:,.0f}, bound {found.bound:,.0f}, gap {found.gap:.2%}, "
        f"{found.status.value} ({found.solver})"
    )
