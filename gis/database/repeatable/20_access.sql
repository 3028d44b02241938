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
REVOKE UPDATE, DELETE, TRUNCATE ON app.audit_log, app.incident_step, app.patrol_point_revision, app.round_event
  FROM gis_migrator;
REVOKE UPDATE, DELETE, TRUNCATE ON app.workload_weights FROM gis_migrator;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA app TO gis_migrator;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA app TO gis_migrator;

-- What the SECURITY DEFINER functions read and write as gis_owner.
CREATE POLICY owner_select ON app.assignment FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.team_member FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.team_area FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.account FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.parcel FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.check_point FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.patrol_round FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.building_head FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.track_stream FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.patrol_fix FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.patrol_track FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.round_event FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_insert ON app.audit_log FOR INSERT TO gis_owner WITH CHECK (true);
-- app.note_watching() asks whether it has written this hour.
CREATE POLICY owner_select ON app.audit_log FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_all ON app.layer_tally FOR ALL TO gis_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON app.patrol_change FOR ALL TO gis_owner USING (true) WITH CHECK (true);
-- app.reckon_deadlines() moves what still runs when the calendar changes.
CREATE POLICY owner_all ON app.finding_deadline FOR ALL TO gis_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_update ON app.incident FOR UPDATE TO gis_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_select ON app.holiday FOR SELECT TO gis_owner USING (true);
-- app.refit_deadlines() gives a finding the clock of the kind its finder has revised it to.
CREATE POLICY owner_select ON app.finding_rule FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.quarantine FOR SELECT TO gis_owner USING (true);
CREATE POLICY owner_select ON app.cell FOR SELECT TO gis_owner USING (true);
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
  app.land_at(geometry[]), app.known_places(integer[], integer[]),
  app.round_settles_at(timestamptz), app.round_state(text, timestamptz, timestamptz, smallint, timestamptz),
  app.quad_of(double precision, double precision),
  app.reading_scope(), app.layer_version(text, smallint, bigint, bigint),
  app.is_working_day(date), app.add_working_days(timestamptz, integer),
  app.deadline_of(timestamptz, integer, boolean),
  app.deadline_state(timestamptz, timestamptz, timestamptz),
  app.deadline_state(timestamptz, timestamptz, timestamptz, timestamptz), app.recheck_of(integer)
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
    'cell', 'rental_grade', 'incident_category', 'violation_kind', 'facility_kind', 'facility',
    'patrol_level', 'season', 'holiday', 'finding_rule', 'patrol_target'] LOOP
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
GRANT SELECT (api_token_id, prefix, account_id, name, kind, may_write, collections, created_at, expires_at,
    last_used_at, revoked_at),
  INSERT (token_sha256, prefix, account_id, name, kind, may_write, collections, expires_at), UPDATE (revoked_at)
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

-- The working calendar and the rules of deadlines are the administrator's to keep.
GRANT INSERT, UPDATE (valid_to), DELETE ON app.finding_rule TO gis_admin;
CREATE POLICY admin_insert ON app.finding_rule FOR INSERT TO gis_admin WITH CHECK (true);
CREATE POLICY admin_update ON app.finding_rule FOR UPDATE TO gis_admin USING (true);
CREATE POLICY admin_delete ON app.finding_rule FOR DELETE TO gis_admin USING (true);
GRANT INSERT, UPDATE, DELETE ON app.holiday TO gis_admin;
CREATE POLICY admin_insert ON app.holiday FOR INSERT TO gis_admin WITH CHECK (true);
CREATE POLICY admin_update ON app.holiday FOR UPDATE TO gis_admin USING (true);
CREATE POLICY admin_delete ON app.holiday FOR DELETE TO gis_admin USING (true);

-- Incidents: own cells and own reports; a team also sees what patrols have found where it patrols.
GRANT SELECT ON app.incident TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT INSERT (client_id, report_sha256, category, source, severity, people, description, address, occurred_at,
  due_at, reporter_id, cell_id, community_id, geom, violation, parcel_id, patrol_point_client_id)
  ON app.incident TO gis_officer, gis_patrol, gis_dispatcher;
