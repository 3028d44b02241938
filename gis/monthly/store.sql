-- name: teams
-- All teams for who sees the district, else those the caller leads today.
SELECT t.team_id, t.code, t.name_zh
FROM app.team AS t
WHERE :sees_district OR EXISTS (
  SELECT FROM app.team_member AS m
  WHERE m.team_id = t.team_id AND m.account_id = app.account_id() AND m.is_leader
    AND app.today() BETWEEN m.valid_from AND coalesce(m.valid_to, 'infinity'))
ORDER BY t.code;

-- name: today$
SELECT app.today();

-- name: now$
SELECT now();

-- name: district^
SELECT code, name_zh, name_en FROM app.district WHERE valid_to IS NULL ORDER BY code LIMIT 1;

-- name: count_rounds$
SELECT count(*) FROM app.patrol_round AS r
WHERE r.on_date BETWEEN :first AND :last AND r.state <> 'withdrawn'
  AND (:team_id::integer IS NULL OR r.team_id = :team_id::integer);

-- name: figures
-- Rounds of a month by state, with what was logged on them.
WITH r AS (
  SELECT r.patrol_round_id,
         app.round_state(r.state, r.planned_from, r.planned_to, r.overdue_after_min, now()) AS state
  FROM app.patrol_round AS r
  WHERE r.on_date BETWEEN :first AND :last AND r.state <> 'withdrawn'
    AND (:team_id::integer IS NULL OR r.team_id = :team_id::integer))
SELECT r.state, count(*) AS rounds, sum(q.points)::bigint AS points, sum(q.visited)::bigint AS visited,
       sum(p.logged)::bigint AS logged, sum(p.findings)::bigint AS findings, sum(x.excuses)::bigint AS excuses
FROM r
CROSS JOIN LATERAL (
  SELECT count(*) AS points, count(q.visited_at) AS visited
  FROM app.patrol_round_point AS q WHERE q.patrol_round_id = r.patrol_round_id) AS q
CROSS JOIN LATERAL (
  SELECT count(*) AS logged, count(i.incident_id) AS findings
  FROM app.patrol_point AS p LEFT JOIN app.incident AS i ON i.patrol_point_client_id = p.client_id
  WHERE p.patrol_round_id = r.patrol_round_id) AS p
CROSS JOIN LATERAL (
  SELECT count(*) AS excuses FROM app.round_excuse AS x WHERE x.patrol_round_id = r.patrol_round_id) AS x
GROUP BY r.state;

-- name: people
SELECT account_id, full_name FROM app.account
UNION
SELECT account_id, full_name FROM app.led_people();

-- name: kinds
SELECT code, name_zh, name_en FROM app.violation_kind;

-- name: rounds
-- Without those their plan took back. What the round was planned as stands in the round; its plan may have changed.
SELECT r.patrol_round_id, r.on_date, r.number, t.code AS team_code, t.name_zh AS team_name, r.patrol_plan_id,
       p.name AS plan_name, p.changed_at AS plan_changed_at, s.code AS season, s.name_zh AS season_zh,
       s.name_en AS season_en, l.code AS parcel_code, l.name_zh AS parcel_name, r.planned_from, r.planned_to,
       r.overdue_after_min, r.is_ordered, r.started_at, r.ended_at,
       app.round_state(r.state, r.planned_from, r.planned_to, r.overdue_after_min, now()) AS state
FROM app.patrol_round AS r
LEFT JOIN app.patrol_plan AS p USING (patrol_plan_id)
LEFT JOIN app.season AS s USING (season_id)
LEFT JOIN app.team AS t ON t.team_id = r.team_id
LEFT JOIN app.parcel AS l ON l.parcel_id = r.parcel_id
WHERE r.on_date BETWEEN :first AND :last AND r.state <> 'withdrawn'
  AND (:team_id::integer IS NULL OR r.team_id = :team_id::integer)
ORDER BY r.on_date, t.code, r.planned_from, r.patrol_round_id;

-- name: points
SELECT q.patrol_round_id, q.position, c.code, c.name_zh AS name, q.radius_m, q.dwell_s, q.visited_at, q.dwell_s_done,
       q.visited_by, q.grade
