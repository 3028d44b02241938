-- People, their sessions, what they are responsible for and when, and the audit log.

CREATE TABLE app.account (
  account_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  username text NOT NULL CONSTRAINT account_username_key UNIQUE
    CHECK (username ~ '^[a-z0-9][a-z0-9._-]{1,31}$'),
  full_name text NOT NULL CHECK (length(full_name) BETWEEN 1 AND 50),
  role text NOT NULL CHECK (role IN ('officer', 'patrol', 'dispatcher', 'planner', 'auditor', 'admin')),
  phone text CHECK (phone ~ '^[0-9+ -]{5,20}$'),
  phone_masked text GENERATED ALWAYS AS (left(phone, 3) || '****' || right(phone, 4)) STORED,
  locale text NOT NULL DEFAULT 'zh' CHECK (locale IN ('zh', 'en')),
  is_active boolean NOT NULL DEFAULT true,
  is_demo boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN app.account.phone IS 'Not granted to any web role; phone_masked is';

CREATE TABLE app.credential (
  account_id integer PRIMARY KEY REFERENCES app.account,
  password_hash text NOT NULL,
  must_change boolean NOT NULL DEFAULT false,
  changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE app.credential IS 'argon2id hashes with their parameters; readable by gis_login alone';

CREATE TABLE app.session (
  session_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_sha256 bytea NOT NULL CONSTRAINT session_token_key UNIQUE CHECK (length(token_sha256) = 32),
  account_id integer NOT NULL REFERENCES app.account,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  user_agent text NOT NULL DEFAULT '' CHECK (length(user_agent) <= 300),
  address inet
);
CREATE INDEX session_account_idx ON app.session (account_id);

CREATE TABLE app.assignment (
  assignment_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id integer NOT NULL REFERENCES app.account,
  cell_id integer NOT NULL REFERENCES app.cell,
  duty text NOT NULL CHECK (duty IN ('primary', 'deputy')),
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from),
  reason text NOT NULL DEFAULT '',
  CONSTRAINT assignment_one_primary_excl EXCLUDE USING gist (
    cell_id WITH =, daterange(valid_from, valid_to, '[]') WITH &&) WHERE (duty = 'primary'),
  CONSTRAINT assignment_once_excl EXCLUDE USING gist (
    cell_id WITH =, account_id WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);
COMMENT ON TABLE app.assignment IS 'Which officer answers for which cell, from day to day inclusive; one primary per cell and day';
CREATE INDEX assignment_account_idx ON app.assignment (account_id);

CREATE TABLE app.team (
  team_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL CONSTRAINT team_code_key UNIQUE,
  name_zh text NOT NULL
);
COMMENT ON TABLE app.team IS 'State-land patrol team';

CREATE TABLE app.team_member (
  team_member_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  team_id integer NOT NULL REFERENCES app.team,
  account_id integer NOT NULL REFERENCES app.account,
  is_leader boolean NOT NULL DEFAULT false,
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from),
  CONSTRAINT team_member_once_excl EXCLUDE USING gist (
    team_id WITH =, account_id WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);
CREATE INDEX team_member_account_idx ON app.team_member (account_id);

CREATE TABLE app.audit_log (
  audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  account_id integer,
  db_role text NOT NULL DEFAULT current_user,
  action text NOT NULL CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
  subject text NOT NULL DEFAULT '',
  request_id text NOT NULL DEFAULT coalesce(current_setting('app.request_id', true), ''),
  detail jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE app.audit_log IS 'Append-only: web roles may insert, the auditor may read, nobody may change';
CREATE INDEX audit_log_at_idx ON app.audit_log (at DESC);
CREATE INDEX audit_log_account_idx ON app.audit_log (account_id, at DESC);
