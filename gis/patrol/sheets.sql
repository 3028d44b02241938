-- name: today$
SELECT app.today();

-- name: teams
SELECT team_id, code, name_zh FROM app.team ORDER BY code;

-- name: team^
SELECT team_id, code, name_zh FROM app.team WHERE team_id = :team_id;

-- name: parcel^
SELECT p.parcel_id, p.code, p.name_zh, v.name_zh AS level_zh, v.name_en AS level_en, m.name_zh AS community_zh,
       m.name_en AS community_en, ST_AsGeoJSON(p.geom, 6)::json AS geometry
FROM app.parcel AS p
JOIN app.patrol_level AS v ON v.code = p.level
LEFT JOIN app.community AS m ON m.community_id = p.community_id
WHERE p.parcel_id = :parcel_id;

-- name: rounds_of_day
-- Rounds of a team, or those that name a parcel or a check point on it.
SELECT r.patrol_round_id, p.name AS plan_name, r.team_id, t.name_zh AS team_name, r.parcel_id,
       l.name_zh AS parcel_name, r.number, r.patrol_plan_id, r.planned_from, r.planned_to, r.started_at, r.ended_at,
       app.round_state(r.state, r.planned_from, r.planned_to, r.overdue_after_min, now()) AS state
FROM app.patrol_round AS r
LEFT JOIN app.patrol_plan AS p USING (patrol_plan_id)
LEFT JOIN app.team AS t ON t.team_id = r.team_id
LEFT JOIN app.parcel AS l ON l.parcel_id = r.parcel_id
WHERE r.on_date = :day AND r.state <> 'withdrawn'
  AND (:team_id::integer IS NULL OR r.team_id = :team_id)
  AND (:parcel_id::integer IS NULL OR r.parcel_id = :parcel_id OR EXISTS (
    SELECT FROM app.patrol_round_point AS q JOIN app.check_point AS c USING (check_point_id)
    WHERE q.patrol_round_id = r.patrol_round_id AND c.parcel_id = :parcel_id))
ORDER BY r.planned_from, t.code, r.number, r.patrol_round_id
LIMIT :most;

-- name: points_of
-- Check points of rounds; of a parcel's sheet those on the parcel.
SELECT q.patrol_round_id, q.position, q.check_point_id, q.dwell_s, q.visited_at, q.dwell_s_done, q.visited_by, q.grade,
       c.code, c.name_zh, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat
FROM app.patrol_round_point AS q
LEFT JOIN app.check_point AS c USING (check_point_id)
WHERE q.patrol_round_id = ANY (:round_ids::integer[])
  AND (:parcel_id::integer IS NULL OR c.parcel_id = :parcel_id)
ORDER BY q.patrol_round_id, q.position;

-- name: excuses_of
SELECT patrol_round_id, reason, asked_at, decided_at, decision
FROM app.round_excuse
WHERE patrol_round_id = ANY (:round_ids::integer[])
ORDER BY round_excuse_id;

-- name: findings_of_day
-- Violations that a team, or anybody on a parcel, logged; with the state of the incident where the reader sees it.
SELECT p.at, k.name_zh AS kind_zh, k.name_en AS kind_en, p.note, p.grade, p.patrol_round_id, l.name_zh AS parcel_name,
       t.name_zh AS team_name, i.incident_id, i.state
