"""What the figures of patrol coverage are called and mean; docs/coverage.md says more."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webmap.planner.definitions import Class, Label, Word, Words
from webmap.planner.palette import BLUE, BLUISH_GREEN, ORANGE, REDDISH_PURPLE, SKY, VERMILION

_SOURCE = "docs/coverage.md"
_EIGHTHS = (-0.5, -0.2, -0.1, -0.02, 0.02, 0.1, 0.2, 0.5)

LEVELS = {
    "urban_village": Class(_l("urban village"), VERMILION),
    "estate": Class(_l("estate"), ORANGE),
    "industrial": Class(_l("industrial"), BLUE),
    "hill": Class(_l("hill"), BLUISH_GREEN),
    "other": Class(_l("other"), SKY),
    "key": Class(_l("key parcel"), VERMILION),
    "ordinary": Class(_l("ordinary parcel"), ORANGE),
    "remote": Class(_l("remote parcel"), REDDISH_PURPLE),
}

WORDS = Words(
    title=_l("Patrol coverage"),
    figures={
        "code": Word(_l("Code"), ""),
        "cell": Word(_l("Cell"), ""),
        "name": Word(_l("Name"), ""),
        "community": Word(_l("Community code"), ""),
        "level": Word(
            _l("Level"),
            _l("Land use of a cell, patrol level of a parcel: what its target is set by."),
            classes=LEVELS,
        ),
        "share": Word(
            _l("Share covered"),
            _l(
                "The part of the area within R metres of a leg walked in the period, or of a point accurate "
                "to 50 m. A leg joins two fixes at most 300 s and 200 m apart; one faster than 25 km/h "
                "covers nothing. Repeats count once; days are those of Shanghai."
            ),
            "area(place ∩ covered) / area(place), EPSG:4547",
            _SOURCE,
            good="high",
        ),
        "error_likely": Word(
            _l("Likely error of the share"),
            _l(
                "How far the share is off by counting squares of 2 m, hardly ever more (three standard "
                "deviations). Parcels are measured exactly, in rows of 0.25 m."
            ),
            "3·h·√(h·p/12), h = 2 m, p: length of the covered border",
            _SOURCE,
        ),
        "error_bound": Word(
            _l("Error bound of the share"),
            _l(
                "The share is never further off: the case of a border that runs along the middles of squares."
            ),
            "0.75·h·p + 4·h²",
            _SOURCE,
        ),
        "covered_m2": Word(_l("Covered area"), _l("Area of the covered part, repeats once."), "", _SOURCE),
        "repeated_m2": Word(
            _l("Area covered with repeats"),
            _l("The covered area of every day, added up: ten days in one street count ten times."),
            "",
            _SOURCE,
        ),
        "area_m2": Word(_l("Area"), _l("Area of the place in EPSG:4547.")),
        "minutes": Word(
            _l("Minutes on foot"),
            _l("Time along the legs, without gaps, vehicles and what a second device of a person recorded."),
            "",
            _SOURCE,
            good="high",
        ),
        "metres": Word(
            _l("Metres on foot"),
            _l("Way along the legs with repeats, without vehicles and what a second device recorded."),
            "",
            _SOURCE,
            good="high",
        ),
        "vehicle_m": Word(
            _l("Metres in a vehicle"),
            _l("Way along legs faster than 25 km/h: they cover nothing."),
            "",
            _SOURCE,
        ),
        "check_points": Word(_l("Check points"), _l("Check points in the place.")),
        "check_points_visited": Word(
            _l("Check points visited"),
            _l("Those visited at least once in the period, by a visit of a round or a point logged there."),
            good="high",
        ),
        "visits": Word(
            _l("Visits"),
            _l(
                "Runs of patrols in the place without a pause of more than 30 minutes, whoever they were. A "
                "drive through is none."
            ),
            "",
            _SOURCE,
            good="high",
        ),
        "days_since": Word(
            _l("Days since the last visit"),
            _l(
                "From the end of the last visit to the end of the period, at most the present hour: the "
                "interval that is still open. Looked for up to 92 days before the period."
            ),
            "",
            _SOURCE,
            good="low",
            edges=(0, 1, 3, 7, 14, 28, 200),
        ),
        "revisit_p50": Word(
            _l("Revisit interval, median"),
            _l("From the end of a visit to the begin of the next; half are at most this long."),
            good="low",
        ),
        "revisit_p90": Word(
            _l("Revisit interval, 90 %"), _l("Nine of ten intervals are at most this long."), good="low"
        ),
        "revisit_max": Word(
            _l("Revisit interval, longest"), _l("The longest closed interval of the period."), good="low"
        ),
        "last_visit": Word(_l("Last visit"), _l("The day the last visit ended.")),
        "target_share": Word(
            _l("Target: share"), _l("The share the place's level is to reach in the period asked.")
        ),
        "target_days": Word(
            _l("Target: days"), _l("The longest time without a visit for the place's level.")
        ),
        "on_target": Word(
            _l("On target"),
            _l("The share is reached and the last visit is no longer ago than the target's days."),
        ),
        "cells": Word(_l("Cells"), _l("Cells of the community.")),
        "cells_on_target": Word(
            _l("Cells on target"), _l("Cells whose share and last visit reach the target."), good="high"
        ),
        "risk": Word(
            _l("Risk"),
            _l("What speaks for a cell: incidents and violations of the last 90 days, and rental units."),
            "1 + incidents + 3·violations + units/100",
            _SOURCE,
            good="low",
        ),
        "priority": Word(
            _l("Priority"),
            _l("Risk times the days since the last visit: where a gap matters most."),
            "risk × days since the last visit",
            _SOURCE,
            good="low",
        ),
        "gap_m2": Word(
            _l("Gap"), _l("Area of a connected part that nothing of the period covers."), "", _SOURCE
        ),
        "share_than": Word(
            _l("Share in the other period"), _l("The share covered in the period compared with.")
        ),
        "share_change": Word(
            _l("Change of the share"),
            _l("Share of this period less that of the other one, in percentage points."),
            edges=_EIGHTHS,
        ),
        "minutes_change": Word(
            _l("Change of minutes"), _l("Minutes of this period less those of the other one.")
        ),
        "metres_change": Word(
            _l("Change of metres"), _l("Metres of this period less those of the other one.")
        ),
        "number": Word(_l("Number"), ""),
        "from_on": Word(_l("From"), ""),
        "to_on": Word(_l("To"), ""),
        "radius_m": Word(_l("Radius"), _l("R: so near to somebody's way counts as seen.")),
        "max_accuracy_m": Word(
            _l("Accuracy filter"), _l("Fixes and points less accurate than this are left out.")
        ),
        "sampling_s": Word(
            _l("Sampling rate (s)"),
            _l("Median of the seconds between two fixes of a leg; none where tracks have no times."),
        ),
        "days_with_tracks": Word(
            _l("Days with patrols"), _l("Days of the period on which anything was recorded.")
        ),
        "fixes": Word(_l("Fixes"), _l("Positions of tracks that were used.")),
        "points": Word(_l("Points"), _l("Patrol points that were used.")),
        "vehicle_legs": Word(_l("Legs in a vehicle"), _l("Legs faster than 25 km/h.")),
        "days_waiting": Word(
            _l("Days behind"), _l("Days of the period that changed and are about to be counted anew.")
        ),
    },
    parameters={
        "from_on": Label(_l("From")),
        "to_on": Label(_l("To")),
        "radius_m": Label(_l("Radius (m)")),
        "than_from": Label(_l("Compared with: from")),
        "than_to": Label(_l("to")),
    },
    findings={
        "least_covered": _l(
            "%(name_en)s is covered least: %(share)s; its last visit ended %(days_since)s ago."
        ),
    },
    tables={
        "communities": _l("Communities"),
        "cells": _l("Cells"),
        "parcels": _l("Parcels"),
        "gaps": _l("Gaps that matter most"),
        "basis": _l("What it was measured from"),
    },
)
