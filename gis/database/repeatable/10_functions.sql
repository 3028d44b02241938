-- Functions. Re-applied by `migrate` whenever this file changes.
-- SECURITY DEFINER functions run as gis_owner, pin their search_path and return only what is the caller's.

CREATE OR REPLACE FUNCTION app.today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date $$;
COMMENT ON FUNCTION app.today() IS 'The calendar day in the district; all periods and assignments count such days';

CREATE OR REPLACE FUNCTION app.account_id() RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT NULLIF(current_setting('app.account_id', true), '')::integer $$;
COMMENT ON FUNCTION app.account_id() IS 'Whose transaction this is; NULL for nobody';

-- What row policies ask in every read is plpgsql: it keeps its plan, an SQL function is planned each time (0.05
-- against 0.35 ms).
CREATE OR REPLACE FUNCTION app.my_cells() RETURNS integer[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN ARRAY(
    SELECT cell_id
    FROM app.assignment
    WHERE account_id = app.account_id()
      AND app.today() BETWEEN valid_from AND coalesce(valid_to, 'infinity')
  );
END
$$;
COMMENT ON FUNCTION app.my_cells() IS 'Cells the caller answers for today';

CREATE OR REPLACE FUNCTION app.my_teams() RETURNS integer[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (
    SELECT coalesce(array_agg(DISTINCT team_id), '{}')
    FROM app.team_member
    WHERE account_id = app.account_id()
      AND app.today() BETWEEN valid_from AND coalesce(valid_to, 'infinity')
  );
END
$$;
COMMENT ON FUNCTION app.my_teams() IS 'Teams the caller walks with today';

CREATE OR REPLACE FUNCTION app.my_communities() RETURNS integer[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (
    SELECT coalesce(array_agg(DISTINCT community_id) FILTER (WHERE community_id IS NOT NULL), '{}')
    FROM app.team_area
    WHERE team_id = ANY (app.my_teams())
      AND app.today() BETWEEN valid_from AND coalesce(valid_to, 'infinity')
  );
END
$$;
COMMENT ON FUNCTION app.my_communities() IS 'Communities the caller''s teams patrol today';

CREATE OR REPLACE FUNCTION app.my_parcels() RETURNS integer[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (
    SELECT coalesce(array_agg(DISTINCT parcel_id) FILTER (WHERE parcel_id IS NOT NULL), '{}')
    FROM app.team_area
    WHERE team_id = ANY (app.my_teams())
      AND app.today() BETWEEN valid_from AND coalesce(valid_to, 'infinity')
  );
END
$$;
COMMENT ON FUNCTION app.my_parcels() IS 'Single parcels the caller''s teams patrol today';

CREATE OR REPLACE FUNCTION app.cell_at(point geometry, on_date date DEFAULT NULL)
RETURNS TABLE (cell_id integer, community_id integer)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
  SELECT c.cell_id, c.community_id
  FROM app.cell AS c
  WHERE c.geom OPERATOR(public.&&) point
    AND public.ST_Covers(c.geom, point)
    AND CASE WHEN on_date IS NULL THEN c.valid_to IS NULL
             ELSE on_date >= c.valid_from AND (c.valid_to IS NULL OR on_date < c.valid_to) END
  ORDER BY c.code COLLATE "C"
  LIMIT 1
$$;
COMMENT ON FUNCTION app.cell_at(geometry, date) IS
  'The cell a point belongs to, today or as of a day; a point on a border belongs to the lower code';

-- All points of a batch in one plan: a function called for each row costs more than its look into the index.
CREATE OR REPLACE FUNCTION app.land_at(points geometry[])
RETURNS TABLE (place bigint, parcel_id integer, check_point_id integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
  SELECT g.place, land.parcel_id, near.check_point_id
  FROM unnest(points) WITH ORDINALITY AS g (point, place)
  LEFT JOIN LATERAL (
    SELECT p.parcel_id FROM app.parcel AS p
    WHERE p.geom OPERATOR(public.&&) g.point AND public.ST_Covers(p.geom, g.point)
    ORDER BY p.code LIMIT 1
  ) AS land ON true
  LEFT JOIN LATERAL (
    -- 500 m is the largest radius a check point may have; 0.006 degrees is more than that here.
    SELECT c.check_point_id FROM app.check_point AS c
    WHERE c.geom OPERATOR(public.&&) public.ST_Expand(g.point, 0.006)
      AND public.ST_DistanceSphere(c.geom, g.point) <= c.radius_m
    ORDER BY public.ST_DistanceSphere(c.geom, g.point), c.code LIMIT 1
  ) AS near ON true;
END
$$;
COMMENT ON FUNCTION app.land_at(geometry[]) IS
  'The state-land parcel each point lies in, and the nearest check point whose radius reaches it, by place in the array, whoever asks: resolved when rows are written';

CREATE OR REPLACE FUNCTION app.parcel_at(point geometry) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT parcel_id FROM app.land_at(ARRAY[point]) $$;
COMMENT ON FUNCTION app.parcel_at(geometry) IS 'The state-land parcel a point lies in, whoever asks: resolved when a row is written';

CREATE OR REPLACE FUNCTION app.check_point_at(point geometry) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT check_point_id FROM app.land_at(ARRAY[point]) $$;
COMMENT ON FUNCTION app.check_point_at(geometry) IS 'The nearest check point whose radius reaches a point';

CREATE OR REPLACE FUNCTION app.known_places(INOUT check_points integer[], INOUT rounds integer[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ARRAY(SELECT c.check_point_id FROM app.check_point AS c WHERE c.check_point_id = ANY (check_points)),
         ARRAY(SELECT r.patrol_round_id FROM app.patrol_round AS r WHERE r.patrol_round_id = ANY (rounds))
$$;
COMMENT ON FUNCTION app.known_places(integer[], integer[]) IS
  'Which of these check points and rounds there are, whoever asks: a stand-in names those of another team';

CREATE OR REPLACE FUNCTION app.unit_due_on(filed_on date, last_visit_at timestamptz, visit_interval_days integer)
RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT coalesce((last_visit_at AT TIME ZONE 'Asia/Shanghai')::date, filed_on) + visit_interval_days
$$;
COMMENT ON FUNCTION app.unit_due_on(date, timestamptz, integer) IS
  'The day a rental unit is due for its next visit; one never visited counts from its filing. Overdue: due before today';

CREATE OR REPLACE FUNCTION app.round_settles_at(planned_to timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT ((planned_to AT TIME ZONE 'Asia/Shanghai')::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
$$;
COMMENT ON FUNCTION app.round_settles_at(timestamptz) IS 'The midnight after a round''s window: what is open then is over';

CREATE OR REPLACE FUNCTION app.round_state(stored text, planned_from timestamptz, planned_to timestamptz,
  overdue_after_min smallint, at timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT CASE
    WHEN stored = 'planned' THEN CASE
      WHEN at >= planned_to THEN 'missed'
      WHEN at >= planned_from + overdue_after_min * interval '1 minute' THEN 'overdue'
      WHEN at >= planned_from - interval '1 hour' THEN 'ready'
      ELSE 'planned' END
    WHEN stored IN ('started', 'paused') AND at >= app.round_settles_at(planned_to) THEN 'partly_done'
    ELSE stored END
$$;
COMMENT ON FUNCTION app.round_state(text, timestamptz, timestamptz, smallint, timestamptz) IS
  'What a round is at a moment: what events left it in, or what time has made of that. The one definition of ready, overdue, missed';

CREATE OR REPLACE FUNCTION app.responsible_for(cell integer, on_date date)
RETURNS TABLE (duty text, full_name text, phone_masked text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT a.duty, p.full_name, p.phone_masked
  FROM app.assignment AS a
  JOIN app.account AS p USING (account_id)
  WHERE a.cell_id = cell
    AND on_date BETWEEN a.valid_from AND coalesce(a.valid_to, 'infinity')
    AND p.is_active
  ORDER BY a.duty DESC, p.full_name
$$;
COMMENT ON FUNCTION app.responsible_for(integer, date) IS
  'Who answers for a cell on a day, primary before deputies: names of colleagues and masked numbers';

CREATE OR REPLACE FUNCTION app.reveal_building_head(head integer, purpose text)
RETURNS TABLE (full_name text, phone text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  head_cell integer;
BEGIN
  IF length(btrim(purpose)) < 2 THEN
    RAISE EXCEPTION 'a purpose is needed' USING ERRCODE = '22023';
  END IF;
  SELECT h.cell_id INTO head_cell FROM app.building_head AS h WHERE h.building_head_id = head;
  IF NOT FOUND OR NOT (current_setting('role') = 'gis_dispatcher'
                       OR current_setting('role') = 'gis_officer' AND head_cell = ANY (app.my_cells())) THEN
    RETURN;
  END IF;
  INSERT INTO app.audit_log (account_id, db_role, action, subject, detail)
  VALUES (app.account_id(), current_setting('role'), 'building_head.reveal', head::text,
          jsonb_build_object('purpose', purpose));
  RETURN QUERY SELECT h.full_name, h.phone FROM app.building_head AS h WHERE h.building_head_id = head;
END
$$;
COMMENT ON FUNCTION app.reveal_building_head(integer, text) IS
  'Name and number of a building head, for the officer of the cell or a dispatcher; leaves an audit row';

CREATE OR REPLACE FUNCTION app.community_of(line geometry) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT c.community_id FROM app.community AS c
  WHERE c.valid_to IS NULL AND c.geom OPERATOR(public.&&) line AND public.ST_Intersects(c.geom, line)
  ORDER BY public.ST_Length(public.ST_Intersection(c.geom, line)) DESC, c.code COLLATE "C"
  LIMIT 1
$$;
COMMENT ON FUNCTION app.community_of(geometry) IS 'The community a line runs through longest; none outside the district';

CREATE OR REPLACE FUNCTION app.leads(team integer, on_day date) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM app.team_member
    WHERE team_id = team AND account_id = app.account_id() AND is_leader
      AND on_day BETWEEN valid_from AND coalesce(valid_to, 'infinity')
  );
END
$$;
COMMENT ON FUNCTION app.leads(integer, date) IS 'Whether the caller led a team on a day';

CREATE OR REPLACE FUNCTION app.led_people() RETURNS TABLE (account_id integer, full_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT DISTINCT a.account_id, a.full_name
  FROM app.team_member AS mine
  JOIN app.team_member AS m USING (team_id)
  JOIN app.account AS a ON a.account_id = m.account_id
  WHERE mine.account_id = app.account_id() AND mine.is_leader
    AND app.today() BETWEEN mine.valid_from AND coalesce(mine.valid_to, 'infinity')
$$;
COMMENT ON FUNCTION app.led_people() IS 'Names of who is or was in the teams the caller leads today';

CREATE OR REPLACE FUNCTION app.round_refusals(rounds integer[])
RETURNS TABLE (patrol_round_id integer, quarantine_id bigint, state text, code text, reason text,
  received_at timestamptz, settled_at timestamptz, settled_by integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
  SELECT r.patrol_round_id, q.quarantine_id, q.state, q.code, q.reason, q.received_at, q.settled_at, q.settled_by
  FROM app.quarantine AS q
  JOIN app.patrol_round AS r
    ON r.patrol_round_id::text = coalesce(q.repaired ->> 'round_id', q.payload ->> 'round_id')
  WHERE r.patrol_round_id = ANY (rounds)
    AND (current_setting('role') IN ('gis_dispatcher', 'gis_planner', 'gis_auditor', 'gis_admin')
         OR current_setting('role') = 'gis_patrol' AND app.leads(r.team_id, app.today()));
END
$$;
COMMENT ON FUNCTION app.round_refusals(integer[]) IS
  'Records in the quarantine that name some rounds, without what they say: for readers of the district and who leads the round''s team';

CREATE OR REPLACE FUNCTION app.read_fixes(stream uuid, first integer DEFAULT 0, most integer DEFAULT NULL)
RETURNS SETOF app.patrol_fix
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  s app.track_stream;
BEGIN
  SELECT t.* INTO s FROM app.track_stream AS t WHERE t.stream_id = stream;
  IF NOT FOUND OR NOT (s.account_id = app.account_id() OR current_setting('role') = 'gis_auditor'
                       OR current_setting('role') = 'gis_patrol'
                          AND app.leads(s.team_id, (s.started_at AT TIME ZONE 'Asia/Shanghai')::date)) THEN
    RETURN;
  END IF;
  IF s.account_id <> app.account_id() THEN
    INSERT INTO app.audit_log (account_id, db_role, action, subject, detail)
    VALUES (app.account_id(), current_setting('role'), 'track.read', stream::text,
            jsonb_build_object('of_account', s.account_id, 'first', first));
  END IF;
  RETURN QUERY SELECT f.* FROM app.patrol_fix AS f
    WHERE f.stream_id = stream AND f.at BETWEEN s.started_at AND s.last_at
      AND f.sequence >= first AND (most IS NULL OR f.sequence < first + most)
    ORDER BY f.sequence;
END
$$;
COMMENT ON FUNCTION app.read_fixes(uuid, integer, integer) IS
  'Raw fixes of a stream, for the person, the leader of the team at that time and the auditor; reading those of another leaves an audit row';

CREATE OR REPLACE FUNCTION app.known_fixes(stream uuid, device_ats timestamptz[])
RETURNS TABLE (device_at timestamptz, lon double precision, lat double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY SELECT f.device_at, f.lon, f.lat
    FROM app.track_stream AS s JOIN app.patrol_fix AS f USING (stream_id)
    WHERE s.stream_id = stream AND s.account_id = app.account_id()
      AND f.at BETWEEN s.started_at AND s.last_at AND f.device_at = ANY (device_ats);
END
$$;
COMMENT ON FUNCTION app.known_fixes(uuid, timestamptz[]) IS 'Which fixes of these times an own stream holds already';

-- Sums of tracks for day sheets: whoever may not see a line may still be told how far it went.
CREATE OR REPLACE FUNCTION app.counted_tracks(first date, last date, of_team integer DEFAULT NULL)
RETURNS TABLE (on_date date, team_id integer, account_id integer, patrol_round_id integer, is_double boolean,
  is_double_in_round boolean, length_m double precision, minutes double precision, geom public.geometry)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  WITH walks AS MATERIALIZED (
    SELECT t.patrol_track_id, (t.started_at AT TIME ZONE 'Asia/Shanghai')::date AS on_date,
           coalesce(r.team_id, t.team_id) AS team_id, t.account_id, t.patrol_round_id, t.started_at, t.ended_at,
           t.length_m, t.minutes, t.geom
    FROM app.patrol_track AS t
    LEFT JOIN app.patrol_round AS r USING (patrol_round_id)
    WHERE t.at >= first::timestamp AT TIME ZONE 'Asia/Shanghai'
      AND t.at < (last + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
      AND t.started_at IS NOT NULL
      AND (of_team IS NULL OR coalesce(r.team_id, t.team_id) = of_team)
  )
  SELECT w.on_date, w.team_id, w.account_id, w.patrol_round_id, longer.is_there, longer.is_in_round, w.length_m,
         w.minutes, w.geom
  FROM walks AS w
  CROSS JOIN LATERAL (
    SELECT count(*) > 0 AS is_there, coalesce(bool_or(o.patrol_round_id = w.patrol_round_id), false) AS is_in_round
    FROM walks AS o
    WHERE o.account_id = w.account_id
      AND (o.length_m, o.patrol_track_id) > (w.length_m, w.patrol_track_id)
      AND least(o.ended_at, w.ended_at) - greatest(o.started_at, w.started_at) > (w.ended_at - w.started_at) / 2
  ) AS longer
$$;
COMMENT ON FUNCTION app.counted_tracks(date, date, integer) IS
  'Tracks by the day they began on and the team of their round. Double: a longer track of the same person holds more than half of its time, in the same round or in any. For the functions below, granted to no role';

CREATE OR REPLACE FUNCTION app.team_walks(team integer, first date, last date)
RETURNS TABLE (on_date date, account_id integer, patrol_round_id integer, is_double boolean, is_double_in_round boolean,
  length_m double precision, minutes double precision, inside_m double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  WITH walks AS MATERIALIZED (SELECT t.* FROM app.counted_tracks(first, last, team) AS t),
  areas AS (
    SELECT d.on_date, array_agg(a.team_area_id ORDER BY a.team_area_id) AS parts
    FROM (SELECT DISTINCT w.on_date FROM walks AS w) AS d
    JOIN app.team_area AS a
      ON a.team_id = team AND d.on_date BETWEEN a.valid_from AND coalesce(a.valid_to, 'infinity')
    GROUP BY d.on_date
  ),
  shapes AS MATERIALIZED (
    SELECT s.parts, public.ST_Union(coalesce(c.geom, p.geom)) AS geom
    FROM (SELECT DISTINCT areas.parts FROM areas) AS s
    JOIN app.team_area AS a ON a.team_area_id = ANY (s.parts)
    LEFT JOIN app.community AS c ON c.community_id = a.community_id
    LEFT JOIN app.parcel AS p ON p.parcel_id = a.parcel_id
    GROUP BY s.parts
  )
  SELECT w.on_date, w.account_id, w.patrol_round_id, w.is_double, w.is_double_in_round, w.length_m, w.minutes,
         CASE WHEN s.geom IS NULL THEN 0
              WHEN public.ST_Covers(s.geom, w.geom) THEN w.length_m
              ELSE least(w.length_m,
                         public.ST_Length(public.ST_Transform(public.ST_Intersection(w.geom, s.geom), 4547))) END
  FROM walks AS w
  LEFT JOIN areas AS a USING (on_date)
  LEFT JOIN shapes AS s USING (parts)
$$;
COMMENT ON FUNCTION app.team_walks(integer, date, date) IS
  'Tracks of a team, with their metres (EPSG:4547) inside the area it had on that day. For the functions below, granted to no role';

CREATE OR REPLACE FUNCTION app.walked(team integer, first date, last date)
RETURNS TABLE (on_date date, walker bigint, patrol_round_id integer, tracks bigint, untimed bigint,
  metres double precision, minutes double precision, round_tracks bigint, round_untimed bigint,
  round_m double precision, round_minutes double precision, inside_m double precision, inside_minutes double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT (current_setting('role') IN ('gis_dispatcher', 'gis_planner', 'gis_auditor')
          OR current_setting('role') = 'gis_patrol' AND team = ANY (app.my_teams())) THEN
    RETURN;
  END IF;
  RETURN QUERY
  SELECT n.on_date, n.number, n.patrol_round_id,
         count(*) FILTER (WHERE NOT n.is_double),
         count(*) FILTER (WHERE NOT n.is_double AND n.minutes IS NULL),
         coalesce(sum(n.length_m) FILTER (WHERE NOT n.is_double), 0),
         coalesce(sum(n.minutes) FILTER (WHERE NOT n.is_double), 0),
         count(*) FILTER (WHERE NOT n.is_double_in_round),
         count(*) FILTER (WHERE NOT n.is_double_in_round AND n.minutes IS NULL),
         coalesce(sum(n.length_m) FILTER (WHERE NOT n.is_double_in_round), 0),
         coalesce(sum(n.minutes) FILTER (WHERE NOT n.is_double_in_round), 0),
         coalesce(sum(n.inside_m) FILTER (WHERE NOT n.is_double), 0),
         -- A track keeps no time for each of its legs: its minutes are shared out by length.
         coalesce(sum(n.minutes * n.inside_m / nullif(n.length_m, 0)) FILTER (WHERE NOT n.is_double), 0)
  FROM (SELECT w.*, dense_rank() OVER (PARTITION BY w.on_date ORDER BY w.account_id) AS number
        FROM app.team_walks(team, first, last) AS w) AS n
  GROUP BY n.on_date, n.number, n.patrol_round_id;
END
$$;
COMMENT ON FUNCTION app.walked(integer, date, date) IS
  'Metres and minutes of a team by day, round and person without a name: for the team and those who see all tracks';

CREATE OR REPLACE FUNCTION app.walked_by(team integer, on_day date)
RETURNS TABLE (account_id integer, full_name text, tracks bigint, untimed bigint, metres double precision,
  minutes double precision, inside_m double precision, inside_minutes double precision)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  sees_all boolean := current_setting('role') = 'gis_auditor'
    OR current_setting('role') = 'gis_patrol' AND app.leads(team, on_day);
  others integer[];
BEGIN
  IF NOT (sees_all OR current_setting('role') = 'gis_patrol') THEN
    RETURN;
  END IF;
  IF sees_all THEN
    others := ARRAY(SELECT DISTINCT w.account_id FROM app.team_walks(team, on_day, on_day) AS w
                    WHERE w.account_id <> app.account_id() ORDER BY 1);
    IF cardinality(others) > 0 THEN
      INSERT INTO app.audit_log (account_id, db_role, action, subject, detail)
      VALUES (app.account_id(), current_setting('role'), 'track.sums', team::text,
              jsonb_build_object('on', on_day, 'of_accounts', others));
    END IF;
  END IF;
  RETURN QUERY
  SELECT w.account_id, p.full_name, count(*), count(*) FILTER (WHERE w.minutes IS NULL), sum(w.length_m),
         coalesce(sum(w.minutes), 0), sum(w.inside_m),
         coalesce(sum(w.minutes * w.inside_m / nullif(w.length_m, 0)), 0)
  FROM app.team_walks(team, on_day, on_day) AS w
  LEFT JOIN app.account AS p ON p.account_id = w.account_id
  WHERE NOT w.is_double AND (sees_all OR w.account_id = app.account_id())
  GROUP BY w.account_id, p.full_name
  ORDER BY p.full_name;
END
$$;
COMMENT ON FUNCTION app.walked_by(integer, date) IS
  'Metres and minutes of each person of a team on a day, for the person, who led the team then, and the auditor; reading those of others leaves an audit row';

CREATE OR REPLACE FUNCTION app.walked_on(parcel integer, on_day date)
RETURNS TABLE (team_id integer, patrol_round_id integer, people bigint, tracks bigint, untimed bigint,
  metres double precision, minutes double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF current_setting('role') NOT IN ('gis_dispatcher', 'gis_planner', 'gis_auditor', 'gis_patrol') THEN
    RETURN;
  END IF;
  RETURN QUERY
  SELECT t.team_id, t.patrol_round_id, count(DISTINCT coalesce(t.account_id, 0)), count(*),
         count(*) FILTER (WHERE t.minutes IS NULL), sum(n.inside_m),
         coalesce(sum(t.minutes * n.inside_m / nullif(t.length_m, 0)), 0)
  FROM app.counted_tracks(on_day, on_day) AS t
  JOIN app.parcel AS p ON p.parcel_id = parcel AND p.geom OPERATOR(public.&&) t.geom
  CROSS JOIN LATERAL (
    SELECT least(t.length_m, public.ST_Length(public.ST_Transform(public.ST_Intersection(t.geom, p.geom), 4547)))
      AS inside_m) AS n
  WHERE NOT t.is_double_in_round AND n.inside_m > 0
    AND (current_setting('role') <> 'gis_patrol' OR t.team_id = ANY (app.my_teams()))
  GROUP BY t.team_id, t.patrol_round_id;
END
$$;
COMMENT ON FUNCTION app.walked_on(integer, date) IS
  'Metres and minutes inside a parcel on a day by team and round: of all teams for those who see all tracks, of the own for a team';

CREATE OR REPLACE FUNCTION app.reading_scope() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (
    SELECT CASE current_setting('role')
      WHEN 'gis_officer' THEN 'officer ' || app.account_id() || ' ' || app.my_cells()::text
      WHEN 'gis_patrol' THEN 'patrol ' || app.account_id() || ' ' || app.my_teams()::text
                             || app.my_communities()::text || app.my_parcels()::text
      ELSE current_setting('role') END
  );
END
$$;
COMMENT ON FUNCTION app.reading_scope() IS
  'What the row policies let the caller see, as a key: two callers share it only if they see the same rows';

CREATE OR REPLACE FUNCTION app.layer_version(counted text, at_zoom smallint, from_place bigint, before_place bigint)
RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (
    SELECT coalesce(sum(changes), 0)::bigint FROM app.layer_tally
    WHERE layer = counted AND zoom = at_zoom AND place >= from_place AND place < before_place
  );
END
$$;
COMMENT ON FUNCTION app.layer_version(text, smallint, bigint, bigint) IS
  'Grows with every statement that wrote into a range of squares; never shown to a client';

CREATE OR REPLACE FUNCTION app.recount(counted regclass, is_point boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  name text := (SELECT relname FROM pg_class WHERE oid = counted);
  seen bigint := coalesce((SELECT sum(t.changes) FROM app.layer_tally AS t WHERE t.layer = name), 0) + 1;
  present text := format('SELECT 0::smallint AS zoom, 0::bigint AS place, 0 AS lon, 0 AS lat FROM %s', counted);
BEGIN
  IF is_point THEN
    present := format(
      'SELECT l.zoom::smallint, CASE WHEN l.zoom < 0 THEN coalesce(t.cell_id, 0) ELSE t.quad >> (48 - 2 * l.zoom) END AS place,'
      ' public.ST_X(t.geom) AS lon, public.ST_Y(t.geom) AS lat'
      ' FROM %s AS t CROSS JOIN (VALUES (-1), (0), (15), (17), (19)) AS l (zoom)', counted);
  END IF;
  -- What was ever counted stays, at none: a version that began anew could stand for another state.
  EXECUTE format(
    'WITH gone AS (DELETE FROM app.layer_tally AS t WHERE t.layer = %1$L RETURNING t.zoom, t.place)'
    ' INSERT INTO app.layer_tally'
    ' SELECT %1$L, c.zoom, c.place, sum(c.objects), sum(c.lon), sum(c.lat), %2$s'
    ' FROM (SELECT p.zoom, p.place, count(*) AS objects, sum(p.lon) AS lon, sum(p.lat) AS lat'
    '       FROM (%3$s) AS p GROUP BY p.zoom, p.place'
    '       UNION ALL SELECT g.zoom, g.place, 0, 0, 0 FROM gone AS g) AS c'
    ' GROUP BY c.zoom, c.place', name, seen, present);
END
$$;

CREATE OR REPLACE FUNCTION app.squares_written(counted text, at_zoom smallint, at_places bigint[])
RETURNS TABLE (places bigint[], versions bigint[], objects bigint[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
  SELECT array_agg(s.place), array_agg(s.version), array_agg(s.number)
  FROM (
    SELECT t.place, sum(t.changes)::bigint AS version, sum(t.objects)::bigint AS number
    FROM app.layer_tally AS t
    WHERE t.layer = counted AND t.zoom = at_zoom AND t.place = ANY (at_places)
    GROUP BY t.place
  ) AS s;
END
$$;
COMMENT ON FUNCTION app.squares_written(text, smallint, bigint[]) IS
  'app.layer_version() of many squares at once, of those ever written, and how many objects each holds: for readers of the district';

CREATE OR REPLACE FUNCTION app.public_layers()
RETURNS TABLE (layer text, changed_at timestamptz, is_schematic boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT p.layer, p.changed_at, r.is_schematic
  FROM app.public_profile AS p
  JOIN app.division_revision AS r ON r.valid_to IS NULL
  WHERE p.is_on
  ORDER BY p.layer
$$;
COMMENT ON FUNCTION app.public_layers() IS 'Layers whose counts are shown to everybody, and whether the outlines are schematic';

CREATE OR REPLACE FUNCTION app.public_counts(layer text)
RETURNS TABLE (code text, name_zh text, name_en text, count bigint, as_of date, geom public.geometry)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  fewest integer;
BEGIN
  SELECT p.smallest INTO fewest FROM app.public_profile AS p
  WHERE p.is_on AND p.layer = public_counts.layer;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  -- The table's name is one of those the constraint of public_profile allows.
  RETURN QUERY EXECUTE format(
    'SELECT c.code, c.name_zh, c.name_en, CASE WHEN n.found >= $1 THEN n.found END, app.today(), c.geom
     FROM app.community AS c
     LEFT JOIN (SELECT community_id, count(*) AS found FROM app.%I GROUP BY community_id) AS n USING (community_id)
     WHERE c.valid_to IS NULL ORDER BY c.code', public_counts.layer) USING fewest;
END
$$;
COMMENT ON FUNCTION app.public_counts(text) IS
  'How many objects of a layer each community holds, for everybody; no row unless the profile is on, NULL for a few';

CREATE OR REPLACE FUNCTION app.is_working_day(day date) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
  RETURN coalesce((SELECT h.kind = 'work' FROM app.holiday AS h WHERE h.on_date = day),
                  extract(isodow FROM day) < 6);
END
$$;
COMMENT ON FUNCTION app.is_working_day(date) IS
  'By the holidays and exchanged weekends of app.holiday, else Monday to Friday; gis/calendar/model.py says the same';

CREATE OR REPLACE FUNCTION app.add_working_days(since timestamptz, days integer) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
  day date := (since AT TIME ZONE 'Asia/Shanghai')::date;
  remaining integer := days;
BEGIN
  WHILE remaining > 0 LOOP
    day := day + 1;
    IF app.is_working_day(day) THEN
      remaining := remaining - 1;
    END IF;
  END LOOP;
  RETURN (day + time '23:59:59') AT TIME ZONE 'Asia/Shanghai';
END
$$;
COMMENT ON FUNCTION app.add_working_days(timestamptz, integer) IS
  'The last second of the n-th working day after the day of a moment, which is not counted itself';

CREATE OR REPLACE FUNCTION app.deadline_of(found_at timestamptz, days integer, in_working_days boolean)
RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
  SELECT CASE WHEN in_working_days THEN app.add_working_days(found_at, days)
    ELSE ((found_at AT TIME ZONE 'Asia/Shanghai')::date + days + time '23:59:59') AT TIME ZONE 'Asia/Shanghai' END
$$;
COMMENT ON FUNCTION app.deadline_of(timestamptz, integer, boolean) IS
  'When a legal step is due: so many working or calendar days after the day of the finding, at the end of the day';

CREATE OR REPLACE FUNCTION app.deadline_state(due_at timestamptz, done_at timestamptz, closed_at timestamptz,
  soon timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
  SELECT CASE
    WHEN done_at <= due_at THEN 'done'
    WHEN done_at IS NOT NULL THEN 'done_late'
    WHEN closed_at IS NOT NULL THEN 'stopped'
    WHEN due_at < now() THEN 'overdue'
    WHEN due_at <= soon THEN 'due'
    ELSE 'running' END
$$;
COMMENT ON FUNCTION app.deadline_state(timestamptz, timestamptz, timestamptz, timestamptz) IS
  'Where a step of a finding''s legal clock stands, everywhere; due: by soon, the end of the next working day. For many steps: soon is worked out once, as (SELECT app.add_working_days(now(), 1))';

CREATE OR REPLACE FUNCTION app.deadline_state(due_at timestamptz, done_at timestamptz, closed_at timestamptz)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT app.deadline_state(due_at, done_at, closed_at, app.add_working_days(now(), 1)) $$;
COMMENT ON FUNCTION app.deadline_state(timestamptz, timestamptz, timestamptz) IS 'The same for one step';

CREATE OR REPLACE FUNCTION app.recheck_of(finding integer) RETURNS uuid
LANGUAGE sql STABLE
AS $$
  -- Of its parcel, and of the squares of zoom 17 (280 m here) that 50 m around it touch: both by integers, which an
  -- index finds below a row policy too.
  WITH found AS MATERIALIZED (
    SELECT i.parcel_id, i.geom, i.reporter_id, (i.occurred_at AT TIME ZONE 'Asia/Shanghai')::date AS found_on,
           (SELECT max(s.at) FROM app.incident_step AS s
            WHERE s.incident_id = i.incident_id AND s.to_state = 'handled') AS handled_at
    FROM app.incident AS i
    WHERE i.incident_id = finding AND i.violation IS NOT NULL
  ), near AS MATERIALIZED (
    SELECT DISTINCT app.quad_of(public.ST_X(i.geom) + east, public.ST_Y(i.geom) + north) >> 14 AS square
    FROM found AS i, (VALUES (-0.0006), (0.0006)) AS x (east), (VALUES (-0.0006), (0.0006)) AS y (north)
  )
  SELECT p.client_id
  FROM found AS i
  CROSS JOIN LATERAL (
    (SELECT q.client_id, q.kind, q.at, q.received_at, q.account_id
     FROM app.patrol_point AS q WHERE q.parcel_id = i.parcel_id AND q.at > i.handled_at
     OFFSET 0)
    UNION ALL
    SELECT n.client_id, n.kind, n.at, n.received_at, n.account_id
    FROM near AS s
    CROSS JOIN LATERAL (
      SELECT q.client_id, q.kind, q.at, q.received_at, q.account_id, q.geom
      FROM app.patrol_point AS q
      WHERE q.quad >= s.square << 14 AND q.quad < (s.square + 1) << 14 AND q.at > i.handled_at
      OFFSET 0) AS n
    WHERE public.ST_DistanceSphere(n.geom, i.geom) <= 50) AS p
  JOIN app.violation_kind AS k ON k.code = p.kind AND NOT k.is_violation
  WHERE p.received_at > i.handled_at
    AND (p.account_id <> i.reporter_id OR (p.at AT TIME ZONE 'Asia/Shanghai')::date <> i.found_on)
  ORDER BY p.at
  LIMIT 1
$$;
COMMENT ON FUNCTION app.recheck_of(integer) IS
  'client_id of the first all-clear since a finding was handled: within 50 m or in its parcel, by another person or on another day; of what the caller may see';
