"""The numbered requirements of every conformance class of Features, CQL2 and Tiles, by class.

From OGC 17-069r4 (Features 1), 18-058r1 (2), 19-079r2 (3), 21-065r2 (CQL2), 20-057 (Tiles 1) and of the draft
20-002r1 (Features 4) what has a name of its own. A test of each is named by class and requirement.
"""

from __future__ import annotations

_FEATURES_1 = "ogcapi-features-1/1.0/conf/"
_FEATURES_3 = "ogcapi-features-3/1.0/conf/"
_FEATURES_4 = "ogcapi-features-4/1.0/conf/"
_CQL2 = "cql2/1.0/conf/"
_TILES = "ogcapi-tiles-1/1.0/conf/"

REQUIREMENTS: dict[str, tuple[str, ...]] = {
    f"{_FEATURES_1}core": (
        "root-op", "root-success", "api-definition-op", "api-definition-success", "conformance-op",
        "conformance-success", "http", "query-param-unknown", "query-param-invalid", "crs84", "fc-md-op",
        "fc-md-success", "fc-md-links", "fc-md-items", "fc-md-items-links", "fc-md-extent",
        "fc-md-extent-multi", "sfc-md-op", "sfc-md-success", "fc-op", "fc-limit-definition",
        "fc-limit-response-1", "fc-bbox-definition", "fc-bbox-response", "fc-time-definition",
        "fc-time-response", "fc-response", "fc-links", "fc-rel-type", "fc-timeStamp", "fc-numberMatched",
        "fc-numberReturned", "f-op", "f-success", "f-links",
    ),
    f"{_FEATURES_1}geojson": ("definition", "content"),
    f"{_FEATURES_1}html": ("definition", "content"),
    "ogcapi-features-2/1.0/conf/crs": (
        "crs-uri", "fc-md-crs-list", "fc-md-storageCrs", "fc-md-storageCrs-valid-value",
        "fc-md-crs-list-global", "fc-bbox-crs-definition", "fc-bbox-crs-valid-value",
        "fc-bbox-crs-valid-defaultValue", "fc-bbox-crs-action", "fc-crs-definition", "fc-crs-valid-value",
        "fc-crs-default-value", "fc-crs-action", "geojson", "ogc-crs-header", "ogc-crs-header-value",
    ),
    f"{_FEATURES_3}queryables": ("queryables-link", "get-queryables-op", "get-queryables-response"),
    f"{_FEATURES_3}queryables-query-parameters": ("parameters",),
    f"{_FEATURES_3}filter": (
        "filter-param", "filter-lang-param", "filter-crs-wgs84", "filter-crs-param", "mixing-expressions",
        "response",
    ),
    f"{_FEATURES_3}features-filter": ("get-queryables-op", "filter-param", "filter-lang-param",
                                      "filter-crs-param", "response"),
    f"{_FEATURES_4}create-replace-delete": (
        "options-response", "post-op", "post-content-type", "post-body", "post-response-rid", "put-op",
        "put-body", "put-rid", "put-content-type", "put-rid-exception", "delete-op",
    ),
    f"{_FEATURES_4}update": ("methods", "update-patch-op"),
    f"{_FEATURES_4}features": ("content-crs-header", "default-crs", "crs-other-crs-unsupported"),
    f"{_CQL2}cql2-text": ("escaping",),
    f"{_CQL2}cql2-json": ("basic-cql2",),
    f"{_CQL2}basic-cql2": ("cql2-filter", "property", "binary-comparison-predicate", "null-predicate"),
    f"{_CQL2}advanced-comparison-operators": ("like-predicate", "between-predicate", "in-predicate"),
    f"{_CQL2}case-insensitive-comparison": ("casei-function",),
    f"{_CQL2}basic-spatial-functions": ("spatial-predicate", "spatial-functions", "spatial-data-types"),
    f"{_CQL2}basic-spatial-functions-plus": ("spatial-data-types",),
    f"{_CQL2}spatial-functions": ("spatial-functions",),
    f"{_CQL2}temporal-functions": ("temporal-predicates", "temporal-functions"),
    f"{_CQL2}array-functions": ("array-predicates",),
    f"{_CQL2}property-property": ("withdraw-permissions",),
    f"{_CQL2}arithmetic": ("arithmetic",),
    f"{_TILES}core": (
        "conformance-success", "tc-op", "tc-tilematrix-definition", "tc-tilerow-definition",
        "tc-tilecol-definition", "tc-success", "tc-error",
    ),
    f"{_TILES}tileset": ("description",),
    f"{_TILES}tilesets-list": ("tileset-links",),
    f"{_TILES}geodata-tilesets": ("operation", "desc-links"),
    f"{_TILES}mvt": ("content",),
}  # fmt: skip

SPECIFIED = ("ogcapi-features-1", "ogcapi-features-2", "ogcapi-features-3", "ogcapi-features-4", "cql2",
             "ogcapi-tiles-1")  # fmt: skip
