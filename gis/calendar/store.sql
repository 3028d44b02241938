-- name: holidays
SELECT on_date, kind, name_zh, name_en, source FROM app.holiday
WHERE on_date >= make_date(:first_year, 1, 1) AND on_date < make_date(:last_year + 1, 1, 1)
ORDER BY on_date;

-- name: known_years
SELECT DISTINCT extract(year FROM on_date)::integer AS year FROM app.holiday ORDER BY 1;

-- name: put_holiday!
INSERT INTO app.holiday (on_date, kind, name_zh, name_en, source)
VALUES (:on_date, :kind, :name_zh, :name_en, :source)
ON CONFLICT (on_date) DO UPDATE
SET kind = excluded.kind, name_zh = excluded.name_zh, name_en = excluded.name_en, source = excluded.source;

-- name: delete_holiday!
DELETE FROM app.holiday WHERE on_date = :on_date;

-- name: delete_year!
DELETE FROM app.holiday
WHERE on_date >= make_date(:year, 1, 1) AND on_date < make_date(:year + 1, 1, 1);

-- name: insert_holidays!
INSERT INTO app.holiday (on_date, kind, name_zh, name_en, source)
SELECT * FROM unnest(:days::date[], :kinds::text[], :names_zh::text[], :names_en::text[], :sources::text[]);

-- name: today$
SELECT app.today();
