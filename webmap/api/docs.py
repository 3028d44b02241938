"""The API's description for programs and for people."""

from __future__ import annotations

import hashlib
import json
from uuid import UUID

from flask import Blueprint, Flask, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from pydantic import AwareDatetime, BaseModel, Field

from webmap.api.incidents import IncidentBody
from webmap.auth import signed_in
from webmap.http.openapi import Operation, describes
from webmap.http.openapi import document as build
from webmap.http.schemas import one_of

blueprint = Blueprint("docs", __name__)

VERSION = "0.1.0"
_OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
_JSON = "application/json"


class PatrolPointItem(BaseModel):
    """One point as a phone sends it; `gis.patrol.model.parse_point` judges each by itself."""

    client_id: UUID = Field(description="Made by the phone; the same one again is the same point")
    lon: float
    lat: float
    device_at: AwareDatetime = Field(description="The phone's clock, with its offset")
    kind: str = Field(description="A code of /api/v1/violation-kinds")
    note: str | None = None
    accuracy_m: float | None = None
    sequence: int | None = None
    crs: str | None = Field(default=None, description="wgs84 unless told")


class PatrolPointsBody(BaseModel):
    """A batch of points."""

    points: list[PatrolPointItem]
    sent_at: AwareDatetime | None = Field(
        default=None, description="What the phone's clock shows as it sends: tells how far it is off"
    )
    device_id: UUID | None = Field(default=None, description="Made by the phone once, the same ever after")


_RECEIPTS = {
    "type": "object",
    "properties": {
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "client_id": {"type": "string"},
                    "outcome": one_of(("created", "duplicate", "revised", "conflict", "rejected")),
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        }
    },
}

# Views that do not describe themselves.
OTHERS = {
    "patrol_points.log": Operation(
        body=PatrolPointsBody,
        answers={200: ("What became of each point, after commit", _JSON, _RECEIPTS)},
    ),
    "incidents.report": Operation(
        body=IncidentBody,
        answers={
            201: ("Stored", _JSON, {"type": "object"}),
            200: ("Stored before under this client_id", _JSON, {"type": "object"}),
        },
    ),
}


def described(app: Flask) -> bytes:
    """The whole document, made once."""
    made: bytes | None = app.extensions.get("openapi")
    if made is None:
        whole = build(app, title="Guangming Grid", version=VERSION, others=OTHERS)
        made = app.extensions["openapi"] = json.dumps(whole, ensure_ascii=False).encode()
    return made


@blueprint.get("/openapi.json")
@signed_in
@describes(
    Operation(
        answers={200: ("OpenAPI 3.1", _OPENAPI, {"type": "object"})}, more=((200, _JSON, {"type": "object"}),)
    )
)
def document() -> ResponseReturnValue:
    """Describe this API."""
    made = described(current_app)
    # GDAL asks for version 3.0 or plain JSON, and calls anything else an error.
    named = request.accept_mimetypes.best_match([_OPENAPI, _JSON], default=_OPENAPI)
    response = Response(made, content_type=named)
    response.vary.add("Accept")
    response.set_etag(hashlib.sha256(made).hexdigest()[:32], weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


@blueprint.get("/api/docs")
@signed_in
def show() -> ResponseReturnValue:
    """Show the description to people."""
    return render_template("api_docs.html", title=gettext("API"))
