"""The fast lane: reads of the OGC API answered before Flask sees them.

Flask's own share of such a read is larger than PostgreSQL's. What the lane does for a request is what the
guard, the headers and the log do for every other one; whatever it does not know at a glance (another
address, a page for people, nobody signed in, an error) goes on to Flask, which answers it as if the lane were
not there.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from operator import itemgetter
from typing import Any

from flask import Flask, request
from werkzeug.sansio.utils import get_current_url, get_host

from gis.people.model import Actor, Permission
from gis.publish.layers import LAYERS
from webmap.auth import SESSION_COOKIE
from webmap.auth.actors import ActorCache, bearer_secret, find_actor
from webmap.auth.tries import BadTokens
from webmap.express import reads
from webmap.express.reads import Answer, Arguments, Asked
from webmap.http.headers import REQUEST_ID, FixedHeaders, of_data
from webmap.http.logs import log_answer
from webmap.http.querystring import in_ascii, pairs_of
from webmap.settings import WebSettings

ERROR = "webmap.express.error"
_PLACE = itemgetter("wsgi.url_scheme", "SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME")
Environ = dict[str, Any]
StartResponse = Callable[..., Any]

_ADDRESS = re.compile(
    r"/ogc/collections/(?P<layer>[a-z_]{1,40})/"
    r"(?:items(?:/(?P<feature_id>[!-.0-~]{1,60}))?|tiles/WebMercatorQuad/(?P<z>\d{1,2})/(?P<y>\d{1,8})/(?P<x>\d{1,8}))"
)
_COOKIE = re.compile(rf"(?:^|; ?){SESSION_COOKIE}=([^;]+)")
_REASONS = {200: "200 OK", 204: "204 No Content", 304: "304 Not Modified"}


class Lane:
    """A WSGI application that answers simple reads and hands everything else to Flask's."""

    def __init__(self, app: Flask, *, headers: FixedHeaders, public_url: str = "") -> None:
        self._app, self.next = app, app.wsgi_app
        self._headers, self._public_url = headers, public_url

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or pass on."""
        started = time.perf_counter()
        address = _ADDRESS.fullmatch(environ.get("PATH_INFO", ""))
        if address is None or address["layer"] not in LAYERS or environ["REQUEST_METHOD"] != "GET":
            return self.next(environ, start_response)
        arguments = pairs_of(environ.get("QUERY_STRING", ""))
        if not _is_simple(arguments, environ.get("HTTP_ACCEPT", "*/*")):
            return self.next(environ, start_response)
        try:
            actor = self._actor(environ)
            if actor is None:
                return self.next(environ, start_response)
            answer = _read(self._asked(environ, actor, arguments), address)
        except Exception as error:
            environ[ERROR] = error
            return self.next(environ, start_response)
        return self._send(environ, start_response, answer, actor, started)

    def _actor(self, environ: Environ) -> Actor | None:
        """The reader, if he is one whom nothing keeps from reading."""
        cookie = _COOKIE.search(environ.get("HTTP_COOKIE", ""))
        authorization = environ.get("HTTP_AUTHORIZATION")
        secret = bearer_secret(authorization)
        bad_tokens: BadTokens = self._app.extensions["bad_tokens"]
        if secret is not None and bad_tokens.refuses(environ.get("REMOTE_ADDR", ""), secret):
            return None
        actors: ActorCache = self._app.extensions["actors"]
        actor: Actor | None = find_actor(
            self._app.extensions["gis"],
            cookie[1] if cookie else None,
            authorization,
            environ["PATH_INFO"],
            cache=actors,
        )
        if actor is None or actor.must_change_password or not actor.may(Permission.SEE_MAPS):
            return None
        return actor

    def _asked(self, environ: Environ, actor: Actor, arguments: Arguments) -> Asked:
        return Asked(
            db=self._app.extensions["gis"],
            actor=actor,
            base=self._public_url or _base(*_PLACE(environ), environ.get("HTTP_HOST")),
            path=environ["PATH_INFO"],
            query=in_ascii(environ.get("QUERY_STRING", "")),
            arguments=arguments,
            none_match=environ.get("HTTP_IF_NONE_MATCH", ""),
            accept_encoding=environ.get("HTTP_ACCEPT_ENCODING", ""),
            cache=self._app.extensions["tiles"],
            outlines=self._app.extensions["outlines"],
            blocks=self._app.extensions["blocks"],
        )

    def _send(
        self, environ: Environ, start_response: StartResponse, answer: Answer, actor: Actor, started: float
    ) -> Iterable[bytes]:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        headers = [*answer.headers.items(), *self._headers, ("X-Request-Id", request_id)]
        if answer.status == 200:
            headers += [("Content-Type", answer.mimetype), ("Content-Length", str(len(answer.body)))]
        start_response(_REASONS[answer.status], headers)
        log_answer(
            request_id=request_id,
            method="GET",
            path=environ["PATH_INFO"],
            status=answer.status,
            size=len(answer.body),
            actor=actor,
            address=environ.get("REMOTE_ADDR"),
            started=started,
        )
        return [answer.body]


def _is_simple(arguments: Arguments, accept: str) -> bool:
    """Whether what is asked for is data, in no language of its own, beyond doubt."""
    is_told = False
    for name, value in arguments:
        if name == "lang" or (name == "f" and value not in ("json", "geojson")):
            return False
        is_told = is_told or name == "f"
    return is_told or accept == "*/*" or not ("*/*" in accept or "text/" in accept.lower())


@lru_cache(maxsize=256)
def _base(scheme: str, server: str, port: str, root: str, host: str | None) -> str:
    """The address of the application's root as Flask's own `url_root` has it, without a slash at its end."""
    root_path = root.encode("latin-1").decode(errors="replace")
    return get_current_url(scheme, get_host(scheme, host, (server, int(port))), root_path).rstrip("/")


def _read(asked: Asked, address: re.Match[str]) -> Answer:
    layer, feature_id, z, y, x = address.group("layer", "feature_id", "z", "y", "x")
    if z is not None:
        return reads.tile(asked, layer, int(z), int(y), int(x))
    if feature_id is not None:
        return reads.item(asked, layer, feature_id)
    return reads.items(asked, layer)


def register(app: Flask, settings: WebSettings) -> None:
    """Put the lane in front of an application, and let Flask answer the errors the lane met.

    The error is raised behind the guard, so that a stranger is asked to sign in before anything else.
    """
    headers = of_data(secure=settings.secure_cookies)
    app.wsgi_app = Lane(app, headers=headers, public_url=settings.public_url)  # type: ignore[method-assign]

    @app.before_request
    def answer_error() -> None:
        error = request.environ.pop(ERROR, None)
        if error is not None:
            raise error
