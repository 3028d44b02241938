-- What has no layer is painted in the background, the latest day first.
DELETE FROM app.patrol_day_layer;
