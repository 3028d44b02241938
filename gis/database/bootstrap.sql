-- Roles, extensions and the schema. Runs before the migrations, as a role that may create roles;
-- harmless when repeated. Roles belong to the whole server, so each is made only if missing.
DO $$
DECLARE
  web_role text;
BEGIN
  PERFORM pg_advisory_xact_lock(20140401);
  -- gis_owner owns every table and is itself held by the row policies (FORCE).
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gis_owner') THEN
    CREATE ROLE gis_owner NOLOGIN NOBYPASSRLS;
  END IF;
  -- gis_migrator loads and repairs in bulk: COPY is refused under row-level security.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gis_migrator') THEN
    CREATE ROLE gis_migrator NOLOGIN BYPASSRLS;
  END IF;
  -- gis_web is what the app logs in as. It may do nothing but become one of the roles below.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gis_web') THEN
    CREATE ROLE gis_web LOGIN NOINHERIT NOBYPASSRLS NOSUPERUSER NOCREATEDB NOCREATEROLE;
  END IF;
  FOREACH web_role IN ARRAY ARRAY['gis_anon', 'gis_login', 'gis_officer', 'gis_patrol', 'gis_dispatcher',
                                  'gis_planner', 'gis_auditor', 'gis_admin'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = web_role) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOBYPASSRLS', web_role);
    END IF;
    IF NOT pg_has_role('gis_web', web_role, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO gis_web', web_role);
    END IF;
  END LOOP;
  IF NOT pg_has_role(current_user, 'gis_owner', 'MEMBER') THEN
    EXECUTE format('GRANT gis_owner, gis_migrator TO %I', current_user);
  END IF;
END
$$;

CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE SCHEMA IF NOT EXISTS app AUTHORIZATION gis_owner;
-- Partitions: reached only through their parents in app.
CREATE SCHEMA IF NOT EXISTS app_month AUTHORIZATION gis_owner;
REVOKE ALL ON SCHEMA public FROM gis_web;
