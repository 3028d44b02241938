-- The monthly record gathers what was logged on each round. A wrong clock may put a point into any month, so no
-- bound of time helps.
CREATE INDEX patrol_point_round_idx ON app.patrol_point (patrol_round_id) WHERE patrol_round_id IS NOT NULL;
