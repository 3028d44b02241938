"""The same coverage in this process and on a Dask cluster of two processes here, a district and a city.

What two processes of one machine cannot show is how much faster many machines are; they show that the
results are equal to the bit, and what parting and gathering cost.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gis.analysis.spread.legs import LegFiles
from gis.analysis.spread.shares import Period, parted, shares, shares_parted
from scripts.benchmark.coverage.city import City
from scripts.benchmark.coverage.data import RADIUS_M, Data
from scripts.benchmark.coverage.row import Row, alternate, check

TITLE = "Beyond one machine"
ORDER = 200

_WORKERS, _PARTS = 2, 8
_CITIES = ((1, 10), (21, 10))


def rows(data: Data, rounds: int) -> list[Row]:
    """A district and a city of 21: 17 k cells, 21 million fixes."""
    found = []
    for tiles, days in _CITIES:
        city = City(data, tiles, days)
        with tempfile.TemporaryDirectory(prefix="city-") as directory, _cluster():
            files = city.write_legs(Path(directory))
            found += _measure(city, files, rounds)
    return found


def _measure(city: City, files: LegFiles, rounds: int) -> list[Row]:
    cells, period = city.cells(), Period(city.dates, RADIUS_M)
    apart = parted(cells, "community", _PARTS)
    here = shares(cells, files, period).sort_values("code")
    there = shares_parted(apart, files, period)
    for name in ("code", "area_m2", "covered_m2", "share"):
        check(list(here[name]) == list(there[name]), f"{name} of the cluster")
    times = alternate(
        rounds,
        ours=lambda: shares_parted(apart, files, period),
        here=lambda: shares(cells, files, period),
    )
    label = f"{len(cells):,} cells, {city.fixes / 1e6:g} M fixes"
    return [
        Row(
            f"{label}, {_WORKERS} workers", times["ours"], "in this process", times["here"],
            note=f"equal to the bit; {_PARTS} parts of whole communities",
        )
    ]  # fmt: skip


@contextmanager
def _cluster() -> Iterator[None]:
    """A cluster of processes of one thread each, as current client."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=_WORKERS, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        Client(cluster),
    ):
        yield
