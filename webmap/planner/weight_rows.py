"""The weights of the workload formula as rows of a form: title, value, source, what is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request
from flask_babel import gettext

from gis.analysis.workload.model import DEFAULTS, Measured, Weights, WeightsVersion, source_of
from gis.analysis.workload.service import Grade
from gis.errors import InvalidInput
from webmap.i18n import is_english
from webmap.planner.words.workload import FAMILIES, MEASURED, SOURCES, WEIGHTS

PREFIX = "w-"
_DIGITS = 2


@dataclass(frozen=True, slots=True)
class WeightRow:
    """One weight; `kept` is that of the version shown, `measured` is what records say, if any."""

    name: str
    title: str
    value: float
    kept: float
    default: float | None
    source: str
    measured: Measured | None = None
    measured_how: str = ""

    @property
    def offered(self) -> float | None:
        """The measured value where there is enough of it and it differs."""
        if self.measured is None or not self.measured.is_enough:
            return None
        value = round(self.measured.value, _DIGITS)
        return value if value != self.kept else None


def weight_rows(
    kept: Weights, shown: Weights, grades: Sequence[Grade], measured: Sequence[Measured] = ()
) -> list[WeightRow]:
    """Every weight of a version, and of grades it does not name, with the values shown in the form."""
    named = Weights(check=dict(zip(_codes(grades), shown.checked(_codes(grades)), strict=True)))
    values = {**named.flat(), **shown.flat()}
    before = {**{f"check.{code}": kept.checked([code])[0] for code in _codes(grades)}, **kept.flat()}
    defaults, found = DEFAULTS.flat(), {one.name: one for one in measured}
    return [
        WeightRow(
            name=name,
            title=title_of(name, grades),
            value=values[name],
            kept=before[name],
            default=defaults.get(name),
            source=str(SOURCES[source_of(name, before[name]).value]),
            measured=found.get(name),
            measured_how=str(MEASURED.get(name.partition(".")[0], "")),
        )
        for name in before
    ]


def title_of(name: str, grades: Sequence[Grade]) -> str:
    """A weight in words."""
    group, _, key = name.partition(".")
    known = {grade.code: (is_english() and grade.name_en) or grade.name_zh for grade in grades}
    told = known.get(key, key) if group == "check" else str(FAMILIES.get(key, key))
    return str(WEIGHTS[group]) % {"name": told} if key else str(WEIGHTS[group])


def reason_of(version: WeightsVersion) -> str:
    """Why a version was kept; of the one nobody kept, that it came with the system."""
    return version.reason if version.by else str(gettext("Weights the system comes with"))


def changes_asked(kept: Weights, values: Mapping[str, str]) -> dict[str, float]:
    """The weights of a form that differ from a version's, by flat name.

    Raises
    ------
    InvalidInput
        One of them is no number; `pointer` names it.
    """
    known = kept.flat()
    changes = {}
    for field, text in values.items():
        if not field.startswith(PREFIX) or not text.strip():
            continue
        name = field.removeprefix(PREFIX)
        value = _number(name, text)
        group, _, grade = name.partition(".")
        before = kept.checked([grade])[0] if group == "check" and grade else known.get(name)
        if value != before:
            changes[name] = value
    return changes


def posted() -> dict[str, str]:
    """The weights of the request's form or address."""
    return {name: request.values[name] for name in request.values if name.startswith(PREFIX)}


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InvalidInput(gettext("Write a number."), pointer=name) from error


def _codes(grades: Sequence[Grade]) -> list[str]:
    return [grade.code for grade in grades]
