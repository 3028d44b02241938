"""Time the monthly record of a district: 28 teams, two rounds a day of 20 check points, all walked.

    .venv/bin/python tests/bench/bench_monthly.py 'postgresql://postgres@/guangming?host=…'

The URL is the superuser's of a loaded database with its teams and check points. The rounds are put into
January 2001 and taken out again. Seconds, of them the process's own, size of the file, memory on top.
"""

from __future__ import annotations

import io
import resource
import sys
import time
from pathlib import Path
from typing import Any

import psycopg2

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from flask import Flask
from flask_babel import Babel

from gis.calendar.model import Month
from gis.database.pool import Database
from gis.monthly import service
from gis.monthly.model import WORKBOOK, Asked
from gis.people.model import Actor, Role
from tests.conftest import as_web
from webmap.pages.monthly_book import MonthBook

_MONTH = Month(2001, 1)
_ROUNDS = """
INSERT INTO app.patrol_round (number, team_id, planned_from, planned_to, is_ordered, overdue_after_min, state,
  started_at, ended_at)
SELECT (n % 2) + 1, t.team_id, d.day + n % 2 * interval '4 hours', d.day + n % 2 * interval '4 hours' + interval '2 hours',
       false, 30, 'done', d.day + n % 2 * interval '4 hours', d.day + n % 2 * interval '4 hours' + interval '1 hour'
FROM generate_series(0, 55) AS n
JOIN (SELECT team_id, row_number() OVER () - 1 AS place, count(*) OVER () AS teams FROM app.team) AS t
  ON t.place = n / 2 % t.teams
CROSS JOIN (SELECT '2001-01-01 08:00+08'::timestamptz + g * interval '1 day' AS day FROM generate_series(0, 29) AS g) AS d
"""
_POINTS = """
INSERT INTO app.patrol_round_point (patrol_round_id, position, check_point_id, radius_m, dwell_s, visited_at, dwell_s_done,
  visited_by, grade)
SELECT r.patrol_round_id, c.position, c.check_point_id, 40, 60, r.planned_from + c.position * interval '2 minutes', 70,
       'pass', 'B'
FROM app.patrol_round AS r
CROSS JOIN (SELECT check_point_id, row_number() OVER (ORDER BY check_point_id) AS position
            FROM app.check_point ORDER BY check_point_id LIMIT 20) AS c
WHERE r.on_date BETWEEN '2001-01-01' AND '2001-01-31'
"""
_VISITS = """
INSERT INTO app.round_event (client_id, content_sha256, patrol_round_id, account_id, device_id, kind, device_at,
  clock_offset_s, at, sequence, check_point_id, visited_by, dwell_s, grade)
SELECT gen_random_uuid(), sha256('x'), q.patrol_round_id, a.account_id, gen_random_uuid(), 'visit', q.visited_at, 0,
       q.visited_at, q.position, q.check_point_id, 'pass', 70, 'B'
FROM app.patrol_round_point AS q
JOIN app.patrol_round AS r USING (patrol_round_id)
CROSS JOIN (SELECT account_id FROM app.account WHERE role = 'patrol' LIMIT 1) AS a
WHERE r.on_date BETWEEN '2001-01-01' AND '2001-01-31'
"""
_GONE = (
    "DELETE FROM app.{} WHERE patrol_round_id IN"
    " (SELECT patrol_round_id FROM app.patrol_round WHERE on_date BETWEEN '2001-01-01' AND '2001-01-31')"
)


def run(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Rows of the last statement, as superuser and without triggers."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def main(url: str) -> None:
    """Fill the month, export it, take it out again."""
    gone = [_GONE.format(name) for name in ("round_event", "patrol_round_point", "patrol_round")]
    run(url, *gone, _ROUNDS, _POINTS, _VISITS)
    run(url, "ANALYZE app.patrol_round, app.patrol_round_point, app.round_event")
    try:
        [(number,)] = run(url, "SELECT account_id FROM app.account WHERE role = 'dispatcher' LIMIT 1")
        _export(as_web(url), Actor(number, Role.DISPATCHER))
    finally:
        run(url, *gone)


def _export(url: str, actor: Actor) -> None:
    app, db, file = Flask("webmap"), Database(url, size=1), io.BytesIO()
    Babel(app)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with app.test_request_context("/"):
        begun, busy = time.perf_counter(), time.process_time()
        with MonthBook(file) as book:
            summary = service.export_month(db, actor, Asked(_MONTH), WORKBOOK, book.take)
            book.cover(_MONTH, summary, "bench")
        took, busy = time.perf_counter() - begun, time.process_time() - busy
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024
    megabytes = len(file.getvalue()) / 1e6
    rows = sum(summary.rows.values())
    sys.stdout.write(
        f"{summary.rounds} rounds, {rows} rows: {took:.1f} s, of them {busy:.1f}; {megabytes:.1f} MB, +{more:.0f} MB\n"
    )
    db.close()


if __name__ == "__main__":
    main(sys.argv[1])
