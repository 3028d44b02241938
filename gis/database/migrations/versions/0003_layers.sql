-- The layers over the cells. cell_id and community_id are resolved when a row is written and are what
-- the row-level policies compare; a place outside the district has none and is kept all the same.

CREATE DOMAIN app.lonlat AS geometry(Point, 4326)
  CHECK (ST_X(VALUE) BETWEEN -180 AND 180 AND ST_Y(VALUE) BETWEEN -90 AND 90);

-- Rental housing -----------------------------------------------------------

CREATE TABLE app.rental_grade (
  code text PRIMARY KEY,
  scheme text NOT NULL,
  rank smallint NOT NULL,
  name_zh text NOT NULL,
  name_en text NOT NULL,
  colour text NOT NULL CHECK (colour ~ '^#[0-9a-f]{6}$'),
  visit_interval_days integer NOT NULL CHECK (visit_interval_days > 0),
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from)
);

CREATE TABLE app.building (
  building_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL CONSTRAINT building_code_key UNIQUE CHECK (code <> ''),
  name_zh text NOT NULL,
  address text NOT NULL,
  pinyin_initials text NOT NULL DEFAULT '',
  use text NOT NULL CHECK (use IN ('residential', 'commercial', 'industrial', 'warehouse', 'mixed')),
  floors smallint NOT NULL CHECK (floors BETWEEN 1 AND 200),
  built_year smallint,
  cell_id integer REFERENCES app.cell,
  community_id integer REFERENCES app.community,
  geom app.lonlat NOT NULL
);
COMMENT ON COLUMN app.building.geom IS 'The entrance: the building lies in the cell its entrance lies in';
CREATE INDEX building_cell_idx ON app.building (cell_id);
CREATE INDEX building_geom_idx ON app.building USING gist (geom);

CREATE TABLE app.building_head (
  building_head_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  building_id integer NOT NULL REFERENCES app.building,
  full_name text NOT NULL,
  phone text NOT NULL,
  name_masked text GENERATED ALWAYS AS (left(full_name, 1) || '**') STORED,
  phone_masked text GENERATED ALWAYS AS (left(phone, 3) || '****' || right(phone, 4)) STORED,
  cell_id integer REFERENCES app.cell,
  community_id integer REFERENCES app.community,
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from)
);
COMMENT ON TABLE app.building_head IS '楼长. full_name and phone are not granted to web roles: app.reveal_building_head() gives them, with an audit row';
CREATE INDEX building_head_building_idx ON app.building_head (building_id);
CREATE INDEX building_head_cell_idx ON app.building_head (cell_id);

CREATE TABLE app.rental_unit (
  rental_unit_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL CONSTRAINT rental_unit_code_key UNIQUE CHECK (code <> ''),
  building_id integer REFERENCES app.building,
  address text NOT NULL,
  room text NOT NULL DEFAULT '',
  floor smallint NOT NULL DEFAULT 1,
  area_m2 real CHECK (area_m2 > 0),
  use text NOT NULL DEFAULT 'residential'
    CHECK (use IN ('residential', 'commercial', 'industrial', 'warehouse', 'mixed')),
  tenants smallint NOT NULL DEFAULT 0 CHECK (tenants >= 0),
  grade text NOT NULL REFERENCES app.rental_grade,
  hazards text[] NOT NULL DEFAULT '{}'
    CHECK (hazards <@ ARRAY['fire', 'electric', 'gas', 'three_in_one', 'illegal_building']),
  filed_on date NOT NULL,
  last_visit_at timestamptz,
  cell_id integer REFERENCES app.cell,
  community_id integer REFERENCES app.community,
  geom app.lonlat NOT NULL
);
COMMENT ON COLUMN app.rental_unit.tenants IS 'A count; tenants themselves are not in this database';
CREATE INDEX rental_unit_cell_idx ON app.rental_unit (cell_id);
CREATE INDEX rental_unit_building_idx ON app.rental_unit (building_id);
CREATE INDEX rental_unit_geom_idx ON app.rental_unit USING gist (geom);

-- Incidents ----------------------------------------------------------------

CREATE TABLE app.incident_category (
  code text PRIMARY KEY,
  scheme text NOT NULL,
  family text NOT NULL CHECK (family IN ('ZZ', 'JF', 'AQ', 'SR')),
  name_zh text NOT NULL,
  name_en text NOT NULL,
  time_limit_hours integer NOT NULL CHECK (time_limit_hours > 0),
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from)
);
COMMENT ON COLUMN app.incident_category.family IS 'ZZ public order, JF disputes, AQ public safety, SR city appearance';

