-- What serving goes by. Three things are kept beside the rows, each current within the writing transaction:
-- a place code that an index may use below a row policy, the GeoJSON text of the large layers, and tallies.

-- The owner fills what is there already; the policies are forced again with the grants.
DO $$
DECLARE
  item record;
BEGIN
  FOR item IN SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind = 'r' LOOP
    EXECUTE format('ALTER TABLE app.%I NO FORCE ROW LEVEL SECURITY', item.relname);
  END LOOP;
END
$$;

-- Place code ------------------------------------------------------------------

CREATE FUNCTION app.quad_of(lon double precision, lat double precision) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  side constant bigint := 16777216;  -- 2^24 squares
  x bigint := floor((lon + 180) / 360 * side);
  y bigint := floor((0.5 - asinh(tan(radians(greatest(-85.0511287, least(85.0511287, lat))))) / (2 * pi())) * side);
BEGIN
  x := greatest(0, least(side - 1, x));
  y := greatest(0, least(side - 1, y));
  x := (x | (x << 16)) & 281470681808895;       -- 0x0000FFFF0000FFFF
  x := (x | (x << 8)) & 71777214294589695;      -- 0x00FF00FF00FF00FF
  x := (x | (x << 4)) & 1085102592571150095;    -- 0x0F0F...
  x := (x | (x << 2)) & 3689348814741910323;    -- 0x3333...
  x := (x | (x << 1)) & 6148914691236517205;    -- 0x5555...
  y := (y | (y << 16)) & 281470681808895;
  y := (y | (y << 8)) & 71777214294589695;
  y := (y | (y << 4)) & 1085102592571150095;
  y := (y | (y << 2)) & 3689348814741910323;
  y := (y | (y << 1)) & 6148914691236517205;
  RETURN x | (y << 1);
END
$$;
COMMENT ON FUNCTION app.quad_of(double precision, double precision) IS
  'The WebMercatorQuad square of zoom 24 (about 2.2 m here) a position lies in, as a Morton number: a tile or square of any lower zoom is one range of it. Integers compare below a row policy, boxes do not';

DO $$
DECLARE
  layer text;
BEGIN
  FOREACH layer IN ARRAY ARRAY['building', 'rental_unit', 'incident', 'check_point', 'patrol_point', 'facility'] LOOP
    EXECUTE format('ALTER TABLE app.%I ADD COLUMN quad bigint NOT NULL '
                   'GENERATED ALWAYS AS (app.quad_of(ST_X(geom), ST_Y(geom))) STORED', layer);
    EXECUTE format('CREATE INDEX %I ON app.%I (quad)', layer || '_quad_idx', layer);
  END LOOP;
END
$$;

-- Ready GeoJSON ---------------------------------------------------------------

-- The feature as it reads while nothing is overdue and no case open; the few others are turned when they are
-- read (gis/publish/layers.py, `told`). Public columns only, so that it is the same whoever reads it.
ALTER TABLE app.building ADD COLUMN feature text;
ALTER TABLE app.rental_unit ADD COLUMN feature text, ADD COLUMN due_on date;
ALTER TABLE app.incident ADD COLUMN feature text;
COMMENT ON COLUMN app.rental_unit.due_on IS 'app.unit_due_on() of the row, kept by the trigger: the day the next visit is due';

-- One expression and no query but for the two codes: 30 µs a row, a subquery with row_to_json takes 100.
CREATE FUNCTION app.publish_building() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  cell text := (SELECT c.code FROM app.cell AS c WHERE c.cell_id = NEW.cell_id);
  community text := (SELECT m.code FROM app.community AS m WHERE m.community_id = NEW.community_id);
BEGIN
  NEW.feature := '{"type":"Feature","id":' || NEW.building_id
    || ',"geometry":' || public.ST_AsGeoJSON(NEW.geom, 7) || ',"properties":'
    || '{"code":' || to_json(NEW.code)
    || ',"name_zh":' || to_json(NEW.name_zh)
    || ',"address":' || to_json(NEW.address)
    || ',"use":' || to_json(NEW.use)
    || ',"floors":' || NEW.floors
    || ',"built_year":' || coalesce(NEW.built_year::text, 'null')
    || ',"cell":' || coalesce(to_json(cell)::text, 'null')
    || ',"community":' || coalesce(to_json(community)::text, 'null')
    || '}}';
  RETURN NEW;
