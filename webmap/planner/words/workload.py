"""What is said of the workload."""

from __future__ import annotations

from flask_babel import lazy_gettext

from webmap.planner.definitions import Class, Label, Word, Words
from webmap.planner.palette import BLUE, VERMILION

_DOCS = "docs/workload.md"

EVENNESS = {
    "count": Word(lazy_gettext("Number"), ""),
    "mean_minutes": Word(lazy_gettext("Mean minutes"), lazy_gettext("Minutes a month by the number.")),
    "max_over_mean": Word(
        lazy_gettext("Heaviest by mean"),
        lazy_gettext("How many times the mean the heaviest carries; 1 if all are alike."),
        formula=lazy_gettext("max / mean"),
        source=_DOCS,
        good="low",
    ),
    "cv": Word(
        lazy_gettext("Variation (CV)"),
        lazy_gettext(
            "Standard deviation by the mean: 0 if all are alike. That 0.1 is even and above 0.5 uneven is a "
            "rule of thumb of this system."
        ),
        formula=lazy_gettext("√(Σ(x − mean)² / n) / mean"),
        source=_DOCS,
        good="low",
    ),
    "gini": Word(
        lazy_gettext("Gini"),
        lazy_gettext(
            "Half the mean difference between two loads by the mean: 0 if all are alike, near 1 if one "
            "has all; "
            "twice the area between the Lorenz curve and the diagonal."
        ),
        formula="2·Σ i·x_i / (n·Σ x_i) − (n + 1) / n",
        source=_DOCS,
        good="low",
    ),
    "weights_version": Word(
        lazy_gettext("Version of the weights"),
        lazy_gettext(
            "Which kept weights the minutes were counted by; none where weights were only tried out."
        ),
        source=_DOCS,
    ),
    "number": Word(lazy_gettext("No."), ""),
}

MINUTES = Word(
    lazy_gettext("Minutes a month"),
    lazy_gettext(
        "The time the work of a place takes in a mean month of 30.4375 days: checks of rental units, "
        "incidents, "
        "visits of check points and the ways between them."
    ),
    formula=lazy_gettext(
        "Σ units × visits × minutes + Σ incidents × minutes + points × visits × minutes + travel"
    ),
    source=_DOCS,
    good="low",
)

OVER_MEAN = Word(
    lazy_gettext("Times the mean"),
    lazy_gettext("Minutes by the mean of all: 1 is the mean, 2 is twice as much."),
    good="low",
)

