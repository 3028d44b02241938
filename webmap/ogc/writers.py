"""Which layers can be written through the standard, by whom, and which service does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from gis.database.pool import Database
from gis.errors import Conflict, InvalidInput
from gis.facility import service as facilities
from gis.incident import service as incidents
from gis.incident.model import IncidentReport
from gis.patrol import land
from gis.patrol import service as patrol
from gis.patrol.model import Outcome, Receipt
from gis.people.model import Actor, Permission
from gis.publish.draft import Draft, unknown_member
from gis.publish.versions import Expected, Version, seen


class Create(Protocol):
    """Stores a feature."""

    def __call__(
        self, db: Database, actor: Actor, draft: Draft, /, *, request_id: str
    ) -> tuple[Version, bool]:
        """Give its state, and whether it is new."""


class Store(Protocol):
    """Stores a feature that was not there."""

    def __call__(self, db: Database, actor: Actor, draft: Draft, /, *, request_id: str) -> Version:
        """Give its state."""


class Change(Protocol):
    """Replaces or patches a feature."""

    def __call__(
        self,
        db: Database,
        actor: Actor,
        feature_id: int,
        draft: Draft,
        /,
        *,
        expected: Expected,
        request_id: str,
    ) -> Version:
        """Give its new state, if it was in an expected one."""


class Remove(Protocol):
    """Removes a feature."""

    def __call__(
        self, db: Database, actor: Actor, feature_id: int, /, *, expected: Expected, request_id: str
    ) -> None:
        """Remove it, if it is in an expected state."""


@dataclass(frozen=True, slots=True)
class Writer:
    """What can be done to a layer's features by whoever has the permission."""

    permission: Permission
    create: Create
    change: Change | None = None
    remove: Remove | None = None

    @property
    def methods(self) -> tuple[str, ...]:
        """The HTTP methods that stand for it."""
        change = ("PUT", "PATCH") if self.change else ()
        return ("POST", *change, *(("DELETE",) if self.remove else ()))


def _report(db: Database, actor: Actor, draft: Draft, *, request_id: str) -> tuple[Version, bool]:
    with _faults_in_properties():
        reported = incidents.report_incident(db, actor, IncidentReport.read(draft), request_id=request_id)
    return seen(db, actor, "incident", reported.incident_id), reported.is_new


def _log_point(db: Database, actor: Actor, draft: Draft, *, request_id: str) -> tuple[Version, bool]:
    receipt, feature_id = log_points(db, actor, [draft], request_id=request_id)[0]
    if receipt.outcome is Outcome.REJECTED:
        raise InvalidInput(
            receipt.detail or "The point is not valid.",
            pointer=f"/properties/{receipt.pointer or 'client_id'}",
            code=receipt.code or "invalid",
        )
    if feature_id is None:
        raise Conflict("Another point is stored under this client_id.", code="id-taken")
    return seen(db, actor, "patrol_point", feature_id), receipt.outcome is Outcome.CREATED


_POINT_MEMBERS = frozenset({"client_id", "device_at", "kind", "note", "accuracy_m", "sequence"})


def log_points(
    db: Database, actor: Actor, drafts: list[Draft], *, request_id: str
) -> list[tuple[Receipt, int | None]]:
    """Log patrol points; each is answered by its receipt and the id of what is stored."""
    raw = []
    for draft in drafts:
        for name in draft.properties:
            if name not in _POINT_MEMBERS:
                raise unknown_member(name)
        lon, lat = draft.position()
        raw.append({**draft.properties, "lon": lon, "lat": lat})
    receipts = patrol.log_points(db, actor, raw, request_id=request_id)
    stored = [r.client_id for r in receipts if r.outcome in (Outcome.CREATED, Outcome.DUPLICATE)]
    ids = patrol.point_ids(db, actor, stored)
    return [
        (receipt, ids.get(receipt.client_id) if receipt.client_id in stored else None) for receipt in receipts
    ]


def _always_new(service: Store) -> Create:
    """A service that stores something new or refuses, as a `Create`."""

    def create(db: Database, actor: Actor, draft: Draft, /, *, request_id: str) -> tuple[Version, bool]:
        return service(db, actor, draft, request_id=request_id), True

    return create


WRITERS: Mapping[str, Writer] = MappingProxyType(
    {
        "incident": Writer(
            Permission.REPORT_INCIDENT, _report, incidents.change_incident, incidents.void_incident
        ),
        "patrol_point": Writer(Permission.LOG_PATROL, _log_point),
        "facility": Writer(
            Permission.MANAGE_FACILITIES,
            _always_new(facilities.create_facility),
            facilities.change_facility,
            facilities.delete_facility,
        ),
        "parcel": Writer(
            Permission.MANAGE_LAND, _always_new(land.create_parcel), land.change_parcel, land.delete_parcel
        ),
        "check_point": Writer(
            Permission.MANAGE_LAND,
            _always_new(land.create_check_point),
            land.change_check_point,
            land.delete_check_point,
        ),
    }
)


def allowed_methods(actor: Actor, layer: str) -> tuple[str, ...]:
    """Methods by which an actor may write a layer: POST for its features, PUT, PATCH and DELETE for one."""
    writer = WRITERS.get(layer)
    return writer.methods if writer is not None and actor.may(writer.permission) else ()


@contextmanager
def _faults_in_properties() -> Iterator[None]:
    """Name a member by its place in the feature, as every other fault is named."""
    try:
        yield
    except InvalidInput as error:
        pointer = error.pointer or ""
        if not pointer or pointer.startswith("/"):
            raise
        raise InvalidInput(error.message, pointer=f"/properties/{pointer}", code=error.code) from error
