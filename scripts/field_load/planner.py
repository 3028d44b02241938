"""A planner at a browser, as far as figures of patrol coverage go."""

from __future__ import annotations

import csv
import http.client
import io
import json
import re
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

_TIMEOUT_S = 60
_AREA = "Covered area (m²)"


class Planner:
    """Signed in by the form. Raises `ConnectionError` where the server does not answer as it should."""

    def __init__(self, address: str, username: str, password: str) -> None:
        self._place = urlsplit(address)
        self._cookies: dict[str, str] = {}
        token = re.search(r'name="csrf-token" content="([^"]+)"', self._ask("/login")[1])
        form = {"username": username, "password": password, "csrf_token": token[1] if token else ""}
        if self._ask("/login", form)[0] != 302:
            raise ConnectionError(f"{username} could not sign in")

    def covered_m2(self, day: str) -> dict[str, float]:
        """What is covered of each cell on a day, by code: the page's table."""
        asked = {"from": day, "to": day, "view": "csv", "table": "cells", "lang": "en"}
        table = self._get(f"/planner/patrol?{urlencode(asked)}")
        return {row["Code"]: float(row[_AREA]) for row in csv.DictReader(io.StringIO(table.lstrip("\ufeff")))}

    def gaps(self, day: str) -> list[dict[str, Any]]:
        """Gaps of a day that matter most, as GeoJSON features."""
        found: list[dict[str, Any]] = json.loads(
            self._get(f"/planner/patrol/gaps?{urlencode({'from': day, 'to': day})}")
        )["features"]
        return found

    def _get(self, path: str) -> str:
        status, text = self._ask(path)
        if status != 200:
            raise ConnectionError(f"{path}: {status}")
        return text

    def _ask(self, path: str, form: Mapping[str, str] | None = None) -> tuple[int, str]:
        kind = http.client.HTTPSConnection if self._place.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._place.hostname or "", self._place.port, timeout=_TIMEOUT_S)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        try:
            if form is None:
                connection.request("GET", path, headers=headers)
            else:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                connection.request("POST", path, urlencode(form), headers)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie") or ():
                self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
            return answer.status, answer.read().decode("utf-8")
        finally:
            connection.close()
