-- From the plan to the round: how often what is patrolled, by whom and when, and what became of it.

-- Levels and seasons --------------------------------------------------------

CREATE TABLE app.patrol_level (
  code text PRIMARY KEY CHECK (code IN ('key', 'ordinary', 'remote')),
  rank smallint NOT NULL,
  name_zh text NOT NULL CHECK (name_zh <> ''),
  name_en text NOT NULL CHECK (name_en <> ''),
  rounds_wanted smallint NOT NULL CHECK (rounds_wanted BETWEEN 1 AND 10),
  per text NOT NULL CHECK (per IN ('day', 'week'))
);
COMMENT ON TABLE app.patrol_level IS 'How often parcels of a level are patrolled: what a new plan for one begins with';
INSERT INTO app.patrol_level VALUES
  ('key', 1, '重点', 'key', 2, 'day'),
  ('ordinary', 2, '一般', 'ordinary', 1, 'day'),
  ('remote', 3, '偏远', 'remote', 2, 'week');

ALTER TABLE app.parcel DROP CONSTRAINT parcel_level_check;
ALTER TABLE app.parcel ADD CONSTRAINT parcel_level_fkey FOREIGN KEY (level) REFERENCES app.patrol_level;

CREATE TABLE app.season (
  season_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL CONSTRAINT season_code_key UNIQUE CHECK (code ~ '^[a-z0-9_-]{1,20}$'),
  name_zh text NOT NULL CHECK (name_zh <> ''),
  name_en text NOT NULL CHECK (name_en <> ''),
  first_day text NOT NULL CHECK (first_day ~ '^[01][0-9]-[0-3][0-9]$'
    AND make_date(2000, left(first_day, 2)::integer, right(first_day, 2)::integer) IS NOT NULL),
  last_day text NOT NULL CHECK (last_day ~ '^[01][0-9]-[0-3][0-9]$'
    AND make_date(2000, left(last_day, 2)::integer, right(last_day, 2)::integer) IS NOT NULL),
  least_m integer NOT NULL CHECK (least_m BETWEEN 0 AND 100000),
  least_minutes integer NOT NULL CHECK (least_minutes BETWEEN 0 AND 1440),
  least_days smallint NOT NULL CHECK (least_days BETWEEN 0 AND 31)
);
COMMENT ON TABLE app.season IS 'From month-day to month-day, both included; one that ends before it begins goes over the new year';
COMMENT ON COLUMN app.season.least_days IS
  'Valid patrol days a team shall have in a month; a day is valid from least_m and least_minutes in the own area';
INSERT INTO app.season (code, name_zh, name_en, first_day, last_day, least_m, least_minutes, least_days) VALUES
  ('rain', '汛期', 'rainy season', '06-01', '09-30', 3000, 60, 10),
  ('fire', '防火期', 'fire season', '10-01', '05-31', 3000, 60, 20);

-- Check points --------------------------------------------------------------

ALTER TABLE app.check_point
  ADD COLUMN dwell_s smallint NOT NULL DEFAULT 60 CHECK (dwell_s BETWEEN 0 AND 1800),
  ADD COLUMN qr_token text NOT NULL DEFAULT 'gg' || replace(gen_random_uuid()::text, '-', '')
    CONSTRAINT check_point_qr_token_key UNIQUE CHECK (qr_token ~ '^gg[0-9a-f]{32}$');
ALTER TABLE app.check_point ADD COLUMN qr_sha256 bytea GENERATED ALWAYS AS (sha256(qr_token::bytea)) STORED;
COMMENT ON COLUMN app.check_point.dwell_s IS 'How long one stays there for a visit, in seconds';
COMMENT ON COLUMN app.check_point.qr_token IS
  'What the printed code at the place says. Proves presence, so it is granted to those alone who print it';
COMMENT ON COLUMN app.check_point.qr_sha256 IS 'Tells a phone without network whether a code is the right one';

-- Plans ---------------------------------------------------------------------

