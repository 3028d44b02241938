-- Records as phones send them: receipts, revisions, evidence, a quarantine; patrol points by month; tokens of devices.

-- The owner is held by the policies too, until they are applied anew after the migrations.
ALTER TABLE app.patrol_point NO FORCE ROW LEVEL SECURITY;

-- Tokens -----------------------------------------------------------------------

ALTER TABLE app.api_token ADD COLUMN kind text NOT NULL DEFAULT 'program'
  CONSTRAINT api_token_kind_check CHECK (kind IN ('program', 'device', 'tracker'));
COMMENT ON COLUMN app.api_token.kind IS 'program: the API; device: uploads of a phone only; tracker: positions of a tracker only';

-- Partitions by month ------------------------------------------------------------

-- Partitions stand in a schema of their own, in which no role but the owner may do anything: rows are reached
-- through the parent, under its policies.
CREATE FUNCTION app.make_partitions(parent regclass, from_on date DEFAULT NULL, until_on date DEFAULT NULL)
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
    -- Attached without rows: foreign keys of those that are there would be looked up under the owner's row policies.
    EXECUTE format('CREATE TEMP TABLE held AS SELECT %s FROM %s WITH NO DATA', written, rest);
    EXECUTE format('WITH moved AS (DELETE FROM %1$s WHERE %2$I >= $1 AND %2$I < $2 RETURNING %3$s)'
                   ' INSERT INTO pg_temp.held (%3$s) SELECT %3$s FROM moved', rest, key, written)
      USING starts, ends;
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', parent, part, starts, ends);
    EXECUTE format('INSERT INTO %1$s (%2$s) SELECT %2$s FROM pg_temp.held', part, written);
    DROP TABLE pg_temp.held;
    made := made + 1;
  END LOOP;
  RETURN made;
END
$$;
COMMENT ON FUNCTION app.make_partitions(regclass, date, date) IS
  'Makes the partitions that lack, one a calendar month of the district: from this month to the next two unless told, and for months of which the partition of the rest holds 1,000 rows. Gives how many it made; harmless when repeated';

-- Patrol points ------------------------------------------------------------------

ALTER TABLE app.patrol_point SET SCHEMA app_month;

CREATE TABLE app.patrol_point (
  patrol_point_id bigint GENERATED ALWAYS AS IDENTITY,
  client_id uuid NOT NULL,
  revision integer NOT NULL DEFAULT 1 CHECK (revision > 0),
  content_sha256 bytea NOT NULL CHECK (length(content_sha256) = 32),
  team_id integer REFERENCES app.team,
  account_id integer REFERENCES app.account,
  device_id uuid,
  patrol_round_id integer REFERENCES app.patrol_round,
  check_point_id integer REFERENCES app.check_point,
  parcel_id integer REFERENCES app.parcel,
  kind text NOT NULL REFERENCES app.violation_kind,
  note text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
  source text NOT NULL CHECK (source IN ('phone', 'gpx', 'import', 'demo')),
  at timestamptz NOT NULL,
  device_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  clock_offset_s bigint,
  sequence integer,
  method text CHECK (method IN ('gps', 'qr', 'map', 'typed')),
  fix_at timestamptz,
  accuracy_m real CHECK (accuracy_m >= 0),
  is_mock boolean NOT NULL DEFAULT false,
  grade text NOT NULL DEFAULT 'C' CHECK (grade IN ('A', 'B', 'C', 'D')),
  cell_id integer REFERENCES app.cell,
  community_id integer REFERENCES app.community,
  is_outside boolean NOT NULL,
  geom app.lonlat NOT NULL,
  quad bigint NOT NULL GENERATED ALWAYS AS (app.quad_of(ST_X(geom), ST_Y(geom))) STORED,
  PRIMARY KEY (patrol_point_id, at),
  CONSTRAINT patrol_point_client_id_key UNIQUE (client_id, at)
) PARTITION BY RANGE (at);
COMMENT ON COLUMN app.patrol_point.client_id IS 'Made by the phone. One over all months: app.field_receipt sees to it';
COMMENT ON COLUMN app.patrol_point.content_sha256 IS 'Tells a harmless retry from another content under the same id';
COMMENT ON COLUMN app.patrol_point.at IS 'The best estimate of when: the phone''s clock, corrected where it was wrong by more than five minutes';
COMMENT ON COLUMN app.patrol_point.device_at IS 'The phone''s clock; received_at is the server''s';
COMMENT ON COLUMN app.patrol_point.clock_offset_s IS 'Seconds that were added to device_at; NULL where the phone''s clock was believed';
COMMENT ON COLUMN app.patrol_point.sequence IS 'Counts up on the device: the order of its records, whatever its clock says';
COMMENT ON COLUMN app.patrol_point.method IS 'How the position came about; NULL where nobody said';
COMMENT ON COLUMN app.patrol_point.grade IS 'Worth as evidence, A to D: gis/patrol/evidence.py';
COMMENT ON COLUMN app.patrol_point.is_outside IS 'Outside the district: kept and flagged, never dropped';
CREATE INDEX patrol_point_cell_idx ON app.patrol_point (cell_id, at DESC);
CREATE INDEX patrol_point_community_idx ON app.patrol_point (community_id, at DESC);
CREATE INDEX patrol_point_team_idx ON app.patrol_point (team_id, at DESC);
CREATE INDEX patrol_point_parcel_idx ON app.patrol_point (parcel_id);
CREATE INDEX patrol_point_account_idx ON app.patrol_point (account_id, at DESC);
-- The b-tree finds the first and last moment and a few minutes, BRIN takes days together for next to nothing.
CREATE INDEX patrol_point_at_idx ON app.patrol_point (at);
CREATE INDEX patrol_point_at_brin_idx ON app.patrol_point USING brin (at);
CREATE INDEX patrol_point_geom_idx ON app.patrol_point USING gist (geom);
CREATE INDEX patrol_point_quad_idx ON app.patrol_point (quad);