END
$$;

CREATE FUNCTION app.publish_rental_unit() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  cell text := (SELECT c.code FROM app.cell AS c WHERE c.cell_id = NEW.cell_id);
  community text := (SELECT m.code FROM app.community AS m WHERE m.community_id = NEW.community_id);
BEGIN
  NEW.due_on := app.unit_due_on(NEW.filed_on, NEW.last_visit_at,
    (SELECT g.visit_interval_days FROM app.rental_grade AS g WHERE g.code = NEW.grade));
  NEW.feature := '{"type":"Feature","id":' || NEW.rental_unit_id
    || ',"geometry":' || public.ST_AsGeoJSON(NEW.geom, 7) || ',"properties":'
    || '{"code":' || to_json(NEW.code)
    || ',"building_id":' || coalesce(NEW.building_id::text, 'null')
    || ',"address":' || to_json(NEW.address)
    || ',"room":' || to_json(NEW.room)
    || ',"floor":' || NEW.floor
    || ',"area_m2":' || coalesce(NEW.area_m2::text, 'null')
    || ',"use":' || to_json(NEW.use)
    || ',"tenants":' || NEW.tenants
    || ',"grade":' || to_json(NEW.grade)
    || ',"hazards":' || to_json(NEW.hazards)
    || ',"filed_on":' || to_json(NEW.filed_on)
    || ',"last_visit_at":' || coalesce(to_json(NEW.last_visit_at)::text, 'null')
    || ',"due_on":' || coalesce(to_json(NEW.due_on)::text, 'null')
    || ',"cell":' || coalesce(to_json(cell)::text, 'null')
    || ',"community":' || coalesce(to_json(community)::text, 'null')
    || ',"is_overdue":false}}';
  RETURN NEW;
END
$$;

CREATE FUNCTION app.publish_incident() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  cell text := (SELECT c.code FROM app.cell AS c WHERE c.cell_id = NEW.cell_id);
  community text := (SELECT m.code FROM app.community AS m WHERE m.community_id = NEW.community_id);
BEGIN
  NEW.feature := '{"type":"Feature","id":' || NEW.incident_id
    || ',"geometry":' || public.ST_AsGeoJSON(NEW.geom, 7) || ',"properties":'
    || '{"category":' || to_json(NEW.category)
    || ',"state":' || to_json(NEW.state)
    || ',"source":' || to_json(NEW.source)
    || ',"severity":' || NEW.severity
    || ',"people":' || NEW.people
    || ',"address":' || to_json(NEW.address)
    || ',"occurred_at":' || to_json(NEW.occurred_at)
    || ',"reported_at":' || to_json(NEW.reported_at)
    || ',"due_at":' || to_json(NEW.due_at)
    || ',"closed_at":' || coalesce(to_json(NEW.closed_at)::text, 'null')
    || ',"cell":' || coalesce(to_json(cell)::text, 'null')
    || ',"community":' || coalesce(to_json(community)::text, 'null')
    || ',"is_open":false,"is_overdue":false}}';
  RETURN NEW;
END
$$;

-- A grade whose interval changes moves the due day of its units.
CREATE FUNCTION app.regrade_units() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE app.rental_unit SET grade = grade WHERE grade = NEW.code;
  RETURN NULL;
END
$$;
CREATE TRIGGER regrade_units AFTER UPDATE OF visit_interval_days ON app.rental_grade FOR EACH ROW
  WHEN (OLD.visit_interval_days <> NEW.visit_interval_days) EXECUTE FUNCTION app.regrade_units();

DO $$
DECLARE
  layer text;
BEGIN
  FOREACH layer IN ARRAY ARRAY['building', 'rental_unit', 'incident'] LOOP
    EXECUTE format('CREATE TRIGGER publish BEFORE INSERT OR UPDATE ON app.%I FOR EACH ROW '
                   'EXECUTE FUNCTION app.publish_%s()', layer, layer);
    -- ALWAYS: bulk loading switches ordinary triggers off, a row without its text would be left out.
    EXECUTE format('ALTER TABLE app.%I ENABLE ALWAYS TRIGGER publish', layer);
  END LOOP;
