-- name: rounds_between
-- Rounds of own teams, or of all teams for who sees them all; without those their plan took back.
SELECT r.patrol_round_id, r.patrol_plan_id, p.name AS plan_name, r.team_id, t.name_zh AS team_name, r.parcel_id,
       l.name_zh AS parcel_name, r.on_date, r.number, r.planned_from, r.planned_to, r.is_ordered, r.overdue_after_min,
       r.started_at, r.paused_at, r.ended_at,
       app.round_state(r.state, r.planned_from, r.planned_to, r.overdue_after_min, now()) AS state,
       n.points, n.visited
FROM app.patrol_round AS r
LEFT JOIN app.patrol_plan AS p USING (patrol_plan_id)
LEFT JOIN app.team AS t ON t.team_id = r.team_id
LEFT JOIN app.parcel AS l ON l.parcel_id = r.parcel_id
CROSS JOIN LATERAL (
  SELECT count(*) AS points, count(visited_at) AS visited
  FROM app.patrol_round_point AS q WHERE q.patrol_round_id = r.patrol_round_id) AS n
WHERE r.on_date BETWEEN :first AND :last AND r.state <> 'withdrawn'
ORDER BY r.planned_from, t.code, r.number, r.patrol_round_id
LIMIT :most;

-- name: today$
SELECT app.today();

-- name: own_rounds
-- Of today and tomorrow.
SELECT r.patrol_round_id, r.patrol_plan_id, p.name AS plan_name, r.team_id, r.parcel_id, r.on_date, r.number,
       r.planned_from, r.planned_to, r.is_ordered, r.overdue_after_min, r.started_at, r.paused_at, r.ended_at,
       app.round_state(r.state, r.planned_from, r.planned_to, r.overdue_after_min, now()) AS state
FROM app.patrol_round AS r
LEFT JOIN app.patrol_plan AS p USING (patrol_plan_id)
WHERE r.on_date BETWEEN app.today() AND app.today() + 1 AND r.state <> 'withdrawn'
  AND r.team_id = ANY ((SELECT app.my_teams())::integer[])
ORDER BY r.planned_from, r.patrol_round_id
LIMIT :most;

-- name: round_by_id^
SELECT r.patrol_round_id, r.patrol_plan_id, p.name AS plan_name, r.team_id, t.name_zh AS team_name, r.parcel_id,
       l.name_zh AS parcel_name, r.on_date, r.number, r.planned_from, r.planned_to, r.is_ordered,
       r.started_at, r.paused_at, r.ended_at,
       app.round_state(r.state, r.planned_from, r.planned_to, r.overdue_after_min, now()) AS state
FROM app.patrol_round AS r
LEFT JOIN app.patrol_plan AS p USING (patrol_plan_id)
LEFT JOIN app.team AS t ON t.team_id = r.team_id
LEFT JOIN app.parcel AS l ON l.parcel_id = r.parcel_id
WHERE r.patrol_round_id = :round_id AND r.state <> 'withdrawn';

-- name: points_of
SELECT q.patrol_round_id, q.position, q.check_point_id, q.radius_m, q.dwell_s, q.visited_at, q.dwell_s_done,
       q.visited_by, q.grade, c.code, c.name_zh, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat
FROM app.patrol_round_point AS q
LEFT JOIN app.check_point AS c USING (check_point_id)
WHERE q.patrol_round_id = ANY (:round_ids)
ORDER BY q.patrol_round_id, q.position;

-- name: check_points_of
SELECT c.check_point_id, c.code, c.name_zh, c.parcel_id, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat,
       left(encode(c.qr_sha256, 'hex'), 16) AS qr_sha256
FROM app.check_point AS c
WHERE c.check_point_id = ANY (:check_point_ids)
ORDER BY c.check_point_id;

-- name: parcels_of
-- Parcels of the rounds and of their check points.
SELECT p.parcel_id, p.code, p.name_zh, p.level, ST_AsGeoJSON(p.geom, 6) AS geometry
FROM app.parcel AS p
WHERE p.parcel_id = ANY (:parcel_ids)
ORDER BY p.parcel_id;

-- name: lock_round^
-- Also one its plan took back: a phone that had no network may have walked it.
SELECT patrol_round_id, now() AS received_at FROM app.patrol_round WHERE patrol_round_id = :round_id FOR UPDATE;

-- name: sees_round$
SELECT EXISTS (SELECT FROM app.patrol_round WHERE patrol_round_id = :round_id);

-- name: insert_events
INSERT INTO app.round_event (client_id, content_sha256, patrol_round_id, account_id, device_id, kind, device_at,
  clock_offset_s, at, sequence, check_point_id, visited_by, dwell_s, record_id, grade)
SELECT e.client_id, e.content_sha256, :round_id, app.account_id(), e.device_id, e.kind, e.device_at, e.clock_offset_s,
       e.at, e.sequence, e.check_point_id, e.visited_by, e.dwell_s, e.record_id, e.grade
