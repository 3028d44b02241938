"""The detail of a place one clicked: its figures, then the rows behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, jsonify

from gis.analysis.result import Figure, Value
from webmap.planner.definitions import Words
from webmap.planner.values import value_text


@dataclass(frozen=True, slots=True)
class Link:
    """Where one goes on from here; `url` is an address of ours."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Records behind the figures, as texts; `links` are addresses of the rows, `more` that of all of them."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    links: Sequence[str] = ()
    more: str = ""


@dataclass(frozen=True, slots=True)
class Detail:
    """What is known of a place. Texts are texts: the page never reads them as markup."""

    code: str
    title: str
    facts: Sequence[tuple[str, str]] = ()
    rows: Sequence[Rows] = ()
    links: Sequence[Link] = ()


def facts_of(figures: Sequence[Figure], row: Sequence[Value], words: Words) -> list[tuple[str, str]]:
    """A row of a table as facts: titles and texts with their units."""
    return [
        (str(words.figure(figure.name).title), value_text(value, figure.unit, words.figure(figure.name)))
        for figure, value in zip(figures, row, strict=True)
    ]


def detail(found: Detail) -> Response:
    """Answer a place's detail as JSON for static/js/planner/detail.js."""
    return jsonify(
        code=found.code,
        title=found.title,
        facts=[{"title": title, "text": text} for title, text in found.facts],
        rows=[
            {
                "title": one.title,
                "heads": list(one.heads),
                "rows": [list(row) for row in one.rows],
                "links": list(one.links),
                "more": one.more,
            }
            for one in found.rows
        ],
        links=[{"title": link.title, "url": link.url} for link in found.links],
    )
