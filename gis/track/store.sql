-- name: my_team$
SELECT (app.my_teams())[1];

-- name: find_round$
SELECT patrol_round_id FROM app.patrol_round WHERE patrol_round_id = :round_id;

-- name: insert_stream!
INSERT INTO app.track_stream (stream_id, account_id, team_id, patrol_round_id, device_id, source)
VALUES (:stream_id, app.account_id(), :team_id, :round_id, :device_id, :source)
ON CONFLICT (stream_id) DO NOTHING;

-- name: lock_stream^
-- The lock puts uploads of one stream in a row.
SELECT stream_id::text AS stream_id, source, team_id, patrol_round_id, next_sequence, chain_sha256, started_at, last_at,
       tracked_at, closed_at, now() AS received_at
FROM app.track_stream
WHERE stream_id = :stream_id AND account_id = app.account_id()
FOR UPDATE;

-- name: last_device_at$
SELECT device_at FROM app.read_fixes(:stream_id, :sequence, 1);

-- name: insert_fixes!
INSERT INTO app.patrol_fix (stream_id, sequence, at, device_at, received_at, lon, lat, accuracy_m, speed_mps, heading,
  flags)
SELECT :stream_id, :first + f.place - 1, f.at, f.device_at, now(), f.lon, f.lat, f.accuracy_m, f.speed_mps, f.heading,
       f.flags
FROM unnest(:ats::timestamptz[], :device_ats::timestamptz[], :lons::float8[], :lats::float8[], :accuracies::real[],
            :speeds::real[], :headings::real[], :flags::smallint[])
  WITH ORDINALITY AS f (at, device_at, lon, lat, accuracy_m, speed_mps, heading, flags, place);

-- name: advance_stream!
UPDATE app.track_stream
SET next_sequence = :next_sequence, chain_sha256 = :chain_sha256, started_at = least(started_at, :first_at),
    last_at = greatest(last_at, :last_at), last_received_at = now()
WHERE stream_id = :stream_id;

-- name: close_stream!
UPDATE app.track_stream SET closed_at = coalesce(closed_at, now()) WHERE stream_id = :stream_id;

-- name: packed_fixes$
-- Time, longitude, latitude, accuracy of each fix as big-endian doubles: a tenth of the time that rows would take.
SELECT string_agg(
  float8send(extract(epoch FROM at)::float8) || float8send(lon) || float8send(lat)
  || float8send(coalesce(accuracy_m, 'NaN')), '' ORDER BY CASE WHEN :by_time THEN at END, sequence)
FROM app.read_fixes(:stream_id);

-- name: update_track!
UPDATE app.patrol_track AS t
SET at = :started_at, started_at = :started_at, ended_at = :ended_at, length_m = :length_m, minutes = :minutes,
    fixes = :fixes, is_outside = place.community_id IS NULL, community_id = place.community_id, geom = :geom
FROM (SELECT app.community_of(:geom) AS community_id) AS place
WHERE t.client_id = :stream_id;

-- name: insert_track!
INSERT INTO app.patrol_track (client_id, at, team_id, account_id, patrol_round_id, name, source, started_at, ended_at,
  length_m, minutes, fixes, is_outside, community_id, geom)
SELECT :stream_id, coalesce(:started_at, now()), :team_id, app.account_id(), :round_id, :name, :source, :started_at, :ended_at,
       :length_m, :minutes, :fixes, place.community_id IS NULL, place.community_id, :geom
FROM (SELECT app.community_of(:geom) AS community_id) AS place;

-- name: note_drawing!
UPDATE app.track_stream SET tracked_at = :last_at WHERE stream_id = :stream_id;

-- name: find_stream^
SELECT next_sequence AS stored, encode(chain_sha256, 'hex') AS sha256, device_id, source, patrol_round_id AS round_id,
       started_at, last_at, closed_at, thinned_at
FROM app.track_stream
WHERE stream_id = :stream_id;

-- name: find_track$
SELECT json_build_object('type', 'Feature', 'id', patrol_track_id, 'geometry', ST_AsGeoJSON(geom, 7)::json,
  'properties', json_build_object('started_at', started_at, 'ended_at', ended_at,
    'length_m', round(length_m::numeric, 1), 'minutes', round(minutes::numeric, 1), 'fixes', fixes))
FROM app.patrol_track
WHERE client_id = :stream_id;

-- name: read_fixes
SELECT sequence, at, device_at, lon, lat, accuracy_m, speed_mps, heading, flags
FROM app.read_fixes(:stream_id, :first, :most);

-- name: known_fixes
SELECT device_at, lon, lat FROM app.known_fixes(:stream_id, :device_ats ::timestamptz[]);
