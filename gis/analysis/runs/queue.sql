-- name: become_migrator!
SET ROLE gis_migrator;

-- name: listen!
LISTEN analysis_run;

-- name: try_lock$
-- Held by the session: free again the moment a killed worker's connection ends. One worker measures at a time, for
-- measuring takes a core and the memory of all it reads.
SELECT pg_try_advisory_lock(20140414, 0);

-- name: unlock!
SELECT pg_advisory_unlock(20140414, 0);

-- name: give_back!
-- Under the lock nobody else measures: a run that is running is one whose worker is gone.
UPDATE app.analysis_run
SET state = CASE WHEN tries < :most THEN 'queued' ELSE 'failed' END,
    ended_at = CASE WHEN tries < :most THEN NULL ELSE now() END, message = :message
WHERE state = 'running';

-- name: take^
UPDATE app.analysis_run AS r
SET state = 'running', tries = r.tries + 1, started_at = now(), steps_done = 0, steps_all = 0
FROM app.account AS a
WHERE r.account_id = a.account_id AND r.analysis_run_id = (
  SELECT analysis_run_id FROM app.analysis_run WHERE state = 'queued'
  ORDER BY asked_at, analysis_run_id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING r.analysis_run_id, r.analysis, r.parameters, r.tries, r.report_of, r.report, r.account_id, a.role, a.username,
          a.full_name, a.is_active;

-- name: tell_progress$
-- No row: it was cancelled, or is another worker's by now.
UPDATE app.analysis_run SET steps_done = :done, steps_all = :total
WHERE analysis_run_id = :run_id AND state = 'running' AND tries = :tries RETURNING true;

-- name: fail!
UPDATE app.analysis_run SET state = 'failed', ended_at = now(), message = :message
WHERE analysis_run_id = :run_id AND state = 'running' AND tries = :tries;

-- name: end_measured$
UPDATE app.analysis_run
SET state = 'done', ended_at = clock_timestamp(), message = NULL, data_version = :version, result_sha256 = :sha256,
    findings = :findings::jsonb, steps_done = greatest(steps_all, 1), steps_all = greatest(steps_all, 1)
WHERE analysis_run_id = :run_id AND state = 'running' AND tries = :tries RETURNING true;

-- name: end_report$
UPDATE app.analysis_run
SET state = 'done', ended_at = clock_timestamp(), message = NULL, file = :file, steps_done = steps_all
WHERE analysis_run_id = :run_id AND state = 'running' AND tries = :tries RETURNING true;

-- name: insert_table!
INSERT INTO app.analysis_table (analysis_run_id, number, name, place, figures)
VALUES (:run_id, :number, :name, :place, :figures::jsonb);

-- name: insert_rows!
-- Places are those of the present division; what is no cell or community keeps its own shape, for it may be changed, and lies
-- in the cell of its inner point.
INSERT INTO app.analysis_row (analysis_run_id, table_number, number, code, figures, cell_id, community_id, has_area, shape)
SELECT :run_id, :number, r.n, r.code, r.figures::jsonb,
       coalesce(c.cell_id, p.cell_id, f.cell_id, z.cell_id),
       coalesce(m.community_id, c.community_id, p.community_id, f.community_id, z.community_id),
       c.cell_id IS NOT NULL OR m.community_id IS NOT NULL
         OR coalesce(GeometryType(s.shape) IN ('POLYGON', 'MULTIPOLYGON'), false), s.shape
FROM unnest(:codes::text[], :figures::text[], :shapes::bytea[]) WITH ORDINALITY AS r (code, figures, wkb, n)
LEFT JOIN app.cell AS c ON :place = 'cell' AND c.code = r.code AND c.valid_to IS NULL
LEFT JOIN app.community AS m ON :place = 'community' AND m.code = r.code AND m.valid_to IS NULL
LEFT JOIN app.parcel AS p ON :place = 'parcel' AND p.code = r.code
LEFT JOIN app.facility AS f ON :place = 'facility' AND f.code = r.code
CROSS JOIN LATERAL (SELECT coalesce(ST_GeomFromWKB(r.wkb, 4326), p.geom, f.geom) AS shape) AS s
LEFT JOIN LATERAL app.cell_at(ST_PointOnSurface(ST_GeomFromWKB(r.wkb, 4326))) AS z ON r.wkb IS NOT NULL;
