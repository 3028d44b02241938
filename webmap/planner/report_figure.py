"""The figure a report's maps show, with its colours and their legend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext

from gis.analysis.result import Figure, Place, Result, Table, Value
from webmap.planner.classes import Classes, classes_of
from webmap.planner.definitions import Word, Words
from webmap.planner.map_data import can_be_mapped, place_tables
from webmap.planner.palette import NO_DATA
from webmap.planner.values import NUMERIC, cell_text, value_text

_LEVELS = (Place.CELL, Place.COMMUNITY, Place.PARCEL, Place.FACILITY)


@dataclass(frozen=True, slots=True)
class Shown:
    """The figure a map shows: its table (and which), its column, its words and classes."""

    index: int
    table: Table
    position: int
    word: Word
    classes: Classes | None

    @property
    def figure(self) -> Figure:
        """The figure itself."""
        return self.table.figures[self.position]

    def colour(self, value: Value) -> str:
        """The colour of a value."""
        if self.classes is not None:
            return self.classes.colour(value if isinstance(value, int | float) else None)
        known = self.word.classes.get(str(value))
        return known.colour if known else NO_DATA

    def legend(self, rows: Sequence[int] = ()) -> list[tuple[str, str]]:
        """Colours and what they stand for, that of no value where one of the rows has none.

        Of colours that only tell neighbours apart, that of no data alone, where one of the rows has it.
        """
        if self.classes is None:
            known = list(self.word.classes.items())
            if self.word.tells_apart:
                found = {str(self.table.rows[number][self.position]) for number in rows}
                known = [(key, one) for key, one in known if one.colour == NO_DATA and key in found]
            return [(one.colour, str(one.title)) for _, one in known]
        unit, edges = self.figure.unit, self.classes.edges
        has_none = any(self.table.rows[number][self.position] is None for number in rows)
        return [
            *(
                (colour, f"{cell_text(low, unit)} – {value_text(high, unit)}")
                for colour, low, high in zip(self.classes.colours, edges, edges[1:], strict=False)
            ),
            *([(NO_DATA, gettext("no data"))] if has_none else []),
        ]


def figures_shown(result: Result, words: Words, name: str = "") -> list[Shown]:
    """The figures of a report's maps: the main one, and what it is compared with if no other was asked for.

    Two of the same unit have the same classes.
    """
    first = shown_of(result, words, name)
    second = shown_of(result, words, words.compared) if words.compared and first and not name else None
    if first is None or second is None or second.figure.name != words.compared:
        return [first] if first else []
    if first.classes is None or second.classes is None or first.figure.unit is not second.figure.unit:
        return [first, second]
    values = [row[one.position] for one in (first, second) for row in one.table.rows]
    classes = _classes(first.figure, first.word, values)
    return [replace(first, classes=classes), replace(second, classes=classes)]


def shown_of(result: Result, words: Words, name: str = "") -> Shown | None:
    """The figure of a report's map, of the smallest places that have it; None where nothing can be mapped.

    It is the one of that name, else the analysis' main one, else the first number, else the first class.
    What divides the map with shapes of its own (`Words.outlined`) can be coloured too.
    """
    known = list(_mappable(result, words))
    for wanted in (name, *words.main):
        for one in known:
            if one.figure.name == wanted:
                return one
    return next((one for one in known if one.classes is not None), next(iter(known), None))


def _mappable(result: Result, words: Words) -> Iterator[Shown]:
    tables = place_tables(result, tuple(Place))
    dividing = (table for table in result.tables if table.name in words.outlined)
    for table in (*(tables[place] for place in _LEVELS if place in tables), *dividing):
        for position, figure in enumerate(table.figures[1:], 1):
            word = words.figure(figure.name)
            if can_be_mapped(figure, word):
                values = [row[position] for row in table.rows]
                index = result.tables.index(table)
                yield Shown(index, table, position, word, _classes(figure, word, values))


def _classes(figure: Figure, word: Word, values: Sequence[Value]) -> Classes | None:
    """Classes of a number; None for what has classes of its own."""
    if figure.unit not in NUMERIC:
        return None
    numbers = [value if isinstance(value, int | float) else None for value in values]
    return classes_of(numbers, figure.unit, word)
