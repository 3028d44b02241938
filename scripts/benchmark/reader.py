"""A reader past every policy, to compare with."""

from __future__ import annotations

from gis.database.pool import Identity
from gis.people.model import Actor, Role


class Unfiltered(Actor):
    """May what its role may and is asked for as that role is, in the name of one that no policy binds."""

    __slots__ = ()

    @property
    def identity(self) -> Identity:
        """The role that owns the tables."""
        return Identity("gis_migrator")


UNFILTERED = Unfiltered(account_id=None, role=Role.PLANNER)
"""Asks as those do who see the whole district."""


def unfiltered_as(actor: Actor) -> Unfiltered:
    """Asks with the very statements of another reader."""
    return Unfiltered(account_id=actor.account_id, role=actor.role)
