-- name: become_migrator!
SET ROLE gis_migrator;

-- name: try_lock$
-- One painter at a time; free again when the transaction ends.
SELECT pg_try_advisory_xact_lock(20140422);

-- name: next_changed$
SELECT on_day FROM app.patrol_change WHERE on_day <> ALL (:skip::date[]) ORDER BY on_day DESC LIMIT 1;

-- name: take_changes!
-- What comes in after this is seen the next time; what came before is read below.
DELETE FROM app.patrol_change WHERE on_day = :on_day;

-- name: next_stale$
-- The latest day whose effort was counted for other outlines, or that lacks a layer of the district's grid.
SELECT d.on_day FROM app.patrol_day AS d
WHERE d.shape_version <> :shape_version
   OR (SELECT count(*) FROM app.patrol_day_layer AS l
       WHERE l.on_day = d.on_day AND l.radius_m = ANY (:radii::real[]) AND l.version = d.version
         AND (l.res_m, l.x_m, l.y_m, l.columns, l.rows) = (:res_m::real, :x_m::float8, :y_m::float8, :columns, :rows))
      < cardinality(:radii::real[])
ORDER BY d.on_day DESC LIMIT 1;

-- name: day^
SELECT packed, times, effort FROM app.patrol_day WHERE on_day = :on_day;

-- name: days_with_hours
-- A few at a time: the next run goes on.
SELECT on_day, packed, times FROM app.patrol_day
WHERE on_day < app.today() - :days::integer AND has_hours ORDER BY on_day LIMIT 50;

-- name: put_times!
UPDATE app.patrol_day SET times = :times, has_hours = false WHERE on_day = :on_day;

-- name: drop_day!
DELETE FROM app.patrol_day WHERE on_day = :on_day;

-- name: put_day!
INSERT INTO app.patrol_day (on_day, fixes, points, legs, vehicle_legs, packed, times, version, shape_version, effort)
VALUES (:on_day, :fixes, :points, :legs, :vehicle_legs, :packed, :times, :version, :shape_version, :effort)
ON CONFLICT (on_day) DO UPDATE
SET fixes = excluded.fixes, points = excluded.points, legs = excluded.legs, vehicle_legs = excluded.vehicle_legs,
    packed = excluded.packed, times = excluded.times, has_hours = true, version = excluded.version, shape_version = excluded.shape_version,
    effort = excluded.effort, painted_at = now();

-- name: has_layer$
SELECT count(*) FROM app.patrol_day_layer
WHERE on_day = :on_day AND radius_m = :radius_m::real AND version = :version
  AND (res_m, x_m, y_m, columns, rows) = (:res_m::real, :x_m::float8, :y_m::float8, :columns, :rows);

-- name: drop_layer!
DELETE FROM app.patrol_day_layer WHERE on_day = :on_day AND radius_m = :radius_m::real;

-- name: put_layer!
INSERT INTO app.patrol_day_layer (on_day, radius_m, version, res_m, x_m, y_m, columns, rows, bits, needed)
VALUES (:on_day, :radius_m, :version, :res_m, :x_m, :y_m, :columns, :rows, :bits, :needed);

-- name: forget_layers!
-- Layers of other radii are kept for as long as their day stays as it was, and a month at most.
DELETE FROM app.patrol_day_layer AS l USING app.patrol_day AS d
WHERE d.on_day = l.on_day AND l.radius_m <> ALL (:radii::real[])
  AND (l.version <> d.version OR l.painted_at < now() - interval '30 days');

-- name: note_all_days!
SELECT app.note_all_patrol_days();

-- name: today$
SELECT app.today();
