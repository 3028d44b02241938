"""The optional picture below the map: none by default, else tiles an administrator configured."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

import folium
from pydantic import SecretStr

TIANDITU = (
    "https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
    "&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)
TIANDITU_SUBDOMAINS = "01234567"
_KEY = re.compile(r"[0-9A-Za-z]{8,64}")


@dataclass(frozen=True, slots=True)
class Tiles:
    """One tile layer: an XYZ template with {z} {x} {y} and perhaps {s}."""

    url: str
    attribution: str
    subdomains: str = "abc"
    max_native_zoom: int = 18


def configured_tiles(
    *, xyz_url: str | None = None, xyz_attribution: str = "", tianditu_key: str | None = None
) -> tuple[Tiles, ...]:
    """Return the tile layers the settings ask for, lowest first; none when nothing is set.

    Tianditu (CGCS2000, no GCJ-02 shift) comes as its vector base with its label layer on top.

    Raises
    ------
    ValueError
        The key or the template is not one.
    """
    if tianditu_key:
        if not _KEY.fullmatch(tianditu_key):
            raise ValueError("a Tianditu key consists of letters and digits")
        return tuple(
            Tiles(TIANDITU.format(layer=layer, key=tianditu_key), "天地图", TIANDITU_SUBDOMAINS)
            for layer in ("vec", "cva")
        )
    if xyz_url:
        parts = urlsplit(xyz_url)
        complete = all(field in xyz_url for field in ("{z}", "{x}", "{y}"))
        if not complete or parts.scheme not in {"", "http", "https"}:
            raise ValueError("a basemap address needs {z}, {x} and {y}")
        return (Tiles(xyz_url, xyz_attribution),)
    return ()


class BasemapSettings(Protocol):
    """The settings this module reads; see `webmap.settings.WebSettings`."""

    @property
    def basemap_url(self) -> str: ...  # noqa: D102

    @property
    def basemap_attribution(self) -> str: ...  # noqa: D102

    @property
    def tianditu_key(self) -> SecretStr | None: ...  # noqa: D102


def tiles_of(settings: BasemapSettings) -> tuple[Tiles, ...]:
    """Return the tile layers of the settings. Raises `ValueError` when they make no sense."""
    key = settings.tianditu_key
    return configured_tiles(
        xyz_url=settings.basemap_url,
        xyz_attribution=settings.basemap_attribution,
        tianditu_key=key.get_secret_value() if key else None,
    )


def image_hosts(settings: BasemapSettings) -> tuple[str, ...]:
    """Return the origins the content security policy must add to `img-src` for the base map."""
    hosts: dict[str, None] = {}
    for layer in tiles_of(settings):
        parts = urlsplit(layer.url)
        if not parts.netloc:  # the application's own address
            continue
        for subdomain in layer.subdomains if "{s}" in parts.netloc else "-":
            hosts[f"{parts.scheme or 'https'}://{parts.netloc.replace('{s}', subdomain)}"] = None
    return tuple(hosts)


def add_tiles(to: folium.Map, tiles: tuple[Tiles, ...]) -> None:
    """Put the tile layers on the map."""
    for layer in tiles:
        folium.TileLayer(
            tiles=layer.url,
            attr=layer.attribution or " ",
            subdomains=layer.subdomains,
            max_native_zoom=layer.max_native_zoom,
            max_zoom=20,
        ).add_to(to)