CREATE TABLE app.patrol_plan (
  patrol_plan_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  team_id integer NOT NULL REFERENCES app.team,
  parcel_id integer REFERENCES app.parcel,
  season_id integer REFERENCES app.season,
  is_ordered boolean NOT NULL DEFAULT false,
  weekdays smallint[] NOT NULL DEFAULT '{1,2,3,4,5,6,7}'
    CHECK (weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]::smallint[] AND cardinality(weekdays) BETWEEN 1 AND 7),
  rounds smallint NOT NULL CHECK (rounds BETWEEN 1 AND 10),
  per text NOT NULL CHECK (per IN ('day', 'week')),
  window_starts time[] NOT NULL CHECK (cardinality(window_starts) BETWEEN 1 AND 10),
  window_ends time[] NOT NULL CHECK (cardinality(window_ends) = cardinality(window_starts)),
  overdue_after_min smallint NOT NULL DEFAULT 30 CHECK (overdue_after_min BETWEEN 0 AND 720),
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from),
  is_active boolean NOT NULL DEFAULT true,
  created_by integer REFERENCES app.account,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE app.patrol_plan IS 'Which check points a team visits, on which weekdays, how often and in which time windows';
COMMENT ON COLUMN app.patrol_plan.weekdays IS 'ISO: 1 Monday to 7 Sunday';
COMMENT ON COLUMN app.patrol_plan.window_ends IS 'Local time; one not after its start is on the next day';
CREATE INDEX patrol_plan_team_idx ON app.patrol_plan (team_id);

CREATE TABLE app.patrol_plan_point (
  patrol_plan_id integer NOT NULL REFERENCES app.patrol_plan ON DELETE CASCADE,
  position smallint NOT NULL CHECK (position BETWEEN 1 AND 100),
  check_point_id integer NOT NULL REFERENCES app.check_point,
  PRIMARY KEY (patrol_plan_id, position),
  CONSTRAINT patrol_plan_point_once_key UNIQUE (patrol_plan_id, check_point_id)
);
CREATE INDEX patrol_plan_point_check_point_idx ON app.patrol_plan_point (check_point_id);

-- Rounds --------------------------------------------------------------------

ALTER TABLE app.patrol_round
  ADD COLUMN patrol_plan_id integer REFERENCES app.patrol_plan,
  ADD COLUMN on_date date GENERATED ALWAYS AS ((planned_from AT TIME ZONE 'Asia/Shanghai')::date) STORED,
  ADD COLUMN number smallint NOT NULL DEFAULT 1 CHECK (number BETWEEN 1 AND 20),
  ADD COLUMN is_ordered boolean NOT NULL DEFAULT false,
  ADD COLUMN overdue_after_min smallint NOT NULL DEFAULT 30 CHECK (overdue_after_min BETWEEN 0 AND 720),
  ADD COLUMN paused_at timestamptz,
  DROP CONSTRAINT patrol_round_state_check,
  ADD CONSTRAINT patrol_round_state_check CHECK (state IN
    ('planned', 'started', 'paused', 'done', 'partly_done', 'missed', 'excused', 'withdrawn')),
  ADD CONSTRAINT patrol_round_once_key UNIQUE (patrol_plan_id, on_date, number);
COMMENT ON COLUMN app.patrol_round.state IS
  'As the last event left it; app.round_state() says what it is at a moment. withdrawn: its plan no longer has it';
COMMENT ON COLUMN app.patrol_round.number IS 'Of the rounds of its plan on that day, from 1';
CREATE INDEX patrol_round_date_idx ON app.patrol_round (on_date);
CREATE INDEX patrol_round_open_idx ON app.patrol_round (planned_to) WHERE state IN ('planned', 'started', 'paused');

