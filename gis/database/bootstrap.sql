-- Roles, extensions and the schema. Runs before the migrations, as a role that may create roles;
-- harmless when repeated. Roles belong to the whole server, so each is made only if missing.
DO $$
DECLARE
  wanted record;
BEGIN
  -- One at a time in this database, to the end of the transaction.
  PERFORM pg_advisory_xact_lock(20140401);
  FOR wanted IN
    SELECT * FROM (VALUES
      -- gis_owner owns every table and is itself held by the row policies (FORCE).
      ('gis_owner', 'NOLOGIN NOBYPASSRLS', false),
      -- gis_migrator loads and repairs in bulk: COPY is refused under row-level security.
      ('gis_migrator', 'NOLOGIN BYPASSRLS', false),
      -- gis_web is what the app logs in as. It may do nothing but become one of the roles below.
      ('gis_web', 'LOGIN NOINHERIT NOBYPASSRLS NOSUPERUSER NOCREATEDB NOCREATEROLE', false),
      ('gis_anon', 'NOLOGIN NOBYPASSRLS', true),
      ('gis_login', 'NOLOGIN NOBYPASSRLS', true),
      ('gis_officer', 'NOLOGIN NOBYPASSRLS', true),
      ('gis_patrol', 'NOLOGIN NOBYPASSRLS', true),
      ('gis_dispatcher', 'NOLOGIN NOBYPASSRLS', true),
      ('gis_planner', 'NOLOGIN NOBYPASSRLS', true),
      ('gis_auditor', 'NOLOGIN NOBYPASSRLS', true),
      ('gis_admin', 'NOLOGIN NOBYPASSRLS', true)
    ) AS role (name, options, is_of_web)
  LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I %s', wanted.name, wanted.options);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;  -- made meanwhile for another database of this server, which no lock of this one can keep out
      END;
    END IF;
    IF wanted.is_of_web AND NOT pg_has_role('gis_web', wanted.name, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO gis_web', wanted.name);
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