WORDS = Words(
    title=lazy_gettext("Workload"),
    main=("minutes",),
    figures={
        **EVENNESS,
        "minutes": MINUTES,
        "over_mean": OVER_MEAN,
        "code": Word(lazy_gettext("Code"), ""),
        "community_code": Word(lazy_gettext("Community"), ""),
        "cells": Word(lazy_gettext("Cells"), ""),
        "units": Word(
            lazy_gettext("Rental units"), lazy_gettext("Rental units filed by the last day counted.")
        ),
        "incidents_a_month": Word(
            lazy_gettext("Incidents a month"),
            lazy_gettext(
                "Incidents reported in the days counted, scaled to a month; rejected and voided ones are "
                "left out."
            ),
            formula=lazy_gettext("incidents × 30.4375 / days"),
        ),
        "points": Word(lazy_gettext("Check points"), ""),
        "checks_minutes": Word(
            lazy_gettext("Minutes for checks"),
            lazy_gettext(
                "Units by grade, times the visits a month their grade wants, times the minutes of a check."
            ),
            formula=lazy_gettext("Σ units(grade) × 30.4375 / interval(grade) × minutes(grade)"),
            source=_DOCS,
            good="low",
        ),
        "incidents_minutes": Word(
            lazy_gettext("Minutes for incidents"),
            lazy_gettext("Incidents a month by family, times the minutes an officer spends on one."),
            formula=lazy_gettext("Σ incidents(family) × minutes(family)"),
            source=_DOCS,
            good="low",
        ),
        "points_minutes": Word(
            lazy_gettext("Minutes at check points"),
            lazy_gettext(
                "Visits a month as the level of the parcel wants, times the minutes of a visit. Whoever "
                "visits "
                "them, team or officer: the formula is of the place."
            ),
            formula=lazy_gettext("Σ visits(level) × minutes"),
            source=_DOCS,
            good="low",
        ),
        "travel_minutes": Word(
            lazy_gettext("Minutes on the way"),
            lazy_gettext(
                "The way between buildings, incidents and check points: each working day a shortest tour "
                "of that "
                "day's stops in the area where they lie, times a detour for streets, by the pace of walking."
            ),
            formula=lazy_gettext("detour × 0.7124 × √(stops × days × area) / pace"),
            source=lazy_gettext(
                "form: Beardwood, Halton, Hammersley 1959; 0.7124, an estimate from experiments: Johnson, "
                "McGeoch, Rothberg 1996; detour and pace: assumptions unless a planner set them"
            ),
            good="low",
        ),
        "what": Word(
            lazy_gettext("Of"),
            "",
            classes={
                "cells": Class(lazy_gettext("Cells"), BLUE),
                "officers": Class(lazy_gettext("Officers"), VERMILION),
            },
        ),
        "cells_without_officer": Word(
            lazy_gettext("Cells without an officer"),
            lazy_gettext(
                "Cells nobody answers for on the last day counted; their minutes are in no officer's."
            ),
        ),
        "to_on": Word(lazy_gettext("Counted to"), ""),
        "month": Word(
            lazy_gettext("Month"),
            lazy_gettext(
                "First day of the month. Incidents and units are those of the month; grades, removed "
                "units, stops "
                "at buildings, check points, outlines and weights are held as they are now."
            ),
            source=_DOCS,
        ),
    },
    parameters={
        "to": Label(lazy_gettext("Last day"), lazy_gettext("Today if empty")),
        "days": Label(lazy_gettext("Days of incidents"), lazy_gettext("Counted back, scaled to a month")),
        "months": Label(lazy_gettext("Months of trend")),
        "weights_version": Label(lazy_gettext("Version of the weights"), lazy_gettext("The latest if empty")),
        "what_if": Label(lazy_gettext("Weights tried out")),
    },
    findings={
        "workload_nothing": lazy_gettext("There is no work to count."),
        "workload_heaviest": lazy_gettext("The heaviest cell, %(cell)s, carries %(times)s times the mean."),
        "workload_fifth": lazy_gettext(
            "The heaviest fifth of the cells carries %(percent)s %% of the minutes (Gini %(gini)s)."
        ),
        "workload_officers": lazy_gettext(
            "The busiest officer carries %(times)s times the mean of officers."
        ),
        "workload_without_officer": lazy_gettext("%(count)s cells have no officer."),
        "workload_rises": lazy_gettext(
            "Over the last %(months)s months the work has risen by %(percent)s %%, "
            "counting units that are still registered."
        ),
        "workload_falls": lazy_gettext(
            "Over the last %(months)s months the work has fallen by %(percent)s %%, "
            "counting units that are still registered."
        ),
        "workload_steady": lazy_gettext("Over the last %(months)s months the work has stayed as it was."),
    },
    tables={
        "summary": lazy_gettext("How even it is"),
        "cells": lazy_gettext("Cells"),
        "communities": lazy_gettext("Communities"),
        "officers": lazy_gettext("Officers, by number"),
        "trend": lazy_gettext("Month by month"),
    },
)

FAMILIES = {
    "ZZ": lazy_gettext("Public order"),
    "JF": lazy_gettext("Disputes"),
    "AQ": lazy_gettext("Public safety"),
    "SR": lazy_gettext("City appearance"),
}

WEIGHTS = {
    "check": lazy_gettext("Minutes of a check: %(name)s"),
    "incident": lazy_gettext("Minutes for an incident: %(name)s"),
    "point_minutes": lazy_gettext("Minutes at a check point"),
    "point_visits": lazy_gettext("Visits a month of a check point of no parcel"),
    "walk_m_min": lazy_gettext("Pace on foot (metres a minute)"),
    "detour": lazy_gettext("Detour: way by straight line"),
    "working_days": lazy_gettext("Working days a month"),
    "deputy_part": lazy_gettext("What a deputy carries, by what a primary officer does (0 to 1)"),
}

SOURCES = {
    "assumption": lazy_gettext("assumption of this system"),
    "labour_2025": lazy_gettext(
        "Ministry of Human Resources, notice 2025 No. 2: 365 − 104 − 13 = 248 working days a year"
    ),
    "changed": lazy_gettext("set by a planner; the version says why"),
}

MEASURED = {
    "check": lazy_gettext(
        "from one unit's last visit to the next in the same building on the same day, 1 to 60 minutes"
    ),
    "incident": lazy_gettext('from "handling" to "handled", of cases handled within four hours'),
    "point_minutes": lazy_gettext("stay at visited check points"),
    "walk_m_min": lazy_gettext("metres by minutes along tracks of patrols"),
}