FROM app.patrol_point AS p
JOIN app.violation_kind AS k ON k.code = p.kind AND k.is_violation
LEFT JOIN app.parcel AS l ON l.parcel_id = p.parcel_id
LEFT JOIN app.team AS t ON t.team_id = p.team_id
LEFT JOIN app.incident AS i ON i.patrol_point_client_id = p.client_id
WHERE p.at >= :day::date::timestamp AT TIME ZONE 'Asia/Shanghai'
  AND p.at < (:day::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
  AND (:team_id::integer IS NULL OR p.team_id = :team_id)
  AND (:parcel_id::integer IS NULL OR p.parcel_id = :parcel_id)
ORDER BY p.at, p.patrol_point_id
LIMIT :most;

-- name: walked
SELECT on_date, walker, patrol_round_id, tracks, untimed, metres, minutes, round_tracks, round_untimed, round_m,
       round_minutes, inside_m, inside_minutes
FROM app.walked(:team_id, :first, :last);

-- name: walked_by
SELECT account_id, full_name, tracks, untimed, metres, minutes, inside_m, inside_minutes
FROM app.walked_by(:team_id, :day);

-- name: walked_on
SELECT w.team_id, t.name_zh AS team_name, w.patrol_round_id, w.people, w.tracks, w.untimed, w.metres, w.minutes
FROM app.walked_on(:parcel_id, :day) AS w
LEFT JOIN app.team AS t ON t.team_id = w.team_id
ORDER BY t.code, w.patrol_round_id;

-- name: rules
SELECT first_day, last_day, least_m, least_minutes, least_days, name_zh, name_en FROM app.season ORDER BY code;

-- name: holidays
SELECT on_date, kind, name_zh, name_en FROM app.holiday WHERE on_date BETWEEN :first AND :last ORDER BY on_date;

-- name: round_counts
SELECT r.on_date, app.round_state(r.state, r.planned_from, r.planned_to, r.overdue_after_min, now()) AS state,
       count(*) AS rounds, coalesce(sum(n.points), 0)::integer AS points, coalesce(sum(n.visited), 0)::integer AS visited
FROM app.patrol_round AS r
CROSS JOIN LATERAL (
  SELECT count(*) AS points, count(q.visited_at) AS visited
  FROM app.patrol_round_point AS q WHERE q.patrol_round_id = r.patrol_round_id) AS n
WHERE r.on_date BETWEEN :first AND :last AND r.state <> 'withdrawn'
  AND (:team_id::integer IS NULL OR r.team_id = :team_id)
GROUP BY 1, 2
ORDER BY 1, 2;

-- name: finding_counts
SELECT (p.at AT TIME ZONE 'Asia/Shanghai')::date AS on_date, count(*) AS findings
FROM app.patrol_point AS p
JOIN app.violation_kind AS k ON k.code = p.kind AND k.is_violation
WHERE p.at >= :first::date::timestamp AT TIME ZONE 'Asia/Shanghai'
  AND p.at < (:last::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
  AND p.team_id = :team_id
GROUP BY 1;

-- name: sites
-- Parcels the team patrolled in a month, and how many of its rounds saw at least one of their check points.
SELECT p.parcel_id, p.code, p.name_zh, v.name_zh AS level_zh, v.name_en AS level_en, v.visits_a_month AS wanted,
       (SELECT count(*) FROM app.check_point AS c WHERE c.parcel_id = p.parcel_id) AS points,
       (SELECT count(DISTINCT r.patrol_round_id)
        FROM app.check_point AS c
        JOIN app.patrol_round_point AS q USING (check_point_id)
        JOIN app.patrol_round AS r USING (patrol_round_id)
        WHERE c.parcel_id = p.parcel_id AND q.visited_at IS NOT NULL AND r.team_id = :team_id
          AND r.on_date BETWEEN :first AND :last AND r.state <> 'withdrawn') AS visits
FROM app.parcel AS p
JOIN app.patrol_level AS v ON v.code = p.level
WHERE EXISTS (
  SELECT FROM app.team_area AS a
  WHERE a.team_id = :team_id AND (a.community_id = p.community_id OR a.parcel_id = p.parcel_id)
    AND a.valid_from <= :last AND coalesce(a.valid_to, 'infinity') >= :first)
ORDER BY v.rank, p.code
LIMIT :most;

-- name: parcels_of_day
-- Parcels that rounds of a day name, themselves or by their check points.
SELECT p.parcel_id, p.code, p.name_zh
FROM app.parcel AS p
WHERE p.parcel_id IN (
  SELECT r.parcel_id FROM app.patrol_round AS r WHERE r.on_date = :day AND r.state <> 'withdrawn'
  UNION
  SELECT c.parcel_id
  FROM app.patrol_round AS r
  JOIN app.patrol_round_point AS q USING (patrol_round_id)
  JOIN app.check_point AS c USING (check_point_id)
  WHERE r.on_date = :day AND r.state <> 'withdrawn')
ORDER BY p.code
LIMIT :most;
