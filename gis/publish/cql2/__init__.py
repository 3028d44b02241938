"""Filters in CQL2 (OGC 21-065): text or JSON in, a condition over `t` with bound parameters out. No I/O."""

from gis.publish.cql2.compiler import CONFORMANCE, Compiled, bounding_box, compile_filter, compiled
from gis.publish.cql2.guard import Language, parse
from gis.publish.cql2.spatial import ToLonLat

__all__ = [
    "CONFORMANCE",
    "Compiled",
    "Language",
    "ToLonLat",
    "bounding_box",
    "compile_filter",
    "compiled",
    "parse",
]
