"""Figures of the district map and counts by place: what a community or a cell is coloured by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from gis.database.pool import Connection, Database
from gis.errors import InvalidInput
from gis.people.model import Actor, Permission
from gis.publish import figures_store, store
from gis.publish.figures_store import Place
from gis.publish.filters import Filter
from gis.publish.layers import layer_for
from gis.publish.model import (
    Counts,
    Figure,
    FigureItem,
    FigureName,
    Level,
    PlaceCount,
    TimeSpan,
    class_breaks,
)
from gis.zone import ZONE

_HOUSING = frozenset({FigureName.RENTAL_UNITS, FigureName.OVERDUE_UNITS})
_UNITS = {FigureName.PATROL_COVERAGE: "percent", FigureName.DAYS_SINCE_PATROL: "days"}
_PERCENT_BREAKS = (0.0, 20.0, 40.0, 60.0, 80.0, 100.0)
_DAY_BREAKS = (0.0, 1.0, 3.0, 7.0, 14.0, 30.0)

Values = Mapping[int, Any]
Gather = Callable[[Sequence[Any]], float | None]


def figure(
    db: Database,
    actor: Actor,
    name: FigureName,
    *,
    level: Level,
    community: str | None = None,
    on_date: date | None = None,
) -> Figure:
    """A figure at every community or cell, or at the cells of one community; now, or at the end of a day.

    A place-limited actor gets values for own places only, counted from own rows; the rest is None.

    Raises
    ------
    Forbidden
        A housing figure for a role that may not see housing.
    InvalidInput
        There is no such community, or a past day is asked of a figure without history.
    """
    actor.require(Permission.SEE_HOUSING if name in _HOUSING else Permission.SEE_MAPS)
    if on_date is not None and name in _HOUSING:
        raise InvalidInput("This figure is known for the present only.", pointer="date")
    with db.transaction(actor.identity, read_only=True) as connection:
        places = _places(connection, community)
        own = None if actor.sees_district else figures_store.own_cells(connection)
        shown = [place for place in places if own is None or place.cell_id in own]
        narrowed = own is not None or community is not None
        cells = [place.cell_id for place in shown] if narrowed else None
        values, gather, basis = _values(connection, name, cells, on_date)
    items = _gathered(places, {place.cell_id for place in shown}, values, gather, level)
    return Figure(
        figure=name,
        level=level,
        unit=_UNITS.get(name, "count"),
        as_of=datetime.now(ZONE),
        breaks=_breaks(name, items),
        scope="district" if own is None else "own",
        items=items,
        basis=basis,
    )


def counts(db: Database, actor: Actor, layer_name: str, *, by: Level, span: TimeSpan | None = None) -> Counts:
    """Rows of a layer per present cell or community, zeros included where the actor may know them.

    Raises
    ------
    InvalidInput
        A layer of divisions, or one whose rows have no cell; a period where there is no time.
    """
    layer = layer_for(actor, layer_name)
    if layer.is_division or (by is Level.CELL and not layer.has_cell):
        raise InvalidInput(f"The layer {layer.name} is not counted by {by.value}.", pointer="by")
    with db.transaction(actor.identity, read_only=True) as connection:
        matched = store.matched_by_place(connection, layer, Filter(span=span))
        places = figures_store.places(connection, None)
        own = None if actor.sees_district else figures_store.own_cells(connection)
    numbers: dict[int, int] = defaultdict(int)
    outside = 0
    for cell_id, community_id, number in matched:
        place_id = cell_id if by is Level.CELL else community_id
        if place_id is None:
            outside += number
        else:
            numbers[place_id] += number
    known: dict[int, tuple[str, str]] = {}
    for place in places:
        place_id, code, label = _identity(place, by)
        if own is None or place.cell_id in own or place_id in numbers:
            known[place_id] = (code, label)
    items = tuple(
        PlaceCount(code, label, numbers.get(place_id, 0))
        for place_id, (code, label) in sorted(known.items(), key=lambda entry: entry[1])
    )
    return Counts(items, outside)


def _identity(place: Place, level: Level) -> tuple[int, str, str]:
    if level is Level.CELL:
        return place.cell_id, place.code, place.name_zh
    return place.community_id, place.community_code, place.community_name_zh


def _places(connection: Connection, community: str | None) -> list[Place]:
    if community is not None and (len(community) > 40 or "\0" in community):
        raise _no_community()
    places = figures_store.places(connection, community)
    if community is not None and not places:
        raise _no_community()
    return places


def _no_community() -> InvalidInput:
    return InvalidInput("There is no community of this code.", pointer="community", code="no-such-place")


def _values(
    connection: Connection, name: FigureName, cells: Sequence[int] | None, day: date | None
) -> tuple[Values, Gather, Mapping[str, Any]]:
    """Values per cell, how those of several cells make one, and what the definition rests on."""
    if name is FigureName.PATROL_COVERAGE:
        run = figures_store.latest_coverage_run(connection, day)
        if run is None:
            return {}, _share, {}
        basis = {"from": run.from_on, "to": run.to_on, "radius_m": run.radius_m}
        return figures_store.coverage_shares(connection, run, cells), _share, basis
    if name is FigureName.DAYS_SINCE_PATROL:
        return figures_store.days_since_patrol(connection, cells, day), _fewest, {}
    if day is not None:
        return figures_store.open_incidents_on(connection, cells, day), _total, {}
    return figures_store.counts(connection, name, cells), _total, {}


def _total(values: Sequence[Any]) -> float | None:
    return float(sum(values))


def _fewest(values: Sequence[Any]) -> float | None:
    return float(min(values)) if values else None


def _share(values: Sequence[Any]) -> float | None:
    area = sum(area for _, area in values)
    return round(100.0 * min(1.0, sum(covered for covered, _ in values) / area), 2) if area else None


def _gathered(
    places: Iterable[Place], shown: set[int], values: Values, gather: Gather, level: Level
) -> tuple[FigureItem, ...]:
    members: dict[tuple[str, str], list[Any] | None] = {}
    for place in places:
        _, code, label = _identity(place, level)
        found = members.setdefault((code, label), None)
        if place.cell_id not in shown:
            continue
        if found is None:
            found = members[code, label] = []
        if place.cell_id in values:
            found.append(values[place.cell_id])
    return tuple(
        FigureItem(code, label, None if found is None else gather(found))
        for (code, label), found in sorted(members.items())
    )


def _breaks(name: FigureName, items: Iterable[FigureItem]) -> tuple[float, ...]:
    values = [item.value for item in items if item.value is not None]
    if name is FigureName.PATROL_COVERAGE:
        return _PERCENT_BREAKS
    if name is FigureName.DAYS_SINCE_PATROL:
        top = max(values, default=0.0)
        return (*_DAY_BREAKS, max(90.0, class_breaks([top])[-1]))
    return class_breaks(values)
