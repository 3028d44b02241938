-- A violation found on patrol is an incident with legal deadlines. Deadlines are reckoned by a working calendar.

CREATE TABLE app.holiday (
  on_date date PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('off', 'work')),
  name_zh text NOT NULL CHECK (length(name_zh) BETWEEN 1 AND 100),
  name_en text NOT NULL DEFAULT '' CHECK (length(name_en) <= 100),
  source text NOT NULL DEFAULT '' CHECK (length(source) <= 200),
  CONSTRAINT holiday_work_on_weekend_check CHECK (kind = 'off' OR extract(isodow FROM on_date) >= 6)
);
COMMENT ON TABLE app.holiday IS
  'Days that are not what their weekday says: off, or a weekend day worked in exchange (调休)';

CREATE TABLE app.finding_rule (
  finding_rule_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL REFERENCES app.violation_kind,
  step text NOT NULL CHECK (step IN ('stop_notice', 'correction', 'investigation')),
  days smallint NOT NULL CHECK (days BETWEEN 1 AND 366),
  in_working_days boolean NOT NULL,
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from),
  source text NOT NULL CHECK (source <> ''),
  CONSTRAINT finding_rule_key UNIQUE (kind, step, valid_from)
);
COMMENT ON TABLE app.finding_rule IS
  'How long each legal step may take after a violation of a kind is found. The rule of the day it was found holds';

ALTER TABLE app.violation_kind ADD COLUMN category text REFERENCES app.incident_category;
COMMENT ON COLUMN app.violation_kind.category IS 'The category of the incident that a finding of this kind becomes';

ALTER TABLE app.incident
  ADD COLUMN violation text REFERENCES app.violation_kind,
  ADD COLUMN parcel_id integer REFERENCES app.parcel,
  ADD COLUMN patrol_point_client_id uuid CONSTRAINT incident_patrol_point_key UNIQUE,
  ADD COLUMN recheck_client_id uuid,
  ADD COLUMN recheck_waiver text CHECK (length(recheck_waiver) BETWEEN 10 AND 500),
  ADD CONSTRAINT incident_finding_check CHECK ((violation IS NULL) = (patrol_point_client_id IS NULL)),
  ADD CONSTRAINT incident_recheck_check CHECK (
    violation IS NULL OR state NOT IN ('closed', 'archived') OR num_nonnulls(recheck_client_id, recheck_waiver) = 1);
COMMENT ON COLUMN app.incident.violation IS 'What a patrol found; such an incident is a finding';
COMMENT ON COLUMN app.incident.patrol_point_client_id IS
  'client_id of the patrol point that reported it: one incident a point, whatever is sent how often';
COMMENT ON COLUMN app.incident.recheck_client_id IS
  'client_id of the patrol point that saw on site that a finding is gone, as it stood when the case was closed';
COMMENT ON COLUMN app.incident.recheck_waiver IS 'Why a finding was closed without a re-check: the place cannot be reached';
CREATE INDEX incident_finding_idx ON app.incident (community_id) WHERE violation IS NOT NULL;
CREATE INDEX incident_parcel_idx ON app.incident (parcel_id) WHERE parcel_id IS NOT NULL;

CREATE TABLE app.finding_deadline (
  incident_id integer NOT NULL REFERENCES app.incident,
  step text NOT NULL CHECK (step IN ('stop_notice', 'correction', 'investigation')),
  found_at timestamptz NOT NULL,
  days smallint NOT NULL CHECK (days BETWEEN 1 AND 366),
  in_working_days boolean NOT NULL,
  due_at timestamptz NOT NULL,
  done_at timestamptz,
  done_by integer REFERENCES app.account,
  note text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
  PRIMARY KEY (incident_id, step),
  CONSTRAINT finding_deadline_done_check CHECK ((done_at IS NULL) = (done_by IS NULL))
);
COMMENT ON TABLE app.finding_deadline IS
  'The legal clock of a finding: its steps by the rule of the day it was found, and when each was done';

-- Deadlines that still run follow the calendar: next year's holidays are published late in this one.
CREATE FUNCTION app.reckon_deadlines() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE app.finding_deadline AS d
  SET due_at = n.due_at
  FROM app.finding_deadline AS o
  JOIN app.incident AS i USING (incident_id)
  CROSS JOIN LATERAL (SELECT app.deadline_of(o.found_at, o.days, o.in_working_days) AS due_at) AS n
  WHERE d.incident_id = o.incident_id AND d.step = o.step
    AND i.is_open AND o.done_at IS NULL AND o.in_working_days AND o.due_at <> n.due_at;
  UPDATE app.incident AS i
  SET due_at = last.due_at
  FROM (SELECT d.incident_id, max(d.due_at) AS due_at FROM app.finding_deadline AS d GROUP BY d.incident_id) AS last
  WHERE i.incident_id = last.incident_id AND i.is_open AND i.due_at <> last.due_at;
  RETURN NULL;
END
$$;
CREATE TRIGGER reckon_deadlines AFTER INSERT OR UPDATE OR DELETE ON app.holiday
  FOR EACH STATEMENT EXECUTE FUNCTION app.reckon_deadlines();

-- The stored feature of an incident says what was found and on which parcel.
CREATE OR REPLACE FUNCTION app.publish_incident() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  cell text := (SELECT c.code FROM app.cell AS c WHERE c.cell_id = NEW.cell_id);
  community text := (SELECT m.code FROM app.community AS m WHERE m.community_id = NEW.community_id);
BEGIN
  NEW.feature := '{"type":"Feature","id":' || NEW.incident_id
    || ',"geometry":' || public.ST_AsGeoJSON(NEW.geom, 7) || ',"properties":'
    || '{"category":' || to_json(NEW.category)
    || ',"state":' || to_json(NEW.state)
    || ',"source":' || to_json(NEW.source)
    || ',"severity":' || NEW.severity
    || ',"people":' || NEW.people
    || ',"address":' || to_json(NEW.address)
    || ',"occurred_at":' || to_json(NEW.occurred_at)
    || ',"reported_at":' || to_json(NEW.reported_at)
    || ',"due_at":' || to_json(NEW.due_at)
    || ',"closed_at":' || coalesce(to_json(NEW.closed_at)::text, 'null')
    || ',"violation":' || coalesce(to_json(NEW.violation)::text, 'null')
    || ',"parcel_id":' || coalesce(NEW.parcel_id::text, 'null')
    || ',"cell":' || coalesce(to_json(cell)::text, 'null')
    || ',"community":' || coalesce(to_json(community)::text, 'null')
    || ',"is_open":false,"is_overdue":false}}';
  RETURN NEW;
END
$$;

-- The owner is held by the policies too, until they are applied anew after the migrations.
ALTER TABLE app.incident NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.cell NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.community NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.layer_tally NO FORCE ROW LEVEL SECURITY;
UPDATE app.incident SET state = state;
