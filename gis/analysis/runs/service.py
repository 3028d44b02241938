"""What a planner does with runs: ask for one, look how far it is, cancel, retry, keep, read what it gave."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gis.analysis.registry import analysis_named
from gis.analysis.result import Figure, Finding, Place, Result, Table, Unit
from gis.analysis.runs.model import ReportWish, Run, State, as_json, checked, digest
from gis.database.pool import Connection, Database
from gis.database.sql import load_queries
from gis.errors import Busy, Conflict, NotFound
from gis.people.model import Actor, Permission
from gis.people.service import record_audit

_queries = load_queries(__file__, "store")
PAGE_SIZE = 50
_VERSION_MS = 30_000


@dataclass(frozen=True, slots=True)
class Asked:
    """The run of what was asked for; `is_new` is False where it is under way or measured already."""

    run_id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class PlaceName:
    """The names of a row's place, and the code of the community it lies in ("" where in none)."""

    zh: str
    en: str
    community: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run that is done, what it gave, and for each table the names of its rows' places in their order."""

    run: Run
    result: Result
    names: tuple[tuple[PlaceName, ...], ...]

    def rows_in(self, index: int, community: str | None) -> list[int]:
        """The numbers of a table's rows that lie in a community; of all for None."""
        return [
            number
            for number, place in enumerate(self.names[index])
            if community is None or place.community == community
        ]


@dataclass(frozen=True, slots=True)
class Outline:
    """A community of the present division: names and WKB in EPSG:4326."""

    code: str
    zh: str
    en: str
    wkb: bytes


def ask_run(
    db: Database, actor: Actor, name: str, parameters: Mapping[str, Any], *, anew: bool = False
) -> Asked:
    """Ask for a run; one that is under way, or was measured from the same data, is given instead.

    Parameters
    ----------
    anew : measure also what was measured from the same data already.

    Raises
    ------
    Forbidden, NotFound, InvalidInput
        The actor may not measure; there is no such analysis; it does not know these parameters.
    """
    actor.require(Permission.RUN_COVERAGE)
    analysis = analysis_named(name)
    asked = checked(analysis.parameters, parameters)
    kept = as_json(asked)
    values = {"analysis": name, "sha256": digest(kept), "report_of": None, "report": None}
    with db.transaction(actor.identity, timeout_ms=_VERSION_MS) as connection:
        known = _queries.under_way(connection, **values)
        if known is None and not anew:
            version = analysis.version(connection, asked)
            known = _queries.measured_already(connection, **values, version=version)
        if known is not None:
            return Asked(known, is_new=False)
        return _enqueue(connection, actor, {**values, "parameters": json.dumps(kept)})


def ask_report(db: Database, actor: Actor, run_id: int, wish: ReportWish) -> Asked:
    """Ask for the report of a run with a section for each community, made in the background.

    Raises
    ------
    NotFound, Conflict
        There is no such run; it is not done.
    """
    actor.require(Permission.RUN_COVERAGE)
    with db.transaction(actor.identity) as connection:
        run = _run(connection, run_id)
        if run.state is not State.DONE or run.report_of is not None:
            raise Conflict("A report is made of a run that is done.")
        parameters = dict(run.parameters)
        values = {
            "analysis": run.analysis,
            "sha256": digest(parameters),
            "report_of": run_id,
            "report": wish.model_dump_json(),
        }
        known = _queries.under_way(connection, **values)
        if known is not None:
            return Asked(known, is_new=False)
        return _enqueue(connection, actor, {**values, "parameters": json.dumps(parameters)})


def recent_runs(
    db: Database, actor: Actor, *, analysis: str | None = None, before: int | None = None
) -> list[Run]:
    """Runs and reports, newest first, at most `PAGE_SIZE`; those before a number of a run."""
    actor.require(Permission.SEE_COVERAGE)
    values = {"analysis": analysis, "before": before, "report_of": None, "most": PAGE_SIZE}
    with db.transaction(actor.identity, read_only=True) as connection:
        return [_as_run(row) for row in _queries.runs(connection, **values)]


