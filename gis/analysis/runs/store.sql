-- name: insert_run$
-- None where the same is under way.
INSERT INTO app.analysis_run (analysis, parameters, parameters_sha256, account_id, report_of, report)
VALUES (:analysis, :parameters::jsonb, :sha256, app.account_id(), :report_of, :report::jsonb)
ON CONFLICT DO NOTHING RETURNING analysis_run_id;

-- name: wake_worker!
-- Heard when this transaction is committed.
NOTIFY analysis_run;

-- name: under_way$
SELECT analysis_run_id FROM app.analysis_run
WHERE analysis = :analysis AND parameters_sha256 = :sha256 AND state IN ('queued', 'running')
  AND report_of IS NOT DISTINCT FROM :report_of AND report IS NOT DISTINCT FROM :report::jsonb;

-- name: measured_already$
SELECT analysis_run_id FROM app.analysis_run
WHERE analysis = :analysis AND parameters_sha256 = :sha256 AND data_version = :version AND state = 'done'
ORDER BY analysis_run_id DESC LIMIT 1;

-- name: run^
SELECT r.analysis_run_id AS run_id, r.analysis, r.parameters, r.data_version, r.state, r.steps_done, r.steps_all, r.tries,
       a.full_name AS asked_by, r.analysis_schedule_id AS schedule_id, r.asked_at, r.started_at, r.ended_at, r.message,
       encode(r.result_sha256, 'hex') AS sha256, r.is_kept, r.report_of, r.report
FROM app.analysis_run AS r JOIN app.account AS a USING (account_id)
WHERE r.analysis_run_id = :run_id;

-- name: runs
SELECT r.analysis_run_id AS run_id, r.analysis, r.parameters, r.data_version, r.state, r.steps_done, r.steps_all, r.tries,
       a.full_name AS asked_by, r.analysis_schedule_id AS schedule_id, r.asked_at, r.started_at, r.ended_at, r.message,
       encode(r.result_sha256, 'hex') AS sha256, r.is_kept, r.report_of, r.report
FROM app.analysis_run AS r JOIN app.account AS a USING (account_id)
WHERE (:analysis::text IS NULL OR r.analysis = :analysis)
  AND (:before::integer IS NULL OR r.analysis_run_id < :before)
  AND (:report_of::integer IS NULL OR r.report_of = :report_of)
ORDER BY r.analysis_run_id DESC LIMIT :most;

-- name: latest
SELECT analysis, max(ended_at) AS ended_at FROM app.analysis_run
WHERE state = 'done' AND report_of IS NULL GROUP BY analysis ORDER BY analysis;

-- name: cancel$
UPDATE app.analysis_run SET state = 'cancelled', ended_at = now()
WHERE analysis_run_id = :run_id AND state IN ('queued', 'running') RETURNING true;

-- name: retry$
UPDATE app.analysis_run SET state = 'queued', tries = 0, asked_at = now(), started_at = NULL, ended_at = NULL, message = NULL
WHERE analysis_run_id = :run_id AND state IN ('failed', 'cancelled') RETURNING true;

-- name: keep$
UPDATE app.analysis_run SET is_kept = :is_kept WHERE analysis_run_id = :run_id RETURNING true;

-- name: file$
SELECT file FROM app.analysis_run WHERE analysis_run_id = :run_id AND report IS NOT NULL AND state = 'done';

-- name: findings$
SELECT findings FROM app.analysis_run WHERE analysis_run_id = :run_id;

-- name: tables
SELECT number, name, place, figures FROM app.analysis_table WHERE analysis_run_id = :run_id ORDER BY number;

-- name: rows
-- With the names of places as they are in the revision the run was measured in. A cell's English name is a number
-- only: its community's goes before it.
SELECT w.table_number, w.code, w.figures, coalesce(h.code, '') AS community,
       CASE t.place WHEN 'community' THEN h.name_zh WHEN 'cell' THEN c.name_zh WHEN 'parcel' THEN p.name_zh
                    WHEN 'facility' THEN f.name_zh END AS name_zh,
       CASE t.place WHEN 'community' THEN h.name_en WHEN 'facility' THEN f.name_en
                    WHEN 'cell' THEN h.name_en || ' ' || nullif(c.name_en, '') END AS name_en
