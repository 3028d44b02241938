-- Who may do what to which rows. Re-applied whole by `migrate` whenever this file changes, so that what
-- stands here is what holds. docs/security.md shows it as a table; tests/security/ proves it.
--
-- Policies compare integers only: PostGIS functions are not leakproof, so a spatial index cannot be used
-- below a row filter. Roles that see the district have their own policy USING (true), which folds away.

-- Start from nothing.
DO $$
DECLARE
  item record;
BEGIN
  FOR item IN SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'app' LOOP
    EXECUTE format('DROP POLICY %I ON app.%I', item.policyname, item.tablename);
  END LOOP;
  FOR item IN SELECT rolname FROM pg_roles WHERE rolname LIKE 'gis\_%' AND rolname <> 'gis_owner' LOOP
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA app FROM %I', item.rolname);
    EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA app FROM %I', item.rolname);
    EXECUTE format('REVOKE ALL ON SCHEMA app FROM %I', item.rolname);
  END LOOP;
  FOR item IN SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'p')
              AND relname NOT IN ('alembic_version', 'repeatable') LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', item.relname);
  END LOOP;
END
$$;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA app FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA app FROM PUBLIC;

-- Bulk loading -------------------------------------------------------------
GRANT USAGE ON SCHEMA app TO gis_migrator;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA app TO gis_migrator;
REVOKE UPDATE, DELETE, TRUNCATE ON app.audit_log, app.incident_step FROM gis_migrator;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA app TO gis_migrator;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA app TO gis_migrator;

-- What the SECURITY DEFINER functions read and write as gis_owner.
CREATE POLICY owner_select ON app.assignment FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.team_member FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.team_area FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.account FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.parcel FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.check_point FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.building_head FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.track_stream FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.patrol_fix FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_insert ON app.audit_log FOR INSERT TO gis_owner WITH CHECK (true);
CREATE POLICY owner_all ON app.layer_tally FOR ALL TO gis_owner USING (true) WITH CHECK (true);
-- app.public_counts() counts these for everybody, and only when an administrator has switched it on.
DO $$
DECLARE
  counted text;
BEGIN
  FOREACH counted IN ARRAY ARRAY['public_profile', 'division_revision', 'community', 'building', 'rental_unit',
    'incident', 'facility', 'patrol_point'] LOOP
    EXECUTE format('CREATE POLICY owner_select ON app.%I FOR SELECT TO gis_owner USING (true)', counted);
  END LOOP;
END
$$;

-- Everybody, signed in or not: two functions and no table. --------------------
GRANT USAGE ON SCHEMA app TO gis_anon;
GRANT EXECUTE ON FUNCTION app.public_layers(), app.public_counts(text)
  TO gis_anon, gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;

-- Signing in: before there is an actor. -------------------------------------
GRANT USAGE ON SCHEMA app TO gis_login;
GRANT SELECT ON app.account, app.credential TO gis_login;
GRANT SELECT, INSERT, UPDATE ON app.session TO gis_login;
GRANT SELECT ON app.installation TO gis_login;
GRANT INSERT ON app.audit_log TO gis_login;
CREATE POLICY login_select ON app.account FOR SELECT TO gis_login USING (true);
CREATE POLICY login_select ON app.credential FOR SELECT TO gis_login USING (true);
GRANT UPDATE (password_hash, changed_at, must_change) ON app.credential TO gis_login;
CREATE POLICY login_update ON app.credential FOR UPDATE TO gis_login USING (true) WITH CHECK (true);
CREATE POLICY login_all ON app.session FOR ALL TO gis_login USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE (last_used_at, revoked_at) ON app.api_token TO gis_login;
CREATE POLICY login_select ON app.api_token FOR SELECT TO gis_login USING (true);
CREATE POLICY login_update ON app.api_token FOR UPDATE TO gis_login USING (true) WITH CHECK (true);
CREATE POLICY login_select ON app.installation FOR SELECT TO gis_login USING (true);
CREATE POLICY login_insert ON app.audit_log FOR INSERT TO gis_login WITH CHECK (true);