-- A clock that was more than a day ahead is not believed; nobody sent its own hour yet.
CREATE TEMP TABLE moment ON COMMIT DROP AS
SELECT patrol_point_id, CASE WHEN device_at > received_at + interval '24 hours' THEN received_at ELSE device_at END AS at
FROM app_month.patrol_point;
SELECT app.make_partitions('app.patrol_point');
SELECT app.make_partitions('app.patrol_point', m.on_day, m.on_day)
FROM (SELECT DISTINCT date_trunc('month', at AT TIME ZONE 'Asia/Shanghai')::date AS on_day FROM moment) AS m;

INSERT INTO app.patrol_point (patrol_point_id, client_id, content_sha256, team_id, account_id, patrol_round_id,
  check_point_id, parcel_id, kind, note, source, at, device_at, received_at, clock_offset_s, sequence, method, fix_at,
  accuracy_m, grade, cell_id, community_id, is_outside, geom)
OVERRIDING SYSTEM VALUE
SELECT o.patrol_point_id, o.client_id, o.content_sha256, o.team_id, o.account_id, o.patrol_round_id,
       o.check_point_id, o.parcel_id, o.kind, o.note, o.source, m.at, o.device_at, o.received_at,
       CASE WHEN m.at <> o.device_at THEN round(extract(epoch FROM m.at - o.device_at))::bigint END, o.sequence,
       CASE WHEN o.source IN ('phone', 'demo') THEN 'gps' END, CASE WHEN o.source = 'demo' THEN o.device_at END,
       o.accuracy_m,
       -- Phones did not say how old their position was.
       CASE WHEN m.at <> o.device_at THEN 'D' WHEN o.source <> 'demo' OR o.accuracy_m IS NULL THEN 'C'
            WHEN o.accuracy_m <= 10 THEN 'A' WHEN o.accuracy_m <= 30 THEN 'B' ELSE 'C' END,
       o.cell_id, o.community_id, o.is_outside, o.geom
FROM app_month.patrol_point AS o JOIN moment AS m USING (patrol_point_id)
ORDER BY o.patrol_point_id;
SELECT setval(pg_get_serial_sequence('app.patrol_point', 'patrol_point_id'),
              coalesce((SELECT max(patrol_point_id) FROM app_month.patrol_point), 0) + 1, false);
DROP TABLE app_month.patrol_point;

-- Only now, so that moving the rows counted nothing.
CREATE TRIGGER tally_insert AFTER INSERT ON app.patrol_point REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION app.tally_points();
CREATE TRIGGER tally_update AFTER UPDATE ON app.patrol_point REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION app.tally_points();
CREATE TRIGGER tally_delete AFTER DELETE ON app.patrol_point REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION app.tally_points();

-- Receipts, revisions, quarantine --------------------------------------------------

CREATE TABLE app.field_receipt (
  client_id uuid PRIMARY KEY,
  revision integer NOT NULL DEFAULT 1 CHECK (revision > 0),
  content_sha256 bytea NOT NULL CHECK (length(content_sha256) = 32),
  received_at timestamptz NOT NULL DEFAULT now(),
  account_id integer REFERENCES app.account,
  kind text NOT NULL CHECK (kind <> ''),
  at timestamptz
);
COMMENT ON TABLE app.field_receipt IS 'What was taken in under which UUID: one row for each record of a phone or a file, whatever its kind. Written in the transaction that stores the record';
COMMENT ON COLUMN app.field_receipt.kind IS 'point, …: the type the record was sent as';
COMMENT ON COLUMN app.field_receipt.at IS 'The record''s own `at`, which tells its partition';
INSERT INTO app.field_receipt (client_id, content_sha256, received_at, account_id, kind, at)
SELECT client_id, content_sha256, received_at, account_id, 'point', at FROM app.patrol_point ORDER BY client_id;

CREATE TABLE app.patrol_point_revision (
  client_id uuid NOT NULL,
  revision integer NOT NULL CHECK (revision > 0),
  account_id integer REFERENCES app.account,
  content_sha256 bytea NOT NULL CHECK (length(content_sha256) = 32),
  content jsonb NOT NULL,
  kept_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (client_id, revision)
);
COMMENT ON TABLE app.patrol_point_revision IS 'Older contents of patrol points, append only; the newest one is the row of app.patrol_point';

CREATE TABLE app.quarantine (
  quarantine_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id integer NOT NULL REFERENCES app.account,
  device_id uuid,
  sent_at timestamptz,
  received_at timestamptz NOT NULL DEFAULT now(),
  payload jsonb NOT NULL CHECK (jsonb_typeof(payload) = 'object'),
  payload_sha256 bytea NOT NULL CHECK (length(payload_sha256) = 32),
  code text NOT NULL,
  pointer text,
  detail text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'repaired', 'dismissed')),
  repaired jsonb,
  reason text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
  settled_at timestamptz,
  settled_by integer REFERENCES app.account,
  CONSTRAINT quarantine_payload_key UNIQUE (account_id, payload_sha256)
);
COMMENT ON TABLE app.quarantine IS 'Records that were refused or in conflict, kept for an administrator to repair or dismiss';
COMMENT ON COLUMN app.quarantine.repaired IS 'What was sent in its place';
CREATE INDEX quarantine_state_idx ON app.quarantine (state, quarantine_id DESC);
CREATE INDEX quarantine_account_idx ON app.quarantine (account_id, received_at);
