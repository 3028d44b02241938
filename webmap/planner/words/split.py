"""What is said of a community divided anew."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import lazy_gettext

from webmap.planner.definitions import Label, Word, Words
from webmap.planner.words.beats import WHAT
from webmap.planner.words.workload import EVENNESS, MINUTES, OVER_MEAN
from webmap.planner.words.workload import WORDS as WORKLOAD

WORDS = Words(
    title=lazy_gettext("Divide a community anew"),
    main=("minutes",),
    compared="minutes_today",
    outlined=("new_cells",),
    figures={
        **EVENNESS,
        "minutes": MINUTES,
        "over_mean": OVER_MEAN,
        "what": WHAT,
        "code": Word(
            lazy_gettext("Code"), lazy_gettext("Numbered from west to east, built as the codes of today.")
        ),
        "units": Word(lazy_gettext("Rental units"), ""),
        "units_today": Word(lazy_gettext("Rental units"), ""),
        "minutes_today": replace(MINUTES, title=lazy_gettext("Minutes a month today")),
        "over_mean_today": replace(OVER_MEAN, title=lazy_gettext("Times the mean today")),
    },
    parameters={
        **WORKLOAD.parameters,
        "community": Label(lazy_gettext("Community")),
        "cells": Label(lazy_gettext("Number of cells")),
    },
    findings={
        "split_evenness": lazy_gettext("Variation (CV) %(before_cv)s today, %(after_cv)s in the draft."),
        "split_heaviest": lazy_gettext(
            "The heaviest cell carries %(before_times)s times the mean today, %(after_times)s times in "
            "the draft."
        ),
        "split_bound": lazy_gettext(
            "One building alone is %(times)s times the mean of a cell: so many cells cannot be even."
        ),
        "split_sound": lazy_gettext("The draft of %(cells)s cells passed the check of divisions."),
        "split_unsound": lazy_gettext("The check found %(count)s faults, the first: %(first)s"),
    },
    tables={
        "summary": lazy_gettext("Before and after"),
        "new_cells": lazy_gettext("New cells"),
        "cells": lazy_gettext("Cells of today"),
    },
)
