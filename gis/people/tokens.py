"""Bearer tokens: how a program (QGIS, GDAL, another system) acts in a person's name.

A token never reaches further than its person does: the same role, the same rows. It may reach less far, by
scope (reading only), by collections and by kind: a phone's token only uploads. Only the SHA-256 of a secret
is kept.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gis.database.pool import Database, Identity
from gis.database.sql import load_queries
from gis.errors import Conflict, InvalidInput, NotFound
from gis.people.model import Actor, Permission, Role, TokenKind
from gis.people.service import record_audit
from gis.publish.layers import layers_of

_queries = load_queries(__file__)

_LOGIN = Identity("gis_login")
MAX_LIVE = 20
MAX_NAME = 60
DEFAULT_DAYS = 90
MAX_DAYS = 365
PREFIX = "gg_"
"""How every secret begins."""
_PREFIX_LENGTH = 9
_SECRET = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a new token is for.

    Attributes
    ----------
    collections : names of layers of `gis.publish.layers`; empty for all that the person may read.
    days : how long it lives, 1 to 365 days.
    kind : what it opens: see `gis.people.model.TokenKind`.
    """

    name: str
    may_write: bool = False
    collections: tuple[str, ...] = ()
    days: int = DEFAULT_DAYS
    kind: TokenKind = TokenKind.PROGRAM

    def __post_init__(self) -> None:
        if not 1 <= len(self.name.strip()) <= MAX_NAME or not self.name.isprintable():
            raise InvalidInput("A token's name has 1 to 60 signs on one line.", pointer="name")
        if not 1 <= self.days <= MAX_DAYS:
            raise InvalidInput("A token lives 1 to 365 days.", pointer="days")


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made; `secret` is told only here."""

    api_token_id: int
    secret: str
    name: str
    expires_at: datetime


def create_token(db: Database, actor: Actor, request: TokenRequest) -> NewToken:
    """Make a token for the actor, who must be signed in as a person.

    Raises
    ------
    InvalidInput
        A collection that does not exist or is not for the actor's role.
    Conflict
        The actor has `MAX_LIVE` tokens that work already.
    """
    actor.require_session()
    allowed = {layer.name for layer in layers_of(actor)}
    chosen = sorted(set(request.collections))
    if not allowed.issuperset(chosen):
        raise InvalidInput("There is no such collection.", pointer="collections")
    secret = f"{PREFIX}{secrets.token_urlsafe(32)}"
    with db.transaction(actor.identity) as connection:
        _queries.lock_account(connection, account_id=actor.account_id)
        if _queries.live_tokens(connection, account_id=actor.account_id) >= MAX_LIVE:
            raise Conflict("You have 20 tokens already; revoke one first.")
        row = _queries.insert_token(
            connection,
            token_sha256=_digest(secret),
            prefix=secret[:_PREFIX_LENGTH],
            account_id=actor.account_id,
            name=request.name.strip(),
            kind=request.kind.value,
            may_write=request.may_write,
            collections=chosen or None,
            lifetime=timedelta(days=request.days),
        )
        record_audit(
            connection,
            actor.account_id,
            "api_token.create",
            str(row.api_token_id),
            kind=request.kind.value,
            may_write=request.may_write,
            collections=chosen or None,
            days=request.days,
        )
    return NewToken(row.api_token_id, secret, request.name.strip(), row.expires_at)


def create_device_token(db: Database, actor: Actor, name: str) -> NewToken:
    """Make a token with which a phone goes on uploading when the session has ended; as `create_token`."""
    actor.require(Permission.LOG_PATROL)
    return create_token(db, actor, TokenRequest(name, may_write=True, days=MAX_DAYS, kind=TokenKind.DEVICE))


def own_tokens(db: Database, actor: Actor) -> list[Any]:
    """List the actor's tokens, live ones first; ended ones stay in the list for a month."""
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(_queries.tokens_of(connection, account_id=actor.account_id))


def tokens_of(db: Database, actor: Actor, account_id: int) -> list[Any]:
    """List a person's tokens, for the administrator."""
    actor.require(Permission.MANAGE_PEOPLE)
    with db.transaction(actor.identity, read_only=True) as connection:
        return list(_queries.tokens_of(connection, account_id=account_id))


def revoke_token(db: Database, actor: Actor, api_token_id: int, *, account_id: int | None = None) -> None:
    """Revoke one token at once: the actor's own, or as administrator that of another account.

    Raises
    ------
    NotFound
        There is no such token, it is another person's, or it was revoked before.
    """
    actor.require_session()
    owner = actor.account_id if account_id is None else account_id
    if owner != actor.account_id:
        actor.require(Permission.MANAGE_PEOPLE)
    with db.transaction(actor.identity) as connection:
        row = _queries.revoke_token(connection, api_token_id=api_token_id, account_id=owner)
        if row is None:
            raise NotFound
        record_audit(connection, actor.account_id, "api_token.revoke", str(api_token_id), account=owner)


def resume_token(db: Database, secret: str) -> Actor | None:
    """Find the actor of a token; None if it is unknown, expired or revoked, or its account is closed."""
    if not _SECRET.fullmatch(secret):
        return None
    with db.transaction(_LOGIN) as connection:
        row = _queries.find_token(connection, token_sha256=_digest(secret))
        if row is None:
            return None
        if row.is_stale:
            _queries.touch_token(connection, api_token_id=row.api_token_id)
    return Actor(
        account_id=row.account_id,
        role=Role(row.role),
        name=row.full_name,
        username=row.username,
        locale=row.locale,
        token_id=row.api_token_id,
        token_kind=TokenKind(row.kind),
        may_write=row.may_write,
        collections=None if row.collections is None else frozenset(row.collections),
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