CREATE TABLE app.incident (
  incident_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id uuid NOT NULL CONSTRAINT incident_client_id_key UNIQUE,
  category text NOT NULL REFERENCES app.incident_category,
  state text NOT NULL DEFAULT 'reported' CHECK (state IN (
    'reported', 'accepted', 'filed', 'dispatched', 'handling', 'handled', 'checking', 'rework',
    'closed', 'archived', 'rejected', 'voided')),
  is_open boolean GENERATED ALWAYS AS (state NOT IN ('closed', 'archived', 'rejected', 'voided')) STORED,
  source text NOT NULL DEFAULT 'officer' CHECK (source IN ('officer', 'patrol', 'hotline', 'public', 'import')),
  severity smallint NOT NULL DEFAULT 1 CHECK (severity BETWEEN 1 AND 4),
  people smallint NOT NULL DEFAULT 0 CHECK (people >= 0),
  description text NOT NULL CHECK (length(description) BETWEEN 1 AND 2000),
  address text NOT NULL DEFAULT '',
  occurred_at timestamptz NOT NULL,
  reported_at timestamptz NOT NULL DEFAULT now(),
  due_at timestamptz NOT NULL,
  closed_at timestamptz,
  reporter_id integer REFERENCES app.account,
  cell_id integer REFERENCES app.cell,
  community_id integer REFERENCES app.community,
  geom app.lonlat NOT NULL
);
COMMENT ON COLUMN app.incident.client_id IS 'Made by the reporting device; the same id twice is one incident';
COMMENT ON COLUMN app.incident.people IS 'How many are involved: a count, never names';
CREATE INDEX incident_cell_reported_idx ON app.incident (cell_id, reported_at DESC);
CREATE INDEX incident_reporter_idx ON app.incident (reporter_id);
CREATE INDEX incident_open_cell_idx ON app.incident (cell_id) WHERE is_open;
CREATE INDEX incident_geom_idx ON app.incident USING gist (geom);

-- State land and patrol ----------------------------------------------------

CREATE TABLE app.violation_kind (
  code text PRIMARY KEY,
  name_zh text NOT NULL,
  name_en text NOT NULL,
  is_violation boolean NOT NULL
);
COMMENT ON TABLE app.violation_kind IS 'What a patrol point reports: all clear, the six violations of 2013 (L1-L6), other';

CREATE TABLE app.parcel (
  parcel_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL CONSTRAINT parcel_code_key UNIQUE CHECK (code <> ''),
  name_zh text NOT NULL,
  level text NOT NULL CHECK (level IN ('key', 'ordinary', 'remote')),
  area_m2 double precision NOT NULL CHECK (area_m2 > 0),
  cell_id integer REFERENCES app.cell,
  community_id integer REFERENCES app.community,
  geom geometry(MultiPolygon, 4326) NOT NULL CHECK (ST_IsValid(geom))
);
COMMENT ON COLUMN app.parcel.cell_id IS 'The cell of the parcel''s inner point; a parcel may reach into neighbours';
CREATE INDEX parcel_geom_idx ON app.parcel USING gist (geom);
CREATE INDEX parcel_cell_idx ON app.parcel (cell_id);

CREATE TABLE app.team_area (
  team_area_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  team_id integer NOT NULL REFERENCES app.team,
  community_id integer REFERENCES app.community,
  parcel_id integer REFERENCES app.parcel,
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from),
  CONSTRAINT team_area_one_place_check CHECK (num_nonnulls(community_id, parcel_id) = 1)
);
COMMENT ON TABLE app.team_area IS 'Which communities or single parcels a team patrols, from day to day inclusive';
CREATE INDEX team_area_team_idx ON app.team_area (team_id);

CREATE TABLE app.check_point (
  check_point_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL CONSTRAINT check_point_code_key UNIQUE CHECK (code <> ''),
  name_zh text NOT NULL,
  parcel_id integer REFERENCES app.parcel,
  radius_m real NOT NULL DEFAULT 40 CHECK (radius_m BETWEEN 5 AND 500),
  cell_id integer REFERENCES app.cell,
  community_id integer REFERENCES app.community,
  geom app.lonlat NOT NULL
);
CREATE INDEX check_point_geom_idx ON app.check_point USING gist (geom);
CREATE INDEX check_point_cell_idx ON app.check_point (cell_id);

