"""The query page: draw a point, circle or polygon and see what lies there."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from gis.division import service as division
from gis.people.model import Permission
from gis.publish.layers import LAYERS
from webmap import db
from webmap.auth import current_actor, requires
from webmap.i18n import is_english
from webmap.maps.builders import query_map
from webmap.pages.maps import map_options, parts_of

blueprint = Blueprint("query_page", __name__)  # "query" is the API's


@blueprint.get("/query")
@requires(Permission.SEE_MAPS)
def index() -> ResponseReturnValue:
    """Show the map to draw on and the form beside it."""
    actor = current_actor()
    outlines = division.outlines(db(), actor, "community", simplify_m=10.0)
    options = map_options(actor, schematic=bool(outlines["division"]["is_schematic"]))
    english = is_english()
    layers = [{"id": str(layer["id"]), "label": str(layer["label"])} for layer in options.layers]
    cell = LAYERS["cell"]
    layers.append({"id": cell.name, "label": cell.title_en if english else cell.title_zh})
    built = query_map(outlines, options=options)
    return render_template("query.html", parts=parts_of(built), layers=layers)
