"""Putting a division in force: checked, stored, and everything that hangs on the old one moved to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date

import psycopg2

from gis.database.errors import to_domain
from gis.database.pool import Connection, connect
from gis.division import carry, store
from gis.division.draft import Division, complete, same_places
from gis.division.model import DivisionDraft, PublishReport, Revision
from gis.division.soundness import judge, refuse_unsound
from gis.errors import InvalidInput


def publish(
    connection_or_url: Connection | str, draft: DivisionDraft, *, force: bool = False
) -> PublishReport:
    """Put a division in force, in place of the present one if there is one. All or nothing.

    The old division holds up to the day before `draft.valid_from`; replaced on its own first day it
    never held. Every row of every layer is placed anew. A new cell inherits the officers of the old cell
    it shares most area with, a new community the patrol teams of the old one. Publishing what is in force
    already changes nothing (title and source apart), whatever its date. Writers of the layers wait until
    the end.

    Parameters
    ----------
    connection_or_url : Connection or str
        A libpq URL of a role that may become gis_migrator: one transaction, committed here. Or a
        connection that is gis_migrator already: committed by the caller.
    force : bool
        Publish in spite of overlaps and gaps. Faults that would leave a row without a place in the
        hierarchy (codes, parents, invalid shapes) are refused all the same.

    Raises
    ------
    InvalidInput
        Faults in the draft, all of them listed; a `valid_from` in the future, where the division in
        force would change today, or before the division in force began.
    """
    division = complete(draft)
    findings = refuse_unsound(judge(division), force=force)
    with _as_migrator(connection_or_url) as connection:
        store.lock_for_publishing(connection)
        current = store.current_revision(connection)
        if current and _is_same(connection, current, division):
            store.retitle(connection, current.revision_id, division)
            return PublishReport(
                current.revision_id, unchanged=True, counts=_counts(division), findings=findings
            )
        _check_date(draft.valid_from, store.today(connection), current)
        return _replace(connection, current, division, findings)


def _is_same(connection: Connection, current: Revision, division: Division) -> bool:
    draft = division.draft
    if (current.code_scheme, current.is_schematic) != (draft.code_scheme, draft.is_schematic):
        return False
    # Derived levels are left out: another version of the geometry library may draw a union otherwise.
    return all(
        same_places(store.read_level(connection, current.revision_id, level), division.frames[level], level)
        for level in sorted(division.given)
    )


def _check_date(valid_from: date, today: date, current: Revision | None) -> None:
    if valid_from > today:
        raise InvalidInput(
            f"the division would begin on {valid_from}; publish it on that day, it takes effect at once",
            pointer="valid_from",
        )
    if current and valid_from < current.valid_from:
        raise InvalidInput(
            f"the division in force began on {current.valid_from}; no other can replace it from {valid_from}",
            pointer="valid_from",
        )


def _replace(
    connection: Connection, current: Revision | None, division: Division, findings: tuple[str, ...]
) -> PublishReport:
    day = division.draft.valid_from
    old_id = current.revision_id if current else None
    if old_id is not None:
        store.close_revision(connection, old_id, day)
    new_id, areas = store.insert_division(connection, division)
    carry.prepare(connection, new_id, old_id)
    duties = carry.carry_duties(connection, old_id, day)
    moved = carry.move_rows(connection)
    report = PublishReport(
        new_id,
        counts=_counts(division),
        areas_m2=areas,
        resolved=moved.resolved,
        outside=moved.outside,
        findings=findings,
        **asdict(duties),
    )
    detail = {"replaces": old_id, "valid_from": day.isoformat(), "counts": report.counts, **asdict(duties)}
    store.record_publication(connection, new_id, detail)
    return report


def _counts(division: Division) -> dict[str, int]:
    return {str(level): len(frame) for level, frame in division.frames.items()}


@contextlib.contextmanager
def _as_migrator(connection_or_url: Connection | str) -> Iterator[Connection]:
    """A connection that is gis_migrator; one opened here commits at the end or leaves nothing."""
    if not isinstance(connection_or_url, str):
        yield connection_or_url
        return
    connection = connect(connection_or_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE gis_migrator")
        yield connection
        connection.commit()
    except psycopg2.Error as error:
        translated = to_domain(error)
        if translated is None:
            raise
        raise translated from error
    finally:
        connection.close()
