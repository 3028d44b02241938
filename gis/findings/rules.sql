-- name: rules
-- In force today or to come, in the order of kinds and steps.
SELECT r.kind, k.name_zh AS kind_zh, k.name_en AS kind_en, r.step, r.days, r.in_working_days, r.valid_from, r.valid_to,
       r.source
FROM app.finding_rule AS r
JOIN app.violation_kind AS k ON k.code = r.kind
WHERE coalesce(r.valid_to, 'infinity') >= app.today()
ORDER BY r.kind, array_position(ARRAY['stop_notice', 'correction', 'investigation'], r.step), r.valid_from;

-- name: today$
SELECT app.today();

-- name: is_violation$
SELECT EXISTS (SELECT FROM app.violation_kind WHERE code = :kind AND is_violation);

-- name: remove_later!
DELETE FROM app.finding_rule WHERE kind = :kind AND step = :step AND valid_from >= :valid_from;

-- name: end_former!
UPDATE app.finding_rule SET valid_to = :valid_from::date - 1
WHERE kind = :kind AND step = :step AND coalesce(valid_to, 'infinity') >= :valid_from::date;

-- name: insert_rule!
INSERT INTO app.finding_rule (kind, step, days, in_working_days, valid_from, source)
VALUES (:kind, :step, :days, :in_working_days, :valid_from, :source);
