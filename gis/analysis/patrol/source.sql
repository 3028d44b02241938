-- name: streams
-- Fixes of the day and an hour round it, which is more than cleaning looks at, by stream; as gis_migrator.
-- Without streams whose track was deleted.
SELECT s.stream_id::text AS stream_id,
       string_agg(
         float8send(extract(epoch FROM f.at)::float8) || float8send(f.lon) || float8send(f.lat)
         || float8send(coalesce(f.accuracy_m, 'NaN')),
         '' ORDER BY CASE WHEN s.source <> 'phone' THEN f.at END, f.sequence) AS packed
FROM app.track_stream AS s
JOIN app.patrol_fix AS f USING (stream_id)
WHERE s.started_at < :stop AND s.last_at >= :start AND s.tracked_at IS NOT NULL
  AND f.at >= :start::timestamptz - interval '1 hour' AND f.at < :stop::timestamptz + interval '1 hour'
GROUP BY s.stream_id ORDER BY s.stream_id;

-- name: lines
-- Tracks of the day that no stream was kept of; one without times is of no day.
SELECT t.client_id::text AS client_id, ST_AsBinary(t.geom) AS wkb, extract(epoch FROM t.started_at)::float8 AS began_s,
       extract(epoch FROM coalesce(t.ended_at, t.started_at))::float8 AS ended_s
FROM app.patrol_track AS t
WHERE t.started_at < :stop AND coalesce(t.ended_at, t.started_at) >= :start
  AND t.at >= :start::timestamptz - interval '7 days' AND t.at < :stop
  AND NOT EXISTS (SELECT FROM app.track_stream AS s WHERE s.stream_id = t.client_id)
ORDER BY t.client_id;

-- name: doubles
-- The rule of app.counted_tracks(): a longer track of the same person holds more than half of its time.
SELECT w.client_id::text AS client_id
FROM app.patrol_track AS w
WHERE w.started_at < :stop AND w.ended_at >= :start AND w.at >= :start::timestamptz - interval '7 days' AND w.at < :stop
  AND EXISTS (
    SELECT FROM app.patrol_track AS o
    WHERE o.account_id = w.account_id AND o.at >= :start::timestamptz - interval '7 days' AND o.at < :stop
      AND (o.length_m, o.patrol_track_id) > (w.length_m, w.patrol_track_id)
      AND least(o.ended_at, w.ended_at) - greatest(o.started_at, w.started_at) > (w.ended_at - w.started_at) / 2);

-- name: points$
-- Time, longitude, latitude of the day's accurate points as big-endian doubles.
SELECT string_agg(
  float8send(extract(epoch FROM at)::float8) || float8send(ST_X(geom)) || float8send(ST_Y(geom)), ''
  ORDER BY at, client_id)
FROM app.patrol_point
WHERE at >= :start AND at < :stop AND coalesce(accuracy_m, 0) <= :max_accuracy_m;

-- name: visited
-- Check points somebody was at: by a visit of a round, or by a point logged there.
SELECT check_point_id FROM app.patrol_round_point WHERE visited_at >= :start AND visited_at < :stop
UNION
SELECT check_point_id FROM app.patrol_point
WHERE at >= :start AND at < :stop AND check_point_id IS NOT NULL AND coalesce(accuracy_m, 0) <= :max_accuracy_m
ORDER BY check_point_id;