FROM app.analysis_row AS w
JOIN app.analysis_table AS t ON t.analysis_run_id = w.analysis_run_id AND t.number = w.table_number
LEFT JOIN app.community AS h ON h.community_id = w.community_id
LEFT JOIN app.cell AS c ON t.place = 'cell' AND c.cell_id = w.cell_id
LEFT JOIN app.parcel AS p ON t.place = 'parcel' AND p.code = w.code
LEFT JOIN app.facility AS f ON t.place = 'facility' AND f.code = w.code
WHERE w.analysis_run_id = :run_id
ORDER BY w.table_number, w.number;

-- name: shapes
-- Of each row of a table, in its order: what it keeps itself, else the outline of its cell or community.
SELECT ST_AsBinary(coalesce(w.shape, c.geom, h.geom)) AS wkb
FROM app.analysis_row AS w
JOIN app.analysis_table AS t ON t.analysis_run_id = w.analysis_run_id AND t.number = w.table_number
LEFT JOIN app.cell AS c ON t.place = 'cell' AND c.cell_id = w.cell_id
LEFT JOIN app.community AS h ON t.place = 'community' AND h.community_id = w.community_id
WHERE w.analysis_run_id = :run_id AND w.table_number = :number
ORDER BY w.number;

-- name: communities
SELECT code, name_zh, name_en, ST_AsBinary(geom) AS wkb
FROM app.community WHERE valid_to IS NULL ORDER BY code COLLATE "C";

-- name: schedules
SELECT s.analysis_schedule_id AS schedule_id, s.analysis, s.parameters, s.last_days, s.weekday, s.hour, s.is_enabled,
       s.next_at, a.full_name AS made_by
FROM app.analysis_schedule AS s JOIN app.account AS a USING (account_id)
ORDER BY s.analysis, s.analysis_schedule_id;

-- name: insert_schedule$
INSERT INTO app.analysis_schedule (analysis, parameters, last_days, weekday, hour, next_at, account_id)
VALUES (:analysis, :parameters::jsonb, :last_days, :weekday, :hour, :next_at, app.account_id())
RETURNING analysis_schedule_id;

-- name: schedule_times^
SELECT weekday, hour, now() AS now FROM app.analysis_schedule WHERE analysis_schedule_id = :schedule_id FOR UPDATE;

-- name: switch_schedule!
UPDATE app.analysis_schedule SET is_enabled = :is_enabled, next_at = :next_at WHERE analysis_schedule_id = :schedule_id;

-- name: delete_schedule$
DELETE FROM app.analysis_schedule WHERE analysis_schedule_id = :schedule_id RETURNING true;

-- name: due_schedules
SELECT analysis_schedule_id, analysis, parameters, last_days, weekday, hour, account_id, now() AS now
FROM app.analysis_schedule WHERE is_enabled AND next_at <= now() ORDER BY analysis_schedule_id FOR UPDATE;

-- name: ask_scheduled!
INSERT INTO app.analysis_run (analysis, parameters, parameters_sha256, account_id, analysis_schedule_id)
VALUES (:analysis, :parameters::jsonb, :sha256, :account_id, :schedule_id)
ON CONFLICT DO NOTHING;

-- name: move_on!
UPDATE app.analysis_schedule SET next_at = :next_at WHERE analysis_schedule_id = :schedule_id;

-- name: forget_old!
DELETE FROM app.analysis_run AS r
WHERE NOT r.is_kept AND r.ended_at < now() - make_interval(days => :days)
  AND NOT EXISTS (SELECT FROM app.analysis_run AS m WHERE m.analysis_run_id = r.report_of AND m.is_kept);

-- name: now$
SELECT now();
