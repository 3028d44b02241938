"""What base.html needs on every page: who is signed in, where they may go."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import get_locale, gettext

from gis.people.model import Actor
from webmap.auth import current_actor, may_open
from webmap.planner.questions import ENTRIES


def frame() -> dict[str, Any]:
    """Give every template its actor, nonce and navigation."""
    actor = current_actor()
    return {
        "current_actor": actor,
        "csp_nonce": g.get("csp_nonce", ""),
        "get_locale": get_locale,
        "navigation": _navigation(actor),
    }


def _navigation(actor: Actor) -> list[dict[str, Any]]:
    """Where the actor may go: links and groups of links; a group of one is that link."""
    shown = []
    for item in _destinations():
        links = [link for link in item["links"] if may_open(actor, link["endpoint"])]
        if len(links) > 1:
            shown.append({**item, "links": links})
        else:
            shown += links
    return shown


def _destinations() -> list[dict[str, Any]]:
    return [
        _group(None, {"home.index": gettext("Home")}),
        _group(None, {"maps.district": gettext("Map")}),
        _group(None, {"query_page.index": gettext("Spatial query")}),
        _group(None, {"field.index": gettext("Log a point")}),
        _group(
            gettext("On patrol"),
            {
                "live.index": gettext("Live patrols"),
                "rounds.index": gettext("Rounds"),
                "plans.index": gettext("Plans"),
            },
        ),
        _group(None, {"findings.index": gettext("Violations")}),
        _group(
            gettext("Planning"),
            {
                "planner.index": gettext("All questions"),
                **{entry.endpoint: str(entry.title) for entry in ENTRIES},
                "coverage.index": gettext("Coverage"),
            },
        ),
        _group(None, {"ogc.landing": gettext("Open data")}),
        _group(
            gettext("Administration"),
            {
                "people.index": gettext("People"),
                "calendar.index": gettext("Working calendar"),
                "publication.index": gettext("Public counts"),
                "quarantine.index": gettext("Quarantine"),
                "jobs.index": gettext("Periodic jobs"),
                "audit.index": gettext("Audit"),
            },
        ),
    ]


def _group(label: str | None, links: dict[str, str]) -> dict[str, Any]:
    return {
        "label": label,
        "links": [{"endpoint": endpoint, "label": text} for endpoint, text in links.items()],
    }
