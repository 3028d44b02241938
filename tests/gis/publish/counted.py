"""A database that tells how often it was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gis.database.pool import Database


@dataclass
class Counted:
    """A database that counts what it is asked, and may do something before it answers."""

    db: Database
    asked: int = 0
    before: Callable[[int], object] | None = None

    def ask(self, *arguments: Any) -> Any:
        self.asked += 1
        if self.before is not None:
            self.before(self.asked)
        return self.db.ask(*arguments)
