"""What base.html needs on every page: who is signed in, where they may go."""

from __future__ import annotations

from typing import Any

from flask import current_app, g
from flask_babel import get_locale, gettext

from gis.people.model import Actor, Permission
from webmap.auth import PublicProfileOr, current_actor, guard_of


def frame() -> dict[str, Any]:
    """Give every template its actor, nonce and navigation."""
    actor = current_actor()
    return {
        "current_actor": actor,
        "csp_nonce": g.get("csp_nonce", ""),
        "get_locale": get_locale,
        "navigation": [
            {"endpoint": endpoint, "label": label}
            for endpoint, label in _destinations().items()
            if _may_open(actor, endpoint)
        ],
    }


def _destinations() -> dict[str, str]:
    return {
        "home.index": gettext("Home"),
        "maps.district": gettext("Map"),
        "query_page.index": gettext("Spatial query"),
        "field.index": gettext("Log a point"),
        "live.index": gettext("Live patrols"),
        "rounds.index": gettext("Rounds"),
        "plans.index": gettext("Plans"),
        "findings.index": gettext("Violations"),
        "coverage.index": gettext("Coverage"),
        "ogc.landing": gettext("Open data"),
        "people.index": gettext("People"),
        "publication.index": gettext("Public counts"),
        "quarantine.index": gettext("Quarantine"),
        "calendar.index": gettext("Working calendar"),
        "audit.index": gettext("Audit"),
    }


def _may_open(actor: Actor, endpoint: str) -> bool:
    if endpoint not in current_app.view_functions or actor.account_id is None:
        return False
    guard = guard_of(current_app, endpoint)
    if isinstance(guard, PublicProfileOr):
        guard = guard.permission
    return actor.may(guard) if isinstance(guard, Permission) else True
