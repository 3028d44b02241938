"""Under row-level security the searches still go by an index: b-tree on cells, or the spatial index."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime

import psycopg2
import pytest

from gis.database.pool import Database
from gis.publish import service, store
from gis.publish.model import BBox, ItemQuery
from gis.zone import ZONE

UNITS = 30_000
BOX = BBox(113.902, 22.752, 113.904, 22.754)


@pytest.fixture(scope="module")
def crowded(world):
    """The tiny district with 30,000 rental units and as many patrol points, evenly over its six cells."""
    connection = psycopg2.connect(world.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO app.rental_unit (code, address, grade, filed_on, cell_id, community_id, geom)"
            " SELECT 'X' || n, 'x', 'watch', '2014-01-01', c.cell_id, c.community_id,"
            " ST_SetSRID(ST_MakePoint(113.90 + 0.06 * (n % 997) / 997.0 + 1e-6, 22.75 + 0.01 * (n % 991) / 991.0"
            " + 1e-6), 4326) FROM generate_series(1, %s) AS n JOIN app.cell AS c"
            " ON c.cell_id = floor(6 * ((n %% 997) / 997.0)) + 1".replace("(n % 99", "(n %% 99"),
            (UNITS,),
        )
        cursor.execute(
            "INSERT INTO app.patrol_point (client_id, content_sha256, kind, source, at, device_at, cell_id, community_id,"
            " is_outside, geom) SELECT gen_random_uuid(), sha256('x'), 'OK', 'demo', now(), now(), cell_id, community_id,"
            " false, geom FROM app.rental_unit"
        )
        cursor.execute("VACUUM ANALYZE app.rental_unit, app.patrol_point")
    connection.close()
    return world


@contextmanager
def plans(monkeypatch):
    """Collect the plan of every statement the store composes."""
    collected: list[str] = []
    original, asked = store._bytes_row, Database.ask

    def explained(connection, statement, values):
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (COSTS OFF) " + statement.as_string(connection), values)
            collected.append("\n".join(row[0] for row in cursor))
        return original(connection, statement, values)

    def explained_question(db, identity, question, values):
        with db.transaction(identity, read_only=True) as connection, connection.cursor() as cursor:
            cursor.execute("EXPLAIN (COSTS OFF) " + question.statement.as_string(connection), values)
            collected.append("\n".join(row[0] for row in cursor))
        return asked(db, identity, question, values)

    monkeypatch.setattr(store, "_bytes_row", explained)
    monkeypatch.setattr(Database, "ask", explained_question)
    yield collected


ASKED = {
    "bbox": lambda w, name, layer: service.items(w.db, w.actor(name), layer, ItemQuery(bbox=BOX, limit=50)),
    "cell": lambda w, name, layer: service.items(
        w.db, w.actor(name), layer, ItemQuery(cell="440306007001001", limit=50)
    ),
}


@pytest.mark.parametrize("layer", ["rental_unit", "patrol_point"])
@pytest.mark.parametrize("name", ["alice", "petra"])
@pytest.mark.parametrize("asked", ASKED)
def test_search_uses_an_index(crowded, monkeypatch, asked, name, layer):
    with plans(monkeypatch) as collected:
        ASKED[asked](crowded, name, layer)
    assert collected
    # Months without a row are read through: they cost nothing.
    full = f"patrol_point_{datetime.now(ZONE):%Y%m}" if layer == "patrol_point" else layer
    for plan in collected:
        assert f"Seq Scan on {full} " not in plan, plan
        assert "Index" in plan, plan


@pytest.mark.parametrize("name", ["alice", "petra"])
def test_nearest_units_use_an_index(crowded, monkeypatch, name):
    with plans(monkeypatch) as collected:
        service.nearest(crowded.db, crowded.actor(name), "rental_unit", 113.955, 22.755, 5)
    for plan in collected:
        assert "Seq Scan on rental_unit" not in plan, plan
    if name == "alice":  # sorted among her own rows, not walked from the position through those of others
        assert "rental_unit_cell_quad_idx" in plan, plan
    else:
        assert "rental_unit_geom_idx" in plan, plan
