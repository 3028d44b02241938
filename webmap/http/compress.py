"""Gzip for what is large and compresses well: JSON and vector tiles. Never pages: they hold secrets."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

_LEAST_BYTES = 1024
_LEVEL = 5


def register(app: Flask) -> None:
    """Compress answers of programs where the client takes gzip."""

    @app.after_request
    def compress(response: Response) -> Response:
        if not _is_worth_it(response):
            return response
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"] > 0:
            # mtime 0: the same answer is the same bytes.
            response.set_data(gzip.compress(response.get_data(), _LEVEL, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
        return response


def _is_worth_it(response: Response) -> bool:
    return (
        response.status_code == 200
        and not response.is_streamed
        and not response.direct_passthrough
        and "Content-Encoding" not in response.headers
        and response.get_etag()[1] is not False  # a strong tag promises these very bytes
        and (
            (response.mimetype or "").endswith("json")
            or response.mimetype == "application/vnd.mapbox-vector-tile"
        )
        and (response.content_length or 0) >= _LEAST_BYTES
    )
