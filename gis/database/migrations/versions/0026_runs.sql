-- Analyses as runs: asked for, measured by a worker, kept with what they gave; asked for every week by schedules.

CREATE TABLE app.analysis_schedule (
  analysis_schedule_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  analysis text NOT NULL CHECK (analysis ~ '^[a-z_]{1,40}$'),
  parameters jsonb NOT NULL CHECK (jsonb_typeof(parameters) = 'object'),
  last_days smallint CHECK (last_days BETWEEN 1 AND 366),
  weekday smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7),
  hour smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
  is_enabled boolean NOT NULL DEFAULT true,
  next_at timestamptz NOT NULL,
  account_id integer NOT NULL REFERENCES app.account,
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE app.analysis_schedule IS 'An analysis asked for every week in the name of who made the schedule';
COMMENT ON COLUMN app.analysis_schedule.last_days IS 'The period ends with the day before and has so many days; NULL: the parameters as they stand';
COMMENT ON COLUMN app.analysis_schedule.weekday IS 'ISO 8601: Monday is 1; with `hour` in Asia/Shanghai';
COMMENT ON COLUMN app.analysis_schedule.next_at IS 'When it is asked for next; moved on by who asks, in the same transaction';

CREATE TABLE app.analysis_run (
  analysis_run_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  analysis text NOT NULL CHECK (analysis ~ '^[a-z_]{1,40}$'),
  parameters jsonb NOT NULL CHECK (jsonb_typeof(parameters) = 'object'),
  parameters_sha256 bytea NOT NULL CHECK (length(parameters_sha256) = 32),
  data_version text,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  steps_done integer NOT NULL DEFAULT 0 CHECK (steps_done >= 0),
  steps_all integer NOT NULL DEFAULT 0 CHECK (steps_all >= 0),
  tries smallint NOT NULL DEFAULT 0,
  account_id integer NOT NULL REFERENCES app.account,
  analysis_schedule_id integer REFERENCES app.analysis_schedule ON DELETE SET NULL,
  asked_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  ended_at timestamptz,
  message text,
  result_sha256 bytea CHECK (length(result_sha256) = 32),
  findings jsonb NOT NULL DEFAULT '[]',
  is_kept boolean NOT NULL DEFAULT false,
  report_of integer REFERENCES app.analysis_run ON DELETE CASCADE,
  report jsonb,
  file bytea,
  CONSTRAINT analysis_run_ended_check CHECK ((state IN ('queued', 'running')) = (ended_at IS NULL)),
  CONSTRAINT analysis_run_report_check CHECK ((report_of IS NULL) = (report IS NULL)),
  CONSTRAINT analysis_run_done_check CHECK (
    state <> 'done' OR CASE WHEN report IS NULL THEN result_sha256 IS NOT NULL AND data_version IS NOT NULL
                            ELSE file IS NOT NULL END)
);
COMMENT ON TABLE app.analysis_run IS 'An analysis somebody asked for, or a report of one that takes long; the worker takes one at a time';
COMMENT ON COLUMN app.analysis_run.data_version IS 'State of the data it was measured from, as the analysis tells it';
COMMENT ON COLUMN app.analysis_run.tries IS 'How often a worker began it since it was asked for';
COMMENT ON COLUMN app.analysis_run.result_sha256 IS 'Of tables and findings: the same parameters on the same data give the same';
COMMENT ON COLUMN app.analysis_run.is_kept IS 'Old runs are forgotten, those kept stay';
COMMENT ON COLUMN app.analysis_run.report IS 'What the report is to be: paper and language; its file is a PDF';
ALTER TABLE app.analysis_run ALTER COLUMN file SET STORAGE EXTERNAL;
-- The same is under way once only.
CREATE UNIQUE INDEX analysis_run_under_way_idx
  ON app.analysis_run (analysis, parameters_sha256, coalesce(report_of, 0), coalesce(report::text, ''))
  WHERE state IN ('queued', 'running');
CREATE INDEX analysis_run_asked_idx ON app.analysis_run (asked_at DESC);
CREATE INDEX analysis_run_report_idx ON app.analysis_run (report_of) WHERE report_of IS NOT NULL;

