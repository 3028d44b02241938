"""How time grows with the number of units, in the names of an officer and a planner and without policies."""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from gis.database.pool import Database
from gis.people.model import Actor, Role
from gis.publish import service
from gis.publish.model import BBox, ItemQuery
from scripts.benchmark import ours
from scripts.benchmark.chart import VARIANT
from scripts.benchmark.database import DISTRICT, Base, grown_base, open_base
from scripts.benchmark.ours import PEOPLE, Headers
from scripts.benchmark.questions import Box, boxes, cells_of_officer, read_units
from scripts.benchmark.reader import UNFILTERED, unfiltered_as
from scripts.commands.machine import say

_PORT = 8303
_BOXES = 40
WITHIN = 1.3
"""Goal: at most so many times the same question without row-level security."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Median times in ms of one question at one size.

    Attributes
    ----------
    without_ms : the same statement past the policies.
    as_planner_ms : past the policies, as a reader of the whole district asks: by the spatial index.
    """

    question: str
    units: int
    with_policies_ms: float
    without_ms: float
    as_planner_ms: float
    over_http_ms: float

    @property
    def factor(self) -> float:
        """What row-level security costs."""
        return self.with_policies_ms / self.without_ms


def measure_growth(*, up_to: int, repeats: int, sign_in: Callable[[int, str], Headers]) -> list[Growth]:
    """Measure at 30,000 and 300,000 units, and at ten times as many if `up_to` allows."""
    found = []
    for units, make in (
        (30_000, lambda: open_base(f"{DISTRICT}_small", size="small")),
        (300_000, open_base),
        (3_000_000, lambda: grown_base(open_base(), 10)),
    ):
        if units <= up_to:
            say(f"growth: {units:,} units")
            found += _at_size(make(), units, repeats, sign_in)
    return found


def _at_size(base: Base, number: int, repeats: int, sign_in: Callable[[int, str], Headers]) -> list[Growth]:
    units = read_units(base)
    own = units.of_cells(cells_of_officer(base))
    questions = (
        ("planner, 100 features", "planner", boxes(units, 100, _BOXES), 1000),
        ("planner, 1,000 features", "planner", boxes(units, 1000, _BOXES), 2000),
        ("officer, 100 features", "officer", boxes(units, 100, _BOXES, within=own), 1000),
    )
    del units
    with ExitStack() as stack:
        process = ours.start(base, _PORT)
        stack.callback(process.stop)
        ours.await_ready(process, _PORT, "/healthz")
        web, owner = Database(base.web_url, size=1), Database(base.url, size=1)
        stack.callback(web.close)
        stack.callback(owner.close)
        return [
            Growth(
                name,
                number,
                *_in_process(web, owner, _actor(base, person), where, limit, repeats),
                _over_http(sign_in(_PORT, person), where, limit, repeats),
            )
            for name, person, where, limit in questions
        ]


def _actor(base: Base, person: str) -> Actor:
    found = base.rows("SELECT account_id, role FROM app.account WHERE username = %s", (PEOPLE[person],))
    return Actor(found[0][0], Role(found[0][1]))


def _in_process(
    web: Database, owner: Database, actor: Actor, where: list[Box], limit: int, repeats: int
) -> tuple[float, float, float]:
    """Medians with policies and without, asked in turn so that all meet the same noise.

    Each turn begins with another, for the first one finds nothing in the processor's caches.
    """
    spent: tuple[list[float], ...] = ([], [], [])
    readers = ((web, actor), (owner, unfiltered_as(actor)), (owner, UNFILTERED))
    for turn in range(repeats + 1):
        for box in where:
            query = ItemQuery(bbox=BBox(*box), limit=limit)
            sizes = []
            for step in range(len(readers)):
                at = (turn + step) % len(readers)
                kept, (database, reader) = spent[at], readers[at]
                begun = time.perf_counter()
                page = service.items(database, reader, "rental_unit", query)
                if turn:  # the first turn warms pages and plans
                    kept.append((time.perf_counter() - begun) * 1000)
                sizes.append(page.returned)
            if len(set(sizes)) != 1:
                raise AssertionError(f"{sizes} features with policies, without, as a planner: {box}")
    with_policies, without, as_planner = map(statistics.median, spent)
    return with_policies, without, as_planner


def _over_http(headers: Headers, where: list[Box], limit: int, repeats: int) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", _PORT, timeout=60)
    spent = []
    try:
        for turn in range(repeats + 1):
            for box in where:
                corners = ",".join(f"{value:.8f}" for value in box)
                begun = time.perf_counter()
                path = f"/ogc/collections/rental_unit/items?bbox={corners}&limit={limit}"
                connection.request("GET", path, headers=dict(headers))
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    raise AssertionError(f"{answer.status} for {path}")
                if turn:
                    spent.append((time.perf_counter() - begun) * 1000)
    finally:
        connection.close()
    return statistics.median(spent)


def markdown(found: list[Growth]) -> str:
    """The table of growth."""
    lines = [
        "| question | units | with row-level security, ms | same statement without, ms |"
        " factor (goal ≤ 1.3) | as a planner asks, without, ms | over HTTP, ms |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {g.question} | {g.units:,} | {g.with_policies_ms:.2f} | {g.without_ms:.2f} |"
        f" {g.factor:.2f}{'' if g.factor <= WITHIN else ' **no**'} | {g.as_planner_ms:.2f} |"
        f" {g.over_http_ms:.2f} |"
        for g in found
    ]
    return "\n".join(lines) + "\n"


def series(found: list[Growth]) -> dict[str, list[tuple[float, float]]]:
    """Lines of the chart: each question with row-level security, without, and over HTTP."""
    made: dict[str, list[tuple[float, float]]] = {}
    for g in found:
        made.setdefault(g.question, []).append((g.units, g.with_policies_ms))
        made.setdefault(f"{g.question}{VARIANT}without RLS", []).append((g.units, g.without_ms))
    for g in found:
        made.setdefault(f"{g.question}{VARIANT}HTTP", []).append((g.units, g.over_http_ms))
    return made
