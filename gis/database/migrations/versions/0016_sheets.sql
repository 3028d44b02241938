-- How many visits a month a parcel shall have: three where there is building, two elsewhere (forestry rule).

ALTER TABLE app.patrol_level
  ADD COLUMN visits_a_month smallint NOT NULL DEFAULT 2 CHECK (visits_a_month BETWEEN 0 AND 99);
COMMENT ON COLUMN app.patrol_level.visits_a_month IS
  'Visits a parcel of the level shall have in a month: rounds that saw at least one of its check points';

-- The owner is held by the policies too, until they are applied anew after the migrations.
ALTER TABLE app.patrol_level NO FORCE ROW LEVEL SECURITY;
UPDATE app.patrol_level SET visits_a_month = 3 WHERE code = 'key';
