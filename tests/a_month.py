"""A month of rounds in the world of tests/world.py, with something in each of the five parts of its record.

March 2025. Round `walked` of team 1: late, check point 1 visited, 2 missed, a stay too short at 3, a violation
logged, corrected once and photographed, its case handled, looked at again by quinn and closed. Round `excused` of
team 1. Round `done` of team 2, on the last day, visited by hand. A round of April and one taken back by its plan.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.asking import rows
from tests.world import World

MONTH = "2025-03"
NOTE = '=HYPERLINK("http://x.test","看")'
LOGGED = "10000000-0000-4000-8000-000000000001"
LOOKED = "10000000-0000-4000-8000-000000000002"
PHOTO = "10000000-0000-4000-8000-000000000003"
PHONE = "20000000-0000-4000-8000-000000000001"

_ROUNDS = """
INSERT INTO app.patrol_round (patrol_plan_id, number, team_id, parcel_id, community_id, planned_from, planned_to,
  is_ordered, overdue_after_min, state, started_at, ended_at)
VALUES
  (1, 1, 1, 1, 1, '2025-03-10 08:00+08', '2025-03-10 10:00+08', true, 30, 'partly_done', '2025-03-10 08:45+08',
   '2025-03-10 09:50+08'),
  (1, 2, 1, 1, 1, '2025-03-10 14:00+08', '2025-03-10 16:00+08', true, 30, 'excused', NULL, NULL),
  (4, 1, 2, 4, 2, '2025-03-31 22:00+08', '2025-04-01 00:30+08', false, 30, 'done', '2025-03-31 22:10+08',
   '2025-03-31 23:00+08'),
  (1, 1, 1, 1, 1, '2025-04-01 00:00+08', '2025-04-01 02:00+08', true, 30, 'missed', NULL, NULL),
  (1, 3, 1, 1, 1, '2025-03-10 18:00+08', '2025-03-10 19:00+08', true, 30, 'withdrawn', NULL, NULL)
RETURNING patrol_round_id
"""

_WALKED = """
INSERT INTO app.patrol_round_point (patrol_round_id, position, check_point_id, radius_m, dwell_s, visited_at,
  dwell_s_done, visited_by, record_id, grade)
VALUES
  (%(walked)s, 1, 1, 40, 60, '2025-03-10 08:50+08', 75, 'pass', %(logged)s, 'A'),
  (%(walked)s, 2, 2, 40, 60, NULL, NULL, NULL, NULL, NULL),
  (%(walked)s, 3, 3, 30, 60, NULL, 20, NULL, NULL, NULL),
  (%(excused)s, 1, 1, 40, 60, NULL, NULL, NULL, NULL, NULL),
  (%(done)s, 1, 4, 40, 60, '2025-03-31 22:30+08', NULL, 'manual', NULL, 'D');
INSERT INTO app.round_event (client_id, content_sha256, patrol_round_id, account_id, device_id, kind, device_at,
  clock_offset_s, at, sequence, check_point_id, visited_by, dwell_s, record_id, grade)
SELECT gen_random_uuid(), sha256(e.kind::bytea), e.round, a.account_id, %(phone)s::uuid, e.kind,
       e.at::timestamptz - e.off * interval '1 second', e.off, e.at::timestamptz, e.sequence, e.point, e.way, e.stay,
       e.record::uuid, e.grade
FROM (VALUES
  (%(walked)s, 'pat', 'start', '2025-03-10 08:45+08', 0, 1, NULL, NULL, NULL, NULL, NULL),
  (%(walked)s, 'pat', 'visit', '2025-03-10 08:50+08', 0, 2, 1, 'pass', 75, %(logged)s, 'A'),
  (%(walked)s, 'pat', 'visit', '2025-03-10 08:55+08', 3600, 3, 3, 'pass', 20, NULL, 'B'),
  (%(walked)s, 'pat', 'visit', '2025-03-10 09:20+08', 0, 4, 1, 'pass', 90, NULL, 'B'),
  (%(walked)s, 'pat', 'end', '2025-03-10 09:50+08', 0, 5, NULL, NULL, NULL, NULL, NULL),
  (%(done)s, 'quinn', 'start', '2025-03-31 22:10+08', 0, 1, NULL, NULL, NULL, NULL, NULL),
  (%(done)s, 'quinn', 'visit', '2025-03-31 22:30+08', 0, 2, 4, 'manual', NULL, NULL, 'D'),
  (%(done)s, 'quinn', 'end', '2025-03-31 23:00+08', 0, 3, NULL, NULL, NULL, NULL, NULL))
  AS e (round, who, kind, at, off, sequence, point, way, stay, record, grade)
JOIN app.account AS a ON a.username = e.who;
INSERT INTO app.patrol_point (client_id, revision, content_sha256, team_id, account_id, device_id, patrol_round_id,
  check_point_id, parcel_id, kind, note, source, at, device_at, received_at, sequence, method, accuracy_m, grade,
  cell_id, community_id, is_outside, geom)