END
$$;
UPDATE app.building SET code = code;
UPDATE app.rental_unit SET code = code;
UPDATE app.incident SET state = state;
ALTER TABLE app.building ALTER COLUMN feature SET NOT NULL;
ALTER TABLE app.rental_unit ALTER COLUMN feature SET NOT NULL;
ALTER TABLE app.incident ALTER COLUMN feature SET NOT NULL;

-- Tallies ---------------------------------------------------------------------

CREATE TABLE app.layer_tally (
  layer text NOT NULL,
  zoom smallint NOT NULL CHECK (zoom IN (-1, 0, 15, 17, 19)),
  place bigint NOT NULL,
  objects bigint NOT NULL,
  lon_sum double precision NOT NULL,
  lat_sum double precision NOT NULL,
  changes bigint NOT NULL
);
COMMENT ON TABLE app.layer_tally IS 'Objects of a layer by square (zoom 15, 17, 19), by cell (zoom -1, place = cell_id, 0 for none) and as a whole (zoom 0). Writers append differences and never wait for each other; the figure is the sum over a place''s rows. The sum of `changes` grows with every writing statement: it tells whether a tile is still good';
CREATE INDEX layer_tally_idx ON app.layer_tally (layer, zoom, place);

CREATE FUNCTION app.recount(counted regclass, is_point boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  name text := (SELECT relname FROM pg_class WHERE oid = counted);
  seen bigint := coalesce((SELECT sum(t.changes) FROM app.layer_tally AS t WHERE t.layer = name), 0) + 1;
BEGIN
  DELETE FROM app.layer_tally AS t WHERE t.layer = name;
  IF NOT is_point THEN
    EXECUTE format('INSERT INTO app.layer_tally SELECT %L, 0, 0, count(*), 0, 0, %s FROM %s', name, seen, counted);
    RETURN;
  END IF;
  EXECUTE format(
    'INSERT INTO app.layer_tally '
    'SELECT %1$L, l.zoom, CASE WHEN l.zoom < 0 THEN coalesce(t.cell_id, 0) ELSE t.quad >> (48 - 2 * l.zoom) END, '
    'count(*), sum(public.ST_X(t.geom)), sum(public.ST_Y(t.geom)), %2$s '
    'FROM %3$s AS t CROSS JOIN (VALUES (-1), (0), (15), (17), (19)) AS l (zoom) GROUP BY 2, 3', name, seen, counted);
END
$$;
COMMENT ON FUNCTION app.recount(regclass, boolean) IS 'Makes a layer''s tally anew from its rows: after bulk loading, and to check it';

CREATE FUNCTION app.tally_points() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO app.layer_tally
    SELECT TG_TABLE_NAME, l.zoom, CASE WHEN l.zoom < 0 THEN coalesce(n.cell_id, 0) ELSE n.quad >> (48 - 2 * l.zoom) END,
           count(*), sum(public.ST_X(n.geom)), sum(public.ST_Y(n.geom)), 1
    FROM new_rows AS n CROSS JOIN (VALUES (-1), (0), (15), (17), (19)) AS l (zoom) GROUP BY 2, 3;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO app.layer_tally
    SELECT TG_TABLE_NAME, l.zoom, CASE WHEN l.zoom < 0 THEN coalesce(o.cell_id, 0) ELSE o.quad >> (48 - 2 * l.zoom) END,
           -count(*), -sum(public.ST_X(o.geom)), -sum(public.ST_Y(o.geom)), 1
    FROM old_rows AS o CROSS JOIN (VALUES (-1), (0), (15), (17), (19)) AS l (zoom) GROUP BY 2, 3;
  ELSE
    INSERT INTO app.layer_tally
    SELECT TG_TABLE_NAME, l.zoom, CASE WHEN l.zoom < 0 THEN coalesce(c.cell_id, 0) ELSE c.quad >> (48 - 2 * l.zoom) END,
           sum(c.sign), sum(c.sign * public.ST_X(c.geom)), sum(c.sign * public.ST_Y(c.geom)), 1
    FROM (SELECT 1 AS sign, n.cell_id, n.quad, n.geom FROM new_rows AS n
          UNION ALL SELECT -1, o.cell_id, o.quad, o.geom FROM old_rows AS o) AS c
    CROSS JOIN (VALUES (-1), (0), (15), (17), (19)) AS l (zoom) GROUP BY 2, 3;
  END IF;
  PERFORM app.compact_tally(TG_TABLE_NAME) WHERE random() < 0.02;
  RETURN NULL;
END
$$;

CREATE FUNCTION app.tally_shapes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO app.layer_tally SELECT TG_TABLE_NAME, 0, 0, count(*), 0, 0, 1 FROM new_rows;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO app.layer_tally SELECT TG_TABLE_NAME, 0, 0, -count(*), 0, 0, 1 FROM old_rows;
  ELSE
    INSERT INTO app.layer_tally VALUES (TG_TABLE_NAME, 0, 0, 0, 0, 0, 1);
  END IF;
  PERFORM app.compact_tally(TG_TABLE_NAME) WHERE random() < 0.02;
  RETURN NULL;
END
$$;

-- Adds up what writers appended. One at a time; nobody waits: the rows it takes are of finished
-- transactions, and a reader sees either them or their sum. Now and then is enough (see the triggers).
CREATE FUNCTION app.compact_tally(counted text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT pg_try_advisory_xact_lock(20140404) THEN
    RETURN;
  END IF;
  WITH crowded AS (
    SELECT zoom, place FROM app.layer_tally WHERE layer = counted GROUP BY zoom, place HAVING count(*) > 1
  ), taken AS (
    DELETE FROM app.layer_tally AS t USING crowded AS c
    WHERE t.layer = counted AND t.zoom = c.zoom AND t.place = c.place
    RETURNING t.*
  )
  INSERT INTO app.layer_tally
  SELECT layer, zoom, place, sum(objects), sum(lon_sum), sum(lat_sum), sum(changes) FROM taken
  GROUP BY layer, zoom, place;
END
$$;

DO $$
DECLARE
  layer text;
  event text;
  tables text;
BEGIN
  FOREACH layer IN ARRAY ARRAY['building', 'rental_unit', 'incident', 'check_point', 'patrol_point', 'facility',
                               'district', 'subdistrict', 'community', 'cell', 'parcel', 'patrol_track', 'coverage_share'] LOOP
    FOREACH event IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
      tables := CASE event WHEN 'insert' THEN 'NEW TABLE AS new_rows' WHEN 'delete' THEN 'OLD TABLE AS old_rows'
                           ELSE 'NEW TABLE AS new_rows OLD TABLE AS old_rows' END;
      EXECUTE format('CREATE TRIGGER %I AFTER %s ON app.%I REFERENCING %s FOR EACH STATEMENT EXECUTE FUNCTION %s()',
        'tally_' || event, event, layer, tables,
        CASE WHEN layer IN ('building', 'rental_unit', 'incident', 'check_point', 'patrol_point', 'facility')
             THEN 'app.tally_points' ELSE 'app.tally_shapes' END);
    END LOOP;
    PERFORM app.recount(('app.' || layer)::regclass, layer IN
      ('building', 'rental_unit', 'incident', 'check_point', 'patrol_point', 'facility'));
  END LOOP;
END
$$;

-- Coverage results as a layer -------------------------------------------------

CREATE VIEW app.coverage WITH (security_invoker = true) AS
SELECT s.coverage_run_id::bigint * 1000000000 + s.cell_id AS coverage_id, s.coverage_run_id AS run,
       r.from_on, r.to_on, r.radius_m, r.computed_at, s.area_m2, s.covered_m2,
       least(1, s.covered_m2 / s.area_m2) AS share, s.cell_id, s.community_id,
       r.from_on::timestamp AT TIME ZONE 'Asia/Shanghai' AS from_at,
       (r.to_on + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' - interval '1 microsecond' AS to_at,
       c.geom::geometry(MultiPolygon, 4326) AS geom
FROM app.coverage_share AS s
JOIN app.coverage_run AS r USING (coverage_run_id)
JOIN app.cell AS c USING (cell_id);
COMMENT ON VIEW app.coverage IS 'Share of each cell covered in each measured period; whoever reads it sees the shares of his own cells';
