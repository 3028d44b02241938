"""Squares against the exact scanline, for a day of legs: how wrong the share of a zone is."""

from __future__ import annotations

import numpy as np

from gis.geometry.footprint.grid import Grid
from gis.geometry.footprint.needed import needed_legs
from gis.geometry.footprint.painter import paint
from gis.geometry.footprint.scanline import covered_exact_m2
from gis.geometry.footprint.zones import Zones
from scripts.benchmark.coverage.data import RADIUS_M, Data, days_of
from scripts.benchmark.coverage.row import Row, alternate, check

TITLE = "Accuracy"
ORDER = 50

_FINE_M = 0.05


def rows(data: Data, rounds: int) -> list[Row]:
    """Cells by squares; parcels by squares and by rows of 0.25 m, told from rows of 5 cm."""
    legs = data.legs(days_of(1))[0]
    exact = covered_exact_m2(data.cells, legs, [], RADIUS_M)
    found = []
    for res_m in (5.0, 2.0, 1.0):
        grid = Grid.around(data.district.bounds, res_m)
        zones, layer = Zones.prepare(grid, data.cells), paint(grid, legs, [], RADIUS_M)
        off = np.abs(zones.covered_m2([layer]) - exact)
        bound = zones.error_bound_m2([layer])
        check(bool((off <= bound).all()), "the bound of the error")
        likely = float((off <= zones.likely_error_m2([layer])).mean())
        share = off / zones.area_m2
        found.append(
            Row(
                f"worst cell, squares of {res_m:g} m", value=100 * float(share.max()), unit="pp",
                at_most={2.0: 0.1}.get(res_m),
                note=f"19 of 20 cells within {100 * np.quantile(share, 0.95):.3f} pp; the bound is "
                f"{100 * np.median(bound / zones.area_m2):.2f} pp of a middling cell and holds in all; within "
                f"the likely error {100 * likely:.1f} %; in all {(zones.covered_m2([layer]).sum() / exact.sum() - 1):+.1e}",
            )
        )  # fmt: skip
    return found + _of_parcels(data, rounds)


def _of_parcels(data: Data, rounds: int) -> list[Row]:
    legs = data.legs(days_of(1))[0]
    grid = Grid.around(data.district.bounds)
    needed = legs[needed_legs(Grid.around(data.district.bounds, 1.0), legs, [], RADIUS_M)[0]]
    zones, layer = Zones.prepare(grid, data.parcels), paint(grid, legs, [], RADIUS_M)
    finest = covered_exact_m2(data.parcels, legs, [], RADIUS_M, step_m=_FINE_M)
    times = alternate(
        rounds,
        all_legs=lambda: covered_exact_m2(data.parcels, legs, [], RADIUS_M),
        needed_legs=lambda: covered_exact_m2(data.parcels, needed, [], RADIUS_M),
    )
    rows = [
        ("worst parcel, squares of 2 m", zones.covered_m2([layer])),
        ("worst parcel, rows of 0.25 m", covered_exact_m2(data.parcels, legs, [], RADIUS_M)),
        ("worst parcel, rows and needed legs", covered_exact_m2(data.parcels, needed, [], RADIUS_M)),
    ]
    found = [
        Row(name, value=100 * float((np.abs(areas - finest) / zones.area_m2).max()), unit="pp")
        for name, areas in rows
    ]
    return [
        *found,
        Row("all parcels by rows", times["all_legs"]),
        Row(
            "all parcels by rows, needed legs",
            times["needed_legs"],
            note=f"{len(needed):,} of {len(legs):,} legs",
        ),
    ]