CREATE POLICY own_cells_select ON app.incident FOR SELECT TO gis_officer
  USING (cell_id = ANY ((SELECT app.my_cells())::integer[]) OR reporter_id = (SELECT app.account_id()));
CREATE POLICY own_reports_select ON app.incident FOR SELECT TO gis_patrol
  USING (reporter_id = (SELECT app.account_id()));
CREATE POLICY team_findings_select ON app.incident FOR SELECT TO gis_patrol
  USING (patrol_point_client_id IS NOT NULL
         AND (community_id = ANY ((SELECT app.my_communities())::integer[])
              OR parcel_id = ANY ((SELECT app.my_parcels())::integer[])));
CREATE POLICY district_select ON app.incident FOR SELECT
  TO gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true);
CREATE POLICY own_insert ON app.incident FOR INSERT TO gis_officer, gis_patrol, gis_dispatcher
  WITH CHECK (reporter_id = (SELECT app.account_id()));
-- Which change of which state is whose stands in gis/incident/lifecycle.py; here only whose rows.
GRANT UPDATE (category, state, severity, people, description, address, occurred_at, due_at, closed_at, cell_id,
  community_id, parcel_id, recheck_client_id, geom) ON app.incident TO gis_officer, gis_patrol, gis_dispatcher;
-- An incident follows what its finder says of the point: gis/findings/revision.py.
GRANT UPDATE (violation, finder_kind, finder_revised_at) ON app.incident TO gis_officer, gis_patrol;
GRANT UPDATE (recheck_waiver) ON app.incident TO gis_dispatcher;
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
CREATE POLICY own_insert ON app.incident_step FOR INSERT TO gis_officer, gis_dispatcher
  WITH CHECK (account_id = (SELECT app.account_id())
              AND EXISTS (SELECT FROM app.incident AS i WHERE i.incident_id = incident_step.incident_id));
CREATE POLICY own_report_insert ON app.incident_step FOR INSERT TO gis_patrol
  WITH CHECK (account_id = (SELECT app.account_id())
              AND EXISTS (SELECT FROM app.incident AS i WHERE i.incident_id = incident_step.incident_id
                          AND i.reporter_id = (SELECT app.account_id())));

-- Deadlines are seen by whoever sees the finding, made with it by its reporter, ticked off by the dispatcher.
GRANT SELECT ON app.finding_deadline
  TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT INSERT (incident_id, step, found_at, days, in_working_days, due_at) ON app.finding_deadline
  TO gis_officer, gis_patrol;
GRANT UPDATE (done_at, done_by, note) ON app.finding_deadline TO gis_dispatcher;
CREATE POLICY of_seen_incident_select ON app.finding_deadline FOR SELECT TO gis_officer, gis_patrol
  USING (EXISTS (SELECT FROM app.incident AS i WHERE i.incident_id = finding_deadline.incident_id));
CREATE POLICY district_select ON app.finding_deadline FOR SELECT
  TO gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true);
CREATE POLICY of_own_report_insert ON app.finding_deadline FOR INSERT TO gis_officer, gis_patrol
  WITH CHECK (EXISTS (SELECT FROM app.incident AS i WHERE i.incident_id = finding_deadline.incident_id
                      AND i.reporter_id = (SELECT app.account_id())));
CREATE POLICY dispatcher_update ON app.finding_deadline FOR UPDATE TO gis_dispatcher
  USING (true) WITH CHECK (done_by = (SELECT app.account_id()));

-- Facilities, parcels and check points are the planner's and the administrator's to keep.
GRANT INSERT (code, kind, name_zh, name_en, pinyin_initials, address, capacity, opening_hours, cell_id, community_id, geom),
  UPDATE (code, kind, name_zh, name_en, pinyin_initials, address, capacity, opening_hours, cell_id, community_id, geom),
  DELETE ON app.facility TO gis_planner, gis_admin;
GRANT INSERT (code, name_zh, level, area_m2, cell_id, community_id, geom),
  UPDATE (code, name_zh, level, area_m2, cell_id, community_id, geom),
  DELETE ON app.parcel TO gis_planner, gis_admin;
