"""What is said of beats."""

from __future__ import annotations

from flask_babel import lazy_gettext

from webmap.planner.definitions import Class, Label, Word, Words
from webmap.planner.palette import BLUE, NO_DATA, OKABE_ITO, SKY, VERMILION
from webmap.planner.words.workload import EVENNESS, MINUTES, OVER_MEAN
from webmap.planner.words.workload import WORDS as WORKLOAD

_DOCS = "docs/workload.md"
_COLOURS = {
    "0": Class(lazy_gettext("nobody's"), NO_DATA),
    **{
        str(number): Class(lazy_gettext("colour %(number)s", number=number), colour)
        for number, colour in enumerate(OKABE_ITO, start=1)
    },
}
WHAT = Word(
    lazy_gettext("Plan"),
    "",
    classes={
        "before": Class(lazy_gettext("today"), VERMILION),
        "after": Class(lazy_gettext("proposed"), BLUE),
    },
)

WORDS = Words(
    title=lazy_gettext("Beats"),
    main=("beat_colour",),
    compared="before_colour",
    outlined=("beats",),
    figures={
        **EVENNESS,
        "minutes": MINUTES,
        "over_mean": OVER_MEAN,
        "what": WHAT,
        "code": Word(lazy_gettext("Code"), ""),
        "community_code": Word(lazy_gettext("Community"), ""),
        "cells": Word(lazy_gettext("Cells"), ""),
        "communities": Word(lazy_gettext("Communities"), ""),
        "buildings": Word(
            lazy_gettext("Buildings"), lazy_gettext("What is kept of today's plan is counted in buildings.")
        ),
        "beat": Word(
            lazy_gettext("Beat proposed"), lazy_gettext("Number of the beat a cell would belong to.")
        ),
        "beat_before": Word(
            lazy_gettext("Beat today"),
            lazy_gettext("Number of the officer, or community, a cell belongs to; nobody is named."),
        ),
        "beat_colour": Word(
            lazy_gettext("Beats proposed (in colours)"),
            lazy_gettext("Colours only tell neighbouring beats apart."),
            classes=_COLOURS,
            tells_apart=True,
        ),
        "before_colour": Word(
            lazy_gettext("Beats today (in colours)"),
            lazy_gettext("Colours only tell neighbouring beats apart."),
            classes=_COLOURS,
            tells_apart=True,
        ),
        "moved": Word(
            lazy_gettext("Moved"),
            lazy_gettext(
                "Whether a cell goes to another beat than that which goes on with its beat of today. "
                "Each beat of "
                "today is gone on with by at most one, so that most buildings stay."
            ),
            classes={
                "stays": Class(lazy_gettext("stays"), SKY),
                "moves": Class(lazy_gettext("moves"), VERMILION),
                "new": Class(lazy_gettext("nobody's today"), NO_DATA),
            },
        ),
        "cells_new": Word(lazy_gettext("Cells moved here"), ""),
        "cells_moved": Word(lazy_gettext("Cells moved"), ""),
        "kept_share": Word(
            lazy_gettext("Buildings kept"),
            lazy_gettext("Share of buildings whose cell stays with the beat that goes on with theirs."),
            source=_DOCS,
            good="high",
        ),
        "lower_bound": Word(
            lazy_gettext("Lower bound"),
            lazy_gettext(
                "The heaviest cell by the mean of a beat: a beat holds whole cells, so the heaviest beat "
                "can never "
                "be less than this, nor less than 1."
            ),
            formula=lazy_gettext("max(cell) / mean(beat)"),
            source=_DOCS,
        ),
        "outside": Word(
            lazy_gettext("Beats too far off"), lazy_gettext("Beats farther from the mean than was allowed.")
        ),
        "links": Word(
            lazy_gettext("Links"),
            lazy_gettext(
                "Places where cells without a common border were joined, because one would be cut off else."
            ),
        ),
    },
    parameters={
        **WORKLOAD.parameters,
        "beats": Label(lazy_gettext("Number of beats"), lazy_gettext("Four for each community if empty")),
        "keep": Label(lazy_gettext("Keep of today"), lazy_gettext("Share of buildings, 0 to 1")),
        "max_dev": Label(
            lazy_gettext("Deviation allowed"),
            lazy_gettext("By the mean, 0.1 is 10 %; within it borders are made short"),
        ),
        "within_communities": Label(lazy_gettext("Within communities")),
        "today": Label(
            lazy_gettext("Compared with"),
            choices={
                "officer": lazy_gettext("cells of each officer"),
                "community": lazy_gettext("communities"),
            },
        ),
    },
    findings={
        "beats_evenness": lazy_gettext(
            "%(beats)s beats, the heaviest carries %(times)s times the mean; variation (CV) %(cv)s."
        ),
        "beats_before": lazy_gettext("Today there are %(count)s beats with a variation (CV) of %(cv)s."),
        "beats_moved": lazy_gettext("%(cells_moved)s cells move; %(kept_share)s of the buildings stay."),
        "beats_bound": lazy_gettext(
            "Cell %(cell)s alone is %(times)s times the mean of a beat: no plan of so many beats can be even."
        ),
        "beats_outside": lazy_gettext("%(outside)s beats are more than %(percent)s %% off the mean."),
        "beats_not_kept": lazy_gettext(
            "%(percent)s %% cannot be kept with so many beats: %(kept_share)s is what stays."
        ),
        "beats_links": lazy_gettext("%(links)s parts that are cut off were joined to the nearest cell."),
    },
    tables={
        "summary": lazy_gettext("Before and after"),
        "cells": lazy_gettext("Cells"),
        "beats": lazy_gettext("Beats proposed"),
    },
)
