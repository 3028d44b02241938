"""SQL of the places in force as they are kept in memory (`gis.publish.outlines`)."""

from __future__ import annotations

from functools import lru_cache

from psycopg2.sql import SQL, Composable, Literal

from gis.database.question import Question
from gis.publish.composed import columns_of, feature_text, joins_of, properties_of, table_of
from gis.publish.filters import Filter, where
from gis.publish.layers import LAYERS

# A feature shows its own row, a code of the level above and its revision: each write to any of them counts.
# The revisions are few; their rows stand here as they are, for nothing counts the writes to that table.
_VERSION: Composable = SQL(
    "concat_ws(' ', {},"
    " (SELECT string_agg(r::text, ' ' ORDER BY r.revision_id) FROM app.division_revision AS r))"
).format(
    SQL(", ").join(
        SQL("app.layer_version({}, 0::smallint, 0, 1)").format(Literal(name))
        for name, layer in LAYERS.items()
        if layer.is_division
    )
)

VERSION = Question(SQL("SELECT {} AS version").format(_VERSION))
"""What tells one state of the division tables from every other."""


@lru_cache
def outlines(name: str) -> Question:
    """The places of a level in force, by code: `version`, `features` (texts) and `shapes` (WKB) as arrays."""
    layer = LAYERS[name]
    rows = SQL("SELECT {} FROM {} WHERE {}").format(
        columns_of(layer.base_columns), table_of(layer), where(layer, Filter())
    )
    places = SQL(
        'SELECT {feature} AS feature, ST_AsBinary(f.geom) AS shape, f.code COLLATE "C" AS code'
        " FROM ({rows}) AS f {joins} {properties}"
    ).format(feature=feature_text(layer), rows=rows, joins=joins_of(layer), properties=properties_of(layer))
    return Question(
        SQL(
            "SELECT {version} AS version,"
            " coalesce(array_agg(x.feature ORDER BY x.code), '{{}}') AS features,"
            " coalesce(array_agg(x.shape ORDER BY x.code), '{{}}') AS shapes FROM ({places}) AS x"
        ).format(version=_VERSION, places=places)
    )
