-- name: targets
SELECT t.place, t.level, t.share, t.days, l.name_zh, l.name_en
FROM app.patrol_target AS t LEFT JOIN app.patrol_level AS l ON t.place = 'parcel' AND l.code = t.level
ORDER BY t.place, l.rank, t.level;

-- name: update_target!
UPDATE app.patrol_target SET share = :share, days = :days WHERE place = :place AND level = :level;

-- name: tracks_by_team
-- Tracks that touch an outline, by team and the day they began: counts and sums, nobody's name.
SELECT (t.started_at AT TIME ZONE 'Asia/Shanghai')::date AS on_day, coalesce(m.name_zh, '') AS team,
       count(*) AS tracks, sum(t.length_m) AS metres, sum(t.minutes) AS minutes
FROM app.patrol_track AS t LEFT JOIN app.team AS m USING (team_id)
WHERE t.at >= :from_on::timestamp AT TIME ZONE 'Asia/Shanghai'
  AND t.at < (:to_on::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AND t.started_at IS NOT NULL
  AND t.geom && ST_GeomFromWKB(:outline, 4326) AND ST_Intersects(t.geom, ST_GeomFromWKB(:outline, 4326))
GROUP BY 1, 2 ORDER BY 1 DESC, 2 LIMIT :most;

-- name: points_by_team
SELECT (p.at AT TIME ZONE 'Asia/Shanghai')::date AS on_day, coalesce(m.name_zh, '') AS team, count(*) AS points
FROM app.patrol_point AS p JOIN app.cell AS c USING (cell_id) LEFT JOIN app.team AS m USING (team_id)
WHERE p.at >= :from_on::timestamp AT TIME ZONE 'Asia/Shanghai'
  AND p.at < (:to_on::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AND c.code = :code AND c.valid_to IS NULL
GROUP BY 1, 2 ORDER BY 1 DESC, 2 LIMIT :most;

-- name: check_points_near
-- Check points by their distance from a gap, with the teams that patrol there.
SELECT c.check_point_id, c.code, c.name_zh, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat,
       ST_Distance(c.geom::geography, ST_GeomFromWKB(:gap, 4326)::geography) AS metres,
       ARRAY(SELECT DISTINCT a.team_id FROM app.team_area AS a
             WHERE app.today() BETWEEN a.valid_from AND coalesce(a.valid_to, 'infinity')
               AND (a.community_id = c.community_id OR a.parcel_id = c.parcel_id) ORDER BY 1) AS teams
FROM app.check_point AS c
WHERE ST_DWithin(c.geom, ST_GeomFromWKB(:gap, 4326), :degrees)
ORDER BY metres, c.code COLLATE "C" LIMIT 100;

-- name: put_layer!
INSERT INTO app.patrol_day_layer (on_day, radius_m, version, res_m, x_m, y_m, columns, rows, bits, needed)
VALUES (:on_day, :radius_m, :version, :res_m, :x_m, :y_m, :columns, :rows, :bits, :needed)
ON CONFLICT (on_day, radius_m) DO NOTHING;

-- name: drop_layer!
-- One of the day as it was, or of another grid.
DELETE FROM app.patrol_day_layer
WHERE on_day = :on_day AND radius_m = :radius_m::real
  AND (version <> :version
       OR (res_m, x_m, y_m, columns, rows) <> (:res_m::real, :x_m::float8, :y_m::float8, :columns, :rows));
