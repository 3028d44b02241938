-- name: find_run^
SELECT run.coverage_run_id, run.fixes, run.legs, run.computed_at, run.version, revision.is_schematic
FROM app.coverage_run AS run JOIN app.division_revision AS revision USING (revision_id)
WHERE revision.valid_to IS NULL
  AND run.from_on = :from_on AND run.to_on = :to_on AND run.radius_m = :radius_m::real
ORDER BY run.coverage_run_id DESC LIMIT 1;

-- name: days
SELECT on_day, version, fixes + points AS fixes, legs, shape_version, effort
FROM app.patrol_day WHERE on_day BETWEEN :from_on AND :to_on ORDER BY on_day;

-- name: is_waiting$
SELECT EXISTS (SELECT FROM app.patrol_change WHERE on_day BETWEEN :from_on AND :to_on);

-- name: drop_runs!
DELETE FROM app.coverage_run
WHERE from_on = :from_on AND to_on = :to_on AND radius_m = :radius_m::real AND revision_id = :revision_id;

-- name: insert_run$
INSERT INTO app.coverage_run (from_on, to_on, radius_m, revision_id, fixes, legs, version, account_id)
VALUES (:from_on, :to_on, :radius_m, :revision_id, :fixes, :legs, :version, app.account_id())
RETURNING coverage_run_id;

-- name: insert_shares!
INSERT INTO app.coverage_share (coverage_run_id, cell_id, community_id, area_m2, covered_m2)
SELECT :coverage_run_id, s.cell_id, c.community_id, s.area_m2, s.covered_m2
FROM unnest(:cell_ids::integer[], :areas::float8[], :covered::float8[]) AS s (cell_id, area_m2, covered_m2)
JOIN app.cell AS c USING (cell_id);

-- name: shares
SELECT m.code AS community_code, m.name_zh AS community_name, m.name_en AS community_name_en,
       c.code, c.name_zh AS name, s.area_m2, s.covered_m2
FROM app.coverage_share AS s
JOIN app.cell AS c USING (cell_id)
JOIN app.community AS m ON m.community_id = s.community_id
WHERE s.coverage_run_id = :coverage_run_id
ORDER BY c.code COLLATE "C";

-- name: drop_nobodys_runs!
DELETE FROM app.coverage_run WHERE account_id IS NULL AND radius_m = 50 AND from_on > app.today() - 60;

-- name: today$
SELECT app.today();

-- name: become_migrator!
SET ROLE gis_migrator;
