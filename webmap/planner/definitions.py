"""What figures, parameters and findings are called and what they mean, in both languages.

`gis` names its figures and says nothing about them; pages, files and reports find the words here. An analysis
`patrol` has a module `webmap/planner/words/patrol.py`:

    WORDS = Words(
        title=lazy_gettext("Patrol coverage"),
        figures={
            "share": Word(
                title=lazy_gettext("Share covered"),
                definition=lazy_gettext("The part of the area that lies within R metres of a patrol's way."),
                formula=lazy_gettext("area(zone ∩ covered) / area(zone)"),
                source="docs/coverage.md",
                good="high",
            ),
        },
        parameters={"radius_m": Label(lazy_gettext("Radius (m)"))},
        findings={"worst_community": lazy_gettext("%(name)s is covered least: %(share)s.")},
        tables={"cells": lazy_gettext("Cells")},
    )
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Literal, TypeAlias

from flask_babel import LazyString

Text: TypeAlias = str | LazyString


@dataclass(frozen=True, slots=True)
class Class:
    """One value of a figure that is a class (unit CODE): its name and colour (`webmap.planner.palette`)."""

    title: Text
    colour: str


@dataclass(frozen=True, slots=True)
class Word:
    """A figure in words.

    Attributes
    ----------
    definition : one sentence.
    formula : plain text, translated where it has words; empty where the sentence says it.
    source : where the definition comes from: a page of docs/, a paper.
    good : which end is the better one; chooses the colours of the map. Empty: neither.
    classes : for a figure of unit CODE, its values in the order of the legend, what matters most first.
    edges : of its classes on the map, where they are given by the subject (a z-score's 1.96).
    tells_apart : its colours only tell neighbours apart and mean nothing.
    """

    title: Text
    definition: Text
    formula: Text = ""
    source: Text = ""
    good: Literal["high", "low", ""] = ""
    classes: Mapping[str, Class] = field(default_factory=dict)
    edges: tuple[float, ...] = ()
    tells_apart: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A parameter in words; `choices` name the values of an enumeration."""

    title: Text
    hint: Text = ""
    choices: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """All words of one analysis: figures and tables by their names, findings by their keys.

    Attributes
    ----------
    main : names the figure of a report's map; the first of them that the result has.
    compared : the figure of a report's second map, which the first is compared with.
    outlined : tables whose shapes divide the map (beats, new cells): on paper they are borders with numbers.
    """

    title: Text
    figures: Mapping[str, Word]
    parameters: Mapping[str, Label] = field(default_factory=dict)
    findings: Mapping[str, Text] = field(default_factory=dict)
    tables: Mapping[str, Text] = field(default_factory=dict)
    main: tuple[str, ...] = ()
    compared: str = ""
    outlined: tuple[str, ...] = ()

    def figure(self, name: str) -> Word:
        """The words of a figure; its name where there are none."""
        return self.figures.get(name) or Word(name, "")

    def parameter(self, name: str) -> Label:
        """The words of a parameter; its name where there are none."""
        return self.parameters.get(name) or Label(name)

    def table(self, name: str) -> Text:
        """The title of a table; its name where there is none."""
        return self.tables.get(name, name)


def words_of(analysis: str) -> Words:
    """The words of an analysis. Raises `ModuleNotFoundError` where nobody wrote any."""
    words: Words = import_module(f"webmap.planner.words.{analysis}").WORDS
    return words
