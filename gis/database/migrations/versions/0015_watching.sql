-- What the rounds of today have found is asked every ten seconds by everybody who watches them.
CREATE INDEX incident_found_idx ON app.incident (occurred_at) WHERE violation IS NOT NULL;
