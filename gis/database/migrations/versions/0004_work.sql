-- What the system keeps about its own work: imports and coverage runs.

CREATE TABLE app.import_batch (
  import_batch_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  layer text NOT NULL,
  file_name text NOT NULL,
  file_sha256 bytea NOT NULL CHECK (length(file_sha256) = 32),
  format text NOT NULL,
  encoding text NOT NULL DEFAULT '',
  source_crs text NOT NULL,
  rows_read integer NOT NULL CHECK (rows_read >= 0),
  rows_stored integer NOT NULL CHECK (rows_stored >= 0),
  rows_unchanged integer NOT NULL CHECK (rows_unchanged >= 0),
  rows_rejected integer NOT NULL CHECK (rows_rejected >= 0),
  account_id integer REFERENCES app.account,
  imported_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT import_batch_all_accounted_check
    CHECK (rows_read = rows_stored + rows_unchanged + rows_rejected)
);

CREATE TABLE app.import_reject (
  import_batch_id integer NOT NULL REFERENCES app.import_batch,
  row_number integer NOT NULL,
  field text NOT NULL DEFAULT '',
  code text NOT NULL,
  reason text NOT NULL
);
CREATE INDEX import_reject_batch_idx ON app.import_reject (import_batch_id);

CREATE TABLE app.coverage_run (
  coverage_run_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  from_on date NOT NULL,
  to_on date NOT NULL CHECK (to_on >= from_on),
  radius_m real NOT NULL CHECK (radius_m BETWEEN 1 AND 2000),
  revision_id integer NOT NULL REFERENCES app.division_revision,
  fixes integer NOT NULL,
  legs integer NOT NULL,
  account_id integer REFERENCES app.account,
  computed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE app.coverage_run IS 'One measured period and radius; its definition stands in docs/coverage.md';

CREATE TABLE app.coverage_share (
  coverage_run_id integer NOT NULL REFERENCES app.coverage_run ON DELETE CASCADE,
  cell_id integer NOT NULL REFERENCES app.cell,
  community_id integer NOT NULL REFERENCES app.community,
  area_m2 double precision NOT NULL CHECK (area_m2 > 0),
  covered_m2 double precision NOT NULL CHECK (covered_m2 >= 0),
  PRIMARY KEY (coverage_run_id, cell_id)
);
CREATE INDEX coverage_share_cell_idx ON app.coverage_share (cell_id);