GRANT INSERT (code, name_zh, parcel_id, radius_m, dwell_s, cell_id, community_id, geom),
  UPDATE (code, name_zh, parcel_id, radius_m, dwell_s, cell_id, community_id, geom),
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
GRANT SELECT ON app.parcel, app.patrol_point
  TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
-- Whoever knows what the code at a place says may claim to have been there.
GRANT SELECT (check_point_id, code, name_zh, parcel_id, radius_m, dwell_s, qr_sha256, qr_sha256_before, qr_replaced_at,
    cell_id, community_id, geom, quad)
  ON app.check_point TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT SELECT (qr_token), UPDATE (qr_token, qr_sha256_before, qr_replaced_at) ON app.check_point TO gis_planner, gis_admin;
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

-- Levels, seasons and plans are the planner's and the administrator's; a team sees its own plans.
GRANT UPDATE (name_zh, name_en, rounds_wanted, per, visits_a_month) ON app.patrol_level TO gis_planner, gis_admin;
CREATE POLICY keeper_update ON app.patrol_level FOR UPDATE TO gis_planner, gis_admin USING (true);
GRANT INSERT (code, name_zh, name_en, first_day, last_day, least_m, least_minutes, least_days),
  UPDATE (code, name_zh, name_en, first_day, last_day, least_m, least_minutes, least_days),
  DELETE ON app.season TO gis_planner, gis_admin;
CREATE POLICY keeper_all ON app.season FOR ALL TO gis_planner, gis_admin USING (true) WITH CHECK (true);
GRANT SELECT ON app.patrol_plan_point TO gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT INSERT (name, team_id, parcel_id, season_id, is_ordered, weekdays, rounds, per, window_starts, window_ends,
    overdue_after_min, valid_from, valid_to, is_active, created_by),
  UPDATE (name, team_id, parcel_id, season_id, is_ordered, weekdays, rounds, per, window_starts, window_ends,
    overdue_after_min, valid_from, valid_to, is_active, changed_at)
  ON app.patrol_plan TO gis_planner, gis_admin;
GRANT INSERT, DELETE ON app.patrol_plan_point TO gis_planner, gis_admin;
CREATE POLICY team_select ON app.patrol_plan FOR SELECT TO gis_patrol
  USING (team_id = ANY ((SELECT app.my_teams())::integer[]));
CREATE POLICY own_insert ON app.patrol_plan FOR INSERT TO gis_planner, gis_admin
  WITH CHECK (created_by = (SELECT app.account_id()));
CREATE POLICY keeper_update ON app.patrol_plan FOR UPDATE TO gis_planner, gis_admin USING (true);
CREATE POLICY of_seen_plan_select ON app.patrol_plan_point FOR SELECT TO gis_patrol
  USING (EXISTS (SELECT FROM app.patrol_plan AS p WHERE p.patrol_plan_id = patrol_plan_point.patrol_plan_id));
CREATE POLICY keeper_insert ON app.patrol_plan_point FOR INSERT TO gis_planner, gis_admin WITH CHECK (true);
CREATE POLICY keeper_delete ON app.patrol_plan_point FOR DELETE TO gis_planner, gis_admin USING (true);

-- Rounds are made from plans by whoever saves the plan and by the periodic job; the team walks them.
-- Which change of which state is whose stands in gis/patrol/rounds.py; here only whose rows. An officer walks with no
-- team and sees none.
GRANT SELECT ON app.patrol_plan, app.patrol_round, app.patrol_round_point
  TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT SELECT ON app.round_event, app.round_excuse
  TO gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT INSERT (patrol_plan_id, number, team_id, parcel_id, community_id, planned_from, planned_to, is_ordered,
    overdue_after_min, state),
  UPDATE (team_id, parcel_id, community_id, planned_from, planned_to, is_ordered, overdue_after_min, state)
  ON app.patrol_round TO gis_planner, gis_admin;
GRANT UPDATE (state, started_at, ended_at, paused_at) ON app.patrol_round TO gis_patrol;
GRANT UPDATE (state) ON app.patrol_round TO gis_dispatcher;
GRANT INSERT (patrol_round_id, position, check_point_id, radius_m, dwell_s), DELETE
  ON app.patrol_round_point TO gis_planner, gis_admin;
