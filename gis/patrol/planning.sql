-- name: plans
SELECT p.patrol_plan_id, p.name, p.team_id, t.name_zh AS team_name, p.parcel_id, l.name_zh AS parcel_name,
       s.name_zh AS season_zh, s.name_en AS season_en, p.is_ordered, p.weekdays, p.rounds, p.per, p.window_starts,
       p.window_ends, p.valid_from, p.valid_to, p.is_active,
       (SELECT count(*) FROM app.patrol_plan_point AS q WHERE q.patrol_plan_id = p.patrol_plan_id) AS points,
       (SELECT min(r.planned_from) FROM app.patrol_round AS r
        WHERE r.patrol_plan_id = p.patrol_plan_id AND r.state = 'planned' AND r.planned_from > now()) AS next_round_at
FROM app.patrol_plan AS p
JOIN app.team AS t USING (team_id)
LEFT JOIN app.parcel AS l ON l.parcel_id = p.parcel_id
LEFT JOIN app.season AS s USING (season_id)
ORDER BY p.is_active DESC, t.code, p.name, p.patrol_plan_id
LIMIT :most;

-- name: rhythms
-- What generation needs of one plan or of all.
SELECT p.patrol_plan_id, p.weekdays, p.rounds, p.per, p.window_starts, p.window_ends, p.valid_from, p.valid_to,
       p.is_active, s.first_day, s.last_day
FROM app.patrol_plan AS p
LEFT JOIN app.season AS s USING (season_id)
WHERE :plan_id::integer IS NULL OR p.patrol_plan_id = :plan_id
ORDER BY p.patrol_plan_id;

-- name: plan^
SELECT p.patrol_plan_id, p.name, p.team_id, p.parcel_id, p.season_id, p.is_ordered, p.weekdays, p.rounds, p.per,
       p.window_starts, p.window_ends, p.overdue_after_min, p.valid_from, p.valid_to, p.is_active
FROM app.patrol_plan AS p WHERE p.patrol_plan_id = :plan_id;

-- name: lock_plan^
SELECT p.patrol_plan_id FROM app.patrol_plan AS p WHERE p.patrol_plan_id = :plan_id FOR UPDATE;

-- name: points_of_plan
SELECT check_point_id FROM app.patrol_plan_point WHERE patrol_plan_id = :plan_id ORDER BY position;

-- name: insert_plan$
INSERT INTO app.patrol_plan (name, team_id, parcel_id, season_id, is_ordered, weekdays, rounds, per, window_starts,
  window_ends, overdue_after_min, valid_from, valid_to, is_active, created_by)
VALUES (:name, :team_id, :parcel_id, :season_id, :is_ordered, :weekdays::smallint[], :rounds, :per,
        :window_starts::time[], :window_ends::time[], :overdue_after_min, :valid_from, :valid_to, :is_active,
        app.account_id())
RETURNING patrol_plan_id;

-- name: update_plan!
UPDATE app.patrol_plan
SET name = :name, team_id = :team_id, parcel_id = :parcel_id, season_id = :season_id, is_ordered = :is_ordered,
    weekdays = :weekdays::smallint[], rounds = :rounds, per = :per, window_starts = :window_starts::time[],
    window_ends = :window_ends::time[], overdue_after_min = :overdue_after_min, valid_from = :valid_from,
    valid_to = :valid_to, is_active = :is_active, changed_at = now()
WHERE patrol_plan_id = :plan_id;

-- name: delete_plan_points!
DELETE FROM app.patrol_plan_point WHERE patrol_plan_id = :plan_id;

-- name: insert_plan_points!
INSERT INTO app.patrol_plan_point (patrol_plan_id, position, check_point_id)
SELECT :plan_id, c.position, c.check_point_id
FROM unnest(:check_points::integer[]) WITH ORDINALITY AS c (check_point_id, position);

