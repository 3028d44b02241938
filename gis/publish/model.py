"""What can be asked of the published layers, and what comes back. Rules only, no I/O."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

import shapely
from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidInput, TooLarge
from gis.geometry.quad import square_of
from gis.geometry.validate import number
from gis.publish.crs import PLAIN, Form
from gis.zone import ZONE

MAX_ITEMS = 10_000
MAX_CLUSTERS = 2_000
MAX_NEAREST = 100
MAX_RADIUS_M = 20_000.0
MAX_AREA_VERTICES = 10_000
SINGLES_FROM_ZOOM = 17
MAX_ZOOM = 24

_MERCATOR_LATITUDE = 85.0511287798066


@dataclass(frozen=True, slots=True)
class BBox:
    """A rectangle in degrees, EPSG:4326: west ≤ east, south ≤ north."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        if -180 <= self.west <= self.east <= 180 and -90 <= self.south <= self.north <= 90:
            return
        numbers = (self.west, self.south, self.east, self.north)
        if not all(map(math.isfinite, numbers)):
            raise InvalidInput("A bounding box has finite numbers.", pointer="bbox")
        if max(abs(self.west), abs(self.east)) > 180 or max(abs(self.south), abs(self.north)) > 90:
            raise InvalidInput(
                "A bounding box is west,south,east,north in degrees of longitude and latitude.",
                pointer="bbox",
            )
        if self.west > self.east or self.south > self.north:
            raise InvalidInput(
                "West must not exceed east, nor south north; no box may cross the 180th meridian.",
                pointer="bbox",
            )

    @classmethod
    def parse(cls, text: str) -> BBox:
        """Read `west,south,east,north`; of six numbers the heights are left out.

        Raises
        ------
        InvalidInput
            Not four or six numbers, or not a rectangle in degrees.
        """
        numbers = [number(part, pointer="bbox") for part in text[:400].split(",")]
        match numbers:
            case [west, south, east, north]:
                return cls(west, south, east, north)
            case [west, south, _, east, north, _]:
                return cls(west, south, east, north)
        raise InvalidInput("A bounding box is four numbers: west,south,east,north.", pointer="bbox")

    @property
    def has_area(self) -> bool:
        """Whether it is neither a line nor a point."""
        return self.west < self.east and self.south < self.north

    def widened(self, metres: float) -> BBox:
        """The rectangle with a margin of at least that many metres, cut at the ends of the world."""
        latitude = min(89.0, max(abs(self.south), abs(self.north)))
        # 110,500 m is below a degree's length everywhere; one per cent over for the ellipsoid.
        up = 1.01 * metres / 110_500
        aside = up / math.cos(math.radians(latitude))
        return BBox(
            max(-180.0, self.west - aside),
            max(-90.0, self.south - up),
            min(180.0, self.east + aside),
            min(90.0, self.north + up),
        )


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """From a moment up to, not including, another; None is open. Both are timezone-aware."""

    from_at: datetime | None = None
    before_at: datetime | None = None

    @classmethod
    def parse(cls, text: str) -> TimeSpan:
        """Read an OGC API `datetime`: an instant, a day, or an interval `from/to` with `..` for open.

        A day means that day in the district; the end of an interval is included.

        Raises
        ------
        InvalidInput
            Neither RFC 3339 with an offset nor a date, or an interval that ends before it starts.
        """
        parts = text.split("/")
        if len(parts) > 2 or text in ("..", "", "/"):
            raise _bad_time()
        if len(parts) == 1:
            start, before = _moment(parts[0])
            return cls(start, before)
        start_text, end_text = parts
        span = cls(
            None if start_text in ("", "..") else _moment(start_text)[0],
            None if end_text in ("", "..") else _moment(end_text)[1],
        )
        if span.from_at and span.before_at and span.from_at >= span.before_at:
            raise InvalidInput("The interval ends before it starts.", pointer="datetime")
        return span


def _moment(text: str) -> tuple[datetime, datetime]:
    """First moment of what is named, and the first one after it."""
    try:
        if len(text) == 10:
            day = datetime.combine(date.fromisoformat(text), datetime.min.time(), ZONE)
            return day, day + timedelta(days=1)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None or len(text) < 19:
            raise _bad_time()
        return moment.astimezone(UTC), moment.astimezone(UTC) + timedelta(microseconds=1)
    except (ValueError, OverflowError) as error:
        raise _bad_time() from error


def _bad_time() -> InvalidInput:
    return InvalidInput(
        "A time is a date or RFC 3339 with an offset, or an interval such as 2026-01-01/2026-01-31.",
        pointer="datetime",
    )