-- Everyone signed in -------------------------------------------------------
GRANT USAGE ON SCHEMA app TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT EXECUTE ON FUNCTION app.today(), app.account_id(), app.my_cells(), app.my_teams(),
  app.my_communities(), app.my_parcels(), app.cell_at(geometry, date), app.responsible_for(integer, date),
  app.unit_due_on(date, timestamptz, integer), app.parcel_at(geometry), app.check_point_at(geometry),
  app.quad_of(double precision, double precision),
  app.reading_scope(), app.layer_version(text, smallint, bigint, bigint)
  TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT EXECUTE ON FUNCTION app.squares_written(text, smallint, bigint[])
  TO gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT EXECUTE ON FUNCTION app.today(), app.account_id() TO gis_login;

-- Outlines, code tables and public service places are common knowledge inside the district.
DO $$
DECLARE
  common text;
BEGIN
  FOREACH common IN ARRAY ARRAY['installation', 'division_revision', 'district', 'subdistrict', 'community',
    'cell', 'rental_grade', 'incident_category', 'violation_kind', 'facility_kind', 'facility'] LOOP
    EXECUTE format('GRANT SELECT ON app.%I TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, '
                   'gis_auditor, gis_admin', common);
    EXECUTE format('CREATE POLICY signed_in_select ON app.%I FOR SELECT TO gis_officer, gis_patrol, '
                   'gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true)', common);
  END LOOP;
END
$$;

-- Own account, own sessions.
GRANT SELECT (account_id, username, full_name, role, phone_masked, locale, is_active, is_demo, created_at)
  ON app.account TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT UPDATE (locale) ON app.account TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
CREATE POLICY self_select ON app.account FOR SELECT TO gis_officer, gis_patrol
  USING (account_id = (SELECT app.account_id()));
CREATE POLICY self_update ON app.account FOR UPDATE
  TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor
  USING (account_id = (SELECT app.account_id()));
CREATE POLICY district_select ON app.account FOR SELECT
  TO gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true);
GRANT SELECT (session_id, account_id, created_at, last_seen_at, expires_at, revoked_at, user_agent, address),
  UPDATE (revoked_at)
  ON app.session TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
CREATE POLICY self_select ON app.session FOR SELECT TO gis_officer, gis_patrol, gis_dispatcher, gis_planner
  USING (account_id = (SELECT app.account_id()));
CREATE POLICY self_update ON app.session FOR UPDATE
  TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor
  USING (account_id = (SELECT app.account_id()));
CREATE POLICY district_select ON app.session FOR SELECT TO gis_auditor, gis_admin USING (true);
CREATE POLICY admin_update ON app.session FOR UPDATE TO gis_admin USING (true) WITH CHECK (true);

-- Own tokens of programs; the administrator may revoke anybody's, the auditor lists them. Nobody reads the hash.
GRANT SELECT (api_token_id, prefix, account_id, name, may_write, collections, created_at, expires_at,
    last_used_at, revoked_at),
  INSERT (token_sha256, prefix, account_id, name, may_write, collections, expires_at), UPDATE (revoked_at)
  ON app.api_token TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
CREATE POLICY self_select ON app.api_token FOR SELECT TO gis_officer, gis_patrol, gis_dispatcher, gis_planner
  USING (account_id = (SELECT app.account_id()));
CREATE POLICY district_select ON app.api_token FOR SELECT TO gis_auditor, gis_admin USING (true);
CREATE POLICY self_insert ON app.api_token FOR INSERT
  TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin
  WITH CHECK (account_id = (SELECT app.account_id()));
CREATE POLICY self_update ON app.api_token FOR UPDATE
  TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor
  USING (account_id = (SELECT app.account_id()));
CREATE POLICY admin_update ON app.api_token FOR UPDATE TO gis_admin USING (true) WITH CHECK (true);

-- The audit log takes rows from everyone in their own name; only the auditor reads it.
GRANT INSERT (account_id, action, subject, detail)
  ON app.audit_log TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
CREATE POLICY self_insert ON app.audit_log FOR INSERT
  TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin
  WITH CHECK (account_id = (SELECT app.account_id()));
GRANT SELECT ON app.audit_log TO gis_auditor;
CREATE POLICY auditor_select ON app.audit_log FOR SELECT TO gis_auditor USING (true);

