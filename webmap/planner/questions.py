"""The questions planners ask, in the order of the tabs, in plain words.

A question is shown when its page exists (endpoint `planner_<name>.index`) and the reader may open it.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import lazy_gettext

from webmap.auth import current_actor, may_open
from webmap.planner.definitions import Text


@dataclass(frozen=True, slots=True)
class Entry:
    """A question: its name, a short title for the tab, the question itself and what the page answers."""

    name: str
    title: Text
    asks: Text
    answers: Text

    @property
    def endpoint(self) -> str:
        """Of its page."""
        return f"planner_{self.name}.index"


ENTRIES = (
    Entry(
        "patrol",
        lazy_gettext("Patrols"),
        lazy_gettext("What is watched, and what is not?"),
        lazy_gettext("How much of each cell, community and parcel patrols reached, and the gaps they left."),
    ),
    Entry(
        "services",
        lazy_gettext("Services"),
        lazy_gettext("Who has a service within reach?"),
        lazy_gettext(
            "Residents within 5, 10 and 15 minutes on foot of each kind of facility, and the worst served."
        ),
    ),
    Entry(
        "sites",
        lazy_gettext("New sites"),
        lazy_gettext("Where would one more help most?"),
        lazy_gettext("Sites for new facilities out of your candidates, with what each of them gains."),
    ),
    Entry(
        "hotspots",
        lazy_gettext("Hot spots"),
        lazy_gettext("Where does it hurt, and is it chance?"),
        lazy_gettext(
            "Cells and streets with more incidents than chance explains: new, lasting and fading ones."
        ),
    ),
    Entry(
        "workload",
        lazy_gettext("Workload"),
        lazy_gettext("Is the work shared fairly?"),
        lazy_gettext(
            "Minutes a month for each cell and officer by a formula you can change, and how even they are."
        ),
    ),
    Entry(
        "beats",
        lazy_gettext("Beats"),
        lazy_gettext("How should the cells be divided?"),
        lazy_gettext("A division of cells among officers with even work and short ways."),
    ),
    Entry(
        "runs",
        lazy_gettext("Kept runs"),
        lazy_gettext("What was computed before?"),
        lazy_gettext("Runs that were kept, with their parameters, results and reports."),
    ),
)

_UNDER = {"split": "beats"}
"""Pages without a tab of their own, and the question they belong to."""


def shown() -> list[Entry]:
    """The questions the reader may open."""
    actor = current_actor()
    return [entry for entry in ENTRIES if may_open(actor, entry.endpoint)]


def tabs(present: str) -> list[dict[str, object]]:
    """The tabs of the questions the reader may open: title, address, whether it is the present one."""
    here = _UNDER.get(present, present)
    return [
        {"title": entry.title, "url": url_for(entry.endpoint), "is_here": entry.name == here}
        for entry in shown()
    ]
