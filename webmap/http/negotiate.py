"""Which form of a resource a client gets: the parameter `f`, or else what its Accept header likes best.

Programs get JSON unless they say otherwise: a client that accepts nothing we have gets JSON too, as OGC API
Features, 7.12, permits. Browsers put text/html first and get a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, request
from pydantic import Field
from werkzeug.datastructures import MIMEAccept

from gis.errors import InvalidInput
from webmap.http.links import here
from webmap.http.params import Parameters


@dataclass(frozen=True, slots=True)
class Format:
    """One form: its names in `f`, its media type, and other types of Accept it answers to."""

    names: tuple[str, ...]
    mimetype: str
    also: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name links carry."""
        return self.names[0]


JSON = Format(("json",), "application/json")
GEOJSON = Format(("json", "geojson"), "application/geo+json", also=("application/json",))
SCHEMA = Format(("json",), "application/schema+json", also=("application/json",))
HTML = Format(("html",), "text/html")
PAGE = ((200, HTML.mimetype, {"type": "string"}),)
"""The page beside an answer of 200, for `Operation.more`."""


class Negotiated(Parameters):
    """The form of the answer."""

    f: str | None = Field(
        default=None, max_length=20, description="json or html; without it the Accept header decides"
    )


def wanted(allowed: Sequence[Format] = (JSON, HTML)) -> Format:
    """The form to answer in; the first of `allowed` where the client does not care.

    Raises
    ------
    InvalidInput
        `f` names none of them.
    """
    asked = request.args.get("f")
    if asked is None:
        return preferred(request.accept_mimetypes, allowed)
    for form in allowed:
        if asked in form.names:
            return form
    names = dict.fromkeys(name for form in allowed for name in form.names)
    raise InvalidInput(f"f is one of: {', '.join(names)}.", pointer="f", code="unknown-format")


def preferred(accept: MIMEAccept, allowed: Sequence[Format]) -> Format:
    """The form an Accept header likes best; of equals the earlier, of none the first."""
    types = {mimetype: form for form in allowed for mimetype in (form.mimetype, *form.also)}
    best = accept.best_match(types)
    return allowed[0] if best is None else types[best]


def prefers_page() -> bool:
    """Tell whether a person's browser asked, for what is there as a page too: by `f`, else by Accept."""
    asked = request.args.get("f")
    form = preferred(request.accept_mimetypes, (JSON, HTML))
    return form is HTML if asked is None else asked == HTML.name


def self_and_alternates(served: Format, allowed: Sequence[Format] = (JSON, HTML)) -> list[dict[str, str]]:
    """Links to this very form of the resource and to its other forms."""
    links = [{"href": here(f=served.name), "rel": "self", "type": served.mimetype}]
    return links + [
        {"href": here(f=form.name), "rel": "alternate", "type": form.mimetype}
        for form in allowed
        if form is not served
    ]


def varied(response: Response) -> Response:
    """Say to caches that the Accept header chose the form."""
    response.vary.add("Accept")
    return response
