"""New sites in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from webmap.planner.definitions import Class, Label, Word, Words
from webmap.planner.palette import BLUE, BLUISH_GREEN, ORANGE, SKY, VERMILION
from webmap.planner.words.services import FIGURES as SERVICES
from webmap.planner.words.services import WALKING

_SOURCE = "docs/services.md"
GOALS = {
    "mclp": _("most people within the minutes"),
    "pmedian": _("shortest ways on the whole"),
    "lscp": _("fewest sites for everybody"),
}
_STATUS = {
    "optimal": Class(_("proven: nothing is better"), BLUISH_GREEN),
    "heuristic": Class(_("quick answer, not proven"), ORANGE),
    "time_limit": Class(_("time was up"), VERMILION),
}
_METHODS = {
    "greedy and exchange": Class(_("greedy and exchange"), BLUE),
    "greedy and exchange, bound by relaxation": Class(_("greedy and exchange, bound by relaxation"), BLUE),
    "nothing to choose": Class(_("nothing to choose"), BLUE),
    "nobody is left": Class(_("nobody is left"), BLUE),
    "no candidates": Class(_("no candidates"), BLUE),
}
_SERVED = _("People newly within the minutes asked for.")

WORDS = Words(
    title=_("New sites"),
    main=("gained",),
    figures={
        "community": SERVICES["community"],
        "cell": SERVICES["cell"],
        "residents": Word(_("Residents or units"), _("What was asked to be counted, in the place.")),
        **{name: SERVICES[name] for name in ("within_5", "within_10", "within_15", "within", "p95_minutes")},
        "within_before": Word(
            _("Share within the minutes before"), _("With the facilities that stay."), good="high"
        ),
        "within_after": Word(
            _("Share within the minutes after"), _("With those and the new sites."), good="high"
        ),
        "gained": Word(_("People gained"), _SERVED),
        "p95_after": Word(
            _("Walk of the worst-served twentieth after"),
            _("The worst-served twentieth of the place walk longer than this once the sites are there."),
            source=_SOURCE,
            good="low",
        ),
        "site": Word(_("Site"), _("The one that adds most is the first.")),
        "site_name": Word(_("Place"), ""),
        "site_gain": Word(_("People it adds"), _("Newly within the minutes, beyond the sites before it.")),
        "site_nearest": Word(
            _("People nearest to it"), _("For whom no facility and no other site is nearer.")
        ),
        "lon": Word(_("Longitude"), ""),
        "lat": Word(_("Latitude"), ""),
        "sites": Word(_("Sites"), ""),
        "served_share": Word(_("Share within the minutes"), _("With so many new sites."), good="high"),
        "site_mean_minutes": Word(
            _("Mean walk"), _("Of those who reach a facility or a new site."), good="low"
        ),
        "before_minutes": Word(_("Mean walk"), ""),
        "p95_before": Word(_("Walk of the worst-served twentieth"), ""),
        "goal": Word(
            _("Goal"),
            _("What the choice makes as large, as short or as few as it can be."),
            source=_SOURCE,
            classes={name: Class(title, BLUE) for name, title in GOALS.items()},
        ),
        "objective": Word(
            _("Objective"),
            _(
                "People within the minutes; or people times metres, ways longer than an hour counted as an "
                "hour (an assumption); or the number of sites."
            ),
            source=_SOURCE,
        ),
        "bound": Word(
            _("Bound"), _("No choice of as many sites has a better objective than this."), source=_SOURCE
        ),
        "gap": Word(
            _("Gap to the bound"),
            _("How far the objective may be from the best there is."),
            formula=_("|bound − objective| / objective"),
            source=_SOURCE,
            good="low",
        ),
        "status": Word(_("How sure"), _("Whether the answer is proven to be the best."), classes=_STATUS),
        "solver": Word(_("Method"), "", classes=_METHODS),
        "candidates_asked": Word(
            _("Candidates looked at"), _("Where there are too many, those that reach the most people.")
        ),
        "out_of_reach": Word(
            _("People no candidate reaches"), _("Whatever is chosen, they stay beyond the minutes.")
        ),
        "moment": Word(
            _("When"),
            "",
            classes={"before": Class(_("before"), SKY), "after": Class(_("after"), BLUE)},
        ),
        "asked_minutes": Word(_("Minutes"), ""),
        "detour": Word(_("Detour factor"), ""),
    },
    parameters={
        **WALKING,
        "goal": Label(_("Goal"), choices=GOALS),
        "k": Label(_("How many sites"), _("Not asked for where the fewest sites are.")),
        "weight": Label(_("Counted"), choices={"residents": _("Residents"), "units": _("Rental units")}),
        "keep": Label(_("Present facilities stay")),
        "candidates": Label(
            _("Candidates"),
            choices={
                "centres": _("community premises"),
                "parcels": _("parcels"),
                "streets": _("places along streets"),
                "picked": _("picked on the map"),
                "list": _("a list brought before"),
            },
        ),
        "picked": Label(_("Picked places"), _("Longitude, latitude; separated by semicolons.")),
        "list_id": Label(_("Number of the list"), _("It stands in the list of drafts below.")),
        "exact": Label(
            _("Exact"), _("Takes up to a minute: keep it as a run. A page shows the quick answer.")
        ),
    },
    findings={
        "no_network": _(
            "There is no street network: minutes are of straight lines made %(detour)s times longer."
        ),
        "synthetic_network": _(
            "The street network is invented for the demo: no figure here is true of a place."
        ),
        "no_candidates": _("There is no candidate of this sort."),
        "gained": _(
            "%(sites)s new sites bring %(within_after)s within %(asked_minutes)s minutes; now it is "
            "%(within_before)s."
        ),
        "shorter": _(
            "With %(sites)s new sites the mean way takes %(site_mean_minutes)s; now it takes "
            "%(before_minutes)s minutes."
        ),
        "worst_then": _(
            "The worst-served twentieth then walk longer than %(p95_minutes)s; now longer than "
            "%(p95_before)s minutes."
        ),
        "out_of_reach": _("%(out_of_reach)s people are in reach of no candidate."),
        "proven": _("This is proven: no other choice of as many candidates is better."),
        "not_proven": _("The best choice may be better by %(gap)s; the exact answer can be kept as a run."),
    },
    tables={
        "sites": _("Sites chosen"),
        "solution": _("How good the choice is"),
        "gain": _("What more sites bring"),
        "change": _("Before and after"),
        "communities": _("Communities"),
        "cells": _("Cells"),
    },
)