GRANT UPDATE (visited_at, dwell_s_done, visited_by, record_id, grade) ON app.patrol_round_point TO gis_patrol;
GRANT INSERT (client_id, content_sha256, patrol_round_id, account_id, device_id, kind, device_at, clock_offset_s, at,
  sequence, check_point_id, visited_by, dwell_s, record_id, grade) ON app.round_event TO gis_patrol;
GRANT INSERT (patrol_round_id, reason, asked_by) ON app.round_excuse TO gis_patrol;
GRANT UPDATE (decided_by, decided_at, decision) ON app.round_excuse TO gis_dispatcher, gis_planner;
CREATE POLICY team_select ON app.patrol_round FOR SELECT TO gis_patrol
  USING (team_id = ANY ((SELECT app.my_teams())::integer[]));
CREATE POLICY team_update ON app.patrol_round FOR UPDATE TO gis_patrol
  USING (team_id = ANY ((SELECT app.my_teams())::integer[]));
CREATE POLICY planner_insert ON app.patrol_round FOR INSERT TO gis_planner, gis_admin WITH CHECK (true);
CREATE POLICY district_update ON app.patrol_round FOR UPDATE TO gis_dispatcher, gis_planner, gis_admin USING (true);
CREATE POLICY team_update ON app.patrol_round_point FOR UPDATE TO gis_patrol
  USING (EXISTS (SELECT FROM app.patrol_round AS r WHERE r.patrol_round_id = patrol_round_point.patrol_round_id));
CREATE POLICY planner_insert ON app.patrol_round_point FOR INSERT TO gis_planner, gis_admin WITH CHECK (true);
CREATE POLICY planner_delete ON app.patrol_round_point FOR DELETE TO gis_planner, gis_admin USING (true);
CREATE POLICY own_insert ON app.round_event FOR INSERT TO gis_patrol
  WITH CHECK (account_id = (SELECT app.account_id())
              AND EXISTS (SELECT FROM app.patrol_round AS r WHERE r.patrol_round_id = round_event.patrol_round_id));
CREATE POLICY own_insert ON app.round_excuse FOR INSERT TO gis_patrol
  WITH CHECK (asked_by = (SELECT app.account_id())
              AND EXISTS (SELECT FROM app.patrol_round AS r WHERE r.patrol_round_id = round_excuse.patrol_round_id));
CREATE POLICY decider_update ON app.round_excuse FOR UPDATE TO gis_dispatcher, gis_planner
  USING (true) WITH CHECK (decided_by = (SELECT app.account_id()));
DO $$
DECLARE
  walked text;
BEGIN
  FOREACH walked IN ARRAY ARRAY['patrol_round_point', 'round_event', 'round_excuse'] LOOP
    EXECUTE format('CREATE POLICY of_seen_round_select ON app.%1$I FOR SELECT TO gis_patrol USING (EXISTS ('
                   'SELECT FROM app.patrol_round AS r WHERE r.patrol_round_id = %1$I.patrol_round_id))', walked);
  END LOOP;
  FOREACH walked IN ARRAY ARRAY['patrol_plan', 'patrol_plan_point', 'patrol_round', 'patrol_round_point',
    'round_event', 'round_excuse'] LOOP
    EXECUTE format('CREATE POLICY district_select ON app.%I FOR SELECT '
                   'TO gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true)', walked);
  END LOOP;
END
$$;

-- What the monthly record of rounds tells beside its rows: no payload, and names of a leader's own people.
GRANT EXECUTE ON FUNCTION app.led_people(), app.round_refusals(integer[])
  TO gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;

-- Runs of periodic jobs, written by the job runner as gis_migrator.
GRANT SELECT ON app.job_run TO gis_auditor, gis_admin;
CREATE POLICY district_select ON app.job_run FOR SELECT TO gis_auditor, gis_admin USING (true);

