-- Photos of patrol points and incidents. They stand in the database, beside the rows they belong to: one transaction
-- writes both, one backup holds both, and the same row policies guard both.

CREATE TABLE app.photo (
  photo_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id uuid NOT NULL CONSTRAINT photo_client_id_key UNIQUE,
  record_id uuid NOT NULL,
  account_id integer NOT NULL REFERENCES app.account,
  taken_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  completed_at timestamptz,
  sha256 bytea NOT NULL CHECK (length(sha256) = 32),
  bytes integer NOT NULL CHECK (bytes BETWEEN 1 AND 3145728),
  received_bytes integer NOT NULL DEFAULT 0,
  media_type text NOT NULL CHECK (media_type IN ('image/jpeg', 'image/webp', 'image/png')),
  width integer CHECK (width > 0),
  height integer CHECK (height > 0),
  lon double precision CHECK (lon BETWEEN -180 AND 180),
  lat double precision CHECK (lat BETWEEN -90 AND 90),
  state text NOT NULL DEFAULT 'uploading' CHECK (state IN ('uploading', 'complete', 'refused')),
  refusal text,
  CONSTRAINT photo_received_check CHECK (received_bytes BETWEEN 0 AND bytes),
  CONSTRAINT photo_position_check CHECK ((lon IS NULL) = (lat IS NULL)),
  CONSTRAINT photo_whole_check CHECK (state = 'uploading' OR received_bytes = bytes),
  CONSTRAINT photo_complete_check
    CHECK ((state = 'complete') = (completed_at IS NOT NULL AND width IS NOT NULL AND height IS NOT NULL)),
  CONSTRAINT photo_refusal_check CHECK ((state = 'refused') = (refusal IS NOT NULL))
);
COMMENT ON COLUMN app.photo.record_id IS
  'client_id of the patrol point or incident it shows; the photo may come before its record';
COMMENT ON COLUMN app.photo.taken_at IS 'The phone''s clock; received_at, when it was announced, is the server''s';
COMMENT ON COLUMN app.photo.sha256 IS 'Of the whole, as the phone says; compared before the photo is complete';
COMMENT ON COLUMN app.photo.width IS 'Pixels, as it is seen: after the turn its EXIF block asks for';
COMMENT ON COLUMN app.photo.refusal IS 'Why it was refused: a code of gis/photo/model.py. Its bytes stay';
CREATE INDEX photo_record_idx ON app.photo (record_id);
CREATE INDEX photo_account_idx ON app.photo (account_id, received_at DESC);

CREATE TABLE app.photo_piece (
  photo_id bigint NOT NULL REFERENCES app.photo,
  first_byte integer NOT NULL CHECK (first_byte >= 0),
  content bytea NOT NULL CHECK (length(content) BETWEEN 1 AND 262144),
  PRIMARY KEY (photo_id, first_byte)
);
COMMENT ON TABLE app.photo_piece IS 'The bytes as they were sent, never changed; in order they are the photo';
-- Photos are compressed already.
ALTER TABLE app.photo_piece ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE app.photo_carry (
  photo_carry_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  from_record uuid NOT NULL,
  to_record uuid NOT NULL CHECK (to_record <> from_record),
  carried_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT photo_carry_once_key UNIQUE (to_record, from_record)
);
COMMENT ON TABLE app.photo_carry IS
  'An incident that also shows the photos of the patrol point it came from, those still on their way included';
CREATE INDEX photo_carry_from_idx ON app.photo_carry (from_record);