-- Tallies count rows of the whole district: for those who see them all. What others may see is counted from
-- their own rows.
GRANT SELECT ON app.layer_tally TO gis_dispatcher, gis_planner, gis_auditor, gis_admin;
CREATE POLICY district_select ON app.layer_tally FOR SELECT
  TO gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true);

-- Administration of people -------------------------------------------------
GRANT INSERT (username, full_name, role, phone, locale), UPDATE (full_name, role, phone, is_active)
  ON app.account TO gis_admin;
CREATE POLICY admin_insert ON app.account FOR INSERT TO gis_admin WITH CHECK (true);
CREATE POLICY admin_update ON app.account FOR UPDATE TO gis_admin USING (true) WITH CHECK (true);
GRANT INSERT, SELECT (account_id), UPDATE (password_hash, must_change, changed_at) ON app.credential TO gis_admin;
CREATE POLICY admin_select ON app.credential FOR SELECT TO gis_admin USING (true);
CREATE POLICY admin_insert ON app.credential FOR INSERT TO gis_admin WITH CHECK (true);
CREATE POLICY admin_update ON app.credential FOR UPDATE TO gis_admin USING (true) WITH CHECK (true);

DO $$
DECLARE
  duty_table text;
BEGIN
  FOREACH duty_table IN ARRAY ARRAY['assignment', 'team', 'team_member', 'team_area'] LOOP
    EXECUTE format('GRANT SELECT ON app.%I TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, '
                   'gis_auditor, gis_admin', duty_table);
    EXECUTE format('GRANT INSERT, UPDATE, DELETE ON app.%I TO gis_admin', duty_table);
    EXECUTE format('CREATE POLICY district_select ON app.%I FOR SELECT TO gis_dispatcher, gis_planner, '
                   'gis_auditor USING (true)', duty_table);
    EXECUTE format('CREATE POLICY admin_all ON app.%I FOR ALL TO gis_admin USING (true) WITH CHECK (true)',
                   duty_table);
  END LOOP;
END
$$;
CREATE POLICY self_select ON app.assignment FOR SELECT TO gis_officer
  USING (account_id = (SELECT app.account_id()));
CREATE POLICY team_select ON app.team FOR SELECT TO gis_patrol
  USING (team_id = ANY ((SELECT app.my_teams())::integer[]));
CREATE POLICY team_select ON app.team_member FOR SELECT TO gis_patrol
  USING (team_id = ANY ((SELECT app.my_teams())::integer[]));
CREATE POLICY team_select ON app.team_area FOR SELECT TO gis_patrol
  USING (team_id = ANY ((SELECT app.my_teams())::integer[]));

-- What everybody may count, switched by the administrator.
GRANT SELECT ON app.public_profile TO gis_auditor, gis_admin;
GRANT UPDATE (is_on, smallest, changed_at) ON app.public_profile TO gis_admin;
CREATE POLICY district_select ON app.public_profile FOR SELECT TO gis_auditor, gis_admin USING (true);
CREATE POLICY admin_update ON app.public_profile FOR UPDATE TO gis_admin USING (true) WITH CHECK (true);

-- Rental housing: the officer's own cells; the whole district for those who plan, dispatch and watch.
GRANT SELECT ON app.building, app.rental_unit
  TO gis_officer, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT SELECT (building_head_id, building_id, name_masked, phone_masked, cell_id, community_id, valid_from, valid_to)
  ON app.building_head TO gis_officer, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
DO $$
DECLARE
  housing text;
BEGIN
  FOREACH housing IN ARRAY ARRAY['building', 'building_head', 'rental_unit'] LOOP
    EXECUTE format('CREATE POLICY own_cells_select ON app.%I FOR SELECT TO gis_officer '
                   'USING (cell_id = ANY ((SELECT app.my_cells())::integer[]))', housing);
    EXECUTE format('CREATE POLICY district_select ON app.%I FOR SELECT '
                   'TO gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true)', housing);
  END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION app.reveal_building_head(integer, text) TO gis_officer, gis_dispatcher;

