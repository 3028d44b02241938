"""What the scripts of a planner's page get: values of places with their classes, shapes over the map."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import takewhile
from typing import Any

import numpy as np
import shapely

from gis.analysis.result import Figure, Place, Result, Table, Unit, Value
from webmap.planner.classes import classes_of
from webmap.planner.definitions import Word, Words
from webmap.planner.palette import NO_DATA
from webmap.planner.values import NUMERIC, cell_text, heading, sign_of

MOST_SHAPES = 2000
_FINE = 4.5e-5  # degrees, 5 m: what borders over the whole map are simplified by
_FEW, _LEAST_OF_A_CODE = 2, 3
_DIGITS = 6  # significant ones; a page needs no more


def place_tables(result: Result, outlined: Collection[Place]) -> dict[Place, Table]:
    """The first table of every kind of place that has outlines: the levels of the map, communities first."""
    found: dict[Place, Table] = {}
    for table in result.tables:
        if table.place is not None and table.place in outlined:
            found.setdefault(table.place, table)
    return {place: found[place] for place in Place if place in found}


def can_be_mapped(figure: Figure, word: Word) -> bool:
    """Whether a figure can colour the map: a number, or a class with colours."""
    return figure.unit in NUMERIC or bool(word.classes)


def levels_of(tables: Mapping[Place, Table], words: Words) -> dict[str, Any]:
    """Per level of the map: the codes of its places, and the columns of its table in the same order."""
    known = _with_values(tables)
    return {place.value: _level(table, known, words) for place, table in tables.items()}


def columns_of(tables: Mapping[Place, Table], words: Words) -> list[dict[str, Any]]:
    """The columns of all levels that have a value, once each: title, unit, whether it can colour the map."""
    return [_column(figure, words.figure(figure.name)) for figure in _with_values(tables).values()]


def shapes_of(result: Result, words: Words) -> list[dict[str, Any]]:
    """The tables whose rows have shapes of their own, as GeoJSON with the texts of each row."""
    found = []
    for table in result.tables:
        if table.shapes is None:
            continue
        heads = [heading(figure, words.figure(figure.name)) for figure in table.figures]
        shapes = np.asarray(shapely.from_wkb(list(table.shapes[:MOST_SHAPES])), dtype=object)
        if table.name in words.outlined and len(shapes):
            shapes = shapely.coverage_simplify(shapes, _FINE)
        features = [
            {
                "type": "Feature",
                "geometry": shapely.geometry.mapping(shape),
                "properties": {
                    "code": str(row[0]),
                    "label": label,
                    "texts": _texts(table.figures, row, words),
                },
            }
            for shape, label, row in zip(shapes, labels_of(table), table.rows, strict=False)
        ]
        found.append(
            {
                "name": table.name,
                "title": str(words.table(table.name)),
                "heads": heads,
                "features": features,
                "isBorder": table.name in words.outlined,
            }
        )
    return found


def labels_of(table: Table) -> list[str]:
    """What stands on a map for each row: its number, or what tells its code from the others'."""
    labels = [str(row[0]) for row in table.rows]
    if table.figures[0].unit is not Unit.CODE or len(labels) < _FEW:
        return labels
    shared = sum(1 for _ in takewhile(lambda signs: len(set(signs)) == 1, zip(*labels, strict=False)))
    return [label[min(shared, len(label) - _LEAST_OF_A_CODE) :] for label in labels]


def _with_values(tables: Mapping[Place, Table]) -> dict[str, Figure]:
    """The figures of which any level has a value, by name."""
    return {
        figure.name: figure
        for table in tables.values()
        for position, figure in enumerate(table.figures[1:], start=1)
        if not table.rows or any(row[position] is not None for row in table.rows)
    }


def _column(figure: Figure, word: Word) -> dict[str, Any]:
    return {
        "name": figure.name,
        "title": str(word.title),
        "unit": figure.unit.value,
        "sign": sign_of(figure.unit),
        "definition": str(word.definition),
        "good": word.good,
        "is_mapped": can_be_mapped(figure, word),
    }


def _level(table: Table, known: Mapping[str, Figure], words: Words) -> dict[str, Any]:
    columns = {}
    for position, figure in enumerate(table.figures[1:], start=1):
        if figure.name not in known:
            continue
        word = words.figure(figure.name)
        values = [row[position] for row in table.rows]
        columns[figure.name] = {
            "values": [_short(value) for value in values],
            **_classed(figure, word, values),
        }
    return {"table": table.name, "codes": [str(row[0]) for row in table.rows], "columns": columns}


def _classed(figure: Figure, word: Word, values: Sequence[Value]) -> Mapping[str, Any]:
    """Edges and colours of a number, or the names and colours of classes; nothing for other columns."""
    if figure.unit is Unit.CODE and word.classes:
        classes = [
            {"code": code, "title": str(one.title), "colour": one.colour}
            for code, one in word.classes.items()
        ]
        return {"classes": classes, "none": NO_DATA}
    if figure.unit not in NUMERIC:
        return {}
    numbers = [value if isinstance(value, int | float) else None for value in values]
    found = classes_of(numbers, figure.unit, word)
    return {"edges": found.edges, "colours": found.colours}


def _short(value: Value) -> Value:
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value


def _texts(figures: Sequence[Figure], row: Sequence[Value], words: Words) -> list[str]:
    return [
        cell_text(value, figure.unit, words.figure(figure.name))
        for figure, value in zip(figures, row, strict=True)
    ]
