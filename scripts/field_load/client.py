"""One connection of a phone."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

_TIMEOUT_S = 30


class Client:
    """Asks a server in the name of a token; a fault of the network is status 0."""

    def __init__(self, address: str, token: str) -> None:
        place = urlsplit(address)
        kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(place.hostname or "", place.port, timeout=_TIMEOUT_S)
        # nginx holds idle connections; held open here, they would keep each other from the server.
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Connection": "close",
        }

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        """Status and answer."""
        text = None if body is None else json.dumps(body)
        try:
            self._connection.request(method, path, text, self._headers)
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._connection.close()
            return 0, {"type": type(error).__name__}
