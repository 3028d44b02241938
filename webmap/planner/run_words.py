"""Runs in words: what was asked, how it stands, what was measured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from flask_babel import gettext

from gis.analysis.registry import ANALYSES
from gis.analysis.result import Unit
from gis.analysis.runs.model import State
from webmap.i18n import moment
from webmap.planner.definitions import Words, words_of
from webmap.planner.values import value_text


def words_or_names(analysis: str) -> Words:
    """The words of an analysis; the names of everything where nobody wrote any, as of one no longer there."""
    if analysis.isidentifier() and find_spec(f"webmap.planner.words.{analysis}") is not None:
        return words_of(analysis)
    return Words(title=analysis, figures={})


def titles() -> dict[str, str]:
    """The analyses there are, by name."""
    return {name: str(words_or_names(name).title) for name in ANALYSES}


def state_title(state: State) -> str:
    """How a run stands, in a word."""
    titles: dict[State, str] = {
        State.QUEUED: gettext("queued"),
        State.RUNNING: gettext("under way"),
        State.DONE: gettext("done"),
        State.FAILED: gettext("failed"),
        State.CANCELLED: gettext("cancelled"),
    }
    return titles[state]


def asked_lines(words: Words, parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Parameters as they are kept, each with its title and its value in words, in the order of the words."""
    lines = []
    for name in sorted(parameters, key=lambda name: _place(words, name)):
        value = parameters[name]
        if value is None or value in ("", [], {}):
            continue
        label = words.parameter(_own_name(words, name))
        choices = {key: str(text) for key, text in label.choices.items()}
        values = value if isinstance(value, list) else [value]
        lines.append((str(label.title), ", ".join(choices.get(str(one), _plain(one)) for one in values)))
    return lines


def _own_name(words: Words, name: str) -> str:
    """What a parameter is called in the words, where its name in addresses is shorter: `from`, `from_on`."""
    longer = f"{name}_on"
    return longer if name not in words.parameters and longer in words.parameters else name


def _place(words: Words, name: str) -> tuple[int, str]:
    known, own = list(words.parameters), _own_name(words, name)
    return (known.index(own) if own in known else len(known), name)


def stated(outcome_run: Any, words: Words) -> list[tuple[str, str]]:
    """What stands with every result of a run: parameters, data version, times, hash."""
    return [
        *asked_lines(words, outcome_run.parameters),
        (gettext("Version of the data"), outcome_run.data_version or "–"),
        (gettext("Measured at"), moment(outcome_run.ended_at)),
        (gettext("Run"), str(outcome_run.run_id)),
        ("SHA-256", outcome_run.sha256 or "–"),
    ]


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return value_text(value, Unit.NUMBER) if not isinstance(value, str) else value


def message(text: str | None) -> str:
    """Why a run failed, in the reader's language."""
    return str(gettext(text)) if text else ""