CREATE TABLE app.analysis_table (
  analysis_run_id integer NOT NULL REFERENCES app.analysis_run ON DELETE CASCADE,
  number smallint NOT NULL CHECK (number >= 1),
  name text NOT NULL CHECK (name ~ '^[a-z0-9_]{1,60}$'),
  place text CHECK (place IN ('community', 'cell', 'parcel', 'facility')),
  figures jsonb NOT NULL CHECK (jsonb_typeof(figures) = 'array'),
  PRIMARY KEY (analysis_run_id, number)
);
COMMENT ON TABLE app.analysis_table IS 'A table of a run''s result; figures: [name, unit] of each column';

CREATE TABLE app.analysis_row (
  analysis_row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  analysis_run_id integer NOT NULL,
  table_number smallint NOT NULL,
  number integer NOT NULL CHECK (number >= 1),
  code text NOT NULL,
  figures jsonb NOT NULL CHECK (jsonb_typeof(figures) = 'array'),
  cell_id integer REFERENCES app.cell,
  community_id integer REFERENCES app.community,
  has_area boolean NOT NULL,
  shape geometry(Geometry, 4326),
  UNIQUE (analysis_run_id, table_number, number),
  FOREIGN KEY (analysis_run_id, table_number) REFERENCES app.analysis_table ON DELETE CASCADE
);
COMMENT ON TABLE app.analysis_row IS 'A row of such a table, its values in the order of the figures';
COMMENT ON COLUMN app.analysis_row.shape IS 'Of what is no cell or community, which are found by their ids: a parcel, a facility, a gap, a site, as it was';
COMMENT ON COLUMN app.analysis_row.has_area IS 'Whether it is a feature of app.analysis_result';

-- Results as a layer ----------------------------------------------------------

CREATE FUNCTION app.first_measure(figures jsonb) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT min(f.place)::integer - 1 FROM jsonb_array_elements(figures) WITH ORDINALITY AS f (figure, place)
        WHERE f.figure ->> 1 NOT IN ('text', 'code', 'date', 'yes_no'));
COMMENT ON FUNCTION app.first_measure(jsonb) IS 'Place of the first figure of a table that is a number, from 0; a table''s most telling figure stands first';

CREATE VIEW app.analysis_result WITH (security_invoker = true) AS
SELECT w.analysis_row_id AS analysis_result_id, w.analysis_run_id AS run, r.analysis, t.name AS part, t.place AS kind, w.code,
       r.ended_at AS computed_at, t.figures -> m.place ->> 0 AS figure, (w.figures ->> m.place)::double precision AS value,
       (SELECT jsonb_object_agg(f.figure ->> 0, w.figures -> (f.place::integer - 1))
        FROM jsonb_array_elements(t.figures) WITH ORDINALITY AS f (figure, place))::text AS figures,
       w.table_number, w.cell_id, w.community_id,
       ST_Multi(coalesce(w.shape, c.geom, h.geom))::geometry(MultiPolygon, 4326) AS geom
FROM app.analysis_row AS w
JOIN app.analysis_table AS t ON t.analysis_run_id = w.analysis_run_id AND t.number = w.table_number
JOIN app.analysis_run AS r ON r.analysis_run_id = w.analysis_run_id
CROSS JOIN LATERAL (SELECT app.first_measure(t.figures) AS place) AS m
LEFT JOIN app.cell AS c ON c.cell_id = w.cell_id
LEFT JOIN app.community AS h ON h.community_id = w.community_id
WHERE w.has_area;
COMMENT ON VIEW app.analysis_result IS 'Rows of results that have an area, with the first measured figure of their table and all of them as JSON';

CREATE FUNCTION app.tally_results() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO app.layer_tally SELECT 'analysis_result', 0, 0, count(*), 0, 0, 1 FROM new_rows WHERE has_area;
  ELSE
    INSERT INTO app.layer_tally SELECT 'analysis_result', 0, 0, -count(*), 0, 0, 1 FROM old_rows WHERE has_area;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.tally_results() IS 'As app.tally_shapes(), of the rows that are features; rows are never changed';
CREATE TRIGGER tally_insert AFTER INSERT ON app.analysis_row REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION app.tally_results();
CREATE TRIGGER tally_delete AFTER DELETE ON app.analysis_row REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION app.tally_results();
INSERT INTO app.layer_tally VALUES ('analysis_result', 0, 0, 0, 0, 0, 1);