FROM app.patrol_round_point AS q
LEFT JOIN app.check_point AS c USING (check_point_id)
WHERE q.patrol_round_id = ANY (:round_ids)
ORDER BY q.patrol_round_id, q.position;

-- name: entries
-- Events as they were told, visits among them; visits no phone told of; points logged on the round; their photos.
WITH told AS (
  SELECT e.*, q.visited_at,
         coalesce(q.visited_by = e.visited_by AND q.grade IS NOT DISTINCT FROM e.grade
                  AND q.record_id IS NOT DISTINCT FROM e.record_id
                  AND (e.visited_by <> 'pass' OR e.dwell_s >= q.dwell_s), false) AS is_alike
  FROM app.round_event AS e
  LEFT JOIN app.patrol_round_point AS q
    ON q.patrol_round_id = e.patrol_round_id AND q.check_point_id = e.check_point_id
  WHERE e.patrol_round_id = ANY (:round_ids)
), logged AS (
  SELECT p.* FROM app.patrol_point AS p WHERE p.patrol_round_id = ANY (:round_ids)
)
SELECT t.patrol_round_id, t.kind, coalesce(t.visited_by, '') AS what, t.at, t.device_at, t.clock_offset_s::bigint,
       t.received_at, t.account_id, t.device_id::text AS device, c.code AS place_code, c.name_zh AS place_name,
       t.dwell_s AS stay_s,
       CASE WHEN t.kind = 'visit' THEN
         t.is_alike AND row_number() OVER (PARTITION BY t.patrol_round_id, t.check_point_id, t.is_alike
                                           ORDER BY (t.at = t.visited_at) DESC, t.at, t.client_id) = 1
       END AS counts,
       t.grade, NULL::real AS accuracy_m, NULL::double precision AS lon, NULL::double precision AS lat, '' AS note,
       t.sequence, NULL::integer AS revision, t.record_id::text AS of_record,
       encode(t.content_sha256, 'hex') AS sha256, t.client_id::text AS client_id
FROM told AS t LEFT JOIN app.check_point AS c USING (check_point_id)
UNION ALL
SELECT q.patrol_round_id, 'visit', q.visited_by, q.visited_at, NULL, NULL, NULL, NULL, NULL, c.code, c.name_zh,
       q.dwell_s_done, true, q.grade, NULL, NULL, NULL, '', NULL, NULL, q.record_id::text, NULL, NULL
FROM app.patrol_round_point AS q LEFT JOIN app.check_point AS c USING (check_point_id)
WHERE q.patrol_round_id = ANY (:round_ids) AND q.visited_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM told AS t
                  WHERE t.patrol_round_id = q.patrol_round_id AND t.check_point_id = q.check_point_id)
UNION ALL
SELECT p.patrol_round_id, 'point', p.kind, p.at, p.device_at, p.clock_offset_s, p.received_at, p.account_id,
       p.device_id::text, coalesce(c.code, l.code), coalesce(c.name_zh, l.name_zh), NULL, NULL, p.grade, p.accuracy_m,
       ST_X(p.geom), ST_Y(p.geom), p.note, p.sequence, p.revision, NULL, encode(p.content_sha256, 'hex'),
       p.client_id::text
FROM logged AS p
LEFT JOIN app.check_point AS c USING (check_point_id)
LEFT JOIN app.parcel AS l ON l.parcel_id = p.parcel_id
UNION ALL
SELECT p.patrol_round_id, 'photo', f.media_type, f.taken_at, f.taken_at, NULL, f.completed_at, f.account_id, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, f.lon, f.lat, '', NULL, NULL, p.client_id::text, encode(f.sha256, 'hex'),
       f.client_id::text
FROM logged AS p JOIN app.photo AS f ON f.record_id = p.client_id AND f.state = 'complete'
ORDER BY 1, 4, 2, 23;