-- name: points_out_of_reach$
-- How many of some check points the team would not see: neither its communities nor its parcels hold them.
SELECT count(*)
FROM unnest(:check_points::integer[]) AS w (check_point_id)
LEFT JOIN app.check_point AS c USING (check_point_id)
WHERE NOT EXISTS (
  SELECT FROM app.team_area AS a
  WHERE a.team_id = :team_id AND app.today() BETWEEN a.valid_from AND coalesce(a.valid_to, 'infinity')
    AND (a.community_id = c.community_id OR a.parcel_id = c.parcel_id));

-- name: put_rounds!
-- Rounds that have not begun follow their plan; what differs in nothing is not written.
INSERT INTO app.patrol_round AS r (patrol_plan_id, number, team_id, parcel_id, community_id, planned_from, planned_to,
  is_ordered, overdue_after_min, state)
SELECT p.patrol_plan_id, s.number, p.team_id, p.parcel_id, coalesce(l.community_id, first_point.community_id),
       s.planned_from, s.planned_to, p.is_ordered, p.overdue_after_min, 'planned'
FROM app.patrol_plan AS p
CROSS JOIN unnest(:numbers::smallint[], :starts::timestamptz[], :ends::timestamptz[])
  AS s (number, planned_from, planned_to)
LEFT JOIN app.parcel AS l ON l.parcel_id = p.parcel_id
LEFT JOIN LATERAL (
  SELECT c.community_id FROM app.patrol_plan_point AS q JOIN app.check_point AS c USING (check_point_id)
  WHERE q.patrol_plan_id = p.patrol_plan_id ORDER BY q.position LIMIT 1) AS first_point ON true
WHERE p.patrol_plan_id = :plan_id
ON CONFLICT (patrol_plan_id, on_date, number) DO UPDATE
SET team_id = excluded.team_id, parcel_id = excluded.parcel_id, community_id = excluded.community_id,
    planned_from = excluded.planned_from, planned_to = excluded.planned_to, is_ordered = excluded.is_ordered,
    overdue_after_min = excluded.overdue_after_min, state = 'planned'
WHERE r.state IN ('planned', 'withdrawn') AND r.planned_from > now()
  AND (r.team_id, r.parcel_id, r.community_id, r.planned_from, r.planned_to, r.is_ordered, r.overdue_after_min,
       r.state)
      IS DISTINCT FROM (excluded.team_id, excluded.parcel_id, excluded.community_id, excluded.planned_from,
       excluded.planned_to, excluded.is_ordered, excluded.overdue_after_min, excluded.state);

-- name: withdraw_rounds!
-- Kept out of sight, not deleted: a phone without network may be walking one.
UPDATE app.patrol_round AS r SET state = 'withdrawn'
WHERE r.patrol_plan_id = :plan_id AND r.on_date BETWEEN :first AND :last AND r.state = 'planned'
  AND r.planned_from > now() AND (r.on_date, r.number) NOT IN (
    SELECT d, n FROM unnest(:dates::date[], :numbers::smallint[]) AS kept (d, n));

-- name: drop_stale_points!
-- Points of rounds that have not begun and are no longer those of the plan, in place, order, radius or stay.
DELETE FROM app.patrol_round_point AS q
USING app.patrol_round AS r
WHERE q.patrol_round_id = r.patrol_round_id AND r.patrol_plan_id = :plan_id AND r.state = 'planned'
  AND r.planned_from > now() AND r.on_date >= :first
  AND (SELECT array_agg((o.position, o.check_point_id, o.radius_m, o.dwell_s)::text ORDER BY o.position)
       FROM app.patrol_round_point AS o WHERE o.patrol_round_id = r.patrol_round_id)
      IS DISTINCT FROM
      (SELECT array_agg((w.position, w.check_point_id, c.radius_m, c.dwell_s)::text ORDER BY w.position)
       FROM app.patrol_plan_point AS w JOIN app.check_point AS c USING (check_point_id)
       WHERE w.patrol_plan_id = :plan_id);

