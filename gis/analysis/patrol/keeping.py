"""Keeping days painted: what changes is noted by triggers, and painted anew here, by gis_migrator.

A day's notes are taken away in the transaction that paints it, before its tracks are read: what comes in
later is noted again, what fails is still noted, and nothing is lost. Days are taken latest first.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from datetime import date
from typing import Any

import psycopg2
from psycopg2 import Binary

from gis.analysis.patrol.effort import DayEffort, day_effort
from gis.analysis.patrol.legs import DayLegs, Kind
from gis.analysis.patrol.model import DEFAULT_RADIUS_M
from gis.analysis.patrol.places import Places
from gis.analysis.patrol.reading import read_places
from gis.analysis.patrol.source import read_day
from gis.database.pool import Connection, connect
from gis.database.sql import load_queries
from gis.errors import GisError, NotFound

_queries = load_queries(__file__)
_LOG = logging.getLogger(__name__)

STANDARD_RADII_M = (DEFAULT_RADIUS_M,)
_LOOK_EVERY_S = 2.0
_REST = 4.0
_LONGEST_REST_S = 5.0  # with it what was uploaded shows within 10 s, also where painting takes 2
_JOB_S = 5.0  # it holds up who paints what changes


def keep_some(connection: Connection, *, raw_fix_days: int, longest_s: float = _JOB_S) -> int:
    """Paint days that wait for it, in one transaction of gis_migrator, until there are none or time is up.

    The hours of legs are forgotten after `raw_fix_days`, as raw fixes are thinned.
    """
    end, painted = time.monotonic() + longest_s, 0
    _queries.forget_layers(connection, radii=list(STANDARD_RADII_M))
    for row in list(_queries.days_with_hours(connection, days=raw_fix_days)):
        legs = DayLegs.unpacked(bytes(row.packed), bytes(row.times)).without_hours()
        _queries.put_times(connection, on_day=row.on_day, times=Binary(legs.packed_times()))
    while time.monotonic() < end and keep_one(connection) is not None:
        painted += 1
    return painted


def keep_one(connection: Connection, skip: Collection[date] = ()) -> date | None:
    """Paint the latest day that waits for it and is not to be skipped.

    None if there is none, or another process is painting.
    """
    if not _queries.try_lock(connection):
        return None
    try:
        places = read_places(connection)
    except NotFound:
        return None
    changed = _next_changed(connection, skip)
    if changed is not None:
        _queries.take_changes(connection, on_day=changed)
        source = read_day(connection, changed)
        _put(connection, changed, source.legs, day_effort(source.legs, places, source.check_points), places)
        return changed
    stale: date | None = _queries.next_stale(
        connection,
        shape_version=places.shape_version,
        radii=list(STANDARD_RADII_M),
        **_grid_columns(places),
    )
    if stale is not None:
        row = _queries.day(connection, on_day=stale)
        # Raw fixes may be thinned by now: the legs that are kept are the better source.
        legs = DayLegs.unpacked(bytes(row.packed), bytes(row.times))
        visited = DayEffort.unpacked(bytes(row.effort)).check_points.tolist()
        _put(connection, stale, legs, day_effort(legs, places, visited), places)
    return stale


def paint_waiting(url: str, *, first: date | None = None) -> int:
    """Paint every day that waits, each in a transaction of its own; returns how many.

    Parameters
    ----------
    url : libpq URL of a role that may become gis_migrator.
    first : leave out days before it, and those whose outlines alone have changed.
    """
    connection = _connect(url)
    try:
        return _paint_all(connection, first=first)
    finally:
        connection.close()


def keep_current(url: str, *, goes_on: Callable[[], bool]) -> None:
    """Paint days as they change, for as long as `goes_on`, also when the database is away for a time.

    While many walk, a fifth of the time is spent so, and more only where a day would else show too late. One
    that cannot be painted is left to the periodic job, whose failure is shown.
    """
    from gis.analysis.patrol.painting import warm_up

    warm_up()
    connection: Connection | None = None
    skip: set[date] = set()
    while goes_on():
        began, painted = time.monotonic(), 0
        try:
            connection = connection or _connect(url)
            painted = _paint_all(connection, goes_on=goes_on, skip=skip)
        except psycopg2.Error as error:
            _LOG.warning("day footprints: %s", str(error).strip())
            _close(connection)
            connection = None
        except Exception:
            _LOG.exception("day footprints")
            _close(connection)
            connection = None
        rest_s = _REST * (time.monotonic() - began) if painted else 0.0
        time.sleep(min(max(_LOOK_EVERY_S, rest_s), _LONGEST_REST_S))
    _close(connection)


def start_keeping(url: str, *, goes_on: Callable[[], bool]) -> threading.Thread:
    """Run `keep_current` in a thread of its own, which ends with the process."""
    thread = threading.Thread(
        target=keep_current, args=(url,), kwargs={"goes_on": goes_on}, name="footprints", daemon=True
    )
    thread.start()
    return thread


def note_all_days(url: str) -> date:
    """Have every day painted anew, after loading that skips triggers; returns today."""
    connection = connect(url)
    try:
        with connection:
            _queries.become_migrator(connection)
            _queries.note_all_days(connection)
            today: date = _queries.today(connection)
    finally:
        connection.close()
    return today


def _paint_all(
    connection: Connection,
    *,
    goes_on: Callable[[], bool] = lambda: True,
    first: date | None = None,
    skip: set[date] | None = None,
) -> int:
    """Paint day after day; one that fails is logged and added to `skip`, where that is given."""
    painted = 0
    while goes_on():
        with connection:
            day = _next_changed(connection, skip or ())
            if first is not None and (day is None or day < first):
                return painted
        try:
            with connection:
                if keep_one(connection, skip or ()) is None:
                    return painted
            painted += 1
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError, GisError):
            if skip is None or day is None:
                raise
            _LOG.exception("day footprints: %s", day)
            skip.add(day)
    return painted


def _next_changed(connection: Connection, skip: Collection[date]) -> date | None:
    day: date | None = _queries.next_changed(connection, skip=list(skip))
    return day


def _connect(url: str) -> Connection:
    connection = connect(url)
    with connection:
        _queries.become_migrator(connection)
    return connection


def _close(connection: Connection | None) -> None:
    if connection is not None:
        connection.close()


def _put(connection: Connection, day: date, legs: DayLegs, effort: DayEffort, places: Places) -> None:
    """Store a day and its standard layers; a layer that is there already stays."""
    from gis.analysis.patrol.painting import grid_of, pack_legs, paint_legs
    from gis.geometry.footprint.grid import pack

    if not len(legs) and not len(effort.check_points):
        _queries.drop_day(connection, on_day=day)
        return
    version = legs.version
    _queries.put_day(
        connection,
        on_day=day,
        fixes=legs.fixes,
        points=legs.points,
        legs=int((~legs.are(Kind.LONE)).sum()),
        vehicle_legs=int(legs.are(Kind.VEHICLE).sum()),
        packed=Binary(legs.packed()),
        times=Binary(legs.packed_times()),
        version=version,
        shape_version=places.shape_version,
        effort=Binary(effort.packed()),
    )
    grid, columns = grid_of(places), _grid_columns(places)
    for radius_m in STANDARD_RADII_M:
        layer = {"on_day": day, "radius_m": radius_m, "version": version, **columns}
        if _queries.has_layer(connection, **layer):
            continue
        painted = paint_legs(grid, legs, radius_m)
        _queries.drop_layer(connection, on_day=day, radius_m=radius_m)
        _queries.put_layer(
            connection, **layer, bits=Binary(pack(painted.layer)), needed=Binary(pack_legs(painted.needed))
        )


def _grid_columns(places: Places) -> dict[str, Any]:
    from gis.analysis.patrol.painting import grid_of

    grid = grid_of(places)
    return {
        "res_m": grid.res_m, "x_m": grid.x_m, "y_m": grid.y_m, "columns": grid.columns, "rows": grid.rows,
    }  # fmt: skip
