-- name: violations
SELECT code, name_zh, name_en FROM app.violation_kind WHERE is_violation ORDER BY code;

-- name: insert_findings
-- Place and parcel are those the point was stored with. A time that cannot be true counts for nothing.
INSERT INTO app.incident (client_id, category, source, description, occurred_at, due_at, reporter_id, cell_id,
  community_id, geom, violation, parcel_id, patrol_point_client_id)
SELECT n.incident, k.category, 'patrol', n.description, f.found_at,
       coalesce(rule.due_at, now() + c.time_limit_hours * interval '1 hour'), app.account_id(), p.cell_id,
       p.community_id, p.geom, p.kind, p.parcel_id, p.client_id
FROM unnest(:points::uuid[], :incidents::uuid[], :descriptions::text[]) AS n (point, incident, description)
JOIN app.patrol_point AS p ON p.client_id = n.point
JOIN app.violation_kind AS k ON k.code = p.kind
JOIN app.incident_category AS c ON c.code = k.category
CROSS JOIN LATERAL (
  SELECT CASE WHEN p.at BETWEEN p.received_at - interval '30 days' AND p.received_at THEN p.at
              ELSE p.received_at END AS found_at) AS f
LEFT JOIN LATERAL (
  SELECT max(app.deadline_of(f.found_at, r.days, r.in_working_days)) AS due_at
  FROM app.finding_rule AS r
  WHERE r.kind = p.kind
    AND (f.found_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN r.valid_from AND coalesce(r.valid_to, 'infinity')
) AS rule ON true
ON CONFLICT DO NOTHING
RETURNING incident_id, client_id, patrol_point_client_id;

-- name: insert_deadlines!
INSERT INTO app.finding_deadline (incident_id, step, found_at, days, in_working_days, due_at)
SELECT i.incident_id, r.step, i.occurred_at, r.days, r.in_working_days,
       app.deadline_of(i.occurred_at, r.days, r.in_working_days)
FROM app.incident AS i
JOIN app.finding_rule AS r ON r.kind = i.violation
 AND (i.occurred_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN r.valid_from AND coalesce(r.valid_to, 'infinity')
WHERE i.incident_id = ANY (:incident_ids::integer[]);

-- name: findings
-- What is due next comes first; what has nothing running any more comes last, the latest first. The page is cut before
-- names are looked up.
WITH page AS (
  SELECT i.incident_id, n.due_at
  FROM app.incident AS i
  LEFT JOIN LATERAL (
    SELECT min(d.due_at) AS due_at FROM app.finding_deadline AS d
    WHERE d.incident_id = i.incident_id AND d.done_at IS NULL AND i.is_open
  ) AS n ON true
  WHERE i.violation IS NOT NULL
    AND (:is_open::boolean IS NULL OR i.is_open = :is_open::boolean)
    AND (:kind::text IS NULL OR i.violation = :kind::text)
    AND (:community::text IS NULL OR i.community_id IN (
      SELECT m.community_id FROM app.community AS m WHERE m.code = :community::text))
    AND (:team::text IS NULL OR EXISTS (
      SELECT FROM app.team_area AS a JOIN app.team AS t USING (team_id)
      WHERE t.code = :team::text AND (a.community_id = i.community_id OR a.parcel_id = i.parcel_id)
        AND app.today() BETWEEN a.valid_from AND coalesce(a.valid_to, 'infinity')))
  ORDER BY n.due_at NULLS LAST, i.occurred_at DESC, i.incident_id
  LIMIT :page_size OFFSET :skip
)
SELECT i.incident_id, i.violation, k.name_zh AS kind_zh, k.name_en AS kind_en, i.state, i.is_open, i.description,
       i.finder_kind, i.occurred_at, n.due_at AS next_due_at, p.code AS parcel_code, p.name_zh AS parcel_name, c.code AS cell_code,
       m.code AS community_code, m.name_zh AS community_zh, m.name_en AS community_en, ST_X(i.geom) AS lon,
       ST_Y(i.geom) AS lat
FROM page AS n
JOIN app.incident AS i USING (incident_id)
JOIN app.violation_kind AS k ON k.code = i.violation
LEFT JOIN app.parcel AS p ON p.parcel_id = i.parcel_id
LEFT JOIN app.cell AS c ON c.cell_id = i.cell_id
LEFT JOIN app.community AS m ON m.community_id = i.community_id
ORDER BY n.due_at NULLS LAST, i.occurred_at DESC, i.incident_id;

-- name: clocks
-- How many steps of open findings stand where.
SELECT app.deadline_state(d.due_at, d.done_at, i.closed_at, (SELECT app.add_working_days(now(), 1))) AS clock,
       count(*) AS number
FROM app.finding_deadline AS d
JOIN app.incident AS i USING (incident_id)
WHERE i.is_open
GROUP BY 1;

-- name: deadlines
SELECT d.incident_id, d.step, d.due_at, d.days, d.in_working_days, d.done_at, d.note, a.full_name AS by,
       app.deadline_state(d.due_at, d.done_at, i.closed_at, (SELECT app.add_working_days(now(), 1))) AS clock
FROM app.finding_deadline AS d
JOIN app.incident AS i USING (incident_id)
LEFT JOIN app.account AS a ON a.account_id = d.done_by
WHERE d.incident_id = ANY (:incident_ids::integer[])
ORDER BY d.incident_id, d.due_at, array_position(ARRAY['stop_notice', 'correction', 'investigation'], d.step);

-- name: finding^
SELECT i.incident_id, i.violation, k.name_zh AS kind_zh, k.name_en AS kind_en, i.state, i.is_open, i.description,
       i.occurred_at, i.reported_at, i.due_at, i.closed_at, i.recheck_waiver, a.full_name AS found_by,
       i.finder_kind, r.name_zh AS finder_kind_zh, r.name_en AS finder_kind_en, i.finder_revised_at,
       p.code AS parcel_code, p.name_zh AS parcel_name, c.code AS cell_code, m.code AS community_code,
       m.name_zh AS community_zh, m.name_en AS community_en, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat,
       ST_AsGeoJSON(p.geom, 7)::json AS parcel_geometry,
       (SELECT max(s.at) FROM app.incident_step AS s
        WHERE s.incident_id = i.incident_id AND s.to_state = 'handled') AS handled_at,
       EXISTS (SELECT FROM app.incident_step AS s WHERE s.incident_id = i.incident_id AND s.to_state = 'handled'
               AND s.account_id = app.account_id()) AS is_handled_by_me
FROM app.incident AS i
JOIN app.violation_kind AS k ON k.code = i.violation
LEFT JOIN app.violation_kind AS r ON r.code = i.finder_kind
LEFT JOIN app.account AS a ON a.account_id = i.reporter_id
LEFT JOIN app.parcel AS p ON p.parcel_id = i.parcel_id
LEFT JOIN app.cell AS c ON c.cell_id = i.cell_id
LEFT JOIN app.community AS m ON m.community_id = i.community_id
WHERE i.incident_id = :incident_id;

-- name: recheck^
SELECT p.patrol_point_id, p.at, p.note, a.full_name AS by,
       ST_DistanceSphere(p.geom, i.geom) AS distance_m
FROM app.incident AS i
JOIN app.patrol_point AS p ON p.client_id = coalesce(i.recheck_client_id, app.recheck_of(i.incident_id))
LEFT JOIN app.account AS a ON a.account_id = p.account_id
WHERE i.incident_id = :incident_id AND i.state IN ('handled', 'checking', 'closed', 'archived');

-- name: rechecks
-- Findings said to be handled that nobody has seen to be gone, the longest waiting first.
SELECT i.incident_id, i.violation, k.name_zh AS violation_name_zh, k.name_en AS violation_name_en, i.description,
       i.occurred_at AS found_at, h.handled_at, p.code AS parcel_code, p.name_zh AS parcel_name_zh,
       ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat,
       i.reporter_id IS NOT DISTINCT FROM app.account_id()
         AND (i.occurred_at AT TIME ZONE 'Asia/Shanghai')::date = app.today() AS needs_another
FROM app.incident AS i
JOIN app.violation_kind AS k ON k.code = i.violation
LEFT JOIN app.parcel AS p ON p.parcel_id = i.parcel_id
CROSS JOIN LATERAL (
  SELECT max(s.at) AS handled_at FROM app.incident_step AS s
  WHERE s.incident_id = i.incident_id AND s.to_state = 'handled'
) AS h
WHERE i.state IN ('handled', 'checking') AND app.recheck_of(i.incident_id) IS NULL
ORDER BY h.handled_at, i.incident_id
LIMIT :page_size;

-- name: lock_finding^
SELECT is_open FROM app.incident WHERE incident_id = :incident_id AND violation IS NOT NULL FOR UPDATE;

-- name: tick_step!
UPDATE app.finding_deadline SET done_at = now(), done_by = app.account_id(), note = :note
WHERE incident_id = :incident_id AND step = :step AND done_at IS NULL;

-- name: communities
SELECT code, name_zh, name_en FROM app.community WHERE valid_to IS NULL ORDER BY code;

-- name: teams
SELECT code, name_zh FROM app.team ORDER BY code;