-- Patrol points: officers of the cell, the team and its area, own points anywhere.
GRANT INSERT (client_id, revision, content_sha256, team_id, account_id, device_id, patrol_round_id, check_point_id,
    parcel_id, kind, note, source, at, device_at, clock_offset_s, sequence, method, fix_at, accuracy_m, is_mock, grade,
    cell_id, community_id, is_outside, geom),
  UPDATE (revision, content_sha256, device_id, patrol_round_id, check_point_id, parcel_id, kind, note, at, device_at,
    received_at, clock_offset_s, sequence, method, fix_at, accuracy_m, is_mock, grade, cell_id, community_id,
    is_outside, geom)
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

CREATE POLICY own_update ON app.patrol_point FOR UPDATE TO gis_officer, gis_patrol
  USING (account_id = (SELECT app.account_id()));

-- Receipts are their sender's; older contents are read by the sender and those who see the district.
GRANT SELECT, INSERT (client_id, revision, content_sha256, account_id, kind, at),
  UPDATE (revision, content_sha256, received_at, at) ON app.field_receipt TO gis_officer, gis_patrol;
GRANT SELECT, INSERT (client_id, revision, account_id, content_sha256, content)
  ON app.patrol_point_revision TO gis_officer, gis_patrol;
GRANT SELECT ON app.patrol_point_revision TO gis_dispatcher, gis_planner, gis_auditor, gis_admin;
DO $$
DECLARE
  sent text;
BEGIN
  FOREACH sent IN ARRAY ARRAY['field_receipt', 'patrol_point_revision'] LOOP
    EXECUTE format('CREATE POLICY self_select ON app.%I FOR SELECT TO gis_officer, gis_patrol '
                   'USING (account_id = (SELECT app.account_id()))', sent);
    EXECUTE format('CREATE POLICY self_insert ON app.%I FOR INSERT TO gis_officer, gis_patrol '
                   'WITH CHECK (account_id = (SELECT app.account_id()))', sent);
  END LOOP;
END
$$;
CREATE POLICY self_update ON app.field_receipt FOR UPDATE TO gis_officer, gis_patrol
  USING (account_id = (SELECT app.account_id()));
CREATE POLICY district_select ON app.patrol_point_revision FOR SELECT
  TO gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true);

-- Quarantine: the sender may count what is kept of his, never read it; the administrator settles it.
GRANT INSERT (account_id, device_id, sent_at, payload, payload_sha256, code, pointer, detail),
  SELECT (quarantine_id, account_id, received_at, payload_sha256, state) ON app.quarantine TO gis_officer, gis_patrol;
GRANT SELECT, UPDATE (state, repaired, reason, settled_at, settled_by) ON app.quarantine TO gis_admin;
CREATE POLICY self_select ON app.quarantine FOR SELECT TO gis_officer, gis_patrol
  USING (account_id = (SELECT app.account_id()));
CREATE POLICY self_insert ON app.quarantine FOR INSERT TO gis_officer, gis_patrol
  WITH CHECK (account_id = (SELECT app.account_id()));
CREATE POLICY admin_select ON app.quarantine FOR SELECT TO gis_admin USING (true);
CREATE POLICY admin_update ON app.quarantine FOR UPDATE TO gis_admin USING (true);

-- Photos: seen by whoever sees the patrol point or incident, and by who sent them. Complete ones are never changed.
-- Below, each EXISTS asks as the reader, so it holds what the policies of that table let through. OFFSET 0 keeps it a
-- look-up by index for each photo: the planner would at times gather every point the reader sees first (70 ms in place of 3).
GRANT SELECT ON app.photo, app.photo_piece, app.photo_carry
  TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT INSERT (client_id, record_id, account_id, taken_at, sha256, bytes, media_type, lon, lat),
  UPDATE (received_bytes, state, completed_at, width, height, refusal, refused_at, thumbnail)
  ON app.photo TO gis_officer, gis_patrol, gis_dispatcher;
GRANT INSERT ON app.photo_piece TO gis_officer, gis_patrol, gis_dispatcher;
GRANT INSERT (from_record, to_record) ON app.photo_carry TO gis_officer, gis_patrol, gis_dispatcher;
CREATE POLICY of_seen_record_select ON app.photo FOR SELECT TO gis_officer, gis_patrol
  USING (account_id = (SELECT app.account_id())
         OR EXISTS (SELECT FROM app.patrol_point AS p WHERE p.client_id = photo.record_id OFFSET 0)
         OR EXISTS (SELECT FROM app.incident AS i WHERE i.client_id = photo.record_id OFFSET 0)
         OR EXISTS (SELECT FROM app.photo_carry AS c WHERE c.from_record = photo.record_id OFFSET 0));