-- Incidents: own cells and own reports.
GRANT SELECT ON app.incident TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT INSERT (client_id, report_sha256, category, source, severity, people, description, address, occurred_at,
  due_at, reporter_id, cell_id, community_id, geom) ON app.incident TO gis_officer, gis_patrol, gis_dispatcher;
CREATE POLICY own_cells_select ON app.incident FOR SELECT TO gis_officer
  USING (cell_id = ANY ((SELECT app.my_cells())::integer[]) OR reporter_id = (SELECT app.account_id()));
CREATE POLICY own_reports_select ON app.incident FOR SELECT TO gis_patrol
  USING (reporter_id = (SELECT app.account_id()));
CREATE POLICY district_select ON app.incident FOR SELECT
  TO gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true);
CREATE POLICY own_insert ON app.incident FOR INSERT TO gis_officer, gis_patrol, gis_dispatcher
  WITH CHECK (reporter_id = (SELECT app.account_id()));
-- Which change of which state is whose stands in gis/incident/lifecycle.py; here only whose rows.
GRANT UPDATE (category, state, severity, people, description, address, occurred_at, due_at, closed_at, cell_id,
  community_id, geom) ON app.incident TO gis_officer, gis_patrol, gis_dispatcher;
CREATE POLICY own_cells_update ON app.incident FOR UPDATE TO gis_officer
  USING (cell_id = ANY ((SELECT app.my_cells())::integer[]) OR reporter_id = (SELECT app.account_id()));
CREATE POLICY own_reports_update ON app.incident FOR UPDATE TO gis_patrol
  USING (reporter_id = (SELECT app.account_id()));
CREATE POLICY district_update ON app.incident FOR UPDATE TO gis_dispatcher USING (true);

-- A step is seen by whoever sees its incident.
GRANT SELECT ON app.incident_step TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT INSERT (incident_id, from_state, to_state, account_id, note) ON app.incident_step
  TO gis_officer, gis_patrol, gis_dispatcher;
CREATE POLICY of_seen_incident_select ON app.incident_step FOR SELECT TO gis_officer, gis_patrol
  USING (EXISTS (SELECT FROM app.incident AS i WHERE i.incident_id = incident_step.incident_id));
CREATE POLICY district_select ON app.incident_step FOR SELECT
  TO gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true);
CREATE POLICY own_insert ON app.incident_step FOR INSERT TO gis_officer, gis_patrol, gis_dispatcher
  WITH CHECK (account_id = (SELECT app.account_id())
              AND EXISTS (SELECT FROM app.incident AS i WHERE i.incident_id = incident_step.incident_id));

-- Facilities, parcels and check points are the planner's and the administrator's to keep.
GRANT INSERT (code, kind, name_zh, name_en, pinyin_initials, address, capacity, cell_id, community_id, geom),
  UPDATE (code, kind, name_zh, name_en, pinyin_initials, address, capacity, cell_id, community_id, geom),
  DELETE ON app.facility TO gis_planner, gis_admin;
GRANT INSERT (code, name_zh, level, area_m2, cell_id, community_id, geom),
  UPDATE (code, name_zh, level, area_m2, cell_id, community_id, geom),
  DELETE ON app.parcel TO gis_planner, gis_admin;
GRANT INSERT (code, name_zh, parcel_id, radius_m, cell_id, community_id, geom),
  UPDATE (code, name_zh, parcel_id, radius_m, cell_id, community_id, geom),
  DELETE ON app.check_point TO gis_planner, gis_admin;
DO $$
DECLARE
  kept text;
BEGIN
  FOREACH kept IN ARRAY ARRAY['facility', 'parcel', 'check_point'] LOOP
    EXECUTE format('CREATE POLICY keeper_insert ON app.%I FOR INSERT TO gis_planner, gis_admin WITH CHECK (true)', kept);
    EXECUTE format('CREATE POLICY keeper_update ON app.%I FOR UPDATE TO gis_planner, gis_admin USING (true)', kept);
    EXECUTE format('CREATE POLICY keeper_delete ON app.%I FOR DELETE TO gis_planner, gis_admin USING (true)', kept);
  END LOOP;
END
$$;

-- State land: what the team patrols; the officer sees parcels and check points of own cells.
GRANT SELECT ON app.parcel, app.check_point, app.patrol_point
  TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
