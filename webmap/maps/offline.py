"""A Folium figure that asks nothing of the outside and runs under a strict content security policy.

Folium links its scripts and styles to public servers. Here every link must be one of the application's
own vendored files; any other is an error, so a plugin cannot smuggle one in. Inline blocks get the nonce
of the response.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from branca.element import CssLink, Element, Figure, JavascriptLink

# Last part of the upstream address -> vendored file. None: Folium brings it along, no map here needs it.
VENDORED: dict[str, str | None] = {
    "leaflet.js": "leaflet/leaflet.js",
    "leaflet.css": "leaflet/leaflet.css",
    "jquery-3.7.1.min.js": None,
    "bootstrap.bundle.min.js": None,
    "bootstrap.min.css": None,
    "bootstrap-glyphicons.css": None,
    "all.min.css": None,
    "leaflet.awesome-markers.js": None,
    "leaflet.awesome-markers.css": None,
    "leaflet.awesome.rotate.min.css": None,
}
_OPENING = re.compile(r"<(script|style)(?=[\s>])(?![^>]*\bnonce=)", re.IGNORECASE)


class OfflineError(RuntimeError):
    """A map wants a file the application does not serve itself."""


@dataclass(frozen=True, slots=True)
class MapParts:
    """The three places of a page a map writes to; each is markup ready to be inserted."""

    header: str
    html: str
    script: str


class Verbatim(Element):
    """Markup inserted as it is. Branca's own Element would run it through Jinja once more."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.markup = markup

    def render(self, **kwargs: Any) -> str:
        """Return the markup."""
        return self.markup


class OfflineFigure(Figure):
    """A figure whose every link is the application's own.

    Parameters
    ----------
    vendor_url : str
        Address of the vendored files, ending in a slash.
    nonce : str
        Nonce of the response's content security policy.
    """

    def __init__(self, *, vendor_url: str, nonce: str) -> None:
        super().__init__()
        self.vendor_url = vendor_url
        self.nonce = nonce
        self.header._children.clear()  # the page has its own <meta charset>

    def parts(self) -> MapParts:
        """Render the children and return what goes into the page.

        Raises
        ------
        OfflineError
            A child links to a file that is not vendored.
        """
        for child in self._children.values():
            child.render()
        for name, element in list(self.header._children.items()):
            if isinstance(element, JavascriptLink | CssLink):
                self._localise(name, element)
        return MapParts(
            header=self._with_nonce(self.header.render()),
            html=self._with_nonce(self.html.render()),
            script=f'<script nonce="{self.nonce}">\n{self.script.render()}\n</script>',
        )

    def render(self, **kwargs: Any) -> str:
        """Return a whole document with the map alone: for tests and reports, pages use `parts`."""
        parts = self.parts()
        return (
            '<!DOCTYPE html>\n<html lang="zh-CN">\n<head><meta charset="utf-8">\n'
            f"{parts.header}\n</head>\n<body>\n{parts.html}\n{parts.script}\n</body>\n</html>\n"
        )

    def _localise(self, name: str, link: JavascriptLink | CssLink) -> None:
        if link.url.startswith(self.vendor_url):
            return
        file_name = link.url.rsplit("/", 1)[-1]
        if file_name not in VENDORED:
            raise OfflineError(f"no local copy of {link.url} ({name})")
        local = VENDORED[file_name]
        if local is None:
            del self.header._children[name]
        else:
            link.url = self.vendor_url + local

    def _with_nonce(self, markup: str) -> str:
        """Give the nonce to inline blocks; what records contain never reaches this markup unescaped."""
        return _OPENING.sub(rf'<\1 nonce="{self.nonce}"', markup)