@dataclass(frozen=True, slots=True)
class CqlFilter:
    """A filter as the client wrote it, and the coordinate system of its geometries."""

    text: str
    language: Literal["cql2-text", "cql2-json"] = "cql2-text"
    form: Form = PLAIN


@dataclass(frozen=True, slots=True)
class ItemQuery:
    """Which features of a layer, and how many at once.

    Attributes
    ----------
    shape : instead of a box, a polygon in EPSG:4326: a box of another coordinate system.
    after, before : where the page begins or ends, as the links of a page before say.
    cell, community : codes of the present division.
    equals : allow-listed columns of the layer and the value each must have.
    sortby : properties to sort by, each with `-` before it for descending.
    wants_matched : count everything that matches even where that costs a scan.
    """

    bbox: BBox | None = None
    shape: BaseGeometry | None = None
    span: TimeSpan | None = None
    limit: int = 100
    after: str | None = None
    before: str | None = None
    cell: str | None = None
    community: str | None = None
    equals: Mapping[str, str] = field(default_factory=dict)
    filter: CqlFilter | None = None
    sortby: tuple[str, ...] = ()
    wants_matched: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_ITEMS:
            raise InvalidInput(f"The limit is a number from 1 to {MAX_ITEMS:,}.", pointer="limit")
        if self.after is not None and self.before is not None:
            raise InvalidInput("A page is after one place or before one, not both.", pointer="before")

    @property
    def box_alone(self) -> BBox | None:
        """The box, if nothing but it and the limit says what is wanted."""
        is_alone = (
            self.shape is None
            and self.span is None
            and self.after is None
            and self.before is None
            and self.cell is None
            and self.community is None
            and self.filter is None
            and not self.equals
            and not self.sortby
        )
        return self.bbox if is_alone else None


@dataclass(frozen=True, slots=True)
class AreaQuery:
    """A drawn area and what is wanted of it.

    Attributes
    ----------
    shape : Point, Polygon or MultiPolygon in EPSG:4326, already checked by `gis.geometry.validate`.
    radius_m : distance on the ellipsoid that still counts; needed for a point.
    """

    shape: BaseGeometry
    radius_m: float | None = None
    span: TimeSpan | None = None
    limit: int = 100

    def __post_init__(self) -> None:
        if self.shape.geom_type not in ("Point", "Polygon", "MultiPolygon"):
            raise InvalidInput("The area is a point or one or more polygons.", pointer="/geometry/type")
        if self.radius_m is None and self.shape.geom_type == "Point":
            raise InvalidInput("A point needs a radius in metres.", pointer="/radius_m")
        if self.radius_m is not None and not 0 < self.radius_m <= MAX_RADIUS_M:
            raise InvalidInput(f"The radius is up to {MAX_RADIUS_M:,.0f} metres.", pointer="/radius_m")
        if shapely.get_num_coordinates(self.shape) > MAX_AREA_VERTICES:
            raise TooLarge(f"An area has {MAX_AREA_VERTICES:,} vertices at most.")
        if not 1 <= self.limit <= MAX_ITEMS:
            raise InvalidInput(f"The limit is a number from 1 to {MAX_ITEMS:,}.", pointer="/limit")


@dataclass(frozen=True, slots=True)
class FeaturePage:
    """Features as ready GeoJSON: `features` is their UTF-8 text with commas between, no brackets.

    `next_after` and `previous_before` are where the pages around it begin and end, None where there is none;
    `matched` is the number of all that match, None where it was not counted.
    """

    features: bytes
    returned: int
    next_after: str | None = None
    previous_before: str | None = None
    matched: int | None = None


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """How many rows a place has."""

    code: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class AreaAnswer:
    """What lies in a drawn area: the first features, and the counts of them all."""

    page: FeaturePage
    matched: int
    by_community: tuple[PlaceCount, ...]
    by_cell: tuple[PlaceCount, ...]


