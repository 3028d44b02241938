"""The pages of the OGC API: the same documents programs read, as people read them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import current_app, render_template, url_for
from flask_babel import format_date, gettext

from gis.division import service as division
from gis.errors import NotFound
from gis.publish.layers import LAYERS, Layer
from webmap import db
from webmap.auth import current_actor
from webmap.http.links import absolute
from webmap.i18n import is_english
from webmap.maps import tables
from webmap.maps.basemap import tiles_of
from webmap.maps.elements import Bounds
from webmap.maps.offline import MapParts
from webmap.maps.small_map import Marked, small_map
from webmap.maps.words import label_of
from webmap.ogc import common, tilegrid
from webmap.ogc.common import title_of
from webmap.ogc.palette import COLOURS
from webmap.ogc.schemas import rows_of, schema_of, words_of
from webmap.pages.maps import parts_of

Document = Mapping[str, Any]
Links = Sequence[Mapping[str, Any]]

_BACKDROP_SIMPLIFY_M = 30.0
# Parts of a record that colour or sort it in the maps' panel and say nothing by themselves.
_INNER = {"family", "grade_colour", "is_violation"}


def landing_page(document: Document) -> str:
    """The way in: what this is, where to go, how to open it elsewhere."""
    return _page("landing", document, connect=_connect())


def conformance_page(document: Document) -> str:
    """The standards this API keeps."""
    return _page("conformance", document, trail=[(gettext("Conformance classes"), "")])


def collections_page(document: Document) -> str:
    """The layers as a table."""
    return _page("collections", document, trail=[(gettext("Collections"), "")], period=_period, layers=LAYERS)


def collection_page(layer: Layer, document: Document) -> str:
    """One layer: extent, links, properties, how to open it."""
    spatial = document.get("extent", {}).get("spatial")
    extent = tuple(spatial["bbox"][0]) if spatial else None
    return _page(
        "collection",
        document,
        trail=_trail(layer),
        parts=_map(layer, extent=extent),
        period=_period,
        properties=rows_of(schema_of(layer, "queryables")),
        connect=_connect(layer),
        layer=layer,
    )


def items_page(layer: Layer, page_json: bytes, links: Links) -> str:
    """One page of a layer's features: a table, a small map, the ways on.

    Parameters
    ----------
    page_json : the FeatureCollection as programs get it.
    links : its links: alternate, prev and next become buttons.
    """
    page = json.loads(page_json)
    titles, codes, names_of = _words(layer)
    names = list(dict.fromkeys(name for feature in page["features"] for name in feature["properties"]))
    rows = [
        {
            "id": feature["id"],
            "url": url_for("ogc_items.item", layer=layer.name, feature_id=feature["id"]),
            "texts": [_text(name, feature["properties"].get(name), codes) for name in names],
        }
        for feature in page["features"]
    ]
    marked = [
        _marked(feature, tables.title_of(feature["properties"], names_of, str(row["id"])), str(row["url"]))
        for feature, row in zip(page["features"], rows, strict=True)
    ]
    return _page(
        "items",
        {**page, "links": list(links)},
        trail=_trail(layer, (gettext("Features"), "")),
        heads=[(name, titles.get(name, name)) for name in names],
        rows=rows,
        parts=_map(layer, features=marked),
        layer=layer,
    )


def item_page(layer: Layer, feature_json: bytes, links: Links) -> str:
    """One feature in full: what it holds, and where it is."""
    feature = json.loads(feature_json)
    titles, codes, names_of = _words(layer)
    properties = feature["properties"]
    title = tables.title_of(properties, names_of, str(feature["id"]))
    told = [
        (_label(name, titles), _text(name, value, codes), name)
        for name, value in properties.items()
        if name not in _INNER and not _is_other_language(name)
    ]
    facts = {fact[:2]: fact for fact in reversed(told)}  # a code and its name may read the same
    return _page(
        "item",
        {"links": list(links)},
        trail=_trail(
            layer,
            (gettext("Features"), url_for("ogc_items.items", layer=layer.name)),
            (str(feature["id"]), ""),
        ),
        title=title,
        facts=[
            {"label": label, "text": text, "name": name} for label, text, name in reversed(facts.values())
        ],
        parts=_map(layer, features=[_marked(feature, title, "")]),
    )


def schema_page(layer: Layer, document: Document, kind: str) -> str:
    """A JSON Schema as a table of properties."""
    heading = {
        "queryables": gettext("What can be filtered by"),
        "sortables": gettext("What can be sorted by"),
        "schema": gettext("Schema of a feature"),
    }[kind]
    links = [
        {"href": absolute(f"ogc_queryables.{kind}", layer=layer.name, f="json"), "rel": "alternate",
         "type": "application/schema+json"}
    ]  # fmt: skip
    return _page(
        "schema",
        {"links": links},
        trail=_trail(layer, (heading, "")),
        heading=heading,
        rows=rows_of(document),
    )


def tilesets_page(layer: Layer, document: Document) -> str:
    """The tile sets of a layer."""
    return _page("tilesets", document, trail=_trail(layer, (gettext("Vector tiles"), "")), layer=layer)


def tileset_page(layer: Layer, document: Document) -> str:
    """A tile set: its addresses, properties and extent."""
    box = document["boundingBox"]
    return _page(
        "tileset",
        document,
        trail=_trail(
            layer,
            (gettext("Vector tiles"), url_for("ogc_tilesets.tilesets", layer=layer.name)),
            (tilegrid.NAME, ""),
        ),
        layer=layer,
        parts=_map(layer, extent=(*box["lowerLeft"], *box["upperRight"])),
        connect=_connect(layer),
    )


def grids_page(document: Document) -> str:
    """The tile grids."""
    return _page("grids", document, trail=[(gettext("Tile grids"), "")])


def grid_page(document: Document) -> str:
    """A tile grid, zoom by zoom."""
    trail = [(gettext("Tile grids"), url_for("ogc_tilesets.matrix_sets")), (tilegrid.NAME, "")]
    return _page("grid", document, trail=trail)


def _page(name: str, document: Document, *, trail: Sequence[tuple[str, str]] = (), **values: Any) -> str:
    steps = [(gettext("Open data interface"), url_for("ogc.landing")), *trail]
    return render_template(
        f"ogc/{name}.html",
        document=document,
        trail=[{"name": label, "url": url} for label, url in steps],
        title_of=lambda name: title_of(LAYERS[name]),
        **{"title": steps[-1][0], **values},
    )


def _trail(layer: Layer, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        (gettext("Collections"), url_for("ogc.collections")),
        (title_of(layer), url_for("ogc.collection", layer=layer.name)),
        *more,
    ]


def _connect(layer: Layer | None = None) -> dict[str, str]:
    """Addresses and commands that open the interface, or one layer, in other programs."""
    root = absolute("ogc.landing")
    name = layer.name if layer else "cell"
    style = absolute("ogc_styles.of_layer", layer=name) if layer else absolute("ogc_styles.of_all")
    return {
        "root": root,
        "style": style,
        "tilejson": absolute("ogc_tilesets.tilejson", layer=name) if layer else "",
        # Not GDAL_HTTP_HEADERS: the driver of new versions replaces it by headers of its own.
        "ogr2ogr": "GDAL_HTTP_AUTH=BEARER GDAL_HTTP_BEARER=$TOKEN "
        f'ogr2ogr -f GPKG {name}.gpkg "OAPIF:{root}" {name}',
        "curl": f'curl -H "Authorization: Bearer $TOKEN" '
        f'"{absolute("ogc_items.items", layer=name)}?limit=10"',
    }


def _map(layer: Layer, *, extent: Bounds | None = None, features: Sequence[Document] = ()) -> MapParts:
    tiles = tiles_of(current_app.config["WEB_SETTINGS"])
    credits = [tile.attribution for tile in tiles[:1] if tile.attribution]
    credits += [note] if (note := common.credit()) else []
    try:
        outlines = division.outlines(db(), current_actor(), "community", simplify_m=_BACKDROP_SIMPLIFY_M)
    except NotFound:  # no division was published yet
        outlines = {"features": []}
    marked = Marked(extent, features, COLOURS[layer.name])
    return parts_of(small_map(outlines, marked, tiles=tiles, attribution=" · ".join(credits)))


def _marked(feature: Document, title: str, href: str) -> dict[str, Any]:
    properties = {"title": title.strip(), **({"href": href} if href else {})}
    return {"type": "Feature", "geometry": feature["geometry"], "properties": properties}


def _words(layer: Layer) -> tuple[dict[str, str], dict[str, dict[Any, str]], dict[str, dict[str, str]]]:
    """Titles of properties, words of their codes, and of those the ones that name a record."""
    titles, codes = words_of(schema_of(layer))
    names = tables.code_names(db(), current_actor(), layer.name)
    return titles, {**codes, **names}, names


def _label(name: str, titles: Mapping[str, str]) -> str:
    """A property's title; what only the full record holds has its name from the maps' panel."""
    return titles.get(name) or label_of(name.removesuffix("_zh").removesuffix("_en"))


def _is_other_language(name: str) -> bool:
    return name.endswith("name_zh" if is_english() else "name_en")


def _text(name: str, value: Any, codes: Mapping[str, Mapping[Any, str]]) -> str:
    """A value for the reader. Plain text: the template escapes it."""
    if isinstance(value, Mapping):
        shown = {key: part for key, part in value.items() if not _is_other_language(key)}
        return " ".join(dict.fromkeys(_text(key, part, codes) for key, part in shown.items()))
    if isinstance(value, list):
        return "、".join(_text(name, part, codes) for part in value) or "–"
    if name.endswith("_id") and value is not None:
        return str(value)
    return codes.get(name, {}).get(value) or tables.text_of(name, value)


def _period(document: Document) -> str:
    """The days of a collection's period; nothing where it has no time or no rows."""
    temporal = document.get("extent", {}).get("temporal")
    ends = [text for text in temporal["interval"][0] if text] if temporal else []
    return " – ".join(str(format_date(datetime.fromisoformat(text), "medium")) for text in ends)
