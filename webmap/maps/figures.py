"""The figures a map can be coloured by, in the reader's language and as far as the role may see them."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext

from gis.people.model import Actor, Permission
from gis.publish.model import FigureName

_LABELS: dict[FigureName, LazyString] = {
    FigureName.OPEN_INCIDENTS: lazy_gettext("Open incidents"),
    FigureName.RENTAL_UNITS: lazy_gettext("Rental units"),
    FigureName.OVERDUE_UNITS: lazy_gettext("Units overdue for a visit"),
    FigureName.PATROL_COVERAGE: lazy_gettext("Patrol coverage"),
    FigureName.DAYS_SINCE_PATROL: lazy_gettext("Days since the last patrol"),
}
_HOUSING = frozenset({FigureName.RENTAL_UNITS, FigureName.OVERDUE_UNITS})


@dataclass(frozen=True, slots=True)
class Choice:
    """A figure by its id and its name for the reader."""

    id: str
    label: str


def figures_for(actor: Actor, *, past: bool = False) -> tuple[Choice, ...]:
    """Return the figures the actor's role may see, in their usual order; of a past day, no housing."""
    return tuple(
        Choice(name.value, str(label))
        for name, label in _LABELS.items()
        if name not in _HOUSING or (actor.may(Permission.SEE_HOUSING) and not past)
    )


def chosen_figure(figures: tuple[Choice, ...], asked: str | None) -> str:
    """Return the figure asked for, or the first one where it is none of them."""
    known = [choice.id for choice in figures]
    return asked if asked in known else known[0]
