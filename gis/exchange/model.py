"""What an import takes and what it answers. Rules only, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidInput

MAX_FILE_BYTES = 200_000_000
MAX_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How a file is to be read.

    `crs` and `encoding` override what the file says of itself; `sheet` names a layer of a GeoPackage;
    `constants` gives a value, by field, to rows that have none. The last four are for a division: the file
    of its communities (where cells have their own), its code scheme, its title, and whether its outlines
    are no legal boundaries.
    """

    crs: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    all_or_nothing: bool = False
    dry_run: bool = False
    constants: Mapping[str, str] = field(default_factory=dict)
    account_id: int | None = None
    communities_path: str | None = None
    code_scheme: str | None = None
    title: str | None = None
    schematic: bool = False


@dataclass(frozen=True, slots=True)
class Reject:
    """Why a row was not stored. `row` counts as the file does: see `RawRow.number`."""

    row: int
    field: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it stands in a file.

    `number` is the row of a table as a spreadsheet shows it (title and header count), the feature of a
    GeoJSON file or GeoPackage layer, or the track, route or waypoint of a GPX file, counted from 1.
    `position` is what the format itself says of the place: a GeoJSON geometry object, a shapely
    geometry, a pair of lon, lat; None if the place stands in the values or nowhere.
    """

    number: int
    values: Mapping[str, object]
    position: object = None
    fault: InvalidInput | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one file, with what was learnt while reading it."""

    format: str
    rows: list[RawRow]
    columns: tuple[str, ...]
    encoding: str = ""
    crs: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row that passed every check: `values` by column of the database, the place in EPSG:4326."""

    number: int
    values: dict[str, Any]
    geometry: BaseGeometry | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file. ``rows_read == rows_stored + rows_unchanged + rows_rejected``, always."""

    layer: str
    file_name: str
    format: str
    encoding: str
    crs: str
    rows_read: int
    rows_stored: int
    rows_unchanged: int
    rejects: tuple[Reject, ...] = ()
    warnings: tuple[str, ...] = ()
    rows_outside: int = 0
    dry_run: bool = False
    import_batch_id: int | None = None

    @property
    def rows_rejected(self) -> int:
        """How many rows were not stored; each stands once in `rejects`."""
        return len(self.rejects)
