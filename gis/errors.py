"""What can go wrong, in the words of the domain.

Each class's docstring is its default message. `webmap.http.problem` holds the one table from these
classes to HTTP status codes; `gis.database.errors` the one from SQLSTATE to these classes.
"""

from __future__ import annotations

from collections.abc import Mapping


class GisError(Exception):
    """Something went wrong."""

    code = "error"
    members: Mapping[str, object] = {}
    """What a program is told besides, as members of the problem."""

    def __init__(self, message: str | None = None, *, code: str | None = None) -> None:
        super().__init__(message or type(self).__doc__ or "")
        if code:
            self.code = code

    @property
    def message(self) -> str:
        """The message for the person who asked."""
        return str(self.args[0])


class NotFound(GisError):
    """There is no such record, or it is not yours to see."""

    code = "not-found"


class Forbidden(GisError):
    """You may not do this. Strangers are told `NotFound` instead."""

    code = "forbidden"


class BadToken(GisError):
    """This token is unknown, expired, revoked or not accepted here."""

    code = "invalid-token"


class OutOfScope(Forbidden):
    """This token may not do this."""

    code = "insufficient-scope"


class Conflict(GisError):
    """The record was changed or exists already."""

    code = "conflict"


class Gap(Conflict):
    """Earlier ones are missing; send from the number wanted."""

    code = "gap"

    def __init__(self, wanted: int) -> None:
        super().__init__()
        self.members = {"wanted": wanted}


class PreconditionFailed(GisError):
    """The record has changed since you read it; read it again."""

    code = "changed-since"


class InvalidInput(GisError):
    """The input is not valid.

    `pointer` names the place of the fault: a JSON pointer, a field name or a row number.
    """

    code = "invalid"

    def __init__(self, message: str, *, pointer: str | None = None, code: str = "invalid") -> None:
        super().__init__(message, code=code)
        self.pointer = pointer


class TooLarge(GisError):
    """The input is larger than allowed."""

    code = "too-large"


class Busy(GisError):
    """The service is busy or its database is restarting; try again shortly."""

    code = "busy"


class Unavailable(GisError):
    """This server cannot do this as it is set up."""

    code = "unavailable"
