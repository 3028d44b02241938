-- name: written^
-- Grows with every statement that wrote what hot spots are measured from; of patrols, the days of the period.
SELECT current_database() AS database, revision_id, app.layer_version('cell', 0::smallint, 0, 1) AS cells,
       app.layer_version('incident', 0::smallint, 0, 1) AS incidents,
       app.layer_version('rental_unit', 0::smallint, 0, 1) AS units,
       (SELECT md5(coalesce(string_agg(concat_ws(' ', on_day, version, shape_version, painted_at), ',' ORDER BY on_day), ''))
        FROM app.patrol_day WHERE on_day BETWEEN :from_on AND :to_on) AS walked,
       (SELECT count(DISTINCT on_day) FROM app.patrol_change WHERE on_day BETWEEN :from_on AND :to_on) AS waiting
FROM app.division_revision WHERE valid_to IS NULL;

-- name: is_kind$
SELECT EXISTS (SELECT FROM app.incident_category WHERE code = :kind);

-- name: units
SELECT place AS cell_id, sum(objects)::integer AS units FROM app.layer_tally
WHERE layer = 'rental_unit' AND zoom = -1 GROUP BY place;

-- name: incidents
-- What happened in the period, but for what was rejected or voided.
SELECT coalesce(i.cell_id, -1) AS cell_id, extract(epoch FROM i.occurred_at)::float8 AS at_s,
       ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat
FROM app.incident AS i JOIN app.incident_category AS k ON k.code = i.category
WHERE i.occurred_at >= (:from_on::timestamp AT TIME ZONE 'Asia/Shanghai')
  AND i.occurred_at < ((:to_on::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
  AND i.state NOT IN ('rejected', 'voided')
  AND :kind IN ('', k.family, k.code)
ORDER BY i.incident_id;

-- name: efforts
-- Days of the period as patrols were counted for the present outlines.
SELECT on_day, effort FROM app.patrol_day
WHERE on_day BETWEEN :from_on AND :to_on AND shape_version = :shape_version ORDER BY on_day;

-- name: uncounted
-- Days of the period that changed since they were counted, or were counted for other outlines.
SELECT on_day FROM app.patrol_change WHERE on_day BETWEEN :from_on AND :to_on
UNION
SELECT on_day FROM app.patrol_day WHERE on_day BETWEEN :from_on AND :to_on AND shape_version <> :shape_version;

-- name: behind
-- Incidents of one cell, newest first: what they are and where they stand, no words and no names.
SELECT i.incident_id, i.category, k.name_zh, k.name_en, i.occurred_at, i.state, i.severity, i.is_open
FROM app.incident AS i
JOIN app.incident_category AS k ON k.code = i.category
JOIN app.cell AS c USING (cell_id)
WHERE c.valid_to IS NULL AND c.code = :code
  AND i.occurred_at >= (:from_on::timestamp AT TIME ZONE 'Asia/Shanghai')
  AND i.occurred_at < ((:to_on::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
  AND i.state NOT IN ('rejected', 'voided')
  AND :kind IN ('', k.family, k.code)
ORDER BY i.occurred_at DESC, i.incident_id DESC
LIMIT :most;

-- name: kinds
SELECT code, family, name_zh, name_en FROM app.incident_category
WHERE app.today() BETWEEN valid_from AND coalesce(valid_to, 'infinity')
ORDER BY array_position(ARRAY['ZZ', 'JF', 'AQ', 'SR'], family), code;
