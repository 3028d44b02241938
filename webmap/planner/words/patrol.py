"""What the figures of patrol coverage are called and mean; docs/coverage.md says more."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from webmap.planner.definitions import Class, Label, Word, Words
from webmap.planner.palette import BLUE, BLUISH_GREEN, ORANGE, REDDISH_PURPLE, SKY, VERMILION

_SOURCE = "docs/coverage.md"
_SEVENTHS = (-1.0, -0.2, -0.1, -0.02, 0.02, 0.1, 0.2, 1.0)

LEVELS = {
    "urban_village": Class(_("urban village"), VERMILION),
    "estate": Class(_("estate"), ORANGE),
    "industrial": Class(_("industrial"), BLUE),
    "hill": Class(_("hill"), BLUISH_GREEN),
    "other": Class(_("other"), SKY),
    "key": Class(_("key parcel"), VERMILION),
    "ordinary": Class(_("ordinary parcel"), ORANGE),
    "remote": Class(_("remote parcel"), REDDISH_PURPLE),
}

WORDS = Words(
    title=_("Patrol coverage"),
    main=("share_change", "share"),
    figures={
        "code": Word(_("Code"), ""),
        "cell": Word(_("Cell"), ""),
        "name": Word(_("Name"), ""),
        "community": Word(_("Community"), ""),
        "level": Word(
            _("Level"),
            _("Land use of a cell, patrol level of a parcel: what its target is set by."),
            classes=LEVELS,
        ),
        "share": Word(
            _("Share covered"),
            _(
                "The part of the area within R metres of a leg walked in the period, or of a point accurate "
                "to 50 m. A leg joins two fixes at most 300 s and 200 m apart; one faster than 25 km/h "
                "covers nothing. Repeats count once; days are those of Shanghai."
            ),
            _("area(place ∩ covered) / area(place), EPSG:4547"),
            _SOURCE,
            good="high",
        ),
        "error_likely": Word(
            _("Likely error of the share"),
            _(
                "How far the share is off by counting squares of 2 m, hardly ever more (three standard "
                "deviations). Parcels, and cells where that would be more than 0.1 points, are measured in "
                "rows of 0.25 m, to 0.1 points."
            ),
            _("3·h·√(h·p/12), h = 2 m, p: length of the covered border"),
            _SOURCE,
        ),
        "error_bound": Word(
            _("Error bound of the share"),
            _("The share is never further off: the case of a border that runs along the middles of squares."),
            "0.75·h·p + 4·h²",
            _SOURCE,
        ),
        "covered_m2": Word(_("Covered area"), _("Area of the covered part, repeats once."), "", _SOURCE),
        "repeated_m2": Word(
            _("Area covered with repeats"),
            _("The covered area of every day, added up: ten days in one street count ten times."),
            "",
            _SOURCE,
        ),
        "area_m2": Word(_("Area"), _("Area of the place in EPSG:4547.")),
        "minutes": Word(
            _("Time on foot"),
            _("Time along the legs, without gaps, vehicles and what a second device of a person recorded."),
            "",
            _SOURCE,
            good="high",
        ),
        "metres": Word(
            _("Metres on foot"),
            _("Way along the legs with repeats, without vehicles and what a second device recorded."),
            "",
            _SOURCE,
            good="high",
        ),
        "vehicle_m": Word(
            _("Metres in a vehicle"),
            _("Way along legs faster than 25 km/h: they cover nothing."),
            "",
            _SOURCE,
        ),
        "check_points": Word(_("Check points"), _("Check points in the place.")),
        "check_points_visited": Word(
            _("Check points visited"),
            _("Those visited at least once in the period, by a visit of a round or a point logged there."),
            good="high",
        ),
        "visits": Word(
            _("Visits"),
            _(
                "Runs of patrols in the place without a pause of more than 30 minutes, whoever they were. A "
                "drive through is none."
            ),
            "",
            _SOURCE,
            good="high",
        ),
        "days_since": Word(
            _("Days since the last visit"),
            _(
                "From the end of the last visit to the end of the period, at most the present hour: the "
                "interval that is still open. Looked for up to 92 days before the period."
            ),
            "",
            _SOURCE,
            good="low",
            edges=(0, 1, 3, 7, 14, 28, 200),
        ),
        "revisit_p50": Word(
            _("Revisit interval, median"),
            _("From the end of a visit to the begin of the next; half are at most this long."),
            good="low",
        ),
        "revisit_p90": Word(
            _("Revisit interval, 90 %"), _("Nine of ten intervals are at most this long."), good="low"
        ),
        "revisit_max": Word(
            _("Revisit interval, longest"), _("The longest closed interval of the period."), good="low"
        ),
        "last_visit": Word(_("Last visit"), _("The day the last visit ended.")),
        "target_share": Word(
            _("Target: share"), _("The share the place's level is to reach in the period asked.")
        ),
        "target_days": Word(_("Target: days"), _("The longest time without a visit for the place's level.")),
        "on_target": Word(
            _("On target"),
            _("The share is reached and the last visit is no longer ago than the target's days."),
        ),
        "cells": Word(_("Cells"), _("Cells of the community.")),
        "cells_on_target": Word(
            _("Cells on target"), _("Cells whose share and last visit reach the target."), good="high"
        ),
        "risk": Word(
            _("Risk"),
            _("What speaks for a cell: incidents and violations of the last 90 days, and rental units."),
            _("1 + incidents + 3·violations + units/100"),
            _SOURCE,
            good="low",
        ),
        "priority": Word(
            _("Priority"),
            _("Risk times the days since the last visit: where a gap matters most."),
            _("risk × days since the last visit"),
            _SOURCE,
            good="low",
        ),
        "gap_m2": Word(
            _("Gap"), _("Area of a connected part that nothing of the period covers."), "", _SOURCE
        ),
        "share_than": Word(
            _("Share in the other period"), _("The share covered in the period compared with.")
        ),
        "share_change": Word(
            _("Change of the share"),
            _("Share of this period less that of the other one, in percentage points."),
            edges=_SEVENTHS,
            good="high",
        ),
        "minutes_change": Word(
            _("Change of minutes"), _("Minutes of this period less those of the other one."), good="high"
        ),
        "metres_change": Word(
            _("Change of metres"), _("Metres of this period less those of the other one."), good="high"
        ),
        "number": Word(_("Number"), ""),
        "from_on": Word(_("From"), ""),
        "to_on": Word(_("To"), ""),
        "radius_m": Word(_("Radius"), _("R: so near to somebody's way counts as seen.")),
        "max_accuracy_m": Word(
            _("Accuracy filter"), _("Fixes and points less accurate than this are left out.")
        ),
        "sampling_s": Word(
            _("Sampling rate (s)"),
            _("Median of the seconds between two fixes of a leg; none where tracks have no times."),
        ),
        "days_with_tracks": Word(
            _("Days with patrols"), _("Days of the period on which anything was recorded.")
        ),
        "fixes": Word(_("Fixes"), _("Positions of tracks that were used.")),
        "points": Word(_("Points"), _("Patrol points that were used.")),
        "vehicle_legs": Word(_("Legs in a vehicle"), _("Legs faster than 25 km/h.")),
        "days_waiting": Word(
            _("Days behind"), _("Days of the period that changed and are about to be counted anew.")
        ),
    },
    parameters={
        "from_on": Label(_("From")),
        "to_on": Label(_("To")),
        "radius_m": Label(_("Radius (m)")),
        "than_from": Label(_("Compared with: from")),
        "than_to": Label(_("to")),
    },
    findings={
        "nothing_covered": _("No patrol covered anything in this period."),
        "least_covered_unvisited": _(
            "%(name)s is covered least: %(share)s; nobody visited it in the period or the 92 days before."
        ),
        "least_covered": _("%(name)s is covered least: %(share)s; its last visit ended %(days_since)s ago."),
    },
    tables={
        "communities": _("Communities"),
        "cells": _("Cells"),
        "parcels": _("Parcels"),
        "gaps": _("Gaps that matter most"),
        "basis": _("What it was measured from"),
    },
)