-- name: findings
SELECT p.patrol_round_id, i.incident_id, i.violation, i.occurred_at, i.description
FROM app.patrol_point AS p
JOIN app.incident AS i ON i.patrol_point_client_id = p.client_id
WHERE p.patrol_round_id = ANY (:round_ids)
ORDER BY p.patrol_round_id, i.incident_id;

-- name: refused
-- Records that named one of these rounds and were refused, with what became of them.
SELECT patrol_round_id, quarantine_id, state, code, reason, received_at, settled_at, settled_by
FROM app.round_refusals(:round_ids)
ORDER BY patrol_round_id, quarantine_id;

-- name: corrections
-- Where a step of the legal clock stands is told without the present moment, so that a later export says the same.
WITH found AS (
  SELECT p.patrol_round_id, i.incident_id, i.closed_at
  FROM app.patrol_point AS p JOIN app.incident AS i ON i.patrol_point_client_id = p.client_id
  WHERE p.patrol_round_id = ANY (:round_ids)
)
SELECT x.patrol_round_id, 'excuse' AS kind, x.round_excuse_id::text AS reference, '' AS what,
       x.asked_by AS account_id, x.asked_at AS at, NULL::timestamptz AS due_at,
       coalesce(x.decision, 'open') AS outcome, x.reason AS note
FROM app.round_excuse AS x WHERE x.patrol_round_id = ANY (:round_ids)
UNION ALL
SELECT f.patrol_round_id, 'legal_step', f.incident_id::text, d.step, d.done_by, d.done_at, d.due_at,
       CASE WHEN d.done_at <= d.due_at THEN 'done' WHEN d.done_at IS NOT NULL THEN 'done_late'
            WHEN f.closed_at IS NOT NULL THEN 'stopped' ELSE 'open' END, d.note
FROM found AS f JOIN app.finding_deadline AS d USING (incident_id)
UNION ALL
SELECT f.patrol_round_id, 'handling', f.incident_id::text, s.to_state, s.account_id, s.at, NULL, '', s.note
FROM found AS f JOIN app.incident_step AS s USING (incident_id) WHERE s.to_state IN ('handled', 'rework')
UNION ALL
SELECT p.patrol_round_id, 'revision', p.client_id::text, p.revision::text, p.account_id, p.received_at, NULL, '', ''
FROM app.patrol_point AS p WHERE p.patrol_round_id = ANY (:round_ids) AND p.revision > 1
ORDER BY 1, 2, 3, 7, 6, 4;

-- name: verifications
-- Who judged an excuse, looked again on site, closed a case or said why nobody could look.
WITH found AS (
  SELECT p.patrol_round_id, i.incident_id, i.reporter_id, i.occurred_at, i.recheck_client_id, i.recheck_waiver
  FROM app.patrol_point AS p JOIN app.incident AS i ON i.patrol_point_client_id = p.client_id
  WHERE p.patrol_round_id = ANY (:round_ids)
)
SELECT x.patrol_round_id, 'excuse' AS kind, x.round_excuse_id::text AS reference, x.decision AS outcome,
       x.decided_by AS account_id, x.decided_at AS at, 'another_person' AS independence, NULL::text AS client_id,
       '' AS note
FROM app.round_excuse AS x WHERE x.patrol_round_id = ANY (:round_ids) AND x.decision IS NOT NULL
UNION ALL
SELECT f.patrol_round_id, 'recheck', f.incident_id::text, 'gone', p.account_id, p.at,
       CASE WHEN p.account_id IS DISTINCT FROM f.reporter_id THEN 'another_person' ELSE 'another_day' END,
       p.client_id::text, p.note
FROM found AS f JOIN app.patrol_point AS p ON p.client_id = f.recheck_client_id
UNION ALL
SELECT f.patrol_round_id, 'closing', f.incident_id::text,
       CASE WHEN s.to_state = 'closed' AND f.recheck_waiver IS NOT NULL THEN 'unreached' ELSE s.to_state END,
       s.account_id, s.at, '', NULL, s.note
FROM found AS f JOIN app.incident_step AS s USING (incident_id)
WHERE s.to_state IN ('closed', 'rejected', 'voided')
ORDER BY 1, 2, 3, 6, 4;