CREATE POLICY own_cells_select ON app.parcel FOR SELECT TO gis_officer
  USING (cell_id = ANY ((SELECT app.my_cells())::integer[]));
CREATE POLICY team_area_select ON app.parcel FOR SELECT TO gis_patrol
  USING (community_id = ANY ((SELECT app.my_communities())::integer[])
         OR parcel_id = ANY ((SELECT app.my_parcels())::integer[]));
CREATE POLICY district_select ON app.parcel FOR SELECT
  TO gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true);
CREATE POLICY own_cells_select ON app.check_point FOR SELECT TO gis_officer
  USING (cell_id = ANY ((SELECT app.my_cells())::integer[]));
CREATE POLICY team_area_select ON app.check_point FOR SELECT TO gis_patrol
  USING (community_id = ANY ((SELECT app.my_communities())::integer[])
         OR parcel_id = ANY ((SELECT app.my_parcels())::integer[]));
CREATE POLICY district_select ON app.check_point FOR SELECT
  TO gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true);

GRANT SELECT ON app.patrol_round TO gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
CREATE POLICY team_select ON app.patrol_round FOR SELECT TO gis_patrol
  USING (team_id = ANY ((SELECT app.my_teams())::integer[]));
CREATE POLICY district_select ON app.patrol_round FOR SELECT
  TO gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true);

-- Patrol points: officers of the cell, the team and its area, own points anywhere.
GRANT INSERT (client_id, content_sha256, team_id, account_id, patrol_round_id, check_point_id, parcel_id, kind,
  note, source, device_at, accuracy_m, sequence, cell_id, community_id, is_outside, geom)
  ON app.patrol_point TO gis_officer, gis_patrol;
CREATE POLICY own_cells_select ON app.patrol_point FOR SELECT TO gis_officer
  USING (cell_id = ANY ((SELECT app.my_cells())::integer[]) OR account_id = (SELECT app.account_id()));
CREATE POLICY team_area_select ON app.patrol_point FOR SELECT TO gis_patrol
  USING (team_id = ANY ((SELECT app.my_teams())::integer[])
         OR community_id = ANY ((SELECT app.my_communities())::integer[])
         OR parcel_id = ANY ((SELECT app.my_parcels())::integer[])
         OR account_id = (SELECT app.account_id()));
CREATE POLICY district_select ON app.patrol_point FOR SELECT
  TO gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true);
CREATE POLICY own_insert ON app.patrol_point FOR INSERT TO gis_officer
  WITH CHECK (account_id = (SELECT app.account_id()) AND team_id IS NULL);
CREATE POLICY team_insert ON app.patrol_point FOR INSERT TO gis_patrol
  WITH CHECK (account_id = (SELECT app.account_id())
              AND (team_id IS NULL OR team_id = ANY ((SELECT app.my_teams())::integer[])));

-- Tracks are sensitive personal data: the person, the team, those who dispatch, measure and watch. Not the administrator.
GRANT SELECT ON app.patrol_track TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor;
CREATE POLICY self_select ON app.patrol_track FOR SELECT TO gis_officer
  USING (account_id = (SELECT app.account_id()));
CREATE POLICY team_select ON app.patrol_track FOR SELECT TO gis_patrol
  USING (team_id = ANY ((SELECT app.my_teams())::integer[]) OR account_id = (SELECT app.account_id()));
CREATE POLICY district_select ON app.patrol_track FOR SELECT
  TO gis_dispatcher, gis_planner, gis_auditor USING (true);
-- The track of a stream is drawn, and drawn anew, by whoever sends its fixes.
GRANT INSERT (client_id, at, team_id, account_id, patrol_round_id, name, source, started_at, ended_at, length_m,
    minutes, fixes, is_outside, community_id, geom),
  UPDATE (at, started_at, ended_at, length_m, minutes, fixes, is_outside, community_id, geom)
  ON app.patrol_track TO gis_officer, gis_patrol;
CREATE POLICY own_insert ON app.patrol_track FOR INSERT TO gis_officer, gis_patrol
  WITH CHECK (account_id = (SELECT app.account_id())
              AND (team_id IS NULL OR team_id = ANY ((SELECT app.my_teams())::integer[])
                   -- of a walk that began while the person was in that team
                   OR EXISTS (SELECT FROM app.track_stream AS s
                              WHERE s.stream_id = patrol_track.client_id AND s.team_id = patrol_track.team_id
                                AND s.account_id = (SELECT app.account_id()))));
