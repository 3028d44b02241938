"""The conformance classes this API claims: a class stands in `CONFORMS` when all it asks for is served."""

from __future__ import annotations

from gis.publish.cql2 import CONFORMANCE
from webmap.ogc import transactions

_SPEC = "http://www.opengis.net/spec"


def _classes(part: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{_SPEC}/{part}/conf/{name}" for name in names)


COMMON = (
    *_classes("ogcapi-common-1/1.0", "core", "landing-page", "json", "html"),
    *_classes("ogcapi-common-2/1.0", "collections", "json", "html"),
)
# Our description is OpenAPI 3.1, so the class oas30 is not ours to claim.
FEATURES = _classes("ogcapi-features-1/1.0", "core", "geojson", "html")
CRS = _classes("ogcapi-features-2/1.0", "crs")
FILTERING = (
    *_classes(
        "ogcapi-features-3/1.0", "queryables", "queryables-query-parameters", "filter", "features-filter"
    ),
    *CONFORMANCE,
)
SCHEMAS = _classes("ogcapi-features-5/1.0", "schemas", "core-roles-features")
TILES = (
    *_classes("ogcapi-tiles-1/1.0", "core", "tileset", "tilesets-list", "geodata-tilesets", "mvt"),
    *_classes("tms/2.0", "tilematrixset", "json-tilematrixset", "tilesetmetadata", "json-tilesetmetadata"),
    *_classes("tms/2.0", "tilematrixsetlimits", "json-tilematrixsetlimits"),
)

CONFORMS: tuple[str, ...] = (*COMMON, *FEATURES, *CRS, *FILTERING, *transactions.CONFORMS, *SCHEMAS, *TILES)
