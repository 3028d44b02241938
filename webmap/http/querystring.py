"""The query string of a request as pairs, whatever bytes a client wrote into it.

RFC 3986 allows ASCII only. Some clients send UTF-8 as it is, which is read as if it were escaped; a byte that
is no UTF-8 at all stays escaped in the value, for the parameter's own check to refuse.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, quote_from_bytes

import flask
import werkzeug.urls  # noqa: F401 - registers the error handler that keeps such bytes escaped

_ASCII = "".join(map(chr, range(0x21, 0x7F)))


class Request(flask.Request):
    """A request whose query string can always be read."""

    def __init__(self, environ: dict[str, Any], *args: Any, **options: Any) -> None:
        environ["QUERY_STRING"] = in_ascii(environ.get("QUERY_STRING", ""))
        super().__init__(environ, *args, **options)


def in_ascii(query: str) -> str:
    """A query string as WSGI gives it (bytes as latin-1), with its other bytes escaped."""
    return query if query.isascii() else quote_from_bytes(query.encode("latin-1"), safe=_ASCII)


def pairs_of(query: str) -> list[tuple[str, str]]:
    """Names and values of a query string as WSGI gives it, in order; just what `Request.args` holds."""
    if not query:
        return []
    return parse_qsl(in_ascii(query), keep_blank_values=True, errors="werkzeug.url_quote")
