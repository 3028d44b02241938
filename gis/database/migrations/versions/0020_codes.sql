-- Codes of check points that were replaced, incidents whose finder has revised the point, the last record of a device.

ALTER TABLE app.check_point
  ADD COLUMN qr_sha256_before bytea CHECK (length(qr_sha256_before) = 32),
  ADD COLUMN qr_replaced_at timestamptz,
  ADD CONSTRAINT check_point_replaced_check CHECK ((qr_sha256_before IS NULL) = (qr_replaced_at IS NULL));
COMMENT ON COLUMN app.check_point.qr_sha256_before IS
  'Of the code that stood here before: a visit made before qr_replaced_at and told later still counts';

-- What the finder says now where that is not what the incident says.
ALTER TABLE app.incident
  ADD COLUMN finder_kind text REFERENCES app.violation_kind,
  ADD COLUMN finder_revised_at timestamptz,
  ADD CONSTRAINT incident_finder_check CHECK (
    (finder_kind IS NULL) = (finder_revised_at IS NULL) AND (finder_kind IS NULL OR violation IS NOT NULL));
COMMENT ON COLUMN app.incident.finder_kind IS
  'What the finder has revised the point to since the case was taken up; NULL where both say the same';

CREATE INDEX incident_open_finding_idx ON app.incident (incident_id) WHERE violation IS NOT NULL AND is_open;

-- The legal clock follows the kind. Steps that were ticked off stay.
CREATE FUNCTION app.refit_deadlines() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  DELETE FROM app.finding_deadline AS d WHERE d.incident_id = NEW.incident_id AND d.done_at IS NULL;
  INSERT INTO app.finding_deadline (incident_id, step, found_at, days, in_working_days, due_at)
  SELECT NEW.incident_id, r.step, NEW.occurred_at, r.days, r.in_working_days,
         app.deadline_of(NEW.occurred_at, r.days, r.in_working_days)
  FROM app.finding_rule AS r
  WHERE r.kind = NEW.violation
    AND (NEW.occurred_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN r.valid_from AND coalesce(r.valid_to, 'infinity')
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
CREATE TRIGGER refit_deadlines AFTER UPDATE OF violation ON app.incident FOR EACH ROW
  WHEN (OLD.violation <> NEW.violation) EXECUTE FUNCTION app.refit_deadlines();

-- The last record of a device before a batch tells whether its clock was set back meanwhile.
CREATE INDEX patrol_point_device_idx ON app.patrol_point (device_id, sequence) WHERE device_id IS NOT NULL;

-- A clock may be off by more than 68 years.
ALTER TABLE app.round_event ALTER COLUMN clock_offset_s TYPE bigint;

ALTER TABLE app.track_stream DROP CONSTRAINT track_stream_source_check,
  ADD CONSTRAINT track_stream_source_check CHECK (source IN ('phone', 'owntracks', 'traccar', 'osmand', 'file'));
ALTER TABLE app.patrol_track DROP CONSTRAINT patrol_track_source_check,
  ADD CONSTRAINT patrol_track_source_check
    CHECK (source IN ('phone', 'gpx', 'demo', 'owntracks', 'traccar', 'osmand', 'file'));