CREATE TABLE app.patrol_round (
  patrol_round_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  team_id integer NOT NULL REFERENCES app.team,
  parcel_id integer REFERENCES app.parcel,
  community_id integer REFERENCES app.community,
  planned_from timestamptz NOT NULL,
  planned_to timestamptz NOT NULL CHECK (planned_to > planned_from),
  started_at timestamptz,
  ended_at timestamptz CHECK (ended_at >= started_at),
  state text NOT NULL CHECK (state IN ('planned', 'started', 'done', 'partly_done', 'missed'))
);
CREATE INDEX patrol_round_team_idx ON app.patrol_round (team_id, planned_from DESC);

CREATE TABLE app.patrol_track (
  patrol_track_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id uuid NOT NULL CONSTRAINT patrol_track_client_id_key UNIQUE,
  team_id integer REFERENCES app.team,
  account_id integer REFERENCES app.account,
  patrol_round_id integer REFERENCES app.patrol_round,
  name text NOT NULL DEFAULT '',
  source text NOT NULL CHECK (source IN ('phone', 'gpx', 'demo')),
  started_at timestamptz,
  ended_at timestamptz CHECK (ended_at >= started_at),
  length_m double precision NOT NULL CHECK (length_m >= 0),
  fixes integer NOT NULL CHECK (fixes > 0),
  is_outside boolean NOT NULL,
  community_id integer REFERENCES app.community,
  geom geometry(MultiLineString, 4326) NOT NULL
);
COMMENT ON TABLE app.patrol_track IS 'Where a team walked: a line broken at gaps. Tracks are sensitive personal data (PIPL Art. 28)';
COMMENT ON COLUMN app.patrol_track.started_at IS 'Unknown for a route or a track file without times';
CREATE INDEX patrol_track_geom_idx ON app.patrol_track USING gist (geom);
CREATE INDEX patrol_track_started_idx ON app.patrol_track (started_at);
CREATE INDEX patrol_track_team_idx ON app.patrol_track (team_id, started_at);

CREATE TABLE app.patrol_point (
  patrol_point_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id uuid NOT NULL CONSTRAINT patrol_point_client_id_key UNIQUE,
  content_sha256 bytea NOT NULL CHECK (length(content_sha256) = 32),
  team_id integer REFERENCES app.team,
  account_id integer REFERENCES app.account,
  patrol_round_id integer REFERENCES app.patrol_round,
  check_point_id integer REFERENCES app.check_point,
  parcel_id integer REFERENCES app.parcel,
  kind text NOT NULL REFERENCES app.violation_kind,
  note text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
  source text NOT NULL CHECK (source IN ('phone', 'gpx', 'import', 'demo')),
  device_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  accuracy_m real CHECK (accuracy_m >= 0),
  sequence integer,
  cell_id integer REFERENCES app.cell,
  community_id integer REFERENCES app.community,
  is_outside boolean NOT NULL,
  geom app.lonlat NOT NULL
);
COMMENT ON COLUMN app.patrol_point.content_sha256 IS 'Tells a harmless retry from another content under the same id';
COMMENT ON COLUMN app.patrol_point.device_at IS 'The phone''s clock; received_at is the server''s';
COMMENT ON COLUMN app.patrol_point.is_outside IS 'Outside the district: kept and flagged, never dropped';
CREATE INDEX patrol_point_cell_idx ON app.patrol_point (cell_id, device_at DESC);
CREATE INDEX patrol_point_community_idx ON app.patrol_point (community_id, device_at DESC);
CREATE INDEX patrol_point_team_idx ON app.patrol_point (team_id, device_at DESC);
CREATE INDEX patrol_point_parcel_idx ON app.patrol_point (parcel_id);
CREATE INDEX patrol_point_account_idx ON app.patrol_point (account_id, device_at DESC);
CREATE INDEX patrol_point_device_at_idx ON app.patrol_point (device_at);
CREATE INDEX patrol_point_geom_idx ON app.patrol_point USING gist (geom);

-- Service facilities -------------------------------------------------------

CREATE TABLE app.facility_kind (
  code text PRIMARY KEY,
  name_zh text NOT NULL,
  name_en text NOT NULL
);

CREATE TABLE app.facility (
  facility_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL CONSTRAINT facility_code_key UNIQUE CHECK (code <> ''),
  kind text NOT NULL REFERENCES app.facility_kind,
  name_zh text NOT NULL CHECK (name_zh <> ''),
  name_en text NOT NULL DEFAULT '',
  pinyin_initials text NOT NULL DEFAULT '',
  address text NOT NULL DEFAULT '',
  capacity integer CHECK (capacity >= 0),
  cell_id integer REFERENCES app.cell,
  community_id integer REFERENCES app.community,
  geom app.lonlat NOT NULL
);
CREATE INDEX facility_geom_idx ON app.facility USING gist (geom);
CREATE INDEX facility_cell_idx ON app.facility (cell_id);
