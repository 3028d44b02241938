"""The figure a report's maps show, with its colours and their legend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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

    def legend(self) -> list[tuple[str, str]]:
        """Colours and what they stand for."""
        if self.classes is None:
            return [(one.colour, str(one.title)) for one in self.word.classes.values()]
        unit, edges = self.figure.unit, self.classes.edges
        return [
            (colour, f"{cell_text(low, unit)} – {value_text(high, unit)}")
            for colour, low, high in zip(self.classes.colours, edges, edges[1:], strict=False)
        ]


def in_order(numbers: Sequence[int], values: Sequence[Value], word: Word) -> list[int]:
    """Row numbers by their values, the end first that needs looking at; without a number last."""
    sign = 1.0 if word.good == "high" else -1.0

    def key(pair: tuple[int, Value]) -> tuple[bool, float]:
        value = pair[1]
        is_number = isinstance(value, int | float)
        return (not is_number, sign * value if isinstance(value, int | float) else 0.0)

    return [number for number, _ in sorted(zip(numbers, values, strict=True), key=key)]


def shown_of(result: Result, words: Words, name: str = "") -> Shown | None:
    """The figure of a report's maps, of the smallest places that have it; None where nothing can be mapped.

    It is the one of that name, else the analysis' main one, else the first number, else the first class.
    """
    known = list(_mappable(result, words))
    for wanted in (name, *words.main):
        for one in known:
            if one.figure.name == wanted:
                return one
    return next((one for one in known if one.classes is not None), next(iter(known), None))


def _mappable(result: Result, words: Words) -> Iterator[Shown]:
    tables = place_tables(result, tuple(Place))
    for table in (tables[place] for place in _LEVELS if place in tables):
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
