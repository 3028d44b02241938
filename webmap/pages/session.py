"""Signing in and out."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from gis.people import service
from gis.people.service import SESSION_LIFETIME, Client
from webmap import db
from webmap.auth import SESSION_COOKIE, current_actor, public, signed_in
from webmap.settings import WebSettings

blueprint = Blueprint("session", __name__)


def limit_tries(app: Flask, settings: WebSettings) -> None:
    """Slow down guessing: failed sign-ins are counted by user name and by address, in each process."""
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", default_limits=[])

    def failed(response: Response) -> bool:
        return response.status_code == 401

    by_name = limiter.limit(
        settings.login_tries,
        key_func=lambda: request.form.get("username", "").strip().lower()[:40],
        deduct_when=failed,
        methods=["POST"],
    )
    by_address = limiter.limit(settings.address_tries, deduct_when=failed, methods=["POST"])
    limited: Any = by_name(by_address(app.view_functions["session.login"]))
    app.view_functions["session.login"] = public(limited)


@blueprint.get("/login")
@public
def show_login() -> ResponseReturnValue:
    """Show the sign-in form."""
    if current_actor().account_id is not None:
        return redirect(_destination())
    return render_template("login.html", next=request.args.get("next", ""), is_demo=service.demo_size(db()))


@blueprint.post("/login")
@public
def login() -> ResponseReturnValue:
    """Check name and password; open a session."""
    client = Client(
        user_agent=request.headers.get("User-Agent", ""),
        address=request.remote_addr,
        request_id=g.request_id,
    )
    opened = service.sign_in(db(), request.form.get("username", ""), request.form.get("password", ""), client)
    if opened is None:
        page = render_template(
            "login.html",
            next=request.form.get("next", ""),
            username=request.form.get("username", ""),
            error=gettext("User name or password is wrong."),
            is_demo=service.demo_size(db()),
        )
        return page, 401
    token, _ = opened
    response = make_response(redirect(_destination()))
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


@blueprint.post("/logout")
@signed_in
def logout() -> ResponseReturnValue:
    """End the session, on the server and in the browser."""
    service.sign_out(db(), current_actor())
    response = make_response(redirect(url_for("session.show_login")))
    response.delete_cookie(SESSION_COOKIE)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _destination() -> str:
    """Where to go after signing in: a path of ours, never another site."""
    wanted = request.values.get("next", "")
    if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\\" not in wanted:
        return wanted
    return url_for("home.index")