FROM unnest(:client_ids::uuid[], :hashes::bytea[], :device_ids::uuid[], :kinds::text[], :device_ats::timestamptz[],
            :offsets::bigint[], :ats::timestamptz[], :sequences::integer[], :check_points::integer[], :ways::text[],
            :dwells::integer[], :records::uuid[], :grades::text[])
  AS e (client_id, content_sha256, device_id, kind, device_at, clock_offset_s, at, sequence, check_point_id,
        visited_by, dwell_s, record_id, grade)
ON CONFLICT (client_id) DO NOTHING
RETURNING client_id::text AS client_id;

-- name: existing_events
SELECT client_id::text AS client_id, content_sha256, patrol_round_id
FROM app.round_event WHERE client_id = ANY (:client_ids::uuid[]);

-- name: points_by_code
-- The check points some codes stand at, or stood at until they were replaced: their hashes are compared, the codes
-- themselves are not granted.
WITH said AS MATERIALIZED (
  SELECT token, sha256(convert_to(token, 'UTF8')) AS sha256 FROM unnest(:tokens::text[]) AS t (token))
SELECT s.token, c.check_point_id, NULL::timestamptz AS stood_until
FROM said AS s JOIN app.check_point AS c ON c.qr_sha256 = s.sha256
UNION ALL
SELECT s.token, c.check_point_id, c.qr_replaced_at
FROM said AS s JOIN app.check_point AS c ON c.qr_sha256_before = s.sha256;

-- name: known_check_points
SELECT check_point_id FROM app.check_point WHERE check_point_id = ANY (:check_point_ids);

-- name: events_of
SELECT kind, at, sequence, account_id, device_id, check_point_id, visited_by, dwell_s, record_id, grade
FROM app.round_event WHERE patrol_round_id = :round_id;

-- name: planned_points
SELECT check_point_id, dwell_s FROM app.patrol_round_point WHERE patrol_round_id = :round_id ORDER BY position;

-- name: has_excuse$
SELECT EXISTS (SELECT FROM app.round_excuse WHERE patrol_round_id = :round_id AND decision = 'granted');

-- name: write_course!
UPDATE app.patrol_round
SET state = :state, started_at = :started_at, paused_at = :paused_at, ended_at = :ended_at
WHERE patrol_round_id = :round_id
  AND (state, started_at, paused_at, ended_at)
      IS DISTINCT FROM (:state, :started_at::timestamptz, :paused_at::timestamptz, :ended_at::timestamptz);

-- name: write_visits!
UPDATE app.patrol_round_point AS q
SET visited_at = v.visited_at, dwell_s_done = v.dwell_s_done, visited_by = v.visited_by, record_id = v.record_id,
    grade = v.grade
FROM unnest(:check_points::integer[], :ats::timestamptz[], :dwells::integer[], :ways::text[], :records::uuid[],
            :grades::text[]) AS v (check_point_id, visited_at, dwell_s_done, visited_by, record_id, grade)
WHERE q.patrol_round_id = :round_id AND q.check_point_id = v.check_point_id
  AND (q.visited_at, q.dwell_s_done, q.visited_by, q.record_id, q.grade)
      IS DISTINCT FROM (v.visited_at, v.dwell_s_done, v.visited_by, v.record_id, v.grade);

-- name: excuses_of
SELECT x.round_excuse_id, x.patrol_round_id, x.reason, x.asked_at, x.decided_at, x.decision,
       x.asked_by = app.account_id() AS is_mine, a.full_name AS asked_by_name, d.full_name AS decided_by_name
FROM app.round_excuse AS x
LEFT JOIN app.account AS a ON a.account_id = x.asked_by
LEFT JOIN app.account AS d ON d.account_id = x.decided_by
WHERE x.patrol_round_id = :round_id
ORDER BY x.round_excuse_id;

-- name: insert_excuse$
INSERT INTO app.round_excuse (patrol_round_id, reason, asked_by)
VALUES (:round_id, :reason, app.account_id())
RETURNING round_excuse_id;

-- name: lock_excuse^
SELECT x.round_excuse_id, x.patrol_round_id, x.asked_by, x.decision
FROM app.round_excuse AS x WHERE x.round_excuse_id = :excuse_id FOR UPDATE;

-- name: decide_excuse!
UPDATE app.round_excuse SET decided_by = app.account_id(), decided_at = now(), decision = :decision
WHERE round_excuse_id = :excuse_id;

-- name: write_excused!
-- What was done stays done.
UPDATE app.patrol_round
SET state = 'excused'
WHERE patrol_round_id = :round_id
  AND app.round_state(state, planned_from, planned_to, overdue_after_min, now())
      IN ('planned', 'ready', 'overdue', 'missed', 'partly_done');

-- name: rounds_with_open_excuse
SELECT patrol_round_id FROM app.round_excuse
WHERE decision IS NULL AND patrol_round_id = ANY (:round_ids);
