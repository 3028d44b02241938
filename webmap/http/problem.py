"""The one table from domain errors to HTTP: RFC 9457 problems for programs, a page for people."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, jsonify, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from gis.errors import (
    BadToken,
    Busy,
    Conflict,
    Forbidden,
    Gap,
    GisError,
    InvalidInput,
    NotFound,
    OutOfScope,
    PreconditionFailed,
    TooLarge,
    Unavailable,
)
from webmap.http.negotiate import prefers_page

_STATUS: dict[type[GisError], HTTPStatus] = {
    BadToken: HTTPStatus.UNAUTHORIZED,
    OutOfScope: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    InvalidInput: HTTPStatus.BAD_REQUEST,
    TooLarge: HTTPStatus.CONTENT_TOO_LARGE if hasattr(HTTPStatus, "CONTENT_TOO_LARGE") else HTTPStatus(413),
    Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
# RFC 6750: what was wrong with a bearer token.
_CHALLENGE: dict[type[GisError], str] = {
    BadToken: 'Bearer error="invalid_token"',
    OutOfScope: 'Bearer error="insufficient_scope"',
}
_MAX_ERRORS = 100
_LONGEST = 1_000
log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Answer every error of a view as a problem or a page."""
    app.register_error_handler(GisError, _domain_error)
    app.register_error_handler(ValidationError, _validation_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _fault)


def wants_problem() -> bool:
    """Tell whether a program asked: under /api, with a bearer token, or not for a page first.

    Under /ogc every resource has a page for people, so a browser is shown its errors as pages.
    """
    if request.headers.get("Authorization", "").lower().startswith("bearer "):
        return True
    if request.path.startswith(("/api/", "/openapi")) and request.path != "/api/docs":
        return True
    if request.path.startswith("/ogc"):
        return not prefers_page()
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json"


def problem(
    status: int,
    title: str,
    *,
    code: str,
    errors: list[dict[str, Any]] | None = None,
    members: Mapping[str, object] | None = None,
) -> Response:
    """Build the answer to a failed request (RFC 9457). Never holds SQL, paths or driver texts."""
    if not wants_problem():
        page = render_template("error.html", status=status, title=title, request_id=g.get("request_id", ""))
        return Response(page, status=status, mimetype="text/html")
    body: dict[str, Any] = {
        "type": f"urn:guangming:problem:{code}",
        "title": title,
        "status": status,
        "instance": g.get("request_id", ""),
        **(members or {}),
    }
    if errors:
        body["errors"] = errors[:_MAX_ERRORS]
        body["errors_total"] = len(errors)
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def _domain_error(error: GisError) -> Response:
    # To a stranger, forbidden and missing are the same.
    if isinstance(error, Forbidden) and not isinstance(error, OutOfScope):
        error = NotFound()
    status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
    errors = None
    if pointer := getattr(error, "pointer", None):
        detail = _sayable(error.message)
        errors = [{"pointer": _sayable(pointer), "code": error.code, "detail": detail}]
    response = problem(status, _title(error), code=error.code, errors=errors, members=error.members)
    if isinstance(error, Busy):
        response.headers["Retry-After"] = "2"
    if challenge := _CHALLENGE.get(type(error)):
        response.headers["WWW-Authenticate"] = challenge
    return response


def _title(error: GisError) -> str:
    fixed = {
        NotFound: gettext("There is no such record, or it is not yours to see."),
        Busy: gettext("The service is busy; try again shortly."),
        Gap: gettext("Earlier ones are missing; send from the number wanted."),
        PreconditionFailed: gettext("The record has changed since you read it; read it again."),
        BadToken: gettext("This token is unknown, expired, revoked or not accepted here."),
        OutOfScope: gettext("This token may not do this."),
    }
    return str(fixed.get(type(error)) or gettext(error.message))


def _sayable(text: str) -> str:
    """What a client wrote and is told again: not without end, and without halves of surrogate pairs."""
    return text[:_LONGEST].encode("utf-8", "replace").decode()


def _validation_error(error: ValidationError) -> Response:
    errors = [
        {"pointer": _sayable("/".join(map(str, item["loc"]))), "code": item["type"], "detail": item["msg"]}
        for item in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    return problem(400, gettext("The request is not valid."), code="invalid", errors=errors)


def _csrf_error(error: CSRFError) -> Response:
    return problem(403, gettext("The page is out of date; reload it and try again."), code="csrf")


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    titles = {
        401: gettext("Please sign in."),
        404: gettext("There is no such record, or it is not yours to see."),
        405: gettext("This cannot be done here."),
        413: gettext("The request is too large."),
        415: gettext("The body is not of a media type that is taken here."),
        428: gettext("Say in If-Match which state of the record you have seen."),
        429: gettext("Too many tries; wait a little."),
    }
    if status in (301, 302, 303, 307, 308):
        return Response(error.get_response().get_data(), status, error.get_headers())
    response = problem(status, titles.get(status, HTTPStatus(status).phrase), code=f"http-{status}")
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "Accept"):
            response.headers[name] = value
    return response


def _fault(error: Exception) -> Response:
    log.exception("fault of ours")
    return problem(500, gettext("Something went wrong on our side; it has been logged."), code="fault")
