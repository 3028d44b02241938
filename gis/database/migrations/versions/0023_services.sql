-- What service coverage asks: when a facility is open, which streets people walk on, and where new sites might go.

ALTER TABLE app.facility ADD COLUMN opening_hours text NOT NULL DEFAULT '' CHECK (length(opening_hours) <= 200);
COMMENT ON COLUMN app.facility.opening_hours IS
  'As OpenStreetMap writes them, in part: see gis/facility/hours.py; empty where they are not known';

-- One network at a time, replaced as a whole; its number is the version of the streets.
CREATE TABLE app.road_network (
  road_network_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  title text NOT NULL CHECK (title <> ''),
  source text NOT NULL DEFAULT '',
  licence text NOT NULL DEFAULT '',
  dated_on date,
  is_synthetic boolean NOT NULL DEFAULT false,
  edges integer NOT NULL CHECK (edges >= 0),
  length_m double precision NOT NULL CHECK (length_m > 0),
  walkable_m double precision NOT NULL CHECK (walkable_m >= 0),
  components integer NOT NULL CHECK (components >= 0),
  apart_m double precision NOT NULL CHECK (apart_m >= 0),
  imported_at timestamptz NOT NULL DEFAULT now(),
  account_id integer REFERENCES app.account
);
COMMENT ON COLUMN app.road_network.edges IS 'Streets on foot between two junctions or dead ends';
COMMENT ON COLUMN app.road_network.components IS 'Connected parts of what can be walked on';
COMMENT ON COLUMN app.road_network.apart_m IS 'Length that can be walked on but is not connected with the largest part';

-- Lines as they were brought; a measurement cuts them where they meet.
CREATE TABLE app.road_line (
  road_line_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  road_network_id integer NOT NULL REFERENCES app.road_network ON DELETE CASCADE,
  class text NOT NULL CHECK (class <> ''),
  name text NOT NULL DEFAULT '',
  is_walkable boolean NOT NULL,
  geom geometry(LineString, 4326) NOT NULL
);
CREATE INDEX road_line_network_idx ON app.road_line (road_network_id);
CREATE INDEX road_line_geom_idx ON app.road_line USING gist (geom);

-- A proposal of new sites that somebody has kept: no facility, only a thought on the map.
CREATE TABLE app.site_draft (
  site_draft_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL CHECK (name <> '' AND length(name) <= 200),
  kind text NOT NULL REFERENCES app.facility_kind,
  parameters jsonb NOT NULL,
  outcome jsonb NOT NULL,
  data_version text NOT NULL,
  account_id integer REFERENCES app.account,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE app.site_draft_site (
  site_draft_id integer NOT NULL REFERENCES app.site_draft ON DELETE CASCADE,
  position integer NOT NULL CHECK (position > 0),
  name text NOT NULL DEFAULT '',
  reached double precision NOT NULL CHECK (reached >= 0),
  cell_id integer REFERENCES app.cell,
  community_id integer REFERENCES app.community,
  geom app.lonlat NOT NULL,
  PRIMARY KEY (site_draft_id, position)
);
COMMENT ON COLUMN app.site_draft_site.reached IS 'Whom the site serves beyond those before it, in the weight of the draft';
