-- name: today$
SELECT app.today();

-- name: revision^
SELECT revision_id, is_schematic FROM app.division_revision WHERE valid_to IS NULL;

-- name: weights_of^
-- One kept version of the weights, or the latest.
SELECT workload_weights_id AS version, weights FROM app.workload_weights
WHERE :version::integer IS NULL OR workload_weights_id = :version
ORDER BY workload_weights_id DESC LIMIT 1;

-- name: versions
-- All, or one.
SELECT w.workload_weights_id AS version, w.weights, w.reason, w.at, coalesce(a.full_name, '') AS by
FROM app.workload_weights AS w LEFT JOIN app.account AS a USING (account_id)
WHERE :version::integer IS NULL OR w.workload_weights_id = :version
ORDER BY w.workload_weights_id DESC;

-- name: insert_weights$
INSERT INTO app.workload_weights (follows, weights, reason, account_id)
VALUES (:follows, :weights, :reason, app.account_id()) RETURNING workload_weights_id;

-- name: grades
SELECT code, name_zh, name_en, visit_interval_days FROM app.rental_grade ORDER BY rank, code COLLATE "C";

-- name: cells
-- Cells of the present division; `hull_m2` is the convex hull of buildings with units and of check points.
SELECT c.cell_id, c.code, m.code AS community_code, coalesce(h.hull_m2, 0) AS hull_m2
FROM app.cell AS c JOIN app.community AS m USING (community_id)
LEFT JOIN (
  SELECT cell_id, ST_Area(ST_Transform(ST_ConvexHull(ST_Collect(geom)), 4547)) AS hull_m2
  FROM (
    SELECT b.cell_id, b.geom::geometry AS geom FROM app.building AS b
    WHERE EXISTS (SELECT FROM app.rental_unit AS u WHERE u.building_id = b.building_id)
    UNION ALL
    SELECT cell_id, geom::geometry FROM app.check_point
  ) AS place
  WHERE cell_id IS NOT NULL GROUP BY cell_id
) AS h USING (cell_id)
WHERE c.valid_to IS NULL
ORDER BY c.code COLLATE "C";

-- name: units
-- Units by cell and grade, and the first of the moments by which they were there: 0 before the first moment.
SELECT cell_id, grade, width_bucket(filed_on - 1, :ends::date[]) AS moment, count(*) AS count
FROM app.rental_unit
WHERE cell_id IS NOT NULL AND filed_on <= :to_on
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

-- name: stops
-- Visits of buildings a month: of a building as often as its strictest unit wants; a unit without one by itself.
SELECT cell_id, sum(visits) AS stops
FROM (
  SELECT u.cell_id, max(:month_days::float8 / g.visit_interval_days) AS visits
  FROM app.rental_unit AS u JOIN app.rental_grade AS g ON g.code = u.grade
  WHERE u.cell_id IS NOT NULL AND u.filed_on <= :to_on
  GROUP BY u.cell_id, u.building_id, CASE WHEN u.building_id IS NULL THEN u.rental_unit_id END
) AS of_building
GROUP BY 1 ORDER BY 1;

-- name: incidents
-- Incidents reported from day to day, both included, by cell, family and month.
SELECT i.cell_id, k.family, date_trunc('month', i.reported_at AT TIME ZONE 'Asia/Shanghai')::date AS month,
       count(*) AS count
