"""What is said of patrol coverage."""

from __future__ import annotations

from flask_babel import lazy_gettext

from webmap.planner.definitions import Label, Word, Words

WORDS = Words(
    title=lazy_gettext("Patrol coverage"),
    figures={
        "share": Word(
            title=lazy_gettext("Share covered"),
            definition=lazy_gettext("The part of the area that lies within R metres of a patrol's way."),
            formula="area(zone ∩ covered) / area(zone)",
            source="docs/coverage.md",
            good="high",
        ),
    },
    parameters={
        "from_on": Label(lazy_gettext("From")),
        "to_on": Label(lazy_gettext("To")),
        "radius_m": Label(lazy_gettext("Radius (m)")),
    },
    findings={"least_covered": lazy_gettext("Least covered: %(share)s.")},
    tables={"cells": lazy_gettext("Cells"), "communities": lazy_gettext("Communities")},
)
