-- name: enter!
SELECT set_config('role', 'gis_migrator', true), set_config('statement_timeout', '60000', true);

-- name: streams_to_thin
SELECT stream_id::text AS stream_id
FROM app.track_stream
WHERE last_received_at < now() - make_interval(days => :days)
  AND (thinned_at IS NULL OR thinned_at < last_received_at)
ORDER BY last_received_at LIMIT :most;

-- name: lock_stream^
SELECT source, started_at, last_at FROM app.track_stream WHERE stream_id = :stream_id FOR UPDATE;

-- name: packed_fixes^
-- As in store.sql, in the same order.
SELECT array_agg(sequence ORDER BY CASE WHEN :by_time THEN at END, sequence) AS sequences,
       string_agg(
         float8send(extract(epoch FROM at)::float8) || float8send(lon) || float8send(lat)
         || float8send(coalesce(accuracy_m, 'NaN')), '' ORDER BY CASE WHEN :by_time THEN at END, sequence) AS packed
FROM app.patrol_fix
WHERE stream_id = :stream_id AND at BETWEEN :started_at AND :last_at;

-- name: keep_lines!
-- What is removed leaves the line as it is: no day is painted anew for it.
SELECT set_config('app.keeps_line', 'on', true);

-- name: remove_fixes!
DELETE FROM app.patrol_fix
WHERE stream_id = :stream_id AND at BETWEEN :started_at AND :last_at AND sequence <> ALL (:keep::integer[]);

-- name: note_thinning!
UPDATE app.track_stream SET thinned_at = now() WHERE stream_id = :stream_id;

-- name: insert_audit!
INSERT INTO app.audit_log (action, subject, detail)
VALUES ('track.thin', :stream_id, jsonb_build_object('removed', :removed, 'kept', :kept));
