"""Values of figures as text, by their unit: for pages, CSV and reports alike.

static/js/planner/values.js writes the same texts in the browser; tests/browser/test_planner.py compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from flask_babel import format_decimal, gettext

from gis.analysis.result import Figure, Finding, Unit, Value
from gis.exchange.formulas import formula_safe
from webmap.planner.definitions import Word, Words

NUMERIC = frozenset(
    {Unit.COUNT, Unit.NUMBER, Unit.SHARE, Unit.METRES, Unit.SQUARE_METRES, Unit.MINUTES, Unit.DAYS}
)
_SIGNS = {Unit.SHARE: "%", Unit.METRES: "m", Unit.SQUARE_METRES: "m²"}
_DIGITS = {Unit.COUNT: 0, Unit.SQUARE_METRES: 0, Unit.METRES: 0, Unit.MINUTES: 0, Unit.SHARE: 1, Unit.DAYS: 1}
_FEW = 10
_NAMES = ("cell", "name")  # values of a finding that hold the name of its place


def sign_of(unit: Unit) -> str:
    """What stands after a number of the unit, in the reader's language."""
    words = {Unit.MINUTES: gettext("min"), Unit.DAYS: gettext("days")}
    return str(words.get(unit) or _SIGNS.get(unit, ""))


def heading(figure: Figure, word: Word) -> str:
    """The title of a column with the sign of its unit, which its cells then leave out."""
    sign = sign_of(figure.unit)
    return f"{word.title} ({sign})" if sign else str(word.title)


def cell_text(value: Value, unit: Unit, word: Word | None = None) -> str:
    """A value for a table cell, without the sign of its unit; a dash for none."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    if isinstance(value, str):
        known = word.classes.get(value) if word else None
        return str(known.title) if known else value
    return _number(value, unit)


def value_text(value: Value, unit: Unit, word: Word | None = None) -> str:
    """A value for a sentence or a record, with the sign of its unit."""
    text = cell_text(value, unit, word)
    sign = sign_of(unit)
    if not sign or value is None or isinstance(value, str | bool):
        return text
    return f"{text}{sign}" if sign == "%" else f"{text} {sign}"


def csv_value(value: Value, unit: Unit, word: Word | None = None) -> str | int | float:
    """A value for CSV and workbooks: a number as it is (a share in percent), a text that is no formula."""
    if value is None:
        return ""
    if isinstance(value, bool | str):
        return formula_safe(cell_text(value, unit, word)) if value != "" else ""
    return round(100 * value, 8) if unit is Unit.SHARE else value


def sentence(
    words: Words, finding: Finding, units: Mapping[str, Unit], places: Mapping[str, str] | None = None
) -> str:
    """A finding in the reader's language; a value named as a figure is written in that figure's unit.

    `places` are names by code: a code among the values is told by its name, and so is the place the finding
    speaks of where its values hold a name.
    """
    pattern = words.findings.get(finding.key)
    if pattern is None:
        return finding.key
    own = dict.fromkeys(_NAMES, named(finding.code, places))
    filled = {
        name: own.get(name)
        or named(value, places)
        or value_text(value, units.get(name, Unit.NUMBER), words.figure(name))
        for name, value in finding.values.items()
    }
    return str(pattern) % filled


def named(value: Value, places: Mapping[str, str] | None) -> str:
    """The name of the place whose code a value is; empty for other values."""
    return places.get(value, "") if places and isinstance(value, str) else ""


def digits_of(value: float, unit: Unit) -> int:
    """How many decimals a number of the unit is written with at most."""
    known = _DIGITS.get(unit)
    if known is None:
        return 3 if abs(value) < _FEW else 1
    return known


def _number(value: float, unit: Unit) -> str:
    shown = 100 * value if unit is Unit.SHARE else value
    digits = digits_of(shown, unit)
    pattern = "#,##0.0" if unit is Unit.SHARE else "#,##0" + ("." + "#" * digits if digits else "")
    # Halves up, as browsers round; Python's own rounding takes the even neighbour.
    rounded = Decimal(shown).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0
    return str(format_decimal(rounded, format=pattern))
