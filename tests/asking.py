"""Asking the database past the application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg2


def rows(url: str, statement: str, values: Sequence[Any] | Mapping[str, Any] | None = ()) -> list[tuple]:
    """Run statements in a transaction of their own, committed at the end; the rows of the last one."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