FROM app.incident AS i JOIN app.incident_category AS k ON k.code = i.category
WHERE i.cell_id IS NOT NULL AND i.state NOT IN ('rejected', 'voided')
  AND i.reported_at >= (:from_on::timestamp AT TIME ZONE 'Asia/Shanghai')
  AND i.reported_at < ((:to_on::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

-- name: points
-- Check points by cell, the visits a month the levels of their parcels want, and those of no parcel.
SELECT c.cell_id, count(*) AS points, coalesce(sum(v.visits_a_month), 0) AS visits,
       count(*) FILTER (WHERE p.parcel_id IS NULL) AS lone
FROM app.check_point AS c
LEFT JOIN app.parcel AS p USING (parcel_id)
LEFT JOIN app.patrol_level AS v ON v.code = p.level
WHERE c.cell_id IS NOT NULL
GROUP BY 1 ORDER BY 1;

-- name: duties
-- Who answers for which cell on a day. The account only tells officers apart.
SELECT a.cell_id, a.account_id, a.duty = 'primary' AS is_primary
FROM app.assignment AS a JOIN app.cell AS c USING (cell_id)
WHERE c.valid_to IS NULL AND daterange(a.valid_from, a.valid_to, '[]') @> :to_on::date
ORDER BY c.code COLLATE "C", a.duty DESC, a.account_id;

-- name: cell_community$
SELECT m.code FROM app.cell AS c JOIN app.community AS m USING (community_id)
WHERE c.valid_to IS NULL AND c.code = :code;

-- name: shapes
-- Outlines of the present cells with the buildings in each, in the order of `cells`.
SELECT ST_AsBinary(c.geom) AS wkb,
       (SELECT count(*) FROM app.building AS b WHERE b.cell_id = c.cell_id) AS buildings
FROM app.cell AS c WHERE c.valid_to IS NULL
ORDER BY c.code COLLATE "C";

-- Dividing a community anew ---------------------------------------------------

-- name: community_id$
SELECT community_id FROM app.community WHERE valid_to IS NULL AND code = :code;

-- name: unit_places
-- Units of a community, where they are and where their building is; a unit without a building stands by itself.
SELECT u.cell_id, coalesce(u.building_id, -u.rental_unit_id) AS building, u.grade,
       ST_X(u.geom) AS lon, ST_Y(u.geom) AS lat,
       ST_X(coalesce(b.geom, u.geom)) AS home_lon, ST_Y(coalesce(b.geom, u.geom)) AS home_lat
FROM app.rental_unit AS u LEFT JOIN app.building AS b USING (building_id)
WHERE u.community_id = :community_id AND u.filed_on <= :to_on
ORDER BY u.rental_unit_id;

-- name: building_places
-- Buildings with units.
SELECT b.cell_id, ST_X(b.geom) AS lon, ST_Y(b.geom) AS lat FROM app.building AS b
WHERE b.community_id = :community_id
  AND EXISTS (SELECT FROM app.rental_unit AS u WHERE u.building_id = b.building_id)
ORDER BY b.building_id;

-- name: incident_places
SELECT i.cell_id, k.family, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat
FROM app.incident AS i JOIN app.incident_category AS k ON k.code = i.category
WHERE i.community_id = :community_id AND i.state NOT IN ('rejected', 'voided')
  AND i.reported_at >= (:from_on::timestamp AT TIME ZONE 'Asia/Shanghai')
  AND i.reported_at < ((:to_on::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
ORDER BY i.incident_id;

-- name: point_places
-- `visits` as the level of the parcel wants, NULL for a check point of no parcel.
SELECT c.cell_id, v.visits_a_month AS visits, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat
FROM app.check_point AS c
LEFT JOIN app.parcel AS p USING (parcel_id) LEFT JOIN app.patrol_level AS v ON v.code = p.level
WHERE c.community_id = :community_id
ORDER BY c.check_point_id;

-- name: cells_of_community
SELECT cell_id, code FROM app.cell WHERE valid_to IS NULL AND community_id = :community_id
ORDER BY code COLLATE "C";

-- Measured ------------------------------------------------------------------

-- name: measured_checks
-- Minutes from the last visit of one unit to that of the next in the same building on the same day, by the grade of
-- the latter. Only the last visit of a unit is kept.
SELECT 'check.' || grade AS name, percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes) AS value,
       count(*) AS count, min(on_day) AS first_on, max(on_day) AS last_on
FROM (
  SELECT grade, (last_visit_at AT TIME ZONE 'Asia/Shanghai')::date AS on_day,
         extract(epoch FROM last_visit_at - lag(last_visit_at) OVER (
           PARTITION BY building_id, (last_visit_at AT TIME ZONE 'Asia/Shanghai')::date
           ORDER BY last_visit_at, rental_unit_id)) / 60 AS minutes
  FROM app.rental_unit WHERE last_visit_at IS NOT NULL AND building_id IS NOT NULL
) AS gap
WHERE minutes BETWEEN 1 AND 60
GROUP BY grade;

-- name: measured_incidents
-- Minutes from the step to "handling" to the next step, to "handled", of cases handled in one go, within four hours:
-- beyond that it is time that went by, not time worked.
SELECT 'incident.' || family AS name, percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes) AS value,
       count(*) AS count, min(on_day) AS first_on, max(on_day) AS last_on
FROM (
  SELECT k.family, (s.at AT TIME ZONE 'Asia/Shanghai')::date AS on_day, s.to_state,
         extract(epoch FROM s.at - lag(s.at) OVER step) / 60 AS minutes,
         lag(s.to_state) OVER step AS before
  FROM app.incident_step AS s
  JOIN app.incident AS i USING (incident_id) JOIN app.incident_category AS k ON k.code = i.category
  WINDOW step AS (PARTITION BY s.incident_id ORDER BY s.incident_step_id)
) AS taken
WHERE to_state = 'handled' AND before = 'handling' AND minutes BETWEEN 1 AND 240
GROUP BY family;

-- name: measured_points
-- Minutes of stay at visited check points.
SELECT 'point_minutes' AS name, percentile_cont(0.5) WITHIN GROUP (ORDER BY dwell_s_done) / 60.0 AS value,
       count(*) AS count, min((visited_at AT TIME ZONE 'Asia/Shanghai')::date) AS first_on,
       max((visited_at AT TIME ZONE 'Asia/Shanghai')::date) AS last_on
FROM app.patrol_round_point WHERE visited_at IS NOT NULL AND dwell_s_done IS NOT NULL
HAVING count(*) > 0;

-- name: measured_pace
-- Metres a minute along tracks, pauses below five minutes included.
SELECT 'walk_m_min' AS name, percentile_cont(0.5) WITHIN GROUP (ORDER BY length_m / minutes) AS value,
       count(*) AS count, min((started_at AT TIME ZONE 'Asia/Shanghai')::date) AS first_on,
       max((started_at AT TIME ZONE 'Asia/Shanghai')::date) AS last_on
FROM app.patrol_track WHERE started_at IS NOT NULL AND minutes > 5 AND length_m > 200
HAVING count(*) > 0;
