"""What every answer carries: a request id, a strict content security policy, no caching of private pages."""

from __future__ import annotations

import re
import secrets

from flask import Flask, Response, g, request

REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
FixedHeaders = tuple[tuple[str, str], ...]

_ALWAYS: FixedHeaders = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()"),
)
_SECURE: FixedHeaders = (("Strict-Transport-Security", "max-age=31536000"),)


def of_data(*, secure: bool) -> FixedHeaders:
    """The headers of an answer that is data: nothing in it may be loaded or run."""
    policy = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    return (policy, *_ALWAYS, *(_SECURE if secure else ()))


def register(app: Flask, *, image_hosts: tuple[str, ...] = (), secure: bool = False) -> None:
    """Give each request an id and a nonce, and each answer its headers.

    Parameters
    ----------
    image_hosts : tuple of str
        Origins of a configured base map; the only outside ones a page may load images from.
    secure : bool
        Whether the site is served over HTTPS: adds Strict-Transport-Security.
    """
    images = " ".join(("'self'", "data:", "blob:", *image_hosts))

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        g.csp_nonce = secrets.token_urlsafe(16)

    @app.after_request
    def finish(response: Response) -> Response:
        nonce = g.get("csp_nonce", "")
        headers = response.headers
        headers["X-Request-Id"] = g.get("request_id", "")
        headers.setdefault(
            "Content-Security-Policy",
            f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
            f"img-src {images}; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        )
        for name, value in (*_ALWAYS, *(_SECURE if secure else ())):
            headers[name] = value
        if request.endpoint != "static" and "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store"
        return response