SELECT p.id::uuid, p.revision, sha256(p.id::bytea), p.team, a.account_id, %(phone)s::uuid, p.round::integer,
       p.point::integer, 1, p.kind, p.note, 'phone', p.at::timestamptz, p.at::timestamptz, p.at::timestamptz, 1, 'gps',
       6, 'A', 1, 1, false, ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326)
FROM (VALUES
  (%(logged)s, 2, 1, 'pat', %(walked)s, 1, 'L2', %(note)s, '2025-03-10 08:51+08'),
  (%(looked)s, 1, 2, 'quinn', NULL, NULL, 'OK', '已拆除', '2025-03-14 10:00+08'))
  AS p (id, revision, team, who, round, point, kind, note, at)
JOIN app.account AS a ON a.username = p.who;
INSERT INTO app.photo (client_id, record_id, account_id, taken_at, completed_at, sha256, bytes, received_bytes,
  media_type, width, height, state)
SELECT %(photo)s, %(logged)s, account_id, '2025-03-10 08:52+08', '2025-03-10 12:00+08', sha256('photo'), 5, 5,
       'image/jpeg', 64, 48, 'complete'
FROM app.account WHERE username = 'pat';
WITH made AS (
  INSERT INTO app.incident (client_id, category, state, source, description, occurred_at, due_at, closed_at,
    reporter_id, cell_id, community_id, geom, violation, parcel_id, patrol_point_client_id, recheck_client_id)
  SELECT gen_random_uuid(), 'SR0101', 'closed', 'patrol', %(note)s, p.at, '2025-03-17 23:59:59+08',
         '2025-03-15 09:00+08', p.account_id, 1, 1, p.geom, 'L2', 1, p.client_id, %(looked)s
  FROM app.patrol_point AS p WHERE p.client_id = %(logged)s
  RETURNING incident_id
), legal AS (
  INSERT INTO app.finding_deadline (incident_id, step, found_at, days, in_working_days, due_at, done_at, done_by, note)
  SELECT made.incident_id, d.step, '2025-03-10 08:51+08', 3, true, d.due::timestamptz, d.done::timestamptz,
         CASE WHEN d.done IS NOT NULL THEN a.account_id END, d.note
  FROM made CROSS JOIN (VALUES
    ('stop_notice', '2025-03-13 23:59:59+08', '2025-03-11 10:00+08', '停工通知书 12 号'),
    ('correction', '2025-03-13 23:59:59+08', '2025-03-14 09:00+08', '已拆'),
    ('investigation', '2025-03-17 23:59:59+08', NULL, '')) AS d (step, due, done, note)
  JOIN app.account AS a ON a.username = 'dan'
)
INSERT INTO app.incident_step (incident_id, from_state, to_state, account_id, at, note)
SELECT made.incident_id, s.before, s.after, a.account_id, s.at::timestamptz, s.note
FROM made CROSS JOIN (VALUES
  ('handling', 'handled', 'alice', '2025-03-13 15:00+08', '清理完毕'),
  ('checking', 'closed', 'dan', '2025-03-15 09:00+08', '现场复查属实')) AS s (before, after, who, at, note)
JOIN app.account AS a ON a.username = s.who;
INSERT INTO app.round_excuse (patrol_round_id, reason, asked_by, asked_at, decided_by, decided_at, decision)
SELECT %(excused)s, '暴雨红色预警', p.account_id, '2025-03-10 15:00+08', d.account_id, '2025-03-10 15:30+08', 'granted'
FROM app.account AS p JOIN app.account AS d ON d.username = 'dan' WHERE p.username = 'pat';
INSERT INTO app.quarantine (account_id, received_at, payload, payload_sha256, code, state, repaired, settled_at,
  settled_by)
SELECT p.account_id, '2025-03-10 13:00+08', jsonb_build_object('round_id', %(walked)s, 'secret', 'where somebody was'),
       sha256('payload'), 'bad-time', 'repaired', jsonb_build_object('round_id', %(walked)s), '2025-03-12 09:00+08',
       d.account_id
FROM app.account AS p JOIN app.account AS d ON d.username = 'adam' WHERE p.username = 'pat'
"""


@dataclass(frozen=True)
class Rounds:
    """Numbers of the rounds of the month, and of the incident of the violation."""

    walked: int
    excused: int
    done: int
    april: int
    withdrawn: int
    incident: int


def build(world: World) -> Rounds:
    """Fill March 2025 in."""
    walked, excused, done, april, withdrawn = (number for (number,) in world.ask(_ROUNDS))
    values = {"walked": walked, "excused": excused, "done": done, "note": NOTE, "logged": LOGGED,
              "looked": LOOKED, "photo": PHOTO, "phone": PHONE}  # fmt: skip
    rows(world.url, _WALKED, values)
    [(incident,)] = world.ask(
        "SELECT incident_id FROM app.incident WHERE patrol_point_client_id = %s", LOGGED
    )
    return Rounds(walked, excused, done, april, withdrawn, incident)
