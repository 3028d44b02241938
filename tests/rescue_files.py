"""Files as `webmap/static/field/rescue.js` writes them."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from typing import Any

DEVICE = "11111111-2222-4333-8444-555555555555"
AT = "2026-03-02T01:30:00.000Z"
_MS = 1_772_415_000_000


def record(account: int, what: str = "point", *, round_id: int | None = None, **body: Any) -> dict[str, Any]:
    """A point, event or visit as the phone keeps it; `client_id` and `sequence` stand beside the body."""
    beside = {name: body.pop(name) for name in ("client_id", "sequence", "revision") if name in body}
    bodies: dict[str, dict[str, Any]] = {
        "point": {
            "lon": 113.905,
            "lat": 22.755,
            "accuracy_m": 8,
            "method": "gps",
            "fix_at": AT,
            "kind": "OK",
        },
        "event": {"kind": "pause", "device_id": DEVICE},
        "visit": {"by": "manual", "check_point_id": 1, "device_id": DEVICE, "grade": "D"},
    }
    return {
        "client_id": str(uuid.uuid4()),
        "account": account,
        "type": what,
        "round_id": round_id,
        "revision": 1,
        "sequence": 1,
        "state": "waiting",
        "detail": "",
        "receipt": None,
        "grade": None,
        "body": {**bodies.get(what, {}), "device_at": AT, **body},
        **beside,
    }


def photo(account: int, record_id: str, content: bytes, /, **changes: Any) -> dict[str, Any]:
    """A photo as the export holds it."""
    return {
        "client_id": str(uuid.uuid4()),
        "record_id": record_id,
        "account": account,
        "sha256": hashlib.sha256(content).hexdigest(),
        "media_type": "image/jpeg",
        "taken_at": AT,
        "state": "waiting",
        "offset": 0,
        "base64": base64.b64encode(content).decode(),
        **changes,
    }


def walk(account: int, fixes: int = 3, /, **changes: Any) -> dict[str, Any]:
    """A walk east, a fix of about 10 m every 10 s."""
    return {
        "stream_id": str(uuid.uuid4()),
        "account": account,
        "device_id": DEVICE,
        "round_id": None,
        "total": fixes,
        "stored": 0,
        "is_closed": True,
        "fixes": [
            [_MS + 10_000 * number, 113.905 + 1e-4 * number, 22.755, 8, None, None] for number in range(fixes)
        ],
        **changes,
    }


def exported(account: int, /, **content: Any) -> bytes:
    """A whole file; `content` takes the place of what is in it."""
    inner = {
        "device_id": DEVICE,
        "account": account,
        "exported_at": AT,
        "records": [],
        "photos": [],
        "streams": [],
        **content,
    }
    text = json.dumps(inner, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f'{{"format":"guangming-field","version":1,"sha256":"{digest}","content":{text}}}'.encode()