CREATE POLICY own_update ON app.patrol_track FOR UPDATE TO gis_officer, gis_patrol
  USING (account_id = (SELECT app.account_id()));

-- Streams of fixes: the person, who led the team at that time, the auditor. Raw fixes are granted to nobody:
-- app.read_fixes() gives them and keeps a trace.
GRANT SELECT ON app.track_stream TO gis_officer, gis_patrol, gis_auditor;
GRANT INSERT (stream_id, account_id, team_id, patrol_round_id, device_id, source),
  UPDATE (next_sequence, chain_sha256, started_at, last_at, last_received_at, tracked_at, closed_at)
  ON app.track_stream TO gis_officer, gis_patrol;
GRANT INSERT (stream_id, sequence, at, device_at, received_at, lon, lat, accuracy_m, speed_mps, heading, flags)
  ON app.patrol_fix TO gis_officer, gis_patrol;
CREATE POLICY self_select ON app.track_stream FOR SELECT TO gis_officer
  USING (account_id = (SELECT app.account_id()));
CREATE POLICY self_or_led_select ON app.track_stream FOR SELECT TO gis_patrol
  USING (account_id = (SELECT app.account_id())
         OR app.leads(team_id, (started_at AT TIME ZONE 'Asia/Shanghai')::date));
CREATE POLICY district_select ON app.track_stream FOR SELECT TO gis_auditor USING (true);
CREATE POLICY own_insert ON app.track_stream FOR INSERT TO gis_officer, gis_patrol
  WITH CHECK (account_id = (SELECT app.account_id())
              AND (team_id IS NULL OR team_id = ANY ((SELECT app.my_teams())::integer[])));
CREATE POLICY own_update ON app.track_stream FOR UPDATE TO gis_officer, gis_patrol
  USING (account_id = (SELECT app.account_id()));
CREATE POLICY own_insert ON app.patrol_fix FOR INSERT TO gis_officer, gis_patrol
  WITH CHECK (EXISTS (SELECT FROM app.track_stream AS s
                      WHERE s.stream_id = patrol_fix.stream_id AND s.account_id = (SELECT app.account_id())));
GRANT EXECUTE ON FUNCTION app.leads(integer, date), app.read_fixes(uuid, integer, integer),
  app.known_fixes(uuid, timestamptz[]), app.community_of(geometry) TO gis_officer, gis_patrol, gis_auditor;

-- Imports and coverage -----------------------------------------------------
GRANT SELECT ON app.import_batch, app.import_reject TO gis_auditor, gis_admin;
CREATE POLICY district_select ON app.import_batch FOR SELECT TO gis_auditor, gis_admin USING (true);
CREATE POLICY district_select ON app.import_reject FOR SELECT TO gis_auditor, gis_admin USING (true);

GRANT SELECT ON app.coverage_run, app.coverage_share, app.coverage
  TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT INSERT ON app.coverage_run, app.coverage_share TO gis_planner;
GRANT DELETE ON app.coverage_run TO gis_planner;
CREATE POLICY signed_in_select ON app.coverage_run FOR SELECT
  TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true);
CREATE POLICY own_cells_select ON app.coverage_share FOR SELECT TO gis_officer
  USING (cell_id = ANY ((SELECT app.my_cells())::integer[]));
CREATE POLICY team_area_select ON app.coverage_share FOR SELECT TO gis_patrol
  USING (community_id = ANY ((SELECT app.my_communities())::integer[]));
CREATE POLICY district_select ON app.coverage_share FOR SELECT
  TO gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true);
CREATE POLICY planner_insert ON app.coverage_run FOR INSERT TO gis_planner
  WITH CHECK (account_id = (SELECT app.account_id()));
CREATE POLICY planner_delete ON app.coverage_run FOR DELETE TO gis_planner USING (true);
CREATE POLICY planner_insert ON app.coverage_share FOR INSERT TO gis_planner WITH CHECK (true);
