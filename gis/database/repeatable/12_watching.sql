-- Where those under way are now: the last position only, of rounds under way only, and a trace of who looked.
-- docs/security.md tells who is shown whom.

CREATE OR REPLACE FUNCTION app.last_position(walked app.patrol_round, person integer)
RETURNS TABLE (at timestamptz, lon double precision, lat double precision, accuracy_m real, source text, grade text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
  SELECT n.*
  FROM (
    -- A stream of this round is all of it. Another one, of a tracker mostly, knows of no round: it counts from the
    -- start to the end of the window, so that who forgets to end a round is not followed home. Nobody is in a pause.
    -- The last 200 fixes are enough, and found by their numbers; a late one finds its place among them by its time.
    (SELECT least(f.at, f.received_at) AS at, f.lon, f.lat, f.accuracy_m, 'fix' AS source, NULL::text AS grade
     FROM app.track_stream AS s
     CROSS JOIN LATERAL (
       SELECT x.at, x.received_at, x.lon, x.lat, x.accuracy_m
       FROM app.patrol_fix AS x
       WHERE x.stream_id = s.stream_id AND x.sequence >= s.next_sequence - 200
         AND x.at BETWEEN s.started_at AND s.last_at AND x.at <= coalesce(walked.paused_at, 'infinity')
         AND (s.patrol_round_id = walked.patrol_round_id OR x.at BETWEEN walked.started_at AND walked.planned_to)
       ORDER BY x.at DESC, x.sequence DESC LIMIT 1
     ) AS f
     WHERE s.account_id = person AND s.last_received_at >= walked.started_at AND s.source <> 'file'
     ORDER BY 1 DESC LIMIT 1)
    UNION ALL
    (SELECT least(p.at, p.received_at), public.ST_X(p.geom), public.ST_Y(p.geom), p.accuracy_m, 'point', p.grade
     FROM app.patrol_point AS p
     WHERE p.account_id = person AND p.patrol_round_id = walked.patrol_round_id
       AND p.at >= walked.started_at - interval '1 day'
     ORDER BY 1 DESC LIMIT 1)
    UNION ALL
    (SELECT e.at, public.ST_X(c.geom), public.ST_Y(c.geom), c.radius_m,
            CASE e.visited_by WHEN 'manual' THEN 'by_hand' ELSE 'check_point' END, e.grade
     FROM app.round_event AS e
     JOIN app.check_point AS c ON c.check_point_id = e.check_point_id
     WHERE e.patrol_round_id = walked.patrol_round_id AND e.account_id = person
     ORDER BY e.at DESC LIMIT 1)
  ) AS n
  ORDER BY n.at DESC
  LIMIT 1;
END
$$;
COMMENT ON FUNCTION app.last_position(app.patrol_round, integer) IS
  'The newest of fix, logged point and visited check point of a person on a round under way; granted to nobody';

CREATE OR REPLACE FUNCTION app.note_watching(seen integer[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  fresh integer[];
BEGIN
  -- Two tabs of one watcher take turns, so that neither writes what the other has.
  PERFORM pg_advisory_xact_lock(hashtext('app.note_watching'), app.account_id());
  fresh := ARRAY(
    SELECT DISTINCT s.person FROM unnest(seen) AS s (person)
    WHERE s.person <> app.account_id()
    EXCEPT
    SELECT known.person::integer
    FROM app.audit_log AS a
    CROSS JOIN LATERAL jsonb_array_elements_text(a.detail -> 'of_accounts') AS known (person)
    WHERE a.account_id = app.account_id() AND a.at >= date_trunc('hour', now()) AND a.action = 'position.watch'
    ORDER BY 1
  );
  IF fresh <> '{}' THEN
    INSERT INTO app.audit_log (account_id, db_role, action, detail)
    VALUES (app.account_id(), current_setting('role'), 'position.watch', jsonb_build_object('of_accounts', fresh));
  END IF;
END
$$;
COMMENT ON FUNCTION app.note_watching(integer[]) IS
  'Leave an audit row naming those whose position the caller has not been shown in this hour; none for oneself';

CREATE OR REPLACE FUNCTION app.live_positions(rounds integer[])
RETURNS TABLE (patrol_round_id integer, account_id integer, full_name text, at timestamptz, lon double precision,
  lat double precision, accuracy_m real, source text, grade text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  walker record;
  seen integer[] := '{}';
BEGIN
  FOR walker IN
    SELECT r AS walked, a.account_id, a.full_name
    FROM app.patrol_round AS r
    JOIN (SELECT DISTINCT e.patrol_round_id, e.account_id FROM app.round_event AS e
          WHERE e.patrol_round_id = ANY (rounds)) AS w USING (patrol_round_id)
    JOIN app.account AS a ON a.account_id = w.account_id
    WHERE app.round_state(r.state, r.planned_from, r.planned_to, r.overdue_after_min, now()) IN ('started', 'paused')
      AND (current_setting('role') IN ('gis_dispatcher', 'gis_planner', 'gis_auditor')
           OR current_setting('role') = 'gis_patrol'
              AND (a.account_id = app.account_id() OR app.leads(r.team_id, app.today())))
  LOOP
    SELECT p.at, p.lon, p.lat, p.accuracy_m, p.source, p.grade
    INTO at, lon, lat, accuracy_m, source, grade
    FROM app.last_position(walker.walked, walker.account_id) AS p;
    IF FOUND THEN
      seen := seen || walker.account_id;
    END IF;
    patrol_round_id := (walker.walked).patrol_round_id;
    account_id := walker.account_id;
    full_name := walker.full_name;
    RETURN NEXT;
  END LOOP;
  IF seen <> '{}' THEN
    PERFORM app.note_watching(seen);
  END IF;
END
$$;
COMMENT ON FUNCTION app.live_positions(integer[]) IS
  'Where those are who walk these rounds, of rounds under way only: for the person, who leads the team today, dispatcher, planner and auditor; leaves an audit row once an hour for each person shown';
