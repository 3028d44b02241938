-- Bearer tokens of programs, and what is shown to people who are not signed in.

CREATE TABLE app.api_token (
  api_token_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_sha256 bytea NOT NULL CONSTRAINT api_token_sha256_key UNIQUE CHECK (length(token_sha256) = 32),
  prefix text NOT NULL CHECK (length(prefix) BETWEEN 4 AND 12),
  account_id integer NOT NULL REFERENCES app.account,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  may_write boolean NOT NULL DEFAULT false,
  collections text[] CHECK (cardinality(collections) BETWEEN 1 AND 50),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  last_used_at timestamptz,
  revoked_at timestamptz,
  CONSTRAINT api_token_lifetime_check CHECK (expires_at BETWEEN created_at AND created_at + interval '366 days')
);
COMMENT ON TABLE app.api_token IS 'A token acts as its person, never as more; only the SHA-256 of the secret is kept';
COMMENT ON COLUMN app.api_token.prefix IS 'How the secret begins, so that a person can tell tokens apart';
COMMENT ON COLUMN app.api_token.collections IS 'The collections it opens; NULL for all the person may read';
CREATE INDEX api_token_account_idx ON app.api_token (account_id);

CREATE TABLE app.public_profile (
  layer text PRIMARY KEY
    CHECK (layer IN ('building', 'rental_unit', 'incident', 'parcel', 'facility', 'patrol_point')),
  is_on boolean NOT NULL DEFAULT false,
  smallest integer NOT NULL DEFAULT 10 CONSTRAINT public_profile_smallest_check CHECK (smallest BETWEEN 3 AND 10000),
  changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE app.public_profile IS 'Whether a layer is shown to everybody as counts per community; off unless switched on';
COMMENT ON COLUMN app.public_profile.smallest IS 'Counts below this are not told: a few objects point at persons';
INSERT INTO app.public_profile (layer)
VALUES ('building'), ('rental_unit'), ('incident'), ('parcel'), ('facility'), ('patrol_point');
