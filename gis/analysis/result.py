"""What every analysis is and what it gives: tables of figures by place, findings, and what it is made from.

An analysis has two halves. `load` reads everything in one transaction of the person who asked; `measure` is
pure, so the same parameters on the same data give the same result, in the application, in a job, in a
notebook and on a cluster. Whatever shows results (pages, files, reports, OGC collections) knows this module
and no analysis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import BaseModel

from gis.database.pool import Connection

P = TypeVar("P", bound=BaseModel)
M = TypeVar("M")
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
"""Days that can be asked about; others are slips of the pen, and days beyond the calendar overflow."""

Value = str | int | float | bool | None
Progress = Callable[[int, int], None]
"""Called with (steps done, steps in all); what it raises ends the work: so is a run cancelled."""


class Unit(StrEnum):
    """What a figure is counted in; tells how it is written, in what colours and in which number format."""

    TEXT = "text"
    CODE = "code"
    DATE = "date"  # ISO 8601
    YES_NO = "yes_no"
    COUNT = "count"
    NUMBER = "number"
    SHARE = "share"  # 0 to 1
    METRES = "metres"
    SQUARE_METRES = "square_metres"
    MINUTES = "minutes"
    DAYS = "days"


class Place(StrEnum):
    """What the rows of a table stand for; their outlines are found by the code in the first column."""

    COMMUNITY = "community"
    CELL = "cell"
    PARCEL = "parcel"
    FACILITY = "facility"


@dataclass(frozen=True, slots=True)
class Figure:
    """A column: `name` is unique within its analysis and finds title and definition in both languages."""

    name: str
    unit: Unit


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of figures; the first column is the code of a place, or a number of the row.

    Attributes
    ----------
    place : whose outlines the rows have; None where `shapes` has them, or they have none.
    shapes : WKB per row, EPSG:4326, of what is no place of the division (a gap, a proposed site, a cluster).
    """

    name: str
    figures: tuple[Figure, ...]
    rows: tuple[tuple[Value, ...], ...]
    place: Place | None = None
    shapes: tuple[bytes, ...] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One plain sentence: `key` finds its words in both languages, `values` fill them in.

    `code` is the place it speaks of, where it speaks of one.
    """

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What an analysis gives."""

    tables: tuple[Table, ...]
    findings: tuple[Finding, ...] = ()

    def table(self, name: str) -> Table:
        """The table of this name, which the analysis always gives."""
        return next(table for table in self.tables if table.name == name)


@dataclass(frozen=True, slots=True)
class Analysis(Generic[P, M]):
    """One question a planner asks.

    Attributes
    ----------
    name : unique, also the name of its page's address and of its words.
    parameters : pydantic model of what is asked; its JSON is kept with a run and stands in the address.
    version : tells the state of the data the parameters speak of; an equal text means an equal result.
    load : reads everything in one read-only transaction of the person who asked.
    measure : pure, without a database.
    """

    name: str
    parameters: type[P]
    version: Callable[[Connection, P], str]
    load: Callable[[Connection, P], M]
    measure: Callable[[M, P, Progress], Result]
