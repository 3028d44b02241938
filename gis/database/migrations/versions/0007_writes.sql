-- Who took which step with an incident: its history, and what tells whether a check is independent.

CREATE TABLE app.incident_step (
  incident_step_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  incident_id integer NOT NULL REFERENCES app.incident,
  from_state text NOT NULL,
  to_state text NOT NULL CHECK (to_state <> from_state),
  account_id integer NOT NULL REFERENCES app.account,
  at timestamptz NOT NULL DEFAULT now(),
  note text NOT NULL DEFAULT '' CHECK (length(note) <= 500)
);
COMMENT ON TABLE app.incident_step IS 'Append-only: nobody changes or removes a step';
CREATE INDEX incident_step_incident_idx ON app.incident_step (incident_id, incident_step_id);
CREATE INDEX incident_step_account_idx ON app.incident_step (account_id);

ALTER TABLE app.incident ADD COLUMN report_sha256 bytea CHECK (length(report_sha256) = 32);
COMMENT ON COLUMN app.incident.report_sha256 IS
  'What its reporter sent, so that a retry is known for one also after the incident was changed';