-- name: put_points!
INSERT INTO app.patrol_round_point (patrol_round_id, position, check_point_id, radius_m, dwell_s)
SELECT r.patrol_round_id, w.position, w.check_point_id, c.radius_m, c.dwell_s
FROM app.patrol_round AS r
JOIN app.patrol_plan_point AS w USING (patrol_plan_id)
JOIN app.check_point AS c USING (check_point_id)
WHERE r.patrol_plan_id = :plan_id AND r.state = 'planned' AND r.planned_from > now() AND r.on_date >= :first
  AND NOT EXISTS (SELECT FROM app.patrol_round_point AS o WHERE o.patrol_round_id = r.patrol_round_id);

-- name: settle_rounds!
-- What was open at the midnight after its window is over; events that come later still put it right.
UPDATE app.patrol_round
SET state = app.round_state(state, planned_from, planned_to, overdue_after_min, now())
WHERE state IN ('planned', 'started', 'paused') AND app.round_settles_at(planned_to) <= now();

-- name: today$
SELECT app.today();

-- name: now$
SELECT now();

-- name: levels
SELECT code, name_zh, name_en, rounds_wanted, per, visits_a_month FROM app.patrol_level ORDER BY rank;

-- name: update_level!
UPDATE app.patrol_level
SET name_zh = :name_zh, name_en = :name_en, rounds_wanted = :rounds_wanted, per = :per, visits_a_month = :visits_a_month
WHERE code = :code;

-- name: seasons
SELECT season_id, code, name_zh, name_en, first_day, last_day, least_m, least_minutes, least_days,
       (SELECT count(*) FROM app.patrol_plan AS p WHERE p.season_id = s.season_id) AS plans
FROM app.season AS s ORDER BY first_day, code;

-- name: season^
SELECT first_day, last_day FROM app.season WHERE season_id = :season_id;

-- name: insert_season$
INSERT INTO app.season (code, name_zh, name_en, first_day, last_day, least_m, least_minutes, least_days)
VALUES (:code, :name_zh, :name_en, :first_day, :last_day, :least_m, :least_minutes, :least_days)
RETURNING season_id;

-- name: update_season!
UPDATE app.season
SET code = :code, name_zh = :name_zh, name_en = :name_en, first_day = :first_day, last_day = :last_day,
    least_m = :least_m, least_minutes = :least_minutes, least_days = :least_days
WHERE season_id = :season_id;

-- name: delete_season!
DELETE FROM app.season WHERE season_id = :season_id;

-- name: plans_of_season
SELECT patrol_plan_id FROM app.patrol_plan WHERE season_id = :season_id ORDER BY patrol_plan_id;

-- name: teams
SELECT team_id, code, name_zh FROM app.team ORDER BY code;

-- name: parcels_of_team
-- Parcels a team patrols today, with how often their level wants a round.
SELECT DISTINCT p.parcel_id, p.code, p.name_zh, p.level, v.rounds_wanted, v.per
FROM app.parcel AS p
JOIN app.patrol_level AS v ON v.code = p.level
JOIN app.team_area AS a ON a.community_id = p.community_id OR a.parcel_id = p.parcel_id
WHERE a.team_id = :team_id AND app.today() BETWEEN a.valid_from AND coalesce(a.valid_to, 'infinity')
ORDER BY p.code;

-- name: check_points_of_team
-- Check points a team may see today.
SELECT DISTINCT c.check_point_id, c.code, c.name_zh, c.parcel_id, c.radius_m, c.dwell_s, ST_X(c.geom) AS lon,
       ST_Y(c.geom) AS lat
FROM app.check_point AS c
JOIN app.team_area AS a ON a.community_id = c.community_id OR a.parcel_id = c.parcel_id
WHERE a.team_id = :team_id AND app.today() BETWEEN a.valid_from AND coalesce(a.valid_to, 'infinity')
ORDER BY c.code;

-- name: parcel_outlines
SELECT parcel_id, code, name_zh, ST_AsGeoJSON(geom, 6) AS geometry
FROM app.parcel WHERE parcel_id = ANY (:parcel_ids) ORDER BY code;
