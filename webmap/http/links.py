"""Absolute addresses of our own resources, as the outside world writes them."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for

from webmap.settings import WebSettings


def base_url() -> str:
    """The address of the application's root, without a slash at its end.

    `WEBMAP_PUBLIC_URL` where an administrator set it, otherwise what this request was sent to.
    """
    settings: WebSettings = current_app.config["WEB_SETTINGS"]
    return settings.public_url or request.url_root.rstrip("/")


def absolute(endpoint: str, **values: Any) -> str:
    """The absolute address of a view; None leaves a parameter out."""
    path = url_for(endpoint, _external=False, **values)
    return base_url() + path.removeprefix(request.script_root)


def here(**changes: str | None) -> str:
    """The absolute address of this request with some of its parameters set anew, or left out by None."""
    arguments = {**request.args.to_dict(), **changes}
    kept = {name: value for name, value in arguments.items() if value is not None}
    return absolute(str(request.endpoint), **(request.view_args or {}), **kept)
