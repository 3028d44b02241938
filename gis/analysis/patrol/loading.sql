-- name: days
-- The period's days and those before it in which a last visit is looked for.
SELECT on_day, version, shape_version, fixes, points, legs, vehicle_legs,
       extract(epoch FROM painted_at)::text || version AS effort_key
FROM app.patrol_day WHERE on_day BETWEEN :first AND :last ORDER BY on_day;

-- name: efforts
SELECT on_day, effort, extract(epoch FROM painted_at)::text || version AS effort_key
FROM app.patrol_day WHERE on_day = ANY (:days::date[]);

-- name: layers
SELECT on_day, version FROM app.patrol_day_layer
WHERE on_day = ANY (:days::date[]) AND radius_m = :radius_m::real
  AND (res_m, x_m, y_m, columns, rows) = (:res_m::real, :x_m::float8, :y_m::float8, :columns, :rows);

-- name: bits^
SELECT bits FROM app.patrol_day_layer WHERE on_day = :on_day AND radius_m = :radius_m::real AND version = :version;

-- name: needed
SELECT on_day, version, needed FROM app.patrol_day_layer
WHERE on_day = ANY (:days::date[]) AND radius_m = :radius_m::real;

-- name: packed_legs
SELECT on_day, version, packed FROM app.patrol_day WHERE on_day = ANY (:days::date[]);

-- name: waiting
SELECT on_day, min(noted_at) AS since FROM app.patrol_change WHERE on_day BETWEEN :first AND :last
GROUP BY on_day ORDER BY on_day;

-- name: targets
SELECT place, level, share, days FROM app.patrol_target ORDER BY place, level;

-- name: now$
SELECT now();

-- name: risks
-- What speaks for a cell: incidents and violations of the last 90 days before a moment, and its rental units.
SELECT c.cell_id, coalesce(i.incidents, 0) AS incidents, coalesce(i.violations, 0) AS violations,
       coalesce(u.units, 0)::bigint AS units
FROM app.cell AS c
LEFT JOIN (
  SELECT cell_id, count(*) FILTER (WHERE violation IS NULL) AS incidents,
         count(*) FILTER (WHERE violation IS NOT NULL) AS violations
  FROM app.incident
  WHERE occurred_at >= :until::timestamptz - interval '90 days' AND occurred_at < :until
  GROUP BY cell_id) AS i USING (cell_id)
LEFT JOIN (
  SELECT place AS cell_id, sum(objects) AS units FROM app.layer_tally
  WHERE layer = 'rental_unit' AND zoom = -1 GROUP BY place) AS u USING (cell_id)
WHERE c.valid_to IS NULL;
