"""How far shares lie from those of an exact scanline: of cells for a day and for ten, of parcels for a day.

The scanline is told from GEOS in the tests: chords to the circle converge to it. It takes all legs and rows
of 0.1 m. The demo's own cells, a third as large and many far smaller, are measured beside the district's.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.geometry.footprint.grid import RES_M, Grid
from gis.geometry.footprint.measured import covered_within_m2
from gis.geometry.footprint.needed import needed_lines
from gis.geometry.footprint.painter import paint
from gis.geometry.footprint.scanline import covered_exact_m2
from gis.geometry.footprint.zones import Zones
from scripts.benchmark.coverage.data import RADIUS_M, Data
from scripts.benchmark.coverage.row import Row, alternate, check

TITLE = "Accuracy"
ORDER = 50

Floats = NDArray[np.float64]
Geometries = NDArray[np.object_]

_FINE_M, _FINEST_M = 0.1, 0.05
_NO_POINTS = np.empty((0, 2))
_MOST_PP = 0.1


def rows(data: Data, rounds: int) -> list[Row]:
    """Cells, the demo's cells, then parcels."""
    found = []
    for days in (1, 10):
        legs = data.legs(range(days))[0]
        when = "a day" if days == 1 else f"{days} days"
        found += _of_cells(data.cells, legs, when)
        found += _of_small_cells(data.schematic, legs, f"{when}, the demo's small cells")
    return [*found, *_of_parcels(data, rounds)]


def _of_cells(cells: Geometries, legs: Floats, when: str) -> list[Row]:
    exact = _exact(cells, legs)
    return [
        *(_in_squares(cells, legs, exact, res_m, when) for res_m in (5.0, 2.0, 1.0)),
        _by_rows_too(cells, legs, exact, when),
    ]


def _of_small_cells(cells: Geometries, legs: Floats, when: str) -> list[Row]:
    exact = _exact(cells, legs)
    return [_in_squares(cells, legs, exact, 2.0, when, at_most=None), _by_rows_too(cells, legs, exact, when)]


def _exact(cells: Geometries, legs: Floats) -> Floats:
    """Shares by fine rows, from all legs."""
    share: Floats = covered_exact_m2(cells, legs, _NO_POINTS, RADIUS_M, step_m=_FINE_M) / shapely.area(cells)
    return share


def _in_squares(
    cells: Geometries, legs: Floats, exact: Floats, res_m: float, when: str, at_most: float | None = _MOST_PP
) -> Row:
    grid = Grid.around(shapely.total_bounds(cells), res_m)
    zones, layers = Zones.prepare(grid, cells), [paint(grid, legs, _NO_POINTS, RADIUS_M)]
    off = np.abs(zones.covered_m2(layers) / zones.area_m2 - exact)
    bound, likely = (error / zones.area_m2 for error in zones.errors_m2(layers))
    check(bool((off <= bound).all()), "the bound of the error")
    share = zones.share(layers)
    total = share @ zones.area_m2 / (exact @ zones.area_m2) - 1
    return Row(
        f"{when}, worst cell, squares of {res_m:g} m", value=_worst(share, exact), unit="pp",
        at_most=at_most if res_m == RES_M else None,
        note=f"19 of 20 cells within {100 * np.quantile(np.abs(share - exact), 0.95):.3f} pp, all together "
        f"{total:+.1e}; in the median cell the bound is {100 * np.median(bound):.2f} pp and the likely error "
        f"{100 * np.median(likely):.2f}; {100 * (off <= likely).mean():.1f} % of cells lie within the latter",
    )  # fmt: skip


def _by_rows_too(cells: Geometries, legs: Floats, exact: Floats, when: str) -> Row:
    """As the product measures: by rows where squares are likely to be off."""
    zones = Zones.prepare(Grid.around(shapely.total_bounds(cells)), cells)
    share = covered_within_m2(zones, legs, _NO_POINTS, RADIUS_M) / zones.area_m2
    return Row(
        f"{when}, worst cell, 2 m and rows", unit="pp", at_most=_MOST_PP, value=_worst(share, exact),
        note=f"19 of 20 cells within {100 * np.quantile(np.abs(share - exact), 0.95):.3f} pp; half of the "
        f"{len(cells)} cells are below {np.median(zones.area_m2) / 1e4:.1f} ha",
    )  # fmt: skip


def _of_parcels(data: Data, rounds: int) -> list[Row]:
    legs, whole = data.legs(range(1))[0], shapely.area(data.parcels)
    grid = Grid.around(data.district.bounds)
    zones = Zones.prepare(grid, data.parcels)
    finest = covered_exact_m2(data.parcels, legs, _NO_POINTS, RADIUS_M, step_m=_FINEST_M) / whole
    few = needed_lines(data.parcels, legs, RADIUS_M)
    shares = {
        "squares of 2 m": zones.share([paint(grid, legs, _NO_POINTS, RADIUS_M)]),
        "rows of 0.25 m": covered_exact_m2(data.parcels, legs, _NO_POINTS, RADIUS_M) / whole,
        "rows of 0.25 m, needed legs": covered_exact_m2(data.parcels, few, _NO_POINTS, RADIUS_M) / whole,
    }
    times = alternate(
        rounds,
        all_legs=lambda: covered_exact_m2(data.parcels, legs, _NO_POINTS, RADIUS_M),
        needed_legs=lambda: covered_exact_m2(data.parcels, few, _NO_POINTS, RADIUS_M),
        leaving_out=lambda: needed_lines(data.parcels, legs, RADIUS_M),
    )
    kept = f"{len(few):,} of {len(legs):,} legs"
    return [
        *(
            Row(
                f"a day, worst parcel, {how}", value=_worst(share, finest), unit="pp",
                at_most=None if how.startswith("squares") else _MOST_PP,
            )
            for how, share in shares.items()
        ),
        Row("all parcels by rows", times["all_legs"]),
        Row("all parcels by rows, needed legs", times["needed_legs"], note=kept),
        Row("leaving out legs", times["leaving_out"]),
    ]  # fmt: skip


def _worst(share: Floats, exact: Floats) -> float:
    """The largest difference, in percentage points."""
    return 100 * float(np.abs(share - exact).max())
