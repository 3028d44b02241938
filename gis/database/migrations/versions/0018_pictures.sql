-- Small pictures of photos, and files of phones that an administrator takes in.

ALTER TABLE app.photo
  ADD COLUMN thumbnail bytea CHECK (length(thumbnail) <= 524288),
  ADD COLUMN refused_at timestamptz;
COMMENT ON COLUMN app.photo.thumbnail IS
  'A JPEG of its pixels alone, for lists; empty where they cannot be drawn, NULL where nobody has tried';
COMMENT ON COLUMN app.photo.refused_at IS 'When it was refused; NULL also of those refused before November 2026';
ALTER TABLE app.photo ALTER COLUMN thumbnail SET STORAGE EXTERNAL;
CREATE INDEX photo_to_draw_idx ON app.photo (photo_id) WHERE state = 'complete' AND thumbnail IS NULL;
CREATE INDEX photo_not_complete_idx ON app.photo (state, photo_id) WHERE state <> 'complete';

CREATE TABLE app.rescue_file (
  rescue_file_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id integer NOT NULL REFERENCES app.account,
  uploaded_by integer NOT NULL REFERENCES app.account,
  uploaded_at timestamptz NOT NULL DEFAULT now(),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  sha256 bytea NOT NULL CHECK (length(sha256) = 32),
  bytes integer NOT NULL CHECK (bytes BETWEEN 1 AND 67108864),
  exported_at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'partly', 'taken', 'discarded')),
  settled_at timestamptz,
  settled_by integer REFERENCES app.account,
  outcome jsonb,
  CONSTRAINT rescue_file_settled_check CHECK ((state = 'waiting') = (settled_at IS NULL)),
  CONSTRAINT rescue_file_outcome_check CHECK (state NOT IN ('partly', 'taken') OR outcome IS NOT NULL)
);
COMMENT ON TABLE app.rescue_file IS
  'What a phone wrote to a file because it could not send it, to be taken in for the person whose phone it was';
COMMENT ON COLUMN app.rescue_file.account_id IS 'Whose phone it was, as the file says; the administrator confirms it';
COMMENT ON COLUMN app.rescue_file.exported_at IS 'The phone''s clock';
COMMENT ON COLUMN app.rescue_file.state IS 'partly: some of it was refused, so its content is still here';
COMMENT ON COLUMN app.rescue_file.outcome IS 'What became of each: [kind, id, outcome, code, detail]';

CREATE TABLE app.rescue_piece (
  rescue_file_id integer NOT NULL REFERENCES app.rescue_file,
  number smallint NOT NULL CHECK (number >= 0),
  content bytea NOT NULL CHECK (length(content) BETWEEN 1 AND 1048576),
  PRIMARY KEY (rescue_file_id, number)
);
COMMENT ON TABLE app.rescue_piece IS 'Its content in order, as it was uploaded; gone once all of it is stored or it is discarded';
ALTER TABLE app.rescue_piece ALTER COLUMN content SET STORAGE EXTERNAL;
