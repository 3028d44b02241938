"""A reader past every policy, to compare with."""

from __future__ import annotations

from gis.database.pool import Identity
from gis.people.model import Actor, Role


class Unfiltered(Actor):
    """May what a planner may, in the name of a role that the policies do not bind."""

    __slots__ = ()

    @property
    def identity(self) -> Identity:
        """The role that owns the tables."""
        return Identity("gis_migrator")


UNFILTERED = Unfiltered(account_id=None, role=Role.PLANNER)
