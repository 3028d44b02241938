"""A read that is one statement: prepared once per connection, asked in one round trip."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.sql import Composable

_PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")


@dataclass(frozen=True)
class Question:
    """A read-only statement with `%(name)s` parameters that gives one row.

    `is_fixed` says that the same text comes again and again, so that preparing it pays.
    """

    statement: Composable
    is_fixed: bool = True

    def rendered(self, connection: Connection) -> Rendered:
        """The statement as text; made once."""
        known: Rendered | None = self.__dict__.get("_rendered")
        if known is None:
            known = Rendered(self.statement.as_string(connection))
            self.__dict__["_rendered"] = known
        return known


class Rendered:
    """A statement's text, and the forms in which it is sent."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def name(self) -> str:
        """A name that depends on the text alone."""
        return "q" + blake2b(self.text.encode(), digest_size=8).hexdigest()

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters, in order of first use."""
        names = (match[1] for match in _PLACEHOLDER.finditer(self.text) if match[1])
        return tuple(dict.fromkeys(names))

    @cached_property
    def numbered(self) -> str:
        """The text with `$1`, `$2` … for the parameters, as PREPARE wants it."""
        number = {name: place for place, name in enumerate(self.parameters, 1)}
        return _PLACEHOLDER.sub(lambda match: f"${number[match[1]]}" if match[1] else "%", self.text)

    @cached_property
    def arguments(self) -> str:
        """What stands in the brackets of EXECUTE."""
        return ", ".join(f"%({name})s" for name in self.parameters)

    def prepare(self, role: str) -> str:
        """PREPARE under a name of its own for each role: a plan holds the row policies of one."""
        text = self.numbered.replace("%", "%%")
        return f"PREPARE {self.name}_{role} AS {text}"

    def execute(self, role: str) -> str:
        """EXECUTE with the parameters to be filled in."""
        brackets = f"({self.arguments})" if self.parameters else ""
        return f"EXECUTE {self.name}_{role}{brackets}"


Values = Mapping[str, Any]
