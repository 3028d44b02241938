-- The weights of the workload formula: a change is a new row, so that a figure can always be counted again.

CREATE TABLE app.workload_weights (
  workload_weights_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  follows integer CONSTRAINT workload_weights_follows_key UNIQUE REFERENCES app.workload_weights,
  weights jsonb NOT NULL CHECK (jsonb_typeof(weights) = 'object'),
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  account_id integer REFERENCES app.account,
  at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE app.workload_weights IS 'Append-only: nobody changes or removes a version. What the weights mean stands in docs/workload.md';
COMMENT ON COLUMN app.workload_weights.follows IS
  'The version it was made from, so that of two changes to the same one the later is refused';
COMMENT ON COLUMN app.workload_weights.account_id IS 'Who kept it; none for the weights the system came with';

INSERT INTO app.workload_weights (weights, reason) VALUES ('{
  "check": {"lenient": 6, "watch": 8, "strict": 12, "banned": 12},
  "incident": {"ZZ": 30, "JF": 90, "AQ": 40, "SR": 20},
  "point_minutes": 4, "point_visits": 2, "walk_m_min": 75, "detour": 1.3, "working_days": 20.67, "deputy_part": 0
}', 'Weights the system comes with');
