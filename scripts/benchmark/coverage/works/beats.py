"""The district's cells in connected beats of even work, beside a regionaliser that balances nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.analysis.workload.beats import Proposal, Wishes, propose_beats
from gis.analysis.workload.fairness import spread
from gis.analysis.workload.graph import cell_graph
from scripts.benchmark.coverage.data import Data
from scripts.benchmark.coverage.row import Row, alternate, check

TITLE = "Cells into beats of even work"
ORDER = 95

_STREAM = 41
_GOALS = {28: 0.03, 100: 0.08}
_LONGEST_S = 1.0


def rows(data: Data, rounds: int) -> list[Row]:
    """Time and evenness of 28 and 100 beats; every plan is checked to be whole and connected."""
    loads = _loads(data)
    graph = cell_graph(data.cells)
    regions = np.zeros(len(loads), dtype=np.int64)
    found = []
    for beats, goal in _GOALS.items():
        made: dict[str, Proposal] = {}

        def ours(beats: int = beats, goal: float = goal, made: dict[str, Proposal] = made) -> None:
            wishes = Wishes(beats, max_dev=goal)
            made["plan"] = propose_beats(cell_graph(data.cells), loads, wishes, regions=regions)

        def ward(beats: int = beats) -> None:
            _ward(data, loads, beats)

        times = alternate(rounds, ours=ours, ward=ward)
        plan = made["plan"]
        check(graph.is_contiguous(plan.labels), "a beat is in pieces")
        check(set(plan.labels.tolist()) == set(range(beats)), "not as many beats as asked for")
        other = spread(np.bincount(_ward(data, loads, beats), loads))
        found += [
            Row(
                f"{beats} beats", times["ours"], "spopt Ward", times["ward"], at_most=_LONGEST_S,
                note="Ward groups by likeness and balances nothing; spopt has no heuristic that does",
            ),
            Row(
                f"{beats} beats, variation", value=plan.after.cv, unit="CV", at_most=goal,
                note=f"max/mean {plan.after.max_over_mean:.3f}; Ward {other.cv:.2f}",
            ),
        ]  # fmt: skip
    return found


def _loads(data: Data) -> NDArray[np.float64]:
    """Minutes of the cells, half of them by people, spread as in the reference (CV 1.1, max/mean 7.4)."""
    luck = data.stream(_STREAM).normal(0, 0.5, len(data.cells))
    loads = np.asarray((data.population + data.population.mean()) * np.exp(luck), dtype=np.float64)
    return np.minimum(loads, 7.4 * loads.mean())


def _ward(data: Data, loads: NDArray[np.float64], beats: int) -> NDArray[np.int64]:
    """Labels of spopt's Ward on the same cells, neighbours told by libpysal."""
    import geopandas
    import libpysal
    from spopt.region import WardSpatial

    frame = geopandas.GeoDataFrame({"load": loads}, geometry=list(data.cells), crs=4547)
    neighbours = libpysal.weights.Rook.from_dataframe(frame, use_index=False)
    model = WardSpatial(frame, neighbours, ["load"], n_clusters=beats)
    model.solve()
    return np.asarray(model.labels_, dtype=np.int64)
