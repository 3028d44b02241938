"""Hot spots in words."""

from __future__ import annotations

from flask_babel import lazy_gettext

from gis.analysis.hotspots.model import Standing
from webmap.planner.definitions import Class, Label, Word, Words
from webmap.planner.words.hotspot_classes import KINDS, MORAN, PLAIN, STANDINGS, TRENDS

_DOCS = "docs/hotspots.md"
_RATES = {
    "incidents": Word(
        lazy_gettext("Incidents"),
        lazy_gettext("Incidents that happened in the period, without rejected and voided ones."),
        good="low",
    ),
    "units": Word(lazy_gettext("Rental units"), lazy_gettext("Rental units on file today.")),
    "rate": Word(
        lazy_gettext("Rate per 100 units"),
        lazy_gettext("Incidents for every 100 rental units in the period."),
        formula="100 · O / P",
        good="low",
    ),
    "smoothed_rate": Word(
        lazy_gettext("Smoothed rate per 100 units"),
        lazy_gettext(
            "The rate, drawn towards the mean the more, the fewer units a cell has: small cells do not stand "
            "out by one incident."
        ),
        formula="θ = b + C (r − b), C = a / (a + b / P)",
        source="Marshall 1991, " + _DOCS,
        good="low",
    ),
    "expected": Word(
        lazy_gettext("Incidents to be expected"),
        lazy_gettext("What the cell's units make one expect at the rate of all judged cells."),
        formula="P · b",
    ),
    "times": Word(
        lazy_gettext("Times the expected"),
        lazy_gettext("The smoothed rate by the rate of all judged cells."),
        formula="θ / b",
        good="low",
    ),
}
_TESTS = {
    "z": Word(
        lazy_gettext("Gi* (z)"),
        lazy_gettext(
            "How far the rates of the cell and its neighbours lie above (or below) the district's, in "
            "standard deviations."
        ),
        formula="(Σ w x − W x̄) / (s √((n S1 − W²) / (n − 1)))",
        source="Ord & Getis 1995, " + _DOCS,
        good="low",
        edges=(-30, -2.58, -1.96, 1.96, 2.58, 30),
    ),
    "p": Word(
        lazy_gettext("p of Gi*"),
        lazy_gettext(
            "How likely so large a z is by chance, up or down, for one cell by itself; 0 is less than 0.0005."
        ),
    ),
    "is_significant": Word(
        lazy_gettext("Significant"),
        lazy_gettext(
            "Not only Gi* but also the number of incidents is beyond chance (Poisson), among all cells "
            "tested: the share of false ones among those called so is held down."
        ),
        source="Benjamini & Hochberg 1995",
    ),
    "standing": Word(
        lazy_gettext("Class"),
        lazy_gettext(
            "New: hot in the last week for the first time. Lasting: hot for the last weeks on end. "
            "Persistent: hot in 9 of 10 weeks; growing or fading where its z rises or falls. Sporadic: hot "
            "last week and in some before. Grey: too few units, or too little patrolled, to tell. Of a "
            "community: that of its gravest cell."
        ),
        source=_DOCS,
        classes={str(standing): told for standing, told in STANDINGS.items()},
    ),
    "trend": Word(
        lazy_gettext("Weeks"),
        lazy_gettext("What the weeks tell, each compared within itself."),
        source=_DOCS,
        classes={str(trend): Class(title, PLAIN) for trend, title in TRENDS.items()},
    ),
    "hot_weeks": Word(
        lazy_gettext("Weeks hot"),
        lazy_gettext("In how many weeks of the period the cell was hot."),
        good="low",
    ),
    "hot_since": Word(
        lazy_gettext("Hot since"), lazy_gettext("First day of the weeks on end it has been hot up to now.")
    ),
    "moran": Word(
        lazy_gettext("Beside its neighbours"),
        lazy_gettext("Local Moran: a cell like its neighbours, or their opposite; only where significant."),
        formula="z Σ w z / m2, m2 = Σ z² / (n − 1)",
        source="Anselin 1995, " + _DOCS,
        classes={str(kind): told for kind, told in MORAN.items()},
    ),
    "moran_p": Word(
        lazy_gettext("p of local Moran"), lazy_gettext("Analytic, by conditional randomisation.")
    ),
}
_EFFORT = {
    "effort_m": Word(
        lazy_gettext("Patrol effort"),
        lazy_gettext(
            "Metres patrols walked in the cell in the period: incidents are found where people walk."
        ),
        source="docs/coverage.md",
    ),
    "is_little_walked": Word(
        lazy_gettext("Too little effort"),
        lazy_gettext("Fewer metres a week than a figure needs to be believed."),
    ),
    "hot_cells": Word(lazy_gettext("Hot cells"), lazy_gettext("Cells that are hot now."), good="low"),
    "few_units_cells": Word(
        lazy_gettext("Cells of too few units"), lazy_gettext("Cells not judged because of too few units.")
    ),
    "little_walked_cells": Word(
        lazy_gettext("Cells of too little effort"), lazy_gettext("Cells greyed because hardly patrolled.")
    ),
}
_BUNCHES = {
    "in_circle": Word(
        lazy_gettext("In the circle"),
        lazy_gettext("Incidents on these days in the circle that tells most."),
    ),
    "expected_in_circle": Word(
        lazy_gettext("Expected there"),
        lazy_gettext(
            "What the place's and the days' own numbers make one expect, if they had nothing to do with each "
            "other."
        ),
        formula=lazy_gettext("n(place) · n(days) / n"),
    ),
    "radius_m": Word(lazy_gettext("Radius"), lazy_gettext("Of the circle.")),
    "chance": Word(
        lazy_gettext("Chance at most"),
        lazy_gettext("How likely chance makes any bunch like this, counting all places and days looked at."),
        source=_DOCS,
    ),
    "share_of_district": Word(
        lazy_gettext("Share of the district"), lazy_gettext("Of all incidents of the period.")
    ),
    "area_m2": Word(lazy_gettext("Area"), lazy_gettext("Of the outline drawn round the place.")),
}
_OTHER = {
    "code": Word(lazy_gettext("Code"), ""),
    "community_code": Word(lazy_gettext("Community"), ""),
    "cell_code": Word(lazy_gettext("Cell"), ""),
    "number": Word(lazy_gettext("No."), ""),
    "starts_on": Word(lazy_gettext("Week from"), ""),
    "first_on": Word(lazy_gettext("From"), ""),
    "last_on": Word(lazy_gettext("To"), ""),
    "kind": Word(
        lazy_gettext("Kind"), "", classes={code: Class(title, PLAIN) for code, title in KINDS.items()}
    ),
}

