-- Raw positions as phones and trackers send them, and tracks by month.

-- The same as in 0010, which comes before this one where both are applied.
CREATE OR REPLACE FUNCTION app.make_partitions(parent regclass, from_on date DEFAULT NULL, until_on date DEFAULT NULL)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  zone constant text := 'Asia/Shanghai';
  worth_a_month constant integer := 1000;
  this_day constant date := (now() AT TIME ZONE zone)::date;
  name constant text := (SELECT relname FROM pg_class WHERE oid = parent);
  rest constant text := format('app_month.%I', name || '_rest');
  key constant text := (SELECT a.attname FROM pg_partitioned_table AS p
                        JOIN pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
                        WHERE p.partrelid = parent);
  written constant text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                            WHERE attrelid = parent AND attnum > 0 AND NOT attisdropped AND attgenerated = '');
  month date;
  part text;
  starts timestamptz;
  ends timestamptz;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(20140405);
  IF to_regclass(rest) IS NULL THEN
    EXECUTE format('CREATE TABLE %s PARTITION OF %s DEFAULT', rest, parent);
  END IF;
  FOR month IN EXECUTE format(
    'SELECT m::date FROM generate_series(date_trunc(''month'', $1::timestamp), $2::timestamp, ''1 month'') AS m'
    ' UNION SELECT date_trunc(''month'', %I AT TIME ZONE $3)::date FROM %s GROUP BY 1 HAVING count(*) >= $4'
    ' ORDER BY 1', key, rest)
    USING coalesce(from_on, this_day), coalesce(until_on, this_day + interval '2 months'), zone, worth_a_month
  LOOP
    part := format('app_month.%I', name || to_char(month, '_YYYYMM'));
    CONTINUE WHEN to_regclass(part) IS NOT NULL;
    starts := month::timestamp AT TIME ZONE zone;
    ends := (month + interval '1 month') AT TIME ZONE zone;
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', rest);
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS)',
                   part, parent);
    EXECUTE format('WITH moved AS (DELETE FROM %1$s WHERE %2$I >= $1 AND %2$I < $2 RETURNING %3$s)'
                   ' INSERT INTO %4$s (%3$s) SELECT %3$s FROM moved', rest, key, written, part)
      USING starts, ends;
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', parent, part, starts, ends);
    made := made + 1;
  END LOOP;
  RETURN made;
END
$$;
COMMENT ON FUNCTION app.make_partitions(regclass, date, date) IS
  'Makes the partitions that lack, one a calendar month of the district: from this month to the next two unless told, and for months of which the partition of the rest holds 1,000 rows. Gives how many it made; harmless when repeated';

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