CREATE TABLE app.patrol_round_point (
  patrol_round_id integer NOT NULL REFERENCES app.patrol_round ON DELETE CASCADE,
  position smallint NOT NULL CHECK (position BETWEEN 1 AND 100),
  check_point_id integer NOT NULL REFERENCES app.check_point,
  radius_m real NOT NULL CHECK (radius_m BETWEEN 5 AND 500),
  dwell_s smallint NOT NULL CHECK (dwell_s BETWEEN 0 AND 1800),
  visited_at timestamptz,
  dwell_s_done integer CHECK (dwell_s_done >= 0),
  visited_by text CHECK (visited_by IN ('pass', 'qr', 'manual')),
  record_id uuid,
  grade text CHECK (grade IN ('A', 'B', 'C', 'D')),
  PRIMARY KEY (patrol_round_id, position),
  CONSTRAINT patrol_round_point_once_key UNIQUE (patrol_round_id, check_point_id),
  CONSTRAINT patrol_round_point_visit_check CHECK ((visited_at IS NULL) = (visited_by IS NULL))
);
COMMENT ON TABLE app.patrol_round_point IS 'Radius and dwell as they were when the round was planned';
COMMENT ON COLUMN app.patrol_round_point.record_id IS 'client_id of the patrol point logged there, if any';
COMMENT ON COLUMN app.patrol_round_point.dwell_s_done IS 'Longest stay so far, also one too short for a visit';
CREATE INDEX patrol_round_point_check_point_idx ON app.patrol_round_point (check_point_id);

CREATE TABLE app.round_event (
  client_id uuid PRIMARY KEY,
  content_sha256 bytea NOT NULL CHECK (length(content_sha256) = 32),
  patrol_round_id integer NOT NULL REFERENCES app.patrol_round,
  account_id integer NOT NULL REFERENCES app.account,
  device_id uuid,
  kind text NOT NULL CHECK (kind IN ('start', 'pause', 'resume', 'end', 'visit')),
  device_at timestamptz NOT NULL,
  clock_offset_s integer NOT NULL DEFAULT 0,
  at timestamptz NOT NULL,
  sequence integer NOT NULL CHECK (sequence >= 0),
  check_point_id integer REFERENCES app.check_point,
  visited_by text CHECK (visited_by IN ('pass', 'qr', 'manual')),
  dwell_s integer CHECK (dwell_s >= 0),
  record_id uuid,
  grade text CHECK (grade IN ('A', 'B', 'C', 'D')),
  received_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT round_event_visit_check CHECK ((kind = 'visit') = (check_point_id IS NOT NULL AND visited_by IS NOT NULL))
);
COMMENT ON TABLE app.round_event IS
  'What phones told of rounds, append-only; a round and its visits are worked out from it, in whatever order it came';
COMMENT ON COLUMN app.round_event.at IS 'device_at put right by the phone''s offset, never after received_at';
CREATE INDEX round_event_round_idx ON app.round_event (patrol_round_id);
CREATE INDEX round_event_account_idx ON app.round_event (account_id);

CREATE TABLE app.round_excuse (
  round_excuse_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  patrol_round_id integer NOT NULL REFERENCES app.patrol_round,
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  asked_by integer NOT NULL REFERENCES app.account,
  asked_at timestamptz NOT NULL DEFAULT now(),
  decided_by integer REFERENCES app.account,
  decided_at timestamptz,
  decision text CHECK (decision IN ('granted', 'refused')),
  CONSTRAINT round_excuse_decided_check CHECK (num_nonnulls(decided_by, decided_at, decision) IN (0, 3)),
  CONSTRAINT round_excuse_independent_check CHECK (decided_by <> asked_by)
);
CREATE UNIQUE INDEX round_excuse_one_open_key ON app.round_excuse (patrol_round_id) WHERE decision IS DISTINCT FROM 'refused';

-- Stand-ins -----------------------------------------------------------------

ALTER TABLE app.team_member
  ADD COLUMN is_stand_in boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT team_member_stand_in_check CHECK (NOT is_stand_in OR valid_to IS NOT NULL);
COMMENT ON COLUMN app.team_member.is_stand_in IS 'In for somebody else, so always with a last day';

-- Periodic jobs -------------------------------------------------------------

CREATE TABLE app.job_run (
  job_run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL CHECK (name ~ '^[a-z_]{1,40}$'),
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  outcome text CHECK (outcome IN ('done', 'failed', 'cut_off')),
  detail text NOT NULL DEFAULT '' CHECK (length(detail) <= 2000),
  CONSTRAINT job_run_ended_check CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
COMMENT ON COLUMN app.job_run.outcome IS 'cut_off: its process ended before the job did';
CREATE INDEX job_run_name_idx ON app.job_run (name, started_at DESC);
