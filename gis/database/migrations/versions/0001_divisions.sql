-- Divisions: district > subdistrict > community > cell, and the installation itself.
-- A division is never edited in place: a new revision closes the old rows with valid_to.

CREATE TABLE app.installation (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  demo_size text CHECK (demo_size IN ('small', 'district')),
  installed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE app.installation IS 'One row; demo_size is set only in a database that holds the invented demo district';
INSERT INTO app.installation DEFAULT VALUES;

CREATE TABLE app.division_revision (
  revision_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  title text NOT NULL CHECK (title <> ''),
  code_scheme text NOT NULL CHECK (code_scheme <> ''),
  source text NOT NULL,
  is_schematic boolean NOT NULL,
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from),
  published_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE app.division_revision IS 'One publication of the whole division; the current one has no valid_to';
COMMENT ON COLUMN app.division_revision.code_scheme IS 'Which generation of division codes, e.g. cjt213-2014, nbs-2018';
COMMENT ON COLUMN app.division_revision.is_schematic IS 'Not legal boundaries: every map and export says so';
CREATE UNIQUE INDEX division_revision_current_key ON app.division_revision ((true)) WHERE valid_to IS NULL;

CREATE TABLE app.district (
  district_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  revision_id integer NOT NULL REFERENCES app.division_revision,
  code text NOT NULL CHECK (code <> ''),
  name_zh text NOT NULL CHECK (name_zh <> ''),
  name_en text NOT NULL DEFAULT '',
  code_scheme text NOT NULL,
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from),
  area_m2 double precision NOT NULL CHECK (area_m2 > 0),
  geom geometry(MultiPolygon, 4326) NOT NULL CHECK (ST_IsValid(geom)),
  CONSTRAINT district_code_key UNIQUE (revision_id, code)
);

CREATE TABLE app.subdistrict (
  subdistrict_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  district_id integer NOT NULL REFERENCES app.district,
  revision_id integer NOT NULL REFERENCES app.division_revision,
  code text NOT NULL CHECK (code <> ''),
  name_zh text NOT NULL CHECK (name_zh <> ''),
  name_en text NOT NULL DEFAULT '',
  code_scheme text NOT NULL,
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from),
  area_m2 double precision NOT NULL CHECK (area_m2 > 0),
  geom geometry(MultiPolygon, 4326) NOT NULL CHECK (ST_IsValid(geom)),
  CONSTRAINT subdistrict_code_key UNIQUE (revision_id, code)
);

CREATE TABLE app.community (
  community_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subdistrict_id integer NOT NULL REFERENCES app.subdistrict,
  revision_id integer NOT NULL REFERENCES app.division_revision,
  code text NOT NULL CHECK (code <> ''),
  name_zh text NOT NULL CHECK (name_zh <> ''),
  name_en text NOT NULL DEFAULT '',
  pinyin_initials text NOT NULL DEFAULT '',
  code_scheme text NOT NULL,
  code_is_provisional boolean NOT NULL DEFAULT false,
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from),
  area_m2 double precision NOT NULL CHECK (area_m2 > 0),
  geom geometry(MultiPolygon, 4326) NOT NULL CHECK (ST_IsValid(geom)),
  CONSTRAINT community_code_key UNIQUE (revision_id, code)
);
CREATE INDEX community_geom_idx ON app.community USING gist (geom);

CREATE TABLE app.cell (
  cell_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  community_id integer NOT NULL REFERENCES app.community,
  revision_id integer NOT NULL REFERENCES app.division_revision,
  code text NOT NULL CHECK (code <> ''),
  name_zh text NOT NULL CHECK (name_zh <> ''),
  name_en text NOT NULL DEFAULT '',
  code_scheme text NOT NULL,
  land_use text NOT NULL DEFAULT 'other'
    CHECK (land_use IN ('urban_village', 'estate', 'industrial', 'hill', 'other')),
  population integer NOT NULL DEFAULT 0 CHECK (population >= 0),
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from),
  area_m2 double precision NOT NULL CHECK (area_m2 > 0),
  geom geometry(MultiPolygon, 4326) NOT NULL CHECK (ST_IsValid(geom)),
  CONSTRAINT cell_code_key UNIQUE (revision_id, code)
);
COMMENT ON COLUMN app.cell.population IS 'Synthetic in the demo district: the figure the schematic cells were balanced by';
CREATE INDEX cell_geom_idx ON app.cell USING gist (geom);
CREATE INDEX cell_community_idx ON app.cell (community_id);
CREATE INDEX cell_current_code_idx ON app.cell (code) WHERE valid_to IS NULL;
