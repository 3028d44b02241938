"""The files the phone page consists of, which its service worker keeps."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_STATIC = Path(__file__).resolve().parents[1] / "static"
_SHARED = (
    "css/app.css",
    "img/brand.svg",
    "img/icons.svg",
    "js/dom.js",
    "js/i18n.js",
    "js/page.js",
    "js/table.js",
    "vendor/leaflet/leaflet.css",
    "vendor/leaflet/leaflet.js",
)
# The browser fetches icons and manifest when somebody installs the page; they are no part of its first load.
_ONLINE_ONLY = {".png", ".webmanifest"}


@cache
def shell_files() -> tuple[str, ...]:
    """Names below /static of all that the page loads, in order."""
    own = (
        path.relative_to(_STATIC).as_posix()
        for path in (_STATIC / "field").iterdir()
        if path.suffix not in _ONLINE_ONLY
    )
    return tuple(sorted((*_SHARED, *own)))


@cache
def shell_version() -> str:
    """Hash of their contents: another version is another cache."""
    sha = hashlib.sha256()
    for name in shell_files():
        sha.update(name.encode() + b"\0" + (_STATIC / name).read_bytes())
    sha.update((_STATIC.parent / "templates" / "sw.js").read_bytes())
    return sha.hexdigest()[:16]