@dataclass(frozen=True, slots=True)
class Clusters:
    """Clustered points as GeoJSON features; `is_complete` is False where the cap cut some off."""

    page: FeaturePage
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows per place; `outside` are those that lie in no cell."""

    items: tuple[PlaceCount, ...]
    outside: int


class Level(StrEnum):
    """What a figure is given for."""

    COMMUNITY = "community"
    CELL = "cell"


class FigureName(StrEnum):
    """The figures a district map can show."""

    OPEN_INCIDENTS = "open_incidents"
    RENTAL_UNITS = "rental_units"
    OVERDUE_UNITS = "overdue_units"
    PATROL_COVERAGE = "patrol_coverage"
    DAYS_SINCE_PATROL = "days_since_patrol"


@dataclass(frozen=True, slots=True)
class FigureItem:
    """A figure's value at one place; None where it is unknown or not the reader's to see."""

    code: str
    name: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure over the places of one level.

    Attributes
    ----------
    breaks : edges of the classes, ascending; a class holds its lower edge, the last one both.
    scope : "district", or "own" where only the reader's own places and rows were counted.
    basis : what the definition's text needs: the period and radius of a coverage run.
    """

    figure: FigureName
    level: Level
    unit: str
    as_of: datetime
    breaks: tuple[float, ...]
    scope: str
    items: tuple[FigureItem, ...]
    basis: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """One hit of a search."""

    kind: str
    code: str
    name: str
    detail: str
    lon: float
    lat: float
    cell: str | None
    record_id: str


@dataclass(frozen=True, slots=True)
class RevealedHead:
    """A building head's name and number, read for a purpose that stands in the audit log."""

    full_name: str
    phone: str


def tile_bbox(z: int, x: int, y: int, *, margin: float = 0.0) -> BBox:
    """Bounds of a WebMercatorQuad tile in degrees, with a margin given as a share of its side.

    Raises
    ------
    InvalidInput
        There is no such tile.
    """
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise InvalidInput("There is no such tile.", pointer="tile", code="no-such-tile")
    side = 2.0**z

    def longitude(column: float) -> float:
        return max(-180.0, min(180.0, column / side * 360.0 - 180.0))

    def latitude(row: float) -> float:
        degrees = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / side))))
        return max(-_MERCATOR_LATITUDE, min(_MERCATOR_LATITUDE, degrees))

    return BBox(
        longitude(x - margin), latitude(y + 1 + margin), longitude(x + 1 + margin), latitude(y - margin)
    )


def cluster_zoom(zoom: int) -> int:
    """Zoom of the quadtree squares that are 64 pixels wide on a map of that zoom, tiles being 256."""
    return min(MAX_ZOOM, zoom + 2)


TALLY_ZOOMS = (15, 17, 19)
"""Zooms of the squares whose objects are counted as they are written; see migration 0005."""


def tally_zoom(zoom: int) -> int | None:
    """The coarsest counted squares that fit into squares of that zoom; None where none are fine enough."""
    return next((level for level in TALLY_ZOOMS if level >= zoom), None)


def snapped(box: BBox, zoom: int) -> BBox:
    """The box of the whole quadtree squares a box touches."""
    side = 1 << zoom
    left, top = square_of(box.west, box.north, zoom)
    right, bottom = square_of(box.east, box.south, zoom)

    def latitude(row: int) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / side))))

    return BBox(left / side * 360 - 180, latitude(bottom + 1), (right + 1) / side * 360 - 180, latitude(top))


_MANTISSAS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def class_breaks(values: Sequence[float], *, classes: int = 5) -> tuple[float, ...]:
    """Edges of at most `classes` classes of about equal membership, at numbers that read well.

    The first edge is 0 and the last is not below the largest value.

    Parameters
    ----------
    values : non-negative numbers.
    """
    positive = sorted(value for value in values if value > 0)
    if not positive:
        return (0.0, 1.0)
    inner = (
        _readable(positive[min(len(positive) - 1, len(positive) * step // classes)])
        for step in range(1, classes)
    )
    top = _readable(positive[-1], up=True)
    return tuple(sorted({0.0, *(edge for edge in inner if edge < top), top}))


def _readable(value: float, *, up: bool = False) -> float:
    scale = 10.0 ** math.floor(math.log10(value))
    steps = [mantissa * scale for mantissa in _MANTISSAS]
    if value >= 1 and scale < 10:
        steps = [step for step in steps if step == int(step)]
    if up:
        return next(step for step in steps if step >= value * (1 - 1e-12))
    return min(steps, key=lambda step: abs(step - value))


def search_term(text: str) -> str:
    """What somebody typed, made comparable: NFKC, trimmed, single spaces, lower case.

    Raises
    ------
    InvalidInput
        Too short (one Chinese character, otherwise two signs) or longer than 50.
    """
    term = " ".join(unicodedata.normalize("NFKC", text).replace("\0", "").split()).casefold()
    wide = any(unicodedata.east_asian_width(sign) in "WF" for sign in term)
    if not term or (len(term) < 2 and not wide):
        raise InvalidInput("Type one Chinese character or two letters or digits at least.", pointer="q")
    if len(term) > 50:
        raise InvalidInput("Fifty characters at most.", pointer="q")
    return term


def like_pattern(term: str) -> str:
    """A term with the wildcards of LIKE made plain."""
    return term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
