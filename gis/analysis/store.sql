-- name: current_revision^
SELECT revision_id, is_schematic FROM app.division_revision WHERE valid_to IS NULL;

-- name: material^
-- How much there is to measure in the period: tells whether a stored run is still current.
-- What is flagged as outside counts too: a track that leaves the district was inside before.
SELECT (SELECT coalesce(sum(fixes), 0) FROM app.patrol_track
        WHERE started_at IS NOT NULL AND at >= (:from_on::timestamp AT TIME ZONE 'Asia/Shanghai')
          AND at < ((:to_on::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'))
       + (SELECT count(*) FROM app.patrol_point
          WHERE at >= (:from_on::timestamp AT TIME ZONE 'Asia/Shanghai')
            AND at < ((:to_on::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
            AND coalesce(accuracy_m, 0) <= :max_accuracy_m) AS fixes,
       (SELECT coalesce(sum(length_m), 0) / 1000 FROM app.patrol_track
        WHERE started_at IS NOT NULL AND at >= (:from_on::timestamp AT TIME ZONE 'Asia/Shanghai')
          AND at < ((:to_on::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'))
       AS effort_km;

-- name: tracks
-- Tracks of the period that come near the zones.
SELECT ST_AsBinary(geom) AS wkb
FROM app.patrol_track
WHERE started_at IS NOT NULL AND at >= (:from_on::timestamp AT TIME ZONE 'Asia/Shanghai')
  AND at < ((:to_on::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
  AND geom && ST_GeomFromText(:box, 4326);

-- name: points$
-- Points of the period near the zones, as one MultiPoint: a tenth of the time that rows would take.
SELECT ST_AsBinary(ST_Collect(geom))
FROM app.patrol_point
WHERE at >= (:from_on::timestamp AT TIME ZONE 'Asia/Shanghai')
  AND at < ((:to_on::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
  AND coalesce(accuracy_m, 0) <= :max_accuracy_m
  AND geom && ST_GeomFromText(:box, 4326);

-- name: zones
-- Cells of the present division: all, of one community, or one.
SELECT c.cell_id, c.community_id, ST_AsBinary(c.geom) AS wkb
FROM app.cell AS c JOIN app.community AS m USING (community_id)
WHERE c.valid_to IS NULL
  AND (:community::text IS NULL OR m.code = :community) AND (:cell::text IS NULL OR c.code = :cell)
ORDER BY c.code COLLATE "C";

-- name: find_run^
SELECT run.coverage_run_id, run.fixes, run.legs, run.computed_at, revision.is_schematic
FROM app.coverage_run AS run JOIN app.division_revision AS revision USING (revision_id)
WHERE revision.valid_to IS NULL
  AND run.from_on = :from_on AND run.to_on = :to_on AND run.radius_m = :radius_m::real
ORDER BY run.coverage_run_id DESC LIMIT 1;

-- name: drop_runs!
DELETE FROM app.coverage_run
WHERE from_on = :from_on AND to_on = :to_on AND radius_m = :radius_m::real AND revision_id = :revision_id;

-- name: insert_run$
INSERT INTO app.coverage_run (from_on, to_on, radius_m, revision_id, fixes, legs, account_id)
VALUES (:from_on, :to_on, :radius_m, :revision_id, :fixes, :legs, app.account_id())
RETURNING coverage_run_id;

-- name: insert_shares!
INSERT INTO app.coverage_share (coverage_run_id, cell_id, community_id, area_m2, covered_m2)
SELECT :coverage_run_id, s.cell_id, s.community_id, s.area_m2, s.covered_m2
FROM unnest(:cell_ids::integer[], :community_ids::integer[], :areas::float8[], :covered::float8[])
  AS s (cell_id, community_id, area_m2, covered_m2);

-- name: shares
SELECT m.code AS community_code, m.name_zh AS community_name, m.name_en AS community_name_en,
       c.code, c.name_zh AS name, s.area_m2, s.covered_m2
FROM app.coverage_share AS s
JOIN app.cell AS c USING (cell_id)
JOIN app.community AS m ON m.community_id = s.community_id
WHERE s.coverage_run_id = :coverage_run_id
ORDER BY c.code COLLATE "C";
