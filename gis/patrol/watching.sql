-- name: live_rounds
-- Of today, and those of the night before that are still open or ended within the hour: none goes off the
-- board at midnight. What wants somebody comes first. One that is overdue has a place, its first check point: nobody is
-- on the way yet.
SELECT r.patrol_round_id, p.name AS plan_name, l.name_zh AS parcel_name, r.patrol_plan_id IS NOT NULL AS is_planned,
       r.number, t.name_zh AS team_name, c.name_zh AS community_zh, c.name_en AS community_en, r.planned_from,
       r.planned_to, r.started_at, r.paused_at, s.state, n.points, n.visited, ST_X(first_point.geom) AS lon,
       ST_Y(first_point.geom) AS lat
FROM app.patrol_round AS r
LEFT JOIN app.patrol_plan AS p USING (patrol_plan_id)
LEFT JOIN app.team AS t ON t.team_id = r.team_id
LEFT JOIN app.parcel AS l ON l.parcel_id = r.parcel_id
LEFT JOIN app.community AS c ON c.community_id = r.community_id
CROSS JOIN LATERAL (
  SELECT app.round_state(r.state, r.planned_from, r.planned_to, r.overdue_after_min, now()) AS state) AS s
CROSS JOIN LATERAL (
  SELECT count(*) AS points, count(visited_at) AS visited
  FROM app.patrol_round_point AS q WHERE q.patrol_round_id = r.patrol_round_id) AS n
LEFT JOIN LATERAL (
  SELECT k.geom FROM app.patrol_round_point AS q JOIN app.check_point AS k USING (check_point_id)
  WHERE q.patrol_round_id = r.patrol_round_id ORDER BY q.position LIMIT 1) AS first_point ON s.state = 'overdue'
WHERE (r.on_date = app.today()
       OR r.planned_from < now() AND r.planned_to > now() - interval '1 hour'
       OR r.state IN ('planned', 'started', 'paused') AND r.planned_to > now() - interval '2 days'
          AND s.state IN ('overdue', 'started', 'paused'))
  AND r.state <> 'withdrawn'
  AND (:community::text IS NULL OR c.code = :community::text)
  AND (:team::text IS NULL OR t.code = :team::text)
  AND (:state::text IS NULL OR s.state = :state::text)
ORDER BY array_position(ARRAY['overdue', 'started', 'paused', 'ready', 'planned', 'missed', 'partly_done', 'done',
                              'excused'], s.state), r.planned_from, t.code, r.number, r.patrol_round_id
LIMIT :most;

-- name: live_people
-- Who told anything of these rounds, since when, and where they are as far as the reader is shown it.
SELECT w.patrol_round_id, w.account_id, coalesce(a.full_name, v.full_name) AS full_name, w.since, v.at, v.lon, v.lat,
       v.accuracy_m, v.source, v.grade
FROM (SELECT e.patrol_round_id, e.account_id, min(e.at) AS since FROM app.round_event AS e
      WHERE e.patrol_round_id = ANY (:round_ids) GROUP BY e.patrol_round_id, e.account_id) AS w
LEFT JOIN app.account AS a ON a.account_id = w.account_id
LEFT JOIN app.live_positions(:round_ids) AS v
  ON v.patrol_round_id = w.patrol_round_id AND v.account_id = w.account_id
ORDER BY w.patrol_round_id, w.since, w.account_id;

-- name: live_findings
-- A round lasts a day and may be sent the day after.
SELECT p.patrol_round_id, i.incident_id, k.name_zh AS kind_zh, k.name_en AS kind_en
FROM app.incident AS i
JOIN app.patrol_point AS p ON p.client_id = i.patrol_point_client_id
JOIN app.violation_kind AS k ON k.code = i.violation
WHERE i.violation IS NOT NULL AND i.occurred_at >= now() - interval '3 days'
  AND p.patrol_round_id = ANY (:round_ids)
ORDER BY p.patrol_round_id, i.incident_id;

-- name: communities
SELECT code, name_zh, name_en FROM app.community WHERE valid_to IS NULL ORDER BY code;

-- name: teams
SELECT code, name_zh FROM app.team ORDER BY code;
