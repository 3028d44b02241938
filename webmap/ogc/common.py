"""What the resources of the OGC API share: titles, the credit, link relations, the two forms of an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response
from flask_babel import gettext

from gis.division import service as division
from gis.errors import Forbidden, NotFound
from gis.publish.layers import LAYERS, Layer
from webmap import db
from webmap.auth import current_actor
from webmap.http.etag import private
from webmap.http.negotiate import HTML, Format, varied
from webmap.http.schemas import one_of
from webmap.i18n import is_english
from webmap.ogc import public

_REL = "http://www.opengis.net/def/rel/ogc/1.0"
REL_QUERYABLES = f"{_REL}/queryables"
REL_SORTABLES = f"{_REL}/sortables"
REL_SCHEMA = f"{_REL}/schema"
REL_TILESETS = f"{_REL}/tilesets-vector"
REL_TILING_SCHEME = f"{_REL}/tiling-scheme"
REL_TILING_SCHEMES = f"{_REL}/tiling-schemes"
REL_CONFORMANCE = f"{_REL}/conformance"
REL_DATA = f"{_REL}/data"

OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
STYLE = "application/vnd.mapbox.style+json"
LAYER_PATH = {"layer": one_of(tuple(LAYERS))}


def answered(form: Format, document: Mapping[str, Any], page: Callable[[], str]) -> Response:
    """Give a document in the form wanted: as it is, or as the page that shows it."""
    if form is not HTML:
        return varied(private(document, form.mimetype))
    response = Response(page(), mimetype=HTML.mimetype)
    response.vary.update(("Cookie", "Authorization", "Accept-Language"))
    return varied(response)


def title_of(layer: Layer) -> str:
    """A layer's name for the reader."""
    return layer.title_en if is_english() else layer.title_zh


def credit() -> str:
    """Say that the outlines are not legal boundaries, as long as they are not."""
    try:
        is_schematic = division.current_revision(db(), current_actor()).is_schematic
    except NotFound:
        return ""
    except Forbidden:
        return public.credit()  # not signed in
    return gettext("Schematic, not legal boundaries") if is_schematic else ""