def latest_runs(db: Database, actor: Actor) -> dict[str, datetime]:
    """When each analysis was last measured, by its name."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        return {row.analysis: row.ended_at for row in _queries.latest(connection)}


def show_run(db: Database, actor: Actor, run_id: int) -> tuple[Run, list[Run]]:
    """A run as it stands, and its reports, newest first. Raises `NotFound`."""
    actor.require(Permission.SEE_COVERAGE)
    values = {"analysis": None, "before": None, "report_of": run_id, "most": PAGE_SIZE}
    with db.transaction(actor.identity, read_only=True) as connection:
        return _run(connection, run_id), [_as_run(row) for row in _queries.runs(connection, **values)]


def outcome_of(db: Database, actor: Actor, run_id: int) -> Outcome:
    """What a run gave.

    Raises
    ------
    NotFound
        There is no such run, or it is not done.
    """
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        run = _run(connection, run_id)
        if run.state is not State.DONE or run.report_of is not None:
            raise NotFound
        found = _queries.findings(connection, run_id=run_id)
        heads = list(_queries.tables(connection, run_id=run_id))
        rows: dict[int, list[Any]] = {head.number: [] for head in heads}
        for row in _queries.rows(connection, run_id=run_id):
            rows[row.table_number].append(row)
    tables = tuple(_table(head, rows[head.number]) for head in heads)
    findings = tuple(Finding(one["key"], one["values"], one["code"]) for one in found)
    names = tuple(
        tuple(PlaceName(row.name_zh or "", row.name_en or "", row.community) for row in rows[head.number])
        for head in heads
    )
    return Outcome(run, Result(tables, findings), names)


def shapes_of(db: Database, actor: Actor, run_id: int, number: int) -> list[bytes | None]:
    """WKB (EPSG:4326) of each row of a run's table, in their order; tables count from 1."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        rows = _queries.shapes(connection, run_id=run_id, number=number)
        return [None if row.wkb is None else bytes(row.wkb) for row in rows]


def communities(db: Database, actor: Actor) -> list[Outline]:
    """The communities of the present division, by code."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        rows = _queries.communities(connection)
        return [Outline(row.code, row.name_zh, row.name_en or "", bytes(row.wkb)) for row in rows]


def report_file(db: Database, actor: Actor, run_id: int) -> bytes:
    """The PDF of a report that is done. Raises `NotFound`."""
    actor.require(Permission.SEE_COVERAGE)
    with db.transaction(actor.identity, read_only=True) as connection:
        file = _queries.file(connection, run_id=run_id)
    if file is None:
        raise NotFound
    return bytes(file)


def cancel_run(db: Database, actor: Actor, run_id: int) -> None:
    """Cancel what waits or is measured; the worker sees it between two steps.

    Raises
    ------
    NotFound, Conflict
        There is no such run; it has ended.
    """
    _change(db, actor, run_id, "cancel", Conflict("It has ended already."))


def retry_run(db: Database, actor: Actor, run_id: int) -> None:
    """Ask again for what failed or was cancelled. Raises `NotFound`, `Conflict`."""
    _change(db, actor, run_id, "retry", Conflict("Only what failed or was cancelled is tried again."))


def keep_run(db: Database, actor: Actor, run_id: int, *, is_kept: bool) -> None:
    """Keep a run from being forgotten, or no longer. Raises `NotFound`."""
    actor.require(Permission.RUN_COVERAGE)
    with db.transaction(actor.identity) as connection:
        if _queries.keep(connection, run_id=run_id, is_kept=is_kept) is None:
            raise NotFound
        action = "analysis.keep" if is_kept else "analysis.let_go"
        record_audit(connection, actor.account_id, action, str(run_id))


def _change(db: Database, actor: Actor, run_id: int, verb: str, refusal: Conflict) -> None:
    actor.require(Permission.RUN_COVERAGE)
    with db.transaction(actor.identity) as connection:
        _run(connection, run_id)
        if getattr(_queries, verb)(connection, run_id=run_id) is None:
            raise refusal
        record_audit(connection, actor.account_id, f"analysis.{verb}", str(run_id))
        _queries.wake_worker(connection)


def _enqueue(connection: Connection, actor: Actor, values: Mapping[str, Any]) -> Asked:
    run_id = _queries.insert_run(connection, **values)
    if run_id is None:  # somebody was faster
        known = _queries.under_way(connection, **values)
        if known is None:
            raise Busy
        return Asked(known, is_new=False)
    record_audit(connection, actor.account_id, "analysis.ask", str(run_id), analysis=values["analysis"])
    _queries.wake_worker(connection)
    return Asked(run_id, is_new=True)


def _run(connection: Connection, run_id: int) -> Run:
    row = _queries.run(connection, run_id=run_id)
    if row is None:
        raise NotFound
    return _as_run(row)


def _as_run(row: Any) -> Run:
    values = row._asdict()
    report = ReportWish.model_validate(row.report) if row.report else None
    return Run(**{**values, "state": State(row.state), "report": report})


def _table(head: Any, rows: list[Any]) -> Table:
    return Table(
        name=head.name,
        figures=tuple(Figure(name, Unit(unit)) for name, unit in head.figures),
        rows=tuple(tuple(row.figures) for row in rows),
        place=None if head.place is None else Place(head.place),
    )
