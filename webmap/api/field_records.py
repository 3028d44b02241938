"""What phones send: records in batches, and the token with which they go on when a session has ended."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gis.errors import InvalidInput
from gis.patrol import quarantine
from gis.patrol.evidence import Method
from gis.patrol.model import MAX_BATCH, Envelope, Receipt, parse_time
from gis.patrol.records import TYPES, log_records
from gis.people import tokens
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.http.openapi import Operation, describes
from webmap.http.receipts import results_of, schema_of_receipts

blueprint = Blueprint("field_records", __name__, url_prefix="/api/v1/field")
_JSON = "application/json"


class FieldRecord(BaseModel):
    """One record. Each is judged by itself: what is wrong with one takes no other along."""

    type: str = Field(description=f"One of: {', '.join(TYPES)}")
    client_id: UUID = Field(description="Made by the phone; the same one again is the same record")
    revision: int = Field(default=1, ge=1, description="Counts up with every change of the record's content")
    device_at: AwareDatetime = Field(description="What the phone's clock showed, with its offset")
    sequence: int | None = Field(
        default=None, ge=0, description="Counts up on the device, whatever its clock says"
    )
    lon: float
    lat: float
    crs: str | None = Field(default=None, description="wgs84 unless told; gcj02, bd09, 4490")
    fix_at: AwareDatetime | None = Field(
        default=None, description="When the position was taken, by the phone's clock"
    )
    accuracy_m: float | None = Field(default=None, ge=0)
    method: Method | None = Field(default=None, description="How the position came about")
    is_mock: bool | None = None
    kind: str = Field(description="A code of /api/v1/violation-kinds")
    note: str | None = None
    check_point_id: int | None = None
    round_id: int | None = None


class FieldRecordsBody(BaseModel):
    """A batch of records of one phone."""

    sent_at: AwareDatetime = Field(
        description="What the phone's clock shows as it sends: tells how far it is off"
    )
    device_id: UUID | None = Field(default=None, description="Made by the phone once, the same ever after")
    records: list[FieldRecord] = Field(max_length=MAX_BATCH)


class DeviceBody(BaseModel):
    """A phone that is to have a token."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=tokens.MAX_NAME, description="How its owner calls it")


_ANSWER = schema_of_receipts(
    "code",
    "detail",
    "pointer",
    revision={"type": "integer"},
    sha256={"type": "string", "description": "of the content that is stored"},
    is_kept={"type": "boolean", "description": "kept for an administrator to repair"},
)
_ANSWER["properties"]["quarantine"] = {
    "type": "object",
    "description": "How many refused records were kept, and the limits; only where some were refused",
    "properties": {
        name: {"type": "integer"} for name in ("kept", "not_kept", "limit_per_day", "limit_bytes")
    },
}
_TOKEN = {
    "type": "object",
    "properties": {
        "api_token_id": {"type": "integer"},
        "token": {"type": "string", "description": "Told only here"},
        "name": {"type": "string"},
        "expires_at": {"type": "string", "format": "date-time"},
    },
}


@blueprint.post("/records")
@requires(Permission.LOG_PATROL)
@describes(
    Operation(
        body=FieldRecordsBody, answers={200: ("What became of each record, after commit", _JSON, _ANSWER)}
    )
)
def log() -> ResponseReturnValue:
    """Store a batch; answer each record created, duplicate, revised, conflict or rejected."""
    body = request.get_json()
    records = body.get("records") if isinstance(body, dict) else None
    if not isinstance(records, list):
        raise InvalidInput("records is a list", pointer="records")
    receipts = log_records(db(), current_actor(), records, _envelope(body), request_id=g.request_id)
    return jsonify(_answer(receipts))


@blueprint.post("/devices")
@requires(Permission.LOG_PATROL)
@describes(Operation(body=DeviceBody, answers={201: ("A token for this phone", _JSON, _TOKEN)}))
def create_device() -> ResponseReturnValue:
    """Give a phone a token that uploads in the name of the person signed in, and does nothing else."""
    body = DeviceBody.model_validate(request.get_json())
    made = tokens.create_device_token(db(), current_actor(), body.name)
    answer = {
        "api_token_id": made.api_token_id,
        "token": made.secret,
        "name": made.name,
        "expires_at": made.expires_at.isoformat(),
    }
    response = jsonify(answer)
    response.headers["Cache-Control"] = "no-store"
    return response, 201


def device_of(body: dict[str, Any]) -> UUID | None:
    """The phone a batch says it comes from. Raises `InvalidInput`."""
    device_id = body.get("device_id")
    try:
        return None if device_id is None else UUID(str(device_id))
    except ValueError as error:
        raise InvalidInput("device_id is not a UUID", pointer="device_id", code="bad-device-id") from error


def _envelope(body: dict[str, Any]) -> Envelope:
    return Envelope(parse_time(body.get("sent_at"), "sent_at"), device_of(body))


def _answer(receipts: list[Receipt]) -> dict[str, Any]:
    answer = results_of(receipts)
    refused = [receipt for receipt in receipts if receipt.is_kept is not None]
    if refused:
        kept = sum(bool(receipt.is_kept) for receipt in refused)
        answer["quarantine"] = {
            "kept": kept,
            "not_kept": len(refused) - kept,
            "limit_per_day": quarantine.MAX_PER_DAY,
            "limit_bytes": quarantine.MAX_BYTES,
        }
    return answer
