"""Who asks, and the guard every route must have.

A view says who may call it: `@public`, `@signed_in`, `@requires(Permission.…)` or `@public_profile_or(…)`.
`create_app` refuses to start with a view that says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import TooManyRequests, Unauthorized

from gis.database.pool import Database
from gis.errors import BadToken, NotFound, OutOfScope
from gis.people.model import ANONYMOUS, Actor, Permission, TokenKind
from gis.publish.public import public_collections
from webmap.auth.actors import (
    OF_APPS_WITHOUT_HEADERS,
    ActorCache,
    bearer_secret,
    find_actor,
    secret_of_device,
    takes_tokens,
)
from webmap.auth.tries import BadTokens
from webmap.http.problem import wants_problem

SESSION_COOKIE = "guangming_session"
View = TypeVar("View", bound=Callable[..., Any])
_PUBLIC, _SIGNED_IN = "public", "signed in"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class PublicProfileOr:
    """The guard of a view that has something for everybody while a public profile is switched on."""

    permission: Permission


Guard = str | Permission | PublicProfileOr


def public(view: View) -> View:
    """Let anyone call a view."""
    view.guard = _PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Let anyone with a session call a view."""
    view.guard = _SIGNED_IN  # type: ignore[attr-defined]
    return view


def requires(permission: Permission) -> Callable[[View], View]:
    """Let only roles with a permission call a view; others are told it does not exist."""
    return _marked(permission)


def public_profile_or(permission: Permission) -> Callable[[View], View]:
    """Let roles with a permission call a view, and everybody else while any public profile is switched on."""
    return _marked(PublicProfileOr(permission))


def _marked(guard: Guard) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.guard = guard  # type: ignore[attr-defined]
        return view

    return mark


def only_reads(view: View) -> View:
    """Say of a view called by POST that it only reads: a token that may not write may call it."""
    view.only_reads = True  # type: ignore[attr-defined]
    return view


def part_of_upload(view: View) -> View:
    """Say of a view that reads that it belongs to an upload: a phone's token may call it."""
    view.part_of_upload = True  # type: ignore[attr-defined]
    return view


def current_actor() -> Actor:
    """Return the person in whose name this request runs."""
    actor: Actor = g.get("actor", ANONYMOUS)
    return actor


def guard_of(app: Flask, endpoint: str) -> Guard | None:
    """Tell who may call an endpoint."""
    if endpoint == "static":
        return _PUBLIC
    guard: Guard | None = getattr(app.view_functions[endpoint], "guard", None)
    return guard


def may_open(actor: Actor, endpoint: str) -> bool:
    """Whether there is such a page and the actor may open it."""
    if endpoint not in current_app.view_functions or actor.account_id is None:
        return False
    guard = guard_of(current_app, endpoint)
    if isinstance(guard, PublicProfileOr):
        guard = guard.permission
    return actor.may(guard) if isinstance(guard, Permission) else True


def register(app: Flask, database: Callable[[], Database], *, token_tries: str) -> None:
    """Check the guard before every view; keep forged requests out of those that come with a cookie.

    Parameters
    ----------
    token_tries : how many bad tokens an address may send, in the notation of Flask-Limiter.
    """
    actors = app.extensions["actors"] = ActorCache()
    bad_tokens = app.extensions["bad_tokens"] = BadTokens(token_tries)

    @app.before_request
    def check_guard() -> Response | None:
        if request.endpoint is None or request.endpoint == "static":
            return None
        guard = guard_of(current_app, request.endpoint)
        if guard == _PUBLIC:  # open to everybody: a token changes nothing here
            cookie = request.cookies.get(SESSION_COOKIE)
            g.actor = find_actor(database(), cookie, None, request.path) or ANONYMOUS
            return None
        g.actor = _find(database(), actors, bad_tokens) or ANONYMOUS
        if g.actor is ANONYMOUS:
            is_open = isinstance(guard, PublicProfileOr) and public_collections(database())
            return None if is_open else _ask_to_sign_in()
        return _judge(guard, g.actor)

    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    csrf = CSRFProtect(app)

    @app.before_request
    def check_origin() -> None:
        # A browser adds a cookie to a forged request, but never a bearer token.
        if request.endpoint is not None and current_actor().token_id is None:
            csrf.protect()

    @app.after_request
    def forget(response: Response) -> Response:
        # Pages that write sign out, revoke, close or change somebody. They are rare; forget everyone.
        if request.method not in _READING and not takes_tokens(request.path):
            actors.clear()
        return response


def _find(database: Database, actors: ActorCache, bad_tokens: BadTokens) -> Actor | None:
    """Find the actor of this request; bad tokens are counted by address."""
    authorization, is_in_address = _authorization()
    cache = actors if request.method in _READING else None
    cookie = request.cookies.get(SESSION_COOKIE)
    secret = bearer_secret(authorization)
    if secret is None or not takes_tokens(request.path):
        return find_actor(database, cookie, authorization, request.path, cache=cache)
    address = request.remote_addr or ""
    if bad_tokens.knows(secret):
        raise BadToken
    if wait := bad_tokens.seconds_to_wait(address):
        raise TooManyRequests(retry_after=wait)
    try:
        actor = find_actor(database, cookie, authorization, request.path, cache=cache)
    except BadToken:
        bad_tokens.remember(address, secret)
        raise
    # Addresses end up in logs: what is given there must open nothing else.
    if is_in_address and actor is not None and actor.token_kind is not TokenKind.TRACKER:
        raise OutOfScope
    return actor


def _authorization() -> tuple[str | None, bool]:
    """The header; of a tracker app that sends none the token in its address, and whether it stood there."""
    header = request.headers.get("Authorization")
    if header is not None or request.path != OF_APPS_WITHOUT_HEADERS:
        return header, False
    secret = secret_of_device(request.values)
    return (None, False) if secret is None else (f"Bearer {secret}", True)


def _judge(guard: Guard | None, actor: Actor) -> Response | None:
    permission = guard.permission if isinstance(guard, PublicProfileOr) else guard
    if isinstance(permission, Permission) and not actor.may(permission):
        raise NotFound
    if not actor.may_write and not _reads():
        raise OutOfScope
    if actor.token_kind is TokenKind.DEVICE and not _uploads():
        raise OutOfScope
    return _ask_for_own_password() if actor.must_change_password else None


def _reads() -> bool:
    view = current_app.view_functions[request.endpoint or ""]
    return request.method in _READING or getattr(view, "only_reads", False)


def _uploads() -> bool:
    view = current_app.view_functions[request.endpoint or ""]
    return request.method not in _READING or getattr(view, "part_of_upload", False)


def _ask_to_sign_in() -> Response:
    if wants_problem() or request.method != "GET":
        raise Unauthorized
    return redirect(url_for("session.show_login", next=request.full_path.rstrip("?")))  # type: ignore[return-value]


def _ask_for_own_password() -> Response | None:
    if request.endpoint in ("account.show", "account.change_password", "session.logout"):
        return None
    if wants_problem():
        raise Unauthorized
    return redirect(url_for("account.show"))  # type: ignore[return-value]


def refuse_unguarded(app: Flask) -> None:
    """Stop the start when a view has no guard."""
    bare = [endpoint for endpoint in app.view_functions if guard_of(app, endpoint) is None]
    if bare:
        raise RuntimeError(f"views without a guard: {', '.join(sorted(bare))}")
