"""The one place where a driver error becomes an error of the domain, by SQLSTATE."""

from __future__ import annotations

import psycopg2
from psycopg2 import errorcodes as sqlstate

from gis.errors import Busy, Conflict, Forbidden, GisError, InvalidInput

_BY_STATE: dict[str, type[GisError]] = {
    sqlstate.INSUFFICIENT_PRIVILEGE: Forbidden,
    sqlstate.READ_ONLY_SQL_TRANSACTION: Forbidden,
    sqlstate.UNIQUE_VIOLATION: Conflict,
    sqlstate.EXCLUSION_VIOLATION: Conflict,
    sqlstate.FOREIGN_KEY_VIOLATION: Conflict,
    sqlstate.SERIALIZATION_FAILURE: Busy,
    sqlstate.DEADLOCK_DETECTED: Busy,
    sqlstate.LOCK_NOT_AVAILABLE: Busy,
    sqlstate.QUERY_CANCELED: Busy,
    sqlstate.TOO_MANY_CONNECTIONS: Busy,
    sqlstate.CANNOT_CONNECT_NOW: Busy,
    sqlstate.ADMIN_SHUTDOWN: Busy,
    sqlstate.CRASH_SHUTDOWN: Busy,
    sqlstate.DISK_FULL: Busy,
}


def N_(message: str) -> str:
    """Mark a message for the catalogues; `webmap.http.problem` looks the translation up."""
    return message


# What a constraint means to the person who ran into it.
_BY_CONSTRAINT: dict[str, str] = {
    "account_username_key": N_("This user name is taken."),
    "account_username_check": N_("A user name has 2-32 small letters, digits, dots, dashes or underscores."),
    "assignment_one_primary_excl": N_("This cell already has a primary officer in that period."),
    "assignment_once_excl": N_("This person is already assigned to this cell in that period."),
    "facility_code_key": N_("A facility has this code already."),
    "parcel_code_key": N_("A parcel has this code already."),
    "check_point_code_key": N_("A check point has this code already."),
    "season_code_key": N_("A season has this code already."),
    "round_excuse_one_open_key": N_("Somebody has asked already."),
    "team_member_once_excl": N_("This person is already in this team in that period."),
}


_INVALID = N_("The input is not valid.")
_REFERENCE = N_("Other records refer to this one, or it refers to one that does not exist.")


def of_text(error: ValueError) -> InvalidInput | None:
    """Translate what the driver says of a text that PostgreSQL cannot hold; None for any other error.

    That is a text with NUL, or with half of a surrogate pair, which is no UTF-8.
    """
    if isinstance(error, UnicodeEncodeError) or "NUL (0x00)" in str(error):
        return InvalidInput(_INVALID, code="not-a-text")
    return None


def to_domain(error: psycopg2.Error) -> GisError | None:
    """Translate a driver error; None for one that is a fault of ours and must surface as such."""
    state = error.pgcode
    if state is None:
        return Busy() if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError) else None
    constraint = error.diag.constraint_name or ""
    if state.startswith("22") or state in (sqlstate.CHECK_VIOLATION, sqlstate.NOT_NULL_VIOLATION):
        return InvalidInput(_BY_CONSTRAINT.get(constraint, _INVALID), pointer=error.diag.column_name)
    if state.startswith("08"):
        return Busy()
    kind = _BY_STATE.get(state)
    fallback = _REFERENCE if state == sqlstate.FOREIGN_KEY_VIOLATION else None
    return kind(_BY_CONSTRAINT.get(constraint, fallback)) if kind else None
