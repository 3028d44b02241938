"""Languages: Chinese first, English second. JavaScript reads the same catalogue as JSON."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from flask_babel import Babel, force_locale, get_locale, get_translations

from gis.errors import NotFound
from gis.people import service
from gis.zone import ZONE
from webmap.auth import current_actor, public

LANGUAGES = ("zh", "en")
COOKIE = "lang"
_YEAR_S = 365 * 24 * 3600
blueprint = Blueprint("i18n", __name__)


def is_english() -> bool:
    """Tell whether the reader reads English; Chinese otherwise."""
    return str(get_locale()).startswith("en")


def register(app: Flask, *, default: str) -> None:
    """Choose the language of each request: ?lang=, then the account, the cookie, the default."""
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Asia/Shanghai"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"

    def choose() -> str:
        for choice in (
            request.args.get(COOKIE),
            current_actor().locale if current_actor().account_id else None,
            request.cookies.get(COOKIE),
        ):
            if choice in LANGUAGES:
                return str(choice)
        return default

    Babel(app, locale_selector=choose, default_locale=default)
    app.add_template_filter(moment)

    @app.after_request
    def remember(response: Response) -> Response:
        choice = request.args.get(COOKIE)
        if choice in LANGUAGES and request.method == "GET":
            response.set_cookie(
                COOKIE,
                choice,
                max_age=_YEAR_S,
                samesite="Lax",
                httponly=True,
                secure=current_app.config["SESSION_COOKIE_SECURE"],
            )
            actor = current_actor()
            # A program's ?lang= is for its answer only: the person goes on reading the own language.
            if actor.account_id is not None and actor.token_id is None and actor.locale != choice:
                service.set_locale(current_app.extensions["gis"], actor, choice)
        return response


def moment(at: datetime | None) -> str:
    """Write a point in time as people here read it: the day and minute in Asia/Shanghai."""
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") if at else "–"


@blueprint.get("/i18n/<locale>.json")
@public
def catalogue(locale: str) -> Response:
    """Give a language's catalogue to JavaScript; English is the key itself."""
    if locale not in LANGUAGES:
        raise NotFound
    with force_locale(locale):
        translations = getattr(get_translations(), "_catalog", {})
    response = jsonify(
        {key: text for key, text in translations.items() if isinstance(key, str) and key and text}
    )
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
