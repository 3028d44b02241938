"""Passwords: argon2id with the library's parameters (RFC 9106, low-memory profile)."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from gis.errors import InvalidInput

_HASHER = PasswordHasher()
MIN_LENGTH, MAX_LENGTH = 8, 128


def check_password_rules(password: str, *, username: str = "") -> None:
    """Refuse a password that is too short, too long, all one kind of character or holds the user name.

    Raises
    ------
    InvalidInput
        Saying which rule was broken.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise InvalidInput("A password has 8 to 128 characters.", pointer="password")
    kinds = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    if sum(any(kind(c) for c in password) for kind in kinds) < 2 and password.isascii():
        raise InvalidInput("Mix letters with digits or signs.", pointer="password")
    if username and username.lower() in password.lower():
        raise InvalidInput("The password must not hold the user name.", pointer="password")


def hash_password(password: str) -> str:
    """Hash a password; the result carries algorithm and parameters."""
    return _HASHER.hash(password)


def verify_password(password: str, hashed: str | None) -> bool:
    """Tell whether a password fits its hash; takes as long for an account that does not exist."""
    try:
        _HASHER.verify(hashed or _decoy(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return hashed is not None


def needs_rehash(hashed: str) -> bool:
    """Tell whether a hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(hashed)


@cache
def _decoy() -> str:
    return _HASHER.hash("nobody's password")