CREATE POLICY of_seen_photo_select ON app.photo_piece FOR SELECT TO gis_officer, gis_patrol
  USING (EXISTS (SELECT FROM app.photo AS f WHERE f.photo_id = photo_piece.photo_id OFFSET 0));
CREATE POLICY of_seen_incident_select ON app.photo_carry FOR SELECT TO gis_officer, gis_patrol
  USING (EXISTS (SELECT FROM app.incident AS i WHERE i.client_id = photo_carry.to_record OFFSET 0));
DO $$
DECLARE
  shown text;
BEGIN
  FOREACH shown IN ARRAY ARRAY['photo', 'photo_piece', 'photo_carry'] LOOP
    EXECUTE format('CREATE POLICY district_select ON app.%I FOR SELECT '
                   'TO gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true)', shown);
  END LOOP;
END
$$;
CREATE POLICY own_insert ON app.photo FOR INSERT TO gis_officer, gis_patrol, gis_dispatcher
  WITH CHECK (account_id = (SELECT app.account_id()));
CREATE POLICY own_update ON app.photo FOR UPDATE TO gis_officer, gis_patrol, gis_dispatcher
  USING (account_id = (SELECT app.account_id()) AND state = 'uploading') WITH CHECK (true);
CREATE POLICY own_insert ON app.photo_piece FOR INSERT TO gis_officer, gis_patrol, gis_dispatcher
  WITH CHECK (EXISTS (SELECT FROM app.photo AS f WHERE f.photo_id = photo_piece.photo_id
                      AND f.account_id = (SELECT app.account_id()) AND f.state = 'uploading'));
CREATE POLICY seen_insert ON app.photo_carry FOR INSERT TO gis_officer, gis_patrol, gis_dispatcher
  WITH CHECK (EXISTS (SELECT FROM app.patrol_point AS p WHERE p.client_id = photo_carry.from_record)
              AND EXISTS (SELECT FROM app.incident AS i WHERE i.client_id = photo_carry.to_record));
-- What was refused or never finished: the administrator takes it after another look, or deletes it.
GRANT UPDATE (state, refusal, refused_at, completed_at, width, height, media_type, thumbnail), DELETE
  ON app.photo TO gis_admin;
GRANT DELETE ON app.photo_piece TO gis_admin;
CREATE POLICY refused_update ON app.photo FOR UPDATE TO gis_admin USING (state = 'refused') WITH CHECK (true);
CREATE POLICY not_complete_delete ON app.photo FOR DELETE TO gis_admin USING (state <> 'complete');
CREATE POLICY not_complete_delete ON app.photo_piece FOR DELETE TO gis_admin
  USING (EXISTS (SELECT FROM app.photo AS f WHERE f.photo_id = photo_piece.photo_id AND f.state <> 'complete'));

-- Files of phones wait here for the administrator; what they hold is stored in the name of the person, by that person's rights.
GRANT SELECT, INSERT (account_id, uploaded_by, name, sha256, bytes, exported_at),
  UPDATE (state, settled_at, settled_by, outcome) ON app.rescue_file TO gis_admin;
GRANT SELECT, INSERT, DELETE ON app.rescue_piece TO gis_admin;
CREATE POLICY admin_select ON app.rescue_file FOR SELECT TO gis_admin USING (true);
CREATE POLICY own_insert ON app.rescue_file FOR INSERT TO gis_admin
  WITH CHECK (uploaded_by = (SELECT app.account_id()));
CREATE POLICY own_update ON app.rescue_file FOR UPDATE TO gis_admin
  USING (true) WITH CHECK (settled_by = (SELECT app.account_id()));
CREATE POLICY admin_all ON app.rescue_piece FOR ALL TO gis_admin USING (true) WITH CHECK (true);

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
-- It gives the administrator no row, as tracks do.
GRANT EXECUTE ON FUNCTION app.live_positions(integer[])
  TO gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;

