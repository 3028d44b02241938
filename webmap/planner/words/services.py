"""Service coverage in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from webmap.planner.definitions import Label, Text, Word, Words
from webmap.planner.kinds import CLASSES, TITLES

_SOURCE = "docs/services.md"
WEEKDAYS = {
    "any": _("at any time"),
    "Mo": _("on Mondays"),
    "Tu": _("on Tuesdays"),
    "We": _("on Wednesdays"),
    "Th": _("on Thursdays"),
    "Fr": _("on Fridays"),
    "Sa": _("on Saturdays"),
    "Su": _("on Sundays"),
}
WALKING = {
    "kind": Label(_("Kind of facility"), choices=TITLES),
    "minutes": Label(_("Minutes on foot")),
    "way": Label(
        _("Way"),
        choices={"network": _("along streets"), "straight": _("straight line with a detour factor")},
    ),
    "speed_kmh": Label(
        _("Walking speed (km/h)"),
        _("4.5 is an assumption; GB 50180-2018 counts with 3 to 4."),
    ),
    "detour": Label(
        _("Detour factor"),
        _("For straight lines only; 1.3 is an assumption."),
    ),
}


def _share(title: Text, definition: Text) -> Word:
    return Word(
        title,
        definition,
        formula=_("Σ residents with minutes ≤ limit / Σ residents"),
        source=_SOURCE,
        good="high",
    )


_WITHIN = _("The part of the residents who walk no longer than this to the nearest facility of the kind.")
FIGURES = {
    "community": Word(_("Community"), ""),
    "cell": Word(_("Cell"), ""),
    "units": Word(_("Rental units"), _("Rental units on file in the buildings of the place.")),
    "residents": Word(_("Residents"), _("People registered in the rental units of the place.")),
    "within_5": _share(_("Residents within 5 minutes"), _WITHIN),
    "within_10": _share(_("Residents within 10 minutes"), _WITHIN),
    "within_15": _share(_("Residents within 15 minutes"), _WITHIN),
    "within": _share(_("Residents within the minutes asked for"), _WITHIN),
    "units_within": Word(
        _("Units within the minutes asked for"),
        _("The part of the rental units from which one walks no longer than this."),
        formula=_("Σ units with minutes ≤ limit / Σ units"),
        source=_SOURCE,
        good="high",
    ),
    "within_open": _share(
        _("Residents within reach of one that is open"),
        _("As before, but only facilities open at the time asked for count; one with unknown hours does."),
    ),
    "lost_by_hours": Word(
        _("Lost by opening hours"),
        _("How much smaller the share is when only open facilities count."),
        formula=_("share always − share of open ones"),
        source=_SOURCE,
        good="low",
    ),
    "p95_minutes": Word(
        _("Walk of the worst-served twentieth"),
        _("The worst-served twentieth of the residents walk longer; no number where they reach nothing."),
        formula=_("95th percentile of minutes, weighted by residents"),
        source=_SOURCE,
        good="low",
    ),
    "worst_residents": Word(
        _("Of the district's worst-served twentieth"),
        _("Residents here who are among the twentieth of the district that walks longest."),
        source=_SOURCE,
        good="low",
    ),
    "places_per_1000": Word(
        _("Places for 1,000 residents"),
        _("What the capacity in reach is for each resident, shared with all others who reach it; the mean."),
        formula="E2SFCA: R_j = S_j / Σ P_k f(d_kj), A_i = Σ R_j f(d_ij)",
        source="Luo and Qi 2009; docs/services.md",
        good="high",
    ),
    "kind": Word(_("Kind of facility"), "", classes=CLASSES),
    "facilities": Word(_("Facilities"), _("How many there are of the kind.")),
    "unreached": Word(
        _("Residents who reach none"),
        _("They live more than 300 m from any street (an assumption), or no street leads to a facility."),
        good="low",
    ),
    "capacity": Word(_("Capacity"), _("Places, beds or visitors, as stated for the facility.")),
    "worst_minutes": Word(_("Their mean walk"), _("Of those among them who reach a facility.")),
    "worst_unreached": Word(_("Of them reaching none"), ""),
    "facility": Word(_("Facility"), ""),
    "facility_name": Word(_("Name"), ""),
    "nearest_residents": Word(
        _("Residents nearest to it"), _("Residents for whom it is the nearest of the kind.")
    ),
    "mean_minutes": Word(_("Mean walk"), _("Of the residents for whom it is the nearest.")),
    "per_1000_reached": Word(
        _("Places for 1,000 who reach it"),
        _("Its capacity by the residents within reach, those farther away counting less."),
        formula="1000 R_j",
        source="Luo and Qi 2009; docs/services.md",
        good="high",
    ),
    "opening_hours": Word(_("Opening hours"), ""),
    "is_open": Word(_("Open at the time asked for"), _("One whose hours are not known counts as open.")),
    "curve_minutes": Word(_("Time on foot"), ""),
    "curve_residents": Word(_("Residents within them"), _WITHIN),
    "curve_open": Word(_("Residents within them of one that is open"), ""),
    "asked_minutes": Word(_("Minutes"), ""),
    "detour": Word(_("Detour factor"), ""),
    "hour": Word(_("Hour"), ""),
}
WORDS = Words(
    title=_("Services within reach"),
    main=("within",),
    figures=FIGURES,
    parameters={
        **WALKING,
        "weekday": Label(_("Open (day)"), choices=WEEKDAYS),
        "hour": Label(_("at what hour"), _("0 to 23; counts where a day is chosen.")),
        "decay": Label(
            _("Capacity counts"),
            choices={
                "steps": _("less in three steps (E2SFCA)"),
                "gaussian": _("less along a bell curve"),
                "none": _("the same up to the limit (2SFCA)"),
            },
        ),
    },
    findings={
        "no_network": _(
            "There is no street network: minutes are of straight lines made %(detour)s times longer."
        ),
        "synthetic_network": _(
            "The street network is invented for the demo: no figure here is true of a place."
        ),
        "no_facility": _("There is no facility of this kind."),
        "no_residents": _(
            "No residents are on file: shares of units are known, shares of residents are not."
        ),
        "covered": _("%(within)s of the residents are within %(asked_minutes)s minutes on foot."),
        "worst_served": _(
            "The worst-served twentieth walk longer than %(p95_minutes)s; most of them, %(worst_residents)s, "
            "live in community %(community)s."
        ),
        "worst_unreached": _(
            "%(unreached)s residents reach none at all; of the worst served most, %(worst_residents)s, live "
            "in community %(community)s."
        ),
        "open_then": _(
            "At %(hour)s o'clock on that day %(facilities)s facilities are open: %(within_open)s of the "
            "residents have one within reach, %(within)s when all are open."
        ),
    },
    tables={
        "communities": _("Communities"),
        "cells": _("Cells"),
        "kinds": _("Every kind in the district"),
        "curve": _("Residents by minutes"),
        "worst": _("Where the worst-served twentieth live"),
        "facilities": _("Facilities of the kind"),
    },
)
