-- The stored feature of a rental unit ends before what depends on the day, which a reader adds. Cutting it off a
-- ready text cost more than all else but reading the row: characters are counted one by one.

CREATE OR REPLACE FUNCTION app.publish_rental_unit() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  cell text := (SELECT c.code FROM app.cell AS c WHERE c.cell_id = NEW.cell_id);
  community text := (SELECT m.code FROM app.community AS m WHERE m.community_id = NEW.community_id);
BEGIN
  NEW.due_on := app.unit_due_on(NEW.filed_on, NEW.last_visit_at,
    (SELECT g.visit_interval_days FROM app.rental_grade AS g WHERE g.code = NEW.grade));
  NEW.feature := '{"type":"Feature","id":' || NEW.rental_unit_id
    || ',"geometry":' || public.ST_AsGeoJSON(NEW.geom, 7) || ',"properties":'
    || '{"code":' || to_json(NEW.code)
    || ',"building_id":' || coalesce(NEW.building_id::text, 'null')
    || ',"address":' || to_json(NEW.address)
    || ',"room":' || to_json(NEW.room)
    || ',"floor":' || NEW.floor
    || ',"area_m2":' || coalesce(NEW.area_m2::text, 'null')
    || ',"use":' || to_json(NEW.use)
    || ',"tenants":' || NEW.tenants
    || ',"grade":' || to_json(NEW.grade)
    || ',"hazards":' || to_json(NEW.hazards)
    || ',"filed_on":' || to_json(NEW.filed_on)
    || ',"last_visit_at":' || coalesce(to_json(NEW.last_visit_at)::text, 'null')
    || ',"due_on":' || coalesce(to_json(NEW.due_on)::text, 'null')
    || ',"cell":' || coalesce(to_json(cell)::text, 'null')
    || ',"community":' || coalesce(to_json(community)::text, 'null')
    || ',"is_overdue":';
  RETURN NEW;
END
$$;

-- The owner is held by the policies too, until they are applied anew after the migrations.
ALTER TABLE app.rental_unit NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.rental_grade NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.cell NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.community NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.layer_tally NO FORCE ROW LEVEL SECURITY;
UPDATE app.rental_unit SET code = code;
