-- name: become_migrator!
SET ROLE gis_migrator;

-- name: try_lock$
-- Held by the session, so that it is free again the moment a killed runner's connection ends.
SELECT pg_try_advisory_lock(20140413, hashtext(:name));

-- name: unlock!
SELECT pg_advisory_unlock(20140413, hashtext(:name));

-- name: mark_cut_off!
-- Under the lock nobody else runs this job: a run without an end is one whose process is gone.
UPDATE app.job_run SET ended_at = now(), outcome = 'cut_off' WHERE name = :name AND ended_at IS NULL;

-- name: last_run^
SELECT started_at, outcome FROM app.job_run WHERE name = :name ORDER BY started_at DESC, job_run_id DESC LIMIT 1;

-- name: now$
SELECT now();

-- name: begin_run$
INSERT INTO app.job_run (name) VALUES (:name) RETURNING job_run_id;

-- name: end_run!
UPDATE app.job_run SET ended_at = clock_timestamp(), outcome = :outcome, detail = :detail WHERE job_run_id = :run_id;

-- name: forget_old_runs!
-- A quarter of a year of runs is enough to look at.
DELETE FROM app.job_run WHERE name = :name AND started_at < now() - interval '90 days';

-- name: recent_runs
SELECT job_run_id, name, started_at, ended_at, outcome, detail
FROM app.job_run ORDER BY started_at DESC, job_run_id DESC LIMIT :most;

-- name: latest_by_name
SELECT DISTINCT ON (name) name, started_at, ended_at, outcome, detail
FROM app.job_run ORDER BY name, started_at DESC, job_run_id DESC;
