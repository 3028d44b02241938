-- Raw positions as phones and trackers send them, and tracks by month.

-- Streams of fixes ---------------------------------------------------------

CREATE TABLE app.track_stream (
  stream_id uuid PRIMARY KEY,
  account_id integer NOT NULL REFERENCES app.account,
  team_id integer REFERENCES app.team,
  patrol_round_id integer REFERENCES app.patrol_round,
  device_id text NOT NULL CHECK (length(device_id) BETWEEN 1 AND 64),
  source text NOT NULL CHECK (source IN ('phone', 'owntracks', 'traccar', 'file')),
  next_sequence integer NOT NULL DEFAULT 0 CHECK (next_sequence >= 0),
  chain_sha256 bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (length(chain_sha256) = 32),
  started_at timestamptz,
  last_at timestamptz CHECK (last_at >= started_at),
  last_received_at timestamptz NOT NULL DEFAULT now(),
  tracked_at timestamptz,
  closed_at timestamptz,
  thinned_at timestamptz
);
COMMENT ON TABLE app.track_stream IS 'One walk as one device sends it: fixes are appended in order and never changed';
COMMENT ON COLUMN app.track_stream.stream_id IS 'Made by the phone; also client_id of the track drawn from it';
COMMENT ON COLUMN app.track_stream.next_sequence IS 'How many fixes have come: the number of the next one, from 0';
COMMENT ON COLUMN app.track_stream.chain_sha256 IS 'SHA-256 over all fixes in order, see docs/tracks.md';
COMMENT ON COLUMN app.track_stream.started_at IS 'The earliest time of a fix; last_at the latest';
COMMENT ON COLUMN app.track_stream.tracked_at IS 'Time of the latest fix when the track was drawn last';
CREATE INDEX track_stream_account_idx ON app.track_stream (account_id, last_received_at DESC);
CREATE INDEX track_stream_received_idx ON app.track_stream (last_received_at);

CREATE TABLE app.patrol_fix (
  stream_id uuid NOT NULL,
  sequence integer NOT NULL,
  at timestamptz NOT NULL,
  device_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  lon double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
  lat double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
  accuracy_m real,
  speed_mps real,
  heading real,
  flags smallint NOT NULL DEFAULT 0,
  PRIMARY KEY (stream_id, sequence, at)
) PARTITION BY RANGE (at);
COMMENT ON TABLE app.patrol_fix IS
  'Raw positions, sensitive personal data (PIPL Art. 28); granted to no web role, read by app.read_fixes()';
COMMENT ON COLUMN app.patrol_fix.at IS 'The phone''s clock, put right by its measured offset where that is large';
COMMENT ON COLUMN app.patrol_fix.flags IS '1 clock put right, 2 clock ran backwards, 4 later than it was received';
CREATE INDEX patrol_fix_at_idx ON app.patrol_fix USING brin (at);
-- Tracks -------------------------------------------------------------------

-- The owner is held by the policies too, until they are applied anew after the migrations.
ALTER TABLE app.patrol_track NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.patrol_track SET SCHEMA app_month;

CREATE TABLE app.patrol_track (
  patrol_track_id integer GENERATED ALWAYS AS IDENTITY,
  client_id uuid NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  team_id integer REFERENCES app.team,
  account_id integer REFERENCES app.account,
  patrol_round_id integer REFERENCES app.patrol_round,
  name text NOT NULL DEFAULT '',
  source text NOT NULL CHECK (source IN ('phone', 'gpx', 'demo', 'owntracks', 'traccar', 'file')),
  started_at timestamptz CHECK (started_at = at),
  ended_at timestamptz CHECK (ended_at >= started_at),
  length_m double precision NOT NULL CHECK (length_m >= 0),
  minutes double precision CHECK (minutes >= 0),
  fixes integer NOT NULL CHECK (fixes > 0),
  is_outside boolean NOT NULL,
  community_id integer REFERENCES app.community,
  geom geometry(MultiLineString, 4326) NOT NULL,
  PRIMARY KEY (patrol_track_id, at),
  CONSTRAINT patrol_track_client_id_key UNIQUE (client_id, at)
) PARTITION BY RANGE (at);
COMMENT ON TABLE app.patrol_track IS 'Where a team walked: a line broken at gaps. Tracks are sensitive personal data (PIPL Art. 28)';
COMMENT ON COLUMN app.patrol_track.at IS 'When it began, else when it was received: tells the month it is kept in';
COMMENT ON COLUMN app.patrol_track.started_at IS 'Unknown for a route or a track file without times';
COMMENT ON COLUMN app.patrol_track.minutes IS 'Time on the way without gaps; unknown for tracks from elsewhere';
CREATE INDEX patrol_track_geom_idx ON app.patrol_track USING gist (geom);
CREATE INDEX patrol_track_started_idx ON app.patrol_track (started_at);
CREATE INDEX patrol_track_team_idx ON app.patrol_track (team_id, started_at);
CREATE INDEX patrol_track_at_idx ON app.patrol_track USING brin (at);
SELECT app.make_partitions('app.patrol_fix');
SELECT app.make_partitions('app.patrol_track');
SELECT app.make_partitions('app.patrol_track', m.on_day, m.on_day)
FROM (SELECT DISTINCT date_trunc('month', started_at AT TIME ZONE 'Asia/Shanghai')::date AS on_day
      FROM app_month.patrol_track WHERE started_at IS NOT NULL) AS m;

INSERT INTO app.patrol_track (patrol_track_id, client_id, at, team_id, account_id, patrol_round_id, name, source,
  started_at, ended_at, length_m, fixes, is_outside, community_id, geom)
OVERRIDING SYSTEM VALUE
SELECT patrol_track_id, client_id, coalesce(started_at, now()), team_id, account_id, patrol_round_id, name, source,
  started_at, ended_at, length_m, fixes, is_outside, community_id, geom
FROM app_month.patrol_track ORDER BY patrol_track_id;
SELECT setval(pg_get_serial_sequence('app.patrol_track', 'patrol_track_id'),
              coalesce((SELECT max(patrol_track_id) FROM app_month.patrol_track), 0) + 1, false);
DROP TABLE app_month.patrol_track;

CREATE TRIGGER tally_insert AFTER INSERT ON app.patrol_track REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION app.tally_shapes();
CREATE TRIGGER tally_update AFTER UPDATE ON app.patrol_track REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION app.tally_shapes();
CREATE TRIGGER tally_delete AFTER DELETE ON app.patrol_track REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION app.tally_shapes();
