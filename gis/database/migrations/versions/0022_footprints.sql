-- What each day covered, kept once: any period is put together from its days.

CREATE TABLE app.patrol_day (
  on_day date PRIMARY KEY,
  fixes integer NOT NULL CHECK (fixes >= 0),
  points integer NOT NULL CHECK (points >= 0),
  legs integer NOT NULL CHECK (legs >= 0),
  vehicle_legs integer NOT NULL CHECK (vehicle_legs BETWEEN 0 AND legs),
  packed bytea NOT NULL,
  times bytea NOT NULL,
  has_hours boolean NOT NULL DEFAULT true,
  version text NOT NULL CHECK (version ~ '^[0-9a-f]{32}$'),
  shape_version text NOT NULL CHECK (shape_version ~ '^[0-9a-f]{32}$'),
  effort bytea NOT NULL,
  painted_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE app.patrol_day IS
  'A day (Asia/Shanghai) as it was walked: cleaned legs of tracks and accurate points, without people. Sensitive like tracks';
COMMENT ON COLUMN app.patrol_day.packed IS
  'Legs in millimetres of EPSG:4547 in an order that tells no time, packed by gis.analysis.patrol.legs';
COMMENT ON COLUMN app.patrol_day.times IS
  'When each leg began and how long it took: granted to no web role, like raw fixes; gone with them, but for the durations';
COMMENT ON COLUMN app.patrol_day.version IS 'Digest of the legs: an equal one means that the day covers the same';
COMMENT ON COLUMN app.patrol_day.shape_version IS 'Digest of the outlines of cells and parcels that effort was counted for';
COMMENT ON COLUMN app.patrol_day.effort IS 'Minutes, metres and visits of each cell and parcel, packed by gis.analysis.patrol.effort';
ALTER TABLE app.patrol_day
  ALTER packed SET STORAGE EXTERNAL, ALTER times SET STORAGE EXTERNAL, ALTER effort SET STORAGE EXTERNAL;

CREATE TABLE app.patrol_day_layer (
  on_day date NOT NULL REFERENCES app.patrol_day ON DELETE CASCADE,
  radius_m real NOT NULL CHECK (radius_m > 0),
  version text NOT NULL CHECK (version ~ '^[0-9a-f]{32}$'),
  res_m real NOT NULL CHECK (res_m > 0),
  x_m double precision NOT NULL,
  y_m double precision NOT NULL,
  columns integer NOT NULL CHECK (columns > 0),
  rows integer NOT NULL CHECK (rows > 0),
  bits bytea NOT NULL,
  needed bytea NOT NULL,
  painted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (on_day, radius_m)
);
COMMENT ON TABLE app.patrol_day_layer IS 'Which squares of res_m lie within radius_m of what was walked on a day';
COMMENT ON COLUMN app.patrol_day_layer.version IS 'That of the day it was painted from';
COMMENT ON COLUMN app.patrol_day_layer.needed IS 'Legs that paint the layer alone, as the day''s: for small parcels and exact gaps';
ALTER TABLE app.patrol_day_layer ALTER bits SET STORAGE EXTERNAL, ALTER needed SET STORAGE EXTERNAL;

CREATE TABLE app.patrol_target (
  place text NOT NULL CHECK (place IN ('cell', 'parcel')),
  level text NOT NULL,
  share real NOT NULL CHECK (share BETWEEN 0 AND 1),
  days smallint NOT NULL CHECK (days BETWEEN 1 AND 366),
  PRIMARY KEY (place, level)
);
COMMENT ON TABLE app.patrol_target IS
  'What patrols shall reach: the share covered in the period asked and the days between visits, by land use of cells and level of parcels';
INSERT INTO app.patrol_target VALUES
  ('cell', 'urban_village', 0.8, 3), ('cell', 'estate', 0.6, 7), ('cell', 'industrial', 0.6, 7),
  ('cell', 'hill', 0.3, 14), ('cell', 'other', 0.5, 7),
  ('parcel', 'key', 0.9, 1), ('parcel', 'ordinary', 0.8, 2), ('parcel', 'remote', 0.6, 4);

-- A kept run is current while its days are those it was measured from.
ALTER TABLE app.coverage_run ADD COLUMN version text NOT NULL DEFAULT '';
COMMENT ON COLUMN app.coverage_run.version IS 'Digest of the days it was measured from; empty for those of before';

-- Days to be painted anew ----------------------------------------------------
-- Writers append and never wait for each other; whoever paints a day takes its rows away first, in the same transaction.

CREATE TABLE app.patrol_change (
  on_day date NOT NULL,
  noted_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE app.patrol_change IS 'Days whose tracks, points or visits have changed since they were painted';
CREATE INDEX patrol_change_day_idx ON app.patrol_change (on_day);

-- Where nobody paints, one note for each day is enough. Under the painter's lock: a note that it is taking away must not
-- stand for one that it has not seen.
CREATE FUNCTION app.compact_patrol_changes() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT pg_try_advisory_xact_lock(20140422) THEN
    RETURN;
  END IF;
  DELETE FROM app.patrol_change AS c
  WHERE c.ctid <> ALL (ARRAY(
    SELECT DISTINCT ON (n.on_day) n.ctid FROM app.patrol_change AS n ORDER BY n.on_day, n.noted_at DESC));
END
$$;

CREATE FUNCTION app.note_patrol_days() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- The job that thins raw fixes leaves the line as it is.
  IF current_setting('app.keeps_line', true) = 'on' THEN
    RETURN NULL;
  END IF;
  IF TG_OP IN ('INSERT', 'UPDATE') THEN
    -- A fix after midnight ends a leg that may have begun before it.
    INSERT INTO app.patrol_change (on_day)
    SELECT DISTINCT ((n.at - w.before) AT TIME ZONE 'Asia/Shanghai')::date
    FROM new_rows AS n CROSS JOIN (VALUES (interval '0'), (interval '10 minutes')) AS w (before);
  END IF;
  IF TG_OP IN ('UPDATE', 'DELETE') THEN
    INSERT INTO app.patrol_change (on_day)
    SELECT DISTINCT ((o.at - w.before) AT TIME ZONE 'Asia/Shanghai')::date
    FROM old_rows AS o CROSS JOIN (VALUES (interval '0'), (interval '10 minutes')) AS w (before);
  END IF;
  PERFORM app.compact_patrol_changes() WHERE random() < 0.01;
  RETURN NULL;
END
$$;

CREATE FUNCTION app.note_walked_days() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP IN ('INSERT', 'UPDATE') THEN
    INSERT INTO app.patrol_change (on_day)
    SELECT DISTINCT d::date FROM new_rows AS n CROSS JOIN LATERAL generate_series(
      (n.started_at AT TIME ZONE 'Asia/Shanghai')::date,
      (least(coalesce(n.ended_at, n.started_at), n.started_at + interval '7 days') AT TIME ZONE 'Asia/Shanghai')::date,
      interval '1 day') AS d;
  END IF;
  IF TG_OP IN ('UPDATE', 'DELETE') THEN
    INSERT INTO app.patrol_change (on_day)
    SELECT DISTINCT d::date FROM old_rows AS o CROSS JOIN LATERAL generate_series(
      (o.started_at AT TIME ZONE 'Asia/Shanghai')::date,
      (least(coalesce(o.ended_at, o.started_at), o.started_at + interval '7 days') AT TIME ZONE 'Asia/Shanghai')::date,
      interval '1 day') AS d;
  END IF;
  PERFORM app.compact_patrol_changes() WHERE random() < 0.01;
  RETURN NULL;
END
$$;

CREATE FUNCTION app.note_visited_days() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP IN ('INSERT', 'UPDATE') THEN
    INSERT INTO app.patrol_change (on_day)
    SELECT DISTINCT (n.visited_at AT TIME ZONE 'Asia/Shanghai')::date FROM new_rows AS n WHERE n.visited_at IS NOT NULL;
  END IF;
  IF TG_OP IN ('UPDATE', 'DELETE') THEN
    INSERT INTO app.patrol_change (on_day)
    SELECT DISTINCT (o.visited_at AT TIME ZONE 'Asia/Shanghai')::date FROM old_rows AS o WHERE o.visited_at IS NOT NULL;
  END IF;
  RETURN NULL;
END
$$;

DO $$
DECLARE
  noted record;
  event text;
BEGIN
  FOR noted IN SELECT * FROM (VALUES
    ('patrol_fix', 'note_patrol_days'), ('patrol_point', 'note_patrol_days'), ('patrol_track', 'note_walked_days'),
    ('patrol_round_point', 'note_visited_days')) AS v (written, calls) LOOP
    FOREACH event IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
      EXECUTE format('CREATE TRIGGER %I AFTER %s ON app.%I REFERENCING %s FOR EACH STATEMENT EXECUTE FUNCTION app.%I()',
        'patrol_days_' || event, event, noted.written,
        CASE event WHEN 'insert' THEN 'NEW TABLE AS new_rows' WHEN 'delete' THEN 'OLD TABLE AS old_rows'
                   ELSE 'NEW TABLE AS new_rows OLD TABLE AS old_rows' END, noted.calls);
    END LOOP;
  END LOOP;
END
$$;

-- Read alone, it tells how many incidents each cell had lately.
CREATE INDEX incident_occurred_cell_idx ON app.incident (occurred_at) INCLUDE (cell_id, violation);
CREATE INDEX track_stream_last_idx ON app.track_stream (last_at);
CREATE INDEX patrol_round_point_visited_idx ON app.patrol_round_point (visited_at) WHERE visited_at IS NOT NULL;

CREATE FUNCTION app.note_all_patrol_days() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO app.patrol_change (on_day)
  SELECT (at AT TIME ZONE 'Asia/Shanghai')::date FROM app.patrol_point
  UNION SELECT (at AT TIME ZONE 'Asia/Shanghai')::date FROM app.patrol_fix
  UNION SELECT d::date FROM app.patrol_track AS t CROSS JOIN LATERAL generate_series(
    (t.started_at AT TIME ZONE 'Asia/Shanghai')::date,
    (least(coalesce(t.ended_at, t.started_at), t.started_at + interval '7 days') AT TIME ZONE 'Asia/Shanghai')::date,
    interval '1 day') AS d
  UNION SELECT (visited_at AT TIME ZONE 'Asia/Shanghai')::date FROM app.patrol_round_point WHERE visited_at IS NOT NULL;
$$;
COMMENT ON FUNCTION app.note_all_patrol_days() IS 'Has every day painted anew: after bulk loading, which skips the triggers';

-- Days that are there already. The owner is held by the policies too, until they are applied anew after the migrations.
ALTER TABLE app.patrol_point NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.patrol_fix NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.patrol_track NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.patrol_round_point NO FORCE ROW LEVEL SECURITY;
SELECT app.note_all_patrol_days();
