"""Feature collections put together from text the database has made."""

from __future__ import annotations

from typing import Any

import orjson

from gis.publish.model import FeaturePage

MIMETYPE = "application/geo+json"
Link = dict[str, str]


def collection(page: FeaturePage, *, links: list[Link] | None = None, **members: Any) -> bytes:
    """A FeatureCollection around ready features; `members` come before them."""
    head: dict[str, Any] = {"type": "FeatureCollection", "numberReturned": page.returned, **members}
    if links is not None:
        head["links"] = links
    return b"".join((orjson.dumps(head)[:-1], b',"features":[', page.features, b"]}"))


def with_links(feature: bytes, links: list[Link]) -> bytes:
    """A ready feature with links at its end."""
    return b"".join((feature.rstrip()[:-1], b',"links":', orjson.dumps(links), b"}"))


def link(href: str, rel: str, mimetype: str, title: str = "") -> Link:
    """A link of an OGC API answer."""
    made = {"href": href, "rel": rel, "type": mimetype}
    return {**made, "title": title} if title else made