_CELLS = {
    Standing.NEW: lazy_gettext(
        "%(cell)s and its neighbours (%(kind)s): newly hot since %(since)s, with %(incidents)s incidents "
        "since then, %(times)s times what their units make one expect; %(own)s in the cell itself."
    ),
    Standing.LASTING: lazy_gettext(
        "%(cell)s and its neighbours (%(kind)s): hot without a break since %(since)s and not before, with "
        "%(incidents)s incidents since then, %(times)s times what their units make one expect; %(own)s in "
        "the cell itself."
    ),
    Standing.SPORADIC: lazy_gettext(
        "%(cell)s and its neighbours (%(kind)s): hot again since %(since)s, in %(weeks)s of %(all_weeks)s "
        "weeks altogether, with %(incidents)s incidents since then, %(times)s times what their units make "
        "one expect; %(own)s in the cell itself."
    ),
    Standing.GROWING: lazy_gettext(
        "%(cell)s and its neighbours (%(kind)s): hot in %(weeks)s of %(all_weeks)s weeks and growing, with "
        "%(incidents)s incidents, %(times)s times what their units make one expect; %(own)s in the cell "
        "itself."
    ),
    Standing.PERSISTENT: lazy_gettext(
        "%(cell)s and its neighbours (%(kind)s): hot in %(weeks)s of %(all_weeks)s weeks, neither growing "
        "nor fading, with %(incidents)s incidents, %(times)s times what their units make one expect; %(own)s "
        "in the cell itself."
    ),
    Standing.FADING: lazy_gettext(
        "%(cell)s and its neighbours (%(kind)s): hot in %(weeks)s of %(all_weeks)s weeks but fading, with "
        "%(incidents)s incidents, %(times)s times what their units make one expect; %(own)s in the cell "
        "itself."
    ),
    Standing.STEADY: lazy_gettext(
        "%(cell)s and its neighbours (%(kind)s): hot over the whole period, in no single week, with "
        "%(incidents)s incidents, %(times)s times what their units make one expect; %(own)s in the cell "
        "itself."
    ),
}
_FINDINGS = {
    "hotspots_no_incidents": lazy_gettext("No incident (%(kind)s) happened in this period."),
    "hotspots_summary": lazy_gettext(
        "%(cells)s of %(judged)s judged cells are hot now (%(incidents)s incidents, %(kind)s). Of cells "
        "called so at most about %(false_percent)s%% are so by chance."
    ),
    "hotspots_none": lazy_gettext(
        "None of %(judged)s judged cells is hot now: %(incidents)s incidents (%(kind)s) lie as chance would "
        "have it, or too few of them to tell."
    ),
    **{f"hotspots_cell_{standing}": text for standing, text in _CELLS.items()},
    "hotspots_bunch": lazy_gettext(
        "%(cell)s: %(incidents)s incidents (%(kind)s) within %(radius_m)s from %(first_on)s to %(last_on)s, "
        "where %(expected)s were to be expected."
    ),
    "hotspots_street": lazy_gettext(
        "%(cell)s: %(incidents)s incidents (%(kind)s), %(share_of_district)s of the district's, lie close "
        "together. Dense, which is not yet too many for those who live there."
    ),
    "hotspots_unlike": lazy_gettext(
        "%(cell)s (%(kind)s) is high among calm neighbours: %(times)s times what its units make one expect."
    ),
    "hotspots_little_effort": lazy_gettext(
        "%(cells)s cells were patrolled too little to tell; %(hot)s of them would be hot by their figures."
    ),
    "hotspots_few_units": lazy_gettext("%(cells)s cells have too few rental units to be judged."),
    "hotspots_by_chance": lazy_gettext(
        "%(bunches)s further bunches are left out: chance may have made them."
    ),
    "hotspots_uncounted_days": lazy_gettext(
        "Patrols of %(days)s days of the period are not counted yet: effort is told from the others."
    ),
}
WORDS = Words(
    title=lazy_gettext("Hot spots"),
    main=("standing",),
    figures={**_RATES, **_TESTS, **_EFFORT, **_BUNCHES, **_OTHER},
    parameters={
        "from_on": Label(lazy_gettext("From")),
        "to_on": Label(lazy_gettext("To"), lazy_gettext("4 to 26 whole weeks")),
        "kind": Label(lazy_gettext("Kind")),
        "neighbours": Label(
            lazy_gettext("Neighbours"),
            choices={
                "touch": lazy_gettext("cells that touch"),
                "distance": lazy_gettext("within a distance"),
            },
        ),
        "distance_m": Label(lazy_gettext("Distance (m)"), lazy_gettext("between middles of cells")),
        "smoothing": Label(
            lazy_gettext("Smoothed rate shown"),
            lazy_gettext("Tested is always the first"),
            {
                "district": lazy_gettext("towards the district's"),
                "neighbours": lazy_gettext("towards the neighbours'"),
            },
        ),
        "least_units": Label(lazy_gettext("Fewest units")),
        "least_incidents": Label(lazy_gettext("Fewest incidents of a hot cell")),
        "least_effort_m": Label(lazy_gettext("Least effort (m a week)")),
        "false_share": Label(lazy_gettext("Share of false ones"), lazy_gettext("0.05 is usual")),
        "near_m": Label(lazy_gettext("Bunch: metres apart")),
        "near_days": Label(lazy_gettext("Bunch: days apart")),
        "near_least": Label(
            lazy_gettext("Bunch: fewest incidents"), lazy_gettext("by their number if empty")
        ),
        "street_least": Label(
            lazy_gettext("Dense place: fewest incidents"), lazy_gettext("by their number if empty")
        ),
    },
    findings=_FINDINGS,
    tables={
        "cells": lazy_gettext("Cells"),
        "communities": lazy_gettext("Communities"),
        "weeks": lazy_gettext("Weeks of the district"),
        "bunches": lazy_gettext("Bunches in place and time"),
        "streets": lazy_gettext("Dense places"),
    },
)