-- Sums of tracks: of a team and day, without lines and names; of a person, with a trace.
GRANT EXECUTE ON FUNCTION app.walked(integer, date, date), app.walked_on(integer, date)
  TO gis_patrol, gis_dispatcher, gis_planner, gis_auditor;
GRANT EXECUTE ON FUNCTION app.walked_by(integer, date) TO gis_patrol, gis_auditor;

-- Imports and coverage -----------------------------------------------------
GRANT SELECT ON app.import_batch, app.import_reject TO gis_auditor, gis_admin;
CREATE POLICY district_select ON app.import_batch FOR SELECT TO gis_auditor, gis_admin USING (true);
CREATE POLICY district_select ON app.import_reject FOR SELECT TO gis_auditor, gis_admin USING (true);
-- The planner brings street networks, and sees that it was written down.
GRANT SELECT (import_batch_id, account_id),
  INSERT (layer, file_name, file_sha256, format, encoding, source_crs, rows_read, rows_stored, rows_unchanged,
    rows_rejected, account_id) ON app.import_batch TO gis_planner;
GRANT INSERT ON app.import_reject TO gis_planner;
CREATE POLICY own_select ON app.import_batch FOR SELECT TO gis_planner
  USING (account_id = (SELECT app.account_id()));
CREATE POLICY own_insert ON app.import_batch FOR INSERT TO gis_planner
  WITH CHECK (layer = 'road' AND account_id = (SELECT app.account_id()));
CREATE POLICY own_batch_insert ON app.import_reject FOR INSERT TO gis_planner
  WITH CHECK (EXISTS (SELECT FROM app.import_batch AS b WHERE b.import_batch_id = import_reject.import_batch_id
                      AND b.account_id = (SELECT app.account_id())));

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

-- What each day covered is made from tracks, so those read it who see all tracks. A planner paints other radii.
-- The times of legs are like raw fixes: granted to nobody.
GRANT SELECT (on_day, fixes, points, legs, vehicle_legs, packed, version, shape_version, effort, painted_at)
  ON app.patrol_day TO gis_dispatcher, gis_planner, gis_auditor;
GRANT SELECT ON app.patrol_day_layer TO gis_dispatcher, gis_planner, gis_auditor;
GRANT INSERT, DELETE ON app.patrol_day_layer TO gis_planner;
GRANT UPDATE (share, days) ON app.patrol_target TO gis_planner;
CREATE POLICY district_select ON app.patrol_day FOR SELECT TO gis_dispatcher, gis_planner, gis_auditor USING (true);
CREATE POLICY district_select ON app.patrol_day_layer FOR SELECT
  TO gis_dispatcher, gis_planner, gis_auditor USING (true);
CREATE POLICY planner_insert ON app.patrol_day_layer FOR INSERT TO gis_planner WITH CHECK (true);
CREATE POLICY planner_delete ON app.patrol_day_layer FOR DELETE TO gis_planner USING (true);
CREATE POLICY planner_update ON app.patrol_target FOR UPDATE TO gis_planner USING (true) WITH CHECK (true);
-- How many days wait to be painted: the page tells when its figures are behind.
GRANT SELECT ON app.patrol_change TO gis_dispatcher, gis_planner, gis_auditor;
CREATE POLICY district_select ON app.patrol_change FOR SELECT TO gis_dispatcher, gis_planner, gis_auditor USING (true);

-- Runs of analyses: planners ask, cancel and keep; the worker writes what they give, as gis_migrator. Results are figures of
-- the whole district, so they are for those who see it and coverage.
GRANT SELECT ON app.analysis_schedule, app.analysis_run, app.analysis_table, app.analysis_row, app.analysis_result
  TO gis_dispatcher, gis_planner, gis_auditor;
GRANT EXECUTE ON FUNCTION app.first_measure(jsonb) TO gis_dispatcher, gis_planner, gis_auditor;
GRANT INSERT (analysis, parameters, parameters_sha256, account_id, report_of, report),
  UPDATE (state, tries, asked_at, started_at, ended_at, message, is_kept) ON app.analysis_run TO gis_planner;
