"""What a read of the OGC API gives: from who asks and what is asked to status, headers and body.

Knows nothing of Flask: the views and the fast lane both stand on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote_plus, urlencode

import xxhash

from gis.database.pool import Database
from gis.errors import InvalidInput
from gis.people.model import Actor
from gis.publish import service, tiles
from gis.publish.blocks import BlockCache
from gis.publish.crs import in_form
from gis.publish.layers import layer_for
from gis.publish.model import FeaturePage
from gis.publish.outlines import Outlines
from gis.publish.tiles import TileCache
from gis.publish.versions import feature_tag
from webmap.http import geojson
from webmap.http.compress import LEAST_BYTES, choose, encode
from webmap.http.geojson import Link, link
from webmap.http.params import checked
from webmap.ogc.asked import item_wanted, items_wanted

MVT = "application/vnd.mapbox-vector-tile"
Arguments = list[tuple[str, str]]
_CURSORS = ("after", "before")
_CACHED = "private, no-cache"
_VARY = "Cookie, Authorization, Accept, Accept-Language, Accept-Encoding"


class Asked(NamedTuple):
    """One read.

    Attributes
    ----------
    base : scheme, host and root of the service, without a slash at the end.
    path : of the request below the base.
    query : the query string as the client wrote it; `arguments` is what it says.
    """

    db: Database
    actor: Actor
    base: str
    path: str
    query: str
    arguments: Arguments
    none_match: str = ""
    accept_encoding: str = ""
    cache: TileCache | None = None
    outlines: Outlines | None = None
    blocks: BlockCache | None = None


class Answer(NamedTuple):
    """A successful answer."""

    status: int
    mimetype: str
    body: bytes
    headers: Mapping[str, str]


def items(asked: Asked, layer: str) -> Answer:
    """Features of a layer, a page at a time."""
    wanted = items_wanted(layer_for(asked.actor, layer), asked.arguments)
    page = service.items(
        asked.db, asked.actor, layer, wanted.query, wanted.form, outlines=asked.outlines, blocks=asked.blocks
    )
    members = {} if page.matched is None else {"numberMatched": page.matched}
    body = geojson.collection(page, links=_links(asked, layer, page), **members)
    return _page(asked, body, {"Content-Crs": f"<{wanted.form.uri}>"})


def item(asked: Asked, layer: str, feature_id: str) -> Answer:
    """One feature in full, with a tag that a change can be tied to."""
    layer_for(asked.actor, layer)
    form = item_wanted(asked.arguments)
    feature = service.item(asked.db, asked.actor, layer, feature_id)
    tag = f'"{feature_tag(asked.actor, feature, form.name)}"'
    headers = {"ETag": tag, "Cache-Control": _CACHED, "Vary": _VARY, "Content-Crs": f"<{form.uri}>"}
    if is_match(asked.none_match, tag):
        return Answer(304, geojson.MIMETYPE, b"", headers)
    # What follows from the address alone is no part of the tag.
    # A strong tag names these very bytes, so a single feature, small as it is, is not compressed.
    body = geojson.with_links(in_form(feature, form), ways(asked, layer))
    return Answer(200, geojson.MIMETYPE, body, headers)


def tile(asked: Asked, layer: str, z: int, y: int, x: int) -> Answer:
    """A vector tile; 204 where nothing lies."""
    if unknown := checked(asked.arguments):
        raise InvalidInput("There is no such parameter.", pointer=next(iter(unknown))[:40])
    made = tiles.tile(asked.db, asked.actor, layer, z, x, y, cache=asked.cache)
    headers = {"Cache-Control": _CACHED, "Vary": _VARY}
    if not made.body:
        return Answer(204, MVT, b"", headers)
    tag = tag_of(asked.actor, MVT, made.digest.encode())
    headers["ETag"] = f"W/{tag}"
    if is_match(asked.none_match, tag):
        return Answer(304, MVT, b"", headers)
    # Kept as gzip, so that is given even to those who would take brotli too.
    if choose(asked.accept_encoding, ("gzip", "br")) == "gzip" and made.gzipped is not None:
        return Answer(200, MVT, made.gzipped, {**headers, "Content-Encoding": "gzip"})
    return _packed(asked, MVT, made.body, headers)


def _page(asked: Asked, body: bytes, extra: Mapping[str, str]) -> Answer:
    """Answer 200 with a private tag, or 304 where the reader has this very answer."""
    tag = tag_of(asked.actor, geojson.MIMETYPE, body)
    headers = {"ETag": f"W/{tag}", "Cache-Control": _CACHED, "Vary": _VARY, **extra}
    if is_match(asked.none_match, tag):
        return Answer(304, geojson.MIMETYPE, b"", headers)
    return _packed(asked, geojson.MIMETYPE, body, headers)


def _packed(asked: Asked, mimetype: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Answer 200, compressed where the body is worth it and the reader takes it."""
    encoding = choose(asked.accept_encoding) if len(body) >= LEAST_BYTES else None
    if encoding is None:
        return Answer(200, mimetype, body, headers)
    return Answer(200, mimetype, encode(body, encoding), {**headers, "Content-Encoding": encoding})


def tag_of(actor: Actor, mimetype: str, body: bytes) -> str:
    """A tag of a body and of whose it is, so that no two readers are taken for each other.

    XXH3 of 128 bits: it tells answers apart, it guards nothing, and SHA-256 takes as long as sending them.
    """
    digest = xxhash.xxh3_128(f"{actor.account_id}|{actor.role}|{mimetype}|".encode())
    digest.update(body)
    return f'"{digest.hexdigest()}"'


def is_match(none_match: str, tag: str) -> bool:
    """Whether an If-None-Match header names a tag, compared weakly (RFC 9110, 13.1.2)."""
    if not none_match:
        return False
    named = {part.strip().removeprefix("W/") for part in none_match.split(",")}
    return "*" in named or tag.removeprefix("W/") in named


def _links(asked: Asked, layer: str, page: FeaturePage) -> list[Link]:
    links = ways(asked, layer)
    for rel, name, cursor in (("next", "after", page.next_after), ("prev", "before", page.previous_before)):
        if cursor is not None:
            links.append(link(_turned(asked, name, quote_plus(cursor)), rel, geojson.MIMETYPE))
    return links


def ways(asked: Asked, layer: str) -> list[Link]:
    """Links to this very answer, to the page that shows it and to the collection."""
    here = f"{asked.base}{asked.path}"
    return [
        link(f"{here}?{asked.query}" if asked.query else here, "self", geojson.MIMETYPE),
        link(_turned(asked, "f", "html"), "alternate", "text/html"),
        link(f"{asked.base}/ogc/collections/{layer}", "collection", "application/json"),
    ]


def _turned(asked: Asked, name: str, quoted: str) -> str:
    """This address with one parameter in place of what it was; what the client wrote stays as it was."""
    here, changed = f"{asked.base}{asked.path}", f"{name}={quoted}"
    names = _CURSORS if name in _CURSORS else (name,)
    if any(given in names for given, _ in asked.arguments):
        kept = urlencode([(given, text) for given, text in asked.arguments if given not in names])
        return f"{here}?{kept}&{changed}" if kept else f"{here}?{changed}"
    return f"{here}?{asked.query}&{changed}" if asked.query else f"{here}?{changed}"
