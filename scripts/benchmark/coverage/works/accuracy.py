"""How far shares lie from those of an exact scanline: of cells for a day and for ten, of parcels for a day.

The scanline is told from GEOS in the tests: chords to the circle converge to it.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.geometry.footprint.grid import Grid
from gis.geometry.footprint.measured import covered_within_m2
from gis.geometry.footprint.needed import fewest_lines
from gis.geometry.footprint.painter import paint
from gis.geometry.footprint.scanline import covered_exact_m2
from gis.geometry.footprint.zones import Zones
from scripts.benchmark.coverage.data import RADIUS_M, Data
from scripts.benchmark.coverage.row import Row, alternate, check

TITLE = "Accuracy"
ORDER = 50

Floats = NDArray[np.float64]

_FINE_M, _LARGE_M2 = 0.05, 100_000.0
_NO_POINTS = np.empty((0, 2))


def rows(data: Data, rounds: int) -> list[Row]:
    """Cells, then parcels."""
    return [*_of_cells(data, 1), *_of_cells(data, 10), *_of_parcels(data, rounds)]


def _of_cells(data: Data, days: int) -> list[Row]:
    legs = data.legs(range(days))[0]
    finest = Grid.around(data.district.bounds, 0.5)
    near = fewest_lines(finest, legs, RADIUS_M)
    exact = covered_exact_m2(data.cells, near, _NO_POINTS, RADIUS_M) / shapely.area(data.cells)
    when = "a day" if days == 1 else f"{days} days"
    found = [_in_squares(data, legs, exact, res_m, when) for res_m in (5.0, 2.0, 1.0)]
    zones = Zones.prepare(Grid.around(data.district.bounds), data.cells)
    by_squares = zones.share([paint(zones.grid, legs, _NO_POINTS, RADIUS_M)])
    both = covered_within_m2(zones, legs, _NO_POINTS, RADIUS_M) / zones.area_m2
    large = zones.area_m2 >= _LARGE_M2
    return [
        *found,
        Row(
            f"{when}, worst cell of 10 ha and more, 2 m", unit="pp", at_most=0.1,
            value=_worst(by_squares[large], exact[large]), note=f"{large.sum()} of {len(large)} cells",
        ),
        Row(
            f"{when}, worst cell, 2 m and small cells by rows", unit="pp", at_most=0.1,
            value=_worst(both, exact),
        ),
    ]  # fmt: skip


def _in_squares(data: Data, legs: Floats, exact: Floats, res_m: float, when: str) -> Row:
    grid = Grid.around(data.district.bounds, res_m)
    zones, layers = Zones.prepare(grid, data.cells), [paint(grid, legs, _NO_POINTS, RADIUS_M)]
    off = np.abs(zones.covered_m2(layers) / zones.area_m2 - exact)
    bound, likely = (error / zones.area_m2 for error in zones.errors_m2(layers))
    check(bool((off <= bound).all()), "the bound of the error")
    share = zones.share(layers)
    total = share @ zones.area_m2 / (exact @ zones.area_m2) - 1
    return Row(
        f"{when}, worst cell, squares of {res_m:g} m", value=_worst(share, exact), unit="pp",
        note=f"19 of 20 cells within {100 * np.quantile(np.abs(share - exact), 0.95):.3f} pp, all together "
        f"{total:+.1e}; in the median cell the bound is {100 * np.median(bound):.2f} pp and the likely error "
        f"{100 * np.median(likely):.2f}; {100 * (off <= likely).mean():.1f} % of cells lie within the latter",
    )  # fmt: skip


def _of_parcels(data: Data, rounds: int) -> list[Row]:
    legs, whole = data.legs(range(1))[0], shapely.area(data.parcels)
    grid = Grid.around(data.district.bounds)
    zones = Zones.prepare(grid, data.parcels)
    finest = covered_exact_m2(data.parcels, legs, _NO_POINTS, RADIUS_M, step_m=_FINE_M) / whole
    few = fewest_lines(grid, legs, RADIUS_M)
    shares = {
        "squares of 2 m": zones.share([paint(grid, legs, _NO_POINTS, RADIUS_M)]),
        "rows of 0.25 m": covered_exact_m2(data.parcels, legs, _NO_POINTS, RADIUS_M) / whole,
        "rows of 0.25 m, few legs": covered_exact_m2(data.parcels, few, _NO_POINTS, RADIUS_M) / whole,
    }
    times = alternate(
        rounds,
        all_legs=lambda: covered_exact_m2(data.parcels, legs, _NO_POINTS, RADIUS_M),
        few_legs=lambda: covered_exact_m2(data.parcels, few, _NO_POINTS, RADIUS_M),
        leaving_out=lambda: fewest_lines(grid, legs, RADIUS_M),
    )
    return [
        *(
            Row(f"a day, worst parcel, {how}", value=_worst(share, finest), unit="pp")
            for how, share in shares.items()
        ),
        Row("all parcels by rows", times["all_legs"]),
        Row("all parcels by rows, few legs", times["few_legs"], note=f"{len(few):,} of {len(legs):,} legs"),
        Row("leaving out legs", times["leaving_out"]),
    ]


def _worst(share: Floats, exact: Floats) -> float:
    """The largest difference, in percentage points."""
    return 100 * float(np.abs(share - exact).max())
