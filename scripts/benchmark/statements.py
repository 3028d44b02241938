"""The product's own SQL as pgbench scripts, and for tiles PostGIS's: what PostgreSQL alone can give.

`statements` is the one place that knows where the product keeps its statements.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psycopg2
from psycopg2.sql import SQL, Composable, Composed, Identifier

from gis.database.sql import load_queries
from gis.geometry.quad import tile_range
from gis.publish import composed, store
from gis.publish.filters import Area, Filter
from gis.publish.layers import LAYERS, Layer
from gis.publish.model import BBox
from scripts.benchmark.database import Base
from scripts.benchmark.works import Work

_CHOICES = 256
"""How many different questions a script asks; more make its CASE trees slow to read."""
Number = float | int


@dataclass(frozen=True)
class Statement:
    """SQL of a work with `:name` parameters; one value of each of `varying` belongs to one question."""

    work: str
    sql: str
    varying: Mapping[str, Sequence[Number]]
    fixed: Mapping[str, str]


def statements(base: Base, works: Sequence[Work]) -> list[Statement]:
    """The SQL of every work that is one statement."""
    connection = psycopg2.connect(base.url)
    try:
        made = [statement_of(connection, work) for work in works]
    finally:
        connection.close()
    return [statement for statement in made if statement is not None]


def statement_of(connection: psycopg2.extensions.connection, work: Work) -> Statement | None:
    """The SQL of one work, for a reader of the whole district; None where it is not one statement."""
    if work.person != "planner":
        return None
    if work.name.startswith("bbox-"):
        return _items(connection, work)
    if work.name == "feature":
        records = load_queries(store.__file__, "records")
        return Statement(work.name, parameters(records.record_of_rental_unit.sql), {"key": work.keys}, {})
    if work.name == "cell":
        lon, lat = zip(*work.places[:_CHOICES], strict=True)
        box = {"west": lon, "east": lon, "south": lat, "north": lat}
        return Statement(work.name, _items_text(connection, "cell"), box, {"limit": "100"})
    if work.name in ("tile-14", "tile-16"):
        return _tile(connection, work)
    return None


def _items(connection: psycopg2.extensions.connection, work: Work) -> Statement:
    limit = re.search(r"limit=(\d+)", next(iter(work.paths.values()))[0])
    assert limit is not None  # noqa: S101 (every such path has one)
    corners = dict(zip(("west", "south", "east", "north"), zip(*work.boxes, strict=True), strict=True))
    return Statement(work.name, _items_text(connection, "rental_unit"), corners, {"limit": limit[1]})


def _items_text(connection: psycopg2.extensions.connection, layer: str) -> str:
    chosen = Filter(area=Area(BBox(0, 0, 0, 0)))
    question = composed.whole(LAYERS[layer], chosen)
    return _text(connection, question.statement)


def _tile(connection: psycopg2.extensions.connection, work: Work) -> Statement:
    z, x, y = zip(*work.tiles, strict=True)
    low, high = zip(*(tile_range(*tile) for tile in work.tiles), strict=True)
    text = _text(connection, tile_by_postgis(LAYERS["rental_unit"]))
    return Statement(
        work.name,
        text,
        {"x": x, "y": y, "low": low, "high": high},
        {"side": str(1 << z[0]), "layer": "rental_unit"},
    )


def tile_by_postgis(layer: Layer) -> Composed:
    """A tile of points as PostgreSQL alone would make it, with ST_AsMVT; the product writes its own.

    Needs `layer`, `x`, `y`, `side` (the tiles in a row at that zoom), `low` and `high`. Spherical Mercator
    (EPSG method 1024) is written out, which costs a tenth of transforming and clipping.
    """
    return SQL(
        "SELECT ST_AsMVT(tile, %(layer)s, 4096, 'shape', 'feature_id') AS tile FROM (SELECT ST_MakePoint("
        "floor(((ST_X(t.geom) + 180) / 360 * %(side)s - %(x)s) * 4096),"
        " floor(((0.5 - asinh(tan(radians(ST_Y(t.geom)))) / (2 * pi())) * %(side)s - %(y)s) * 4096))"
        " AS shape, t.{serial} AS feature_id, {columns} FROM {table}"
        " WHERE t.quad >= %(low)s AND t.quad < %(high)s) AS tile"
    ).format(
        serial=Identifier(layer.serial),
        columns=composed.columns_of(layer.tile_columns),
        table=composed.table_of(layer),
    )


def _text(connection: psycopg2.extensions.connection, statement: Composable) -> str:
    return parameters(statement.as_string(connection))


def parameters(text: str) -> str:
    """psycopg2's `%(name)s` as pgbench's `:name`; pgbench sees names within quoted JSON too."""
    apart = re.sub(r'":(?=[a-z])', "\":' || '", text)
    return re.sub(r"%\((\w+)\)s", r":\1", apart).replace("%%", "%")


def script(statement: Statement, entering: str = "") -> str:
    """A pgbench script: choose a question, then ask. `entering` runs before, in the same transaction."""
    count = min(_CHOICES, *(len(values) for values in statement.varying.values()))
    lines = [f"\\set i random(0, {count - 1})"]
    lines += [f"\\set {name} {choice(values[:count])}" for name, values in statement.varying.items()]
    asked = statement.sql.strip().rstrip(";") + ";"
    # pgbench ends a line of a statement at a backslash command only; comments of ours may stay.
    lines += ["BEGIN;", entering, asked, "COMMIT;"] if entering else [asked]
    return "\n".join(lines) + "\n"


def choice(values: Sequence[Number], first: int = 0) -> str:
    """A balanced tree of CASE that gives the i-th value: pgbench has no arrays."""
    if len(values) == 1:
        return repr(values[0])
    middle = len(values) // 2
    low, high = choice(values[:middle], first), choice(values[middle:], first + middle)
    return f"CASE WHEN :i < {first + middle} THEN {low} ELSE {high} END"
