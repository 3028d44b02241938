"""Raw fixes are kept whole for some days; then those are left that draw the same track."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely

from gis import admin
from gis.geometry.crs import to_metric
from gis.geometry.tracks import Fixes, clean
from gis.track.model import parse_upload
from gis.track.service import append_fixes
from gis.track.thinning import thin_fixes

DEVICE = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
DAYS = 90


def walked(world) -> uuid.UUID:
    """Forty minutes through cell 1 at a fix a second: turns, noise, an outlier, a gap of ten minutes."""
    dice, stream = np.random.default_rng(7), uuid.uuid4()
    heading = np.cumsum(dice.normal(0, 0.05, 2400))
    noise = np.zeros((2400, 2))
    for n in range(1, 2400):
        noise[n] = 0.95 * noise[n - 1] + dice.normal(0, 0.9, 2)
    x, y = np.cumsum(np.cos(heading)) + noise[:, 0], np.cumsum(np.sin(heading)) + noise[:, 1]
    x[700] += 800
    ms = datetime(2026, 5, 4, 1, tzinfo=UTC).timestamp() * 1000 + np.arange(2400) * 1000
    ms[1300:] += 600_000
    rows = np.column_stack([ms, 113.905 + x / 102_710, 22.755 + y / 110_740, np.full(2400, 6.0)]).tolist()
    for first in range(0, 2400, 1000):
        body = {"sent_at": datetime.now(UTC).isoformat(), "device_id": DEVICE, "first": first,
                "fixes": rows[first : first + 1000], "is_last": first == 2000}  # fmt: skip
        append_fixes(world.db, world.actor("pat"), stream, parse_upload(body))
    return stream


def age(world, stream, days):
    world.ask(
        "UPDATE app.track_stream SET last_received_at = %s WHERE stream_id = %s",
        datetime.now(UTC) - timedelta(days=days),
        str(stream),
    )


def left(world, stream) -> list[tuple]:
    return world.ask(
        "SELECT sequence, extract(epoch FROM at)::float8, lon, lat, accuracy_m::float8 FROM app.patrol_fix"
        " WHERE stream_id = %s ORDER BY sequence",
        str(stream),
    )


def share_of(line) -> float:
    zone = shapely.box(*(to_metric(shapely.box(113.90, 22.75, 113.91, 22.76)).bounds))
    covered = shapely.intersection(zone, shapely.buffer(to_metric(line), 50.0))
    return float(shapely.area(covered) / shapely.area(zone))


def test_old_fixes_are_thinned_once_while_the_coverage_stays(world):
    old, young = walked(world), walked(world)
    age(world, old, DAYS + 1)
    age(world, young, DAYS - 1)
    before = left(world, old)
    (stored,) = world.ask("SELECT ST_AsBinary(geom) FROM app.patrol_track WHERE client_id = %s", str(old))[0]
    done = thin_fixes(world.url, days=DAYS)
    after = left(world, old)
    assert done.streams == 1 and done.removed == len(before) - len(after)
    assert len(after) < len(before) / 4
    assert len(left(world, young)) == 2400
    track = clean(Fixes(*np.array(after)[:, 1:].T))
    drawn = shapely.from_wkb(bytes(stored))
    assert len(track.line.geoms) == len(drawn.geoms) == 2
    assert shapely.hausdorff_distance(to_metric(track.line), to_metric(drawn)) <= 2.0
    assert share_of(drawn) > 0.1
    assert share_of(track.line) == pytest.approx(share_of(drawn), abs=0.001)
    assert {0, 1299, 1300, 2399} <= {row[0] for row in after}
    again = thin_fixes(world.url, days=DAYS)
    assert (again.streams, again.removed) == (0, 0)
    assert left(world, old) == after
    assert world.ask(
        "SELECT detail FROM app.audit_log WHERE action = 'track.thin' AND subject = %s", str(old)
    ) == [({"removed": done.removed, "kept": len(after)},)]


def test_the_daily_command_thins_by_the_number_of_days_set(world, monkeypatch, capsys):
    stream = walked(world)
    age(world, stream, 40)
    monkeypatch.setenv("GIS_DATABASE_URL", world.url)
    assert admin.main(["thin-fixes"]) == 0
    assert len(left(world, stream)) == 2400
    monkeypatch.setenv("GIS_RAW_FIX_DAYS", "30")
    assert admin.main(["thin-fixes"]) == 0
    assert len(left(world, stream)) < 600
    assert re.fullmatch(r"\d+ streams thinned, \d+ fixes removed", capsys.readouterr().out.splitlines()[-1])


def test_a_stream_goes_on_after_it_was_thinned(world):
    stream = walked(world)
    age(world, stream, DAYS + 1)
    thin_fixes(world.url, days=DAYS)
    kept = len(left(world, stream))
    later = [
        [datetime(2026, 5, 4, 3, 0, n, tzinfo=UTC).timestamp() * 1000, 113.905, 22.7551 + n * 1e-5]
        for n in range(9)
    ]
    body = {"sent_at": datetime.now(UTC).isoformat(), "device_id": DEVICE, "first": 2400, "fixes": later}
    assert append_fixes(world.db, world.actor("pat"), stream, parse_upload(body)).stored == 2409
    assert len(left(world, stream)) == kept + 9
    parts = "SELECT ST_NumGeometries(geom) FROM app.patrol_track WHERE client_id = %s"
    assert world.ask(parts, str(stream)) == [(3,)]
