"""The tables of a result: on a page, as CSV; findings as sentences, figures with their definitions."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response
from flask_babel import gettext
from pydantic import BaseModel

from gis.analysis.result import Place, Result, Table
from gis.errors import NotFound
from gis.exchange.formulas import formula_safe
from webmap.planner.asked import address_of
from webmap.planner.definitions import Words
from webmap.planner.map_data import place_tables
from webmap.planner.place_names import NAMED, names_of_level, names_of_levels
from webmap.planner.values import NUMERIC, cell_text, csv_value, heading, named, sentence


def level_title(place: Place) -> str:
    """What the places of a level are called."""
    titles = {
        Place.COMMUNITY: gettext("Community"),
        Place.CELL: gettext("Cell"),
        Place.PARCEL: gettext("Parcel"),
        Place.FACILITY: gettext("Facility"),
    }
    return str(titles[place])


def definitions(result: Result, words: Words) -> list[dict[str, str]]:
    """Every figure of the result with its sentence, formula and source."""
    names = dict.fromkeys(figure.name for table in result.tables for figure in table.figures)
    return [
        {
            "name": name,
            "title": str(word.title),
            "definition": str(word.definition),
            "formula": str(word.formula),
            "source": str(word.source),
        }
        for name, word in ((name, words.figure(name)) for name in names)
        if word.definition
    ]


def findings(result: Result, words: Words, places: Mapping[str, str] | None = None) -> list[dict[str, str]]:
    """Every finding as a sentence with the place it speaks of; `places` are names by code."""
    units = {figure.name: figure.unit for table in result.tables for figure in table.figures}
    return [
        {"text": sentence(words, finding, units, places), "code": finding.code or ""}
        for finding in result.findings
    ]


def shown(
    result: Result, words: Words, *, most: int | None = None, places: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Every table for a template: heads, and rows of (text, sort key, whether a number), at most so many.

    Of a table that is of no places itself, codes of `places` are told by their names.
    """
    return [
        {
            "name": table.name,
            "title": str(words.table(table.name)),
            "place": table.place.value if table.place else "",
            "heads": [
                (heading(figure, words.figure(figure.name)), figure.unit in NUMERIC)
                for figure in table.figures
            ],
            "rows": list(_rows(table, words, most, None if table.place else places)),
            "count": len(table.rows),
        }
        for table in result.tables
    ]


def as_csv(question: str, result: Result, words: Words, asked: BaseModel, name: str) -> Response:
    """One table as CSV: UTF-8 with BOM, as Excel expects it; no text can become a formula.

    Names of communities and cells stand after their codes, what was asked at the end of every row.

    Raises
    ------
    NotFound
        There is no such table.
    """
    table = next((table for table in result.tables if table.name == name), None)
    if table is None:
        raise NotFound
    names = place_names(table)
    parameters = address_of(asked)
    heads = [heading(figure, words.figure(figure.name)) for figure in table.figures]
    text = io.StringIO()
    writer = csv.writer(text)
    own_names = {info.alias or own: own for own, info in type(asked).model_fields.items()}
    titles = [str(words.parameter(own_names[parameter]).title) for parameter in parameters]
    writer.writerow([heads[0], *([gettext("Name")] if names else []), *heads[1:], *titles])
    told = [formula_safe(" ".join(one) if isinstance(one, list) else str(one)) for one in parameters.values()]
    for row in table.rows:
        values = [
            csv_value(value, figure.unit, words.figure(figure.name))
            for figure, value in zip(table.figures, row, strict=True)
        ]
        named = [formula_safe(names.get(str(row[0]), ""))] if names else []
        writer.writerow([values[0], *named, *values[1:], *told])
    response = Response(text.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename={question}-{table.name}.csv"
    return response


def place_names(table: Table) -> dict[str, str]:
    """The names of a table's communities or cells by code; empty for other places."""
    return names_of_level(table.place) if table.place in NAMED else {}


def names_of(result: Result) -> dict[str, str]:
    """The names of all communities and cells of a result by code."""
    return names_of_levels(place_tables(result, NAMED))


def _rows(
    table: Table, words: Words, most: int | None, places: Mapping[str, str] | None
) -> Iterable[list[tuple[str, str, bool]]]:
    for row in table.rows[:most]:
        yield [
            (
                named(value, places) or cell_text(value, figure.unit, words.figure(figure.name)),
                "" if value is None else str(int(value) if isinstance(value, bool) else value),
                figure.unit in NUMERIC,
            )
            for figure, value in zip(table.figures, row, strict=True)
        ]
