"""How much of everything the demo district holds. Magnitudes: domain notes of the project, 2014 estimates."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoScale:
    """Counts for one size of the demo; `units`, `incidents` and `patrol_points` are met exactly.

    `walk_fixes` is the mean number of fixes of one patrol walk, one every 30 s; `incident_days` and
    `patrol_days` are how far back the records reach. `communities` limits the demo to the first n
    communities by code; None is the whole district.
    """

    buildings: int
    units: int
    incidents: int
    patrol_points: int
    walk_fixes: int
    parcels: int = 120
    check_points: int = 600
    teams: int = 20
    members_per_team: int = 9
    incident_days: int = 3 * 365
    patrol_days: int = 90
    communities: int | None = None


SCALES = {
    "small": DemoScale(
        buildings=5_000, units=30_000, incidents=20_000, patrol_points=100_000, walk_fixes=220
    ),
    "district": DemoScale(
        buildings=28_000, units=300_000, incidents=330_000, patrol_points=2_000_000, walk_fixes=480
    ),
}