GRANT INSERT (analysis, parameters, last_days, weekday, hour, next_at, account_id), UPDATE (is_enabled, next_at), DELETE
  ON app.analysis_schedule TO gis_planner;
DO $$
DECLARE
  measured text;
BEGIN
  FOREACH measured IN ARRAY ARRAY['analysis_schedule', 'analysis_run', 'analysis_table', 'analysis_row'] LOOP
    EXECUTE format('CREATE POLICY district_select ON app.%I FOR SELECT '
                   'TO gis_dispatcher, gis_planner, gis_auditor USING (true)', measured);
  END LOOP;
  FOREACH measured IN ARRAY ARRAY['analysis_schedule', 'analysis_run'] LOOP
    EXECUTE format('CREATE POLICY own_insert ON app.%I FOR INSERT TO gis_planner '
                   'WITH CHECK (account_id = (SELECT app.account_id()))', measured);
    EXECUTE format('CREATE POLICY planner_update ON app.%I FOR UPDATE TO gis_planner USING (true)', measured);
  END LOOP;
END
$$;
CREATE POLICY planner_delete ON app.analysis_schedule FOR DELETE TO gis_planner USING (true);
-- Streets are common knowledge; the planner replaces them as a whole. Drafts of new sites are the planners' among those
-- who look at coverage.
GRANT SELECT ON app.road_network, app.road_line
  TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT INSERT (title, source, licence, dated_on, is_synthetic, edges, length_m, walkable_m, components, apart_m,
    account_id), DELETE ON app.road_network TO gis_planner;
GRANT INSERT (road_network_id, class, name, is_walkable, geom) ON app.road_line TO gis_planner;
CREATE POLICY signed_in_select ON app.road_network FOR SELECT
  TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true);
CREATE POLICY signed_in_select ON app.road_line FOR SELECT
  TO gis_officer, gis_patrol, gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true);
CREATE POLICY own_insert ON app.road_network FOR INSERT TO gis_planner
  WITH CHECK (account_id = (SELECT app.account_id()));
CREATE POLICY planner_delete ON app.road_network FOR DELETE TO gis_planner USING (true);
CREATE POLICY own_network_insert ON app.road_line FOR INSERT TO gis_planner
  WITH CHECK (EXISTS (SELECT FROM app.road_network AS n WHERE n.road_network_id = road_line.road_network_id
                      AND n.account_id = (SELECT app.account_id())));
GRANT SELECT ON app.site_draft, app.site_draft_site TO gis_dispatcher, gis_planner, gis_auditor;
GRANT INSERT (name, kind, parameters, outcome, data_version, account_id), DELETE ON app.site_draft TO gis_planner;
GRANT INSERT ON app.site_draft_site TO gis_planner;
CREATE POLICY district_select ON app.site_draft FOR SELECT TO gis_dispatcher, gis_planner, gis_auditor USING (true);
CREATE POLICY district_select ON app.site_draft_site FOR SELECT
  TO gis_dispatcher, gis_planner, gis_auditor USING (true);
CREATE POLICY own_insert ON app.site_draft FOR INSERT TO gis_planner
  WITH CHECK (account_id = (SELECT app.account_id()));
CREATE POLICY planner_delete ON app.site_draft FOR DELETE TO gis_planner USING (true);
CREATE POLICY own_draft_insert ON app.site_draft_site FOR INSERT TO gis_planner
  WITH CHECK (EXISTS (SELECT FROM app.site_draft AS d WHERE d.site_draft_id = site_draft_site.site_draft_id
                      AND d.account_id = (SELECT app.account_id())));
-- Weights of the workload formula: who looks at workloads reads every version, the planner adds one in the own name.
GRANT SELECT ON app.workload_weights TO gis_dispatcher, gis_planner, gis_auditor, gis_admin;
GRANT INSERT (follows, weights, reason, account_id) ON app.workload_weights TO gis_planner;
CREATE POLICY district_select ON app.workload_weights FOR SELECT
  TO gis_dispatcher, gis_planner, gis_auditor, gis_admin USING (true);
CREATE POLICY own_insert ON app.workload_weights FOR INSERT TO gis_planner
  WITH CHECK (account_id = (SELECT app.account_id()));
