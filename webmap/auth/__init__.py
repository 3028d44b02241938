"""Who asks, and the guard every route must have.

A view says who may call it: `@public`, `@signed_in` or `@requires(Permission.…)`. `create_app` refuses to
start with a view that says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, url_for
from werkzeug.exceptions import Unauthorized

from gis.database.pool import Database
from gis.errors import NotFound
from gis.people import service
from gis.people.model import ANONYMOUS, Actor, Permission
from webmap.http.problem import wants_problem

SESSION_COOKIE = "guangming_session"
View = TypeVar("View", bound=Callable[..., Any])
_PUBLIC, _SIGNED_IN = "public", "signed in"


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

    def mark(view: View) -> View:
        view.guard = permission  # type: ignore[attr-defined]
        return view

    return mark


def current_actor() -> Actor:
    """Return the person in whose name this request runs."""
    actor: Actor = g.get("actor", ANONYMOUS)
    return actor


def guard_of(app: Flask, endpoint: str) -> str | Permission | None:
    """Tell who may call an endpoint."""
    if endpoint == "static":
        return _PUBLIC
    guard: str | Permission | None = getattr(app.view_functions[endpoint], "guard", None)
    return guard


def register(app: Flask, database: Callable[[], Database]) -> None:
    """Check the guard before every view, and that there is one for every view."""

    @app.before_request
    def check_guard() -> Response | None:
        if request.endpoint is None or request.endpoint == "static":
            return None
        guard = guard_of(current_app, request.endpoint)
        token = request.cookies.get(SESSION_COOKIE)
        g.actor = (service.resume_session(database(), token) if token else None) or ANONYMOUS
        if guard == _PUBLIC:
            return None
        if g.actor is ANONYMOUS:
            if wants_problem() or request.method != "GET":
                raise Unauthorized
            return redirect(url_for("session.show_login", next=request.full_path.rstrip("?")))  # type: ignore[return-value]
        if isinstance(guard, Permission) and not g.actor.may(guard):
            raise NotFound
        if g.actor.must_change_password and request.endpoint not in (
            "account.show",
            "account.change_password",
            "session.logout",
        ):
            if wants_problem():
                raise Unauthorized
            return redirect(url_for("account.show"))  # type: ignore[return-value]
        return None


def refuse_unguarded(app: Flask) -> None:
    """Stop the start when a view has no guard."""
    bare = [endpoint for endpoint in app.view_functions if guard_of(app, endpoint) is None]
    if bare:
        raise RuntimeError(f"views without a guard: {', '.join(sorted(bare))}")
