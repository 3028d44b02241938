"""Flask's side of `reads`: from the request at hand to what is asked, and from the answer to a response."""

from __future__ import annotations

from flask import Response, current_app, request

from webmap import db
from webmap.auth import current_actor
from webmap.express.reads import Answer, Asked
from webmap.http.links import base_url
from webmap.http.querystring import pairs_of


def asked() -> Asked:
    """What this request asks."""
    query = request.query_string.decode("ascii")
    return Asked(
        db=db(),
        actor=current_actor(),
        base=base_url(),
        path=request.path,
        query=query,
        arguments=[pair for pair in pairs_of(query) if pair[0] != "lang"],
        none_match=request.headers.get("If-None-Match", ""),
        accept_encoding=request.headers.get("Accept-Encoding", ""),
        cache=current_app.extensions["tiles"],
        outlines=current_app.extensions["outlines"],
        blocks=current_app.extensions["blocks"],
    )


def response_of(answer: Answer) -> Response:
    """The answer as Flask sends it."""
    return Response(answer.body, status=answer.status, headers=dict(answer.headers), mimetype=answer.mimetype)
