"""Who acts, and what a role may do. Rules only, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from gis.database.pool import Identity
from gis.errors import Forbidden, OutOfScope


class Role(StrEnum):
    """The six roles and nobody."""

    OFFICER = "officer"
    PATROL = "patrol"
    DISPATCHER = "dispatcher"
    PLANNER = "planner"
    AUDITOR = "auditor"
    ADMIN = "admin"
    ANONYMOUS = "anonymous"


DISTRICT_ROLES = frozenset({Role.DISPATCHER, Role.PLANNER, Role.AUDITOR, Role.ADMIN})
"""Roles that see the rows of the whole district; their row policies are plainly true."""


_DB_ROLES = {role: f"gis_{role.value}" for role in Role} | {Role.ANONYMOUS: "gis_anon"}


class TokenKind(StrEnum):
    """What a token is for: a program the API, a phone only its uploads, a tracker only its positions."""

    PROGRAM = "program"
    DEVICE = "device"
    TRACKER = "tracker"


UPLOADERS = frozenset({TokenKind.DEVICE, TokenKind.TRACKER})
"""Kinds of tokens that read nothing."""


class Permission(StrEnum):
    """What a page or an operation asks for. What rows it then sees is the database's business."""

    SEE_MAPS = "see_maps"
    SEE_HOUSING = "see_housing"
    SEE_TRACKS = "see_tracks"
    REPORT_INCIDENT = "report_incident"
    LOG_PATROL = "log_patrol"
    MANAGE_FACILITIES = "manage_facilities"
    MANAGE_LAND = "manage_land"
    SEE_ROUNDS = "see_rounds"
    WALK_ROUNDS = "walk_rounds"
    PLAN_ROUNDS = "plan_rounds"
    DECIDE_EXCUSES = "decide_excuses"
    EXPORT_ROUNDS = "export_rounds"
    SEE_COVERAGE = "see_coverage"
    RUN_COVERAGE = "run_coverage"
    MANAGE_PEOPLE = "manage_people"
    SEE_IMPORTS = "see_imports"
    READ_AUDIT = "read_audit"
    MANAGE_PUBLICATION = "manage_publication"
    MANAGE_QUARANTINE = "manage_quarantine"
    TAKE_IN_RESCUED = "take_in_rescued"
    SEE_JOBS = "see_jobs"
    MANAGE_CALENDAR = "manage_calendar"
    SEE_FINDINGS = "see_findings"
    HANDLE_FINDINGS = "handle_findings"


_EVERYBODY = frozenset(Role) - {Role.ANONYMOUS}

PERMISSIONS: dict[Permission, frozenset[Role]] = {
    Permission.SEE_MAPS: _EVERYBODY,
    Permission.SEE_HOUSING: _EVERYBODY - {Role.PATROL},
    Permission.SEE_TRACKS: _EVERYBODY - {Role.ADMIN},
    Permission.REPORT_INCIDENT: frozenset({Role.OFFICER, Role.PATROL, Role.DISPATCHER}),
    Permission.LOG_PATROL: frozenset({Role.PATROL, Role.OFFICER}),
    Permission.MANAGE_FACILITIES: frozenset({Role.PLANNER, Role.ADMIN}),
    Permission.MANAGE_LAND: frozenset({Role.PLANNER, Role.ADMIN}),
    Permission.SEE_ROUNDS: _EVERYBODY - {Role.OFFICER},
    Permission.WALK_ROUNDS: frozenset({Role.PATROL}),
    Permission.PLAN_ROUNDS: frozenset({Role.PLANNER, Role.ADMIN}),
    Permission.DECIDE_EXCUSES: frozenset({Role.DISPATCHER, Role.PLANNER}),
    # Of a patrol only who leads a team: gis.monthly asks the database.
    Permission.EXPORT_ROUNDS: DISTRICT_ROLES | {Role.PATROL},
    Permission.SEE_COVERAGE: frozenset({Role.PLANNER, Role.DISPATCHER, Role.AUDITOR}),
    Permission.RUN_COVERAGE: frozenset({Role.PLANNER}),
    Permission.MANAGE_PEOPLE: frozenset({Role.ADMIN}),
    Permission.SEE_IMPORTS: frozenset({Role.ADMIN, Role.AUDITOR}),
    Permission.READ_AUDIT: frozenset({Role.AUDITOR}),
    Permission.MANAGE_PUBLICATION: frozenset({Role.ADMIN}),
    Permission.MANAGE_QUARANTINE: frozenset({Role.ADMIN}),
    Permission.TAKE_IN_RESCUED: frozenset({Role.ADMIN}),
    Permission.SEE_JOBS: frozenset({Role.ADMIN}),
    Permission.MANAGE_CALENDAR: frozenset({Role.ADMIN}),
    Permission.SEE_FINDINGS: DISTRICT_ROLES,
    Permission.HANDLE_FINDINGS: frozenset({Role.DISPATCHER}),
}


@lru_cache(4096)
def _identity(role: Role, account_id: int | None, may_write: bool) -> Identity:
    return Identity(_DB_ROLES[role], account_id, read_only=not may_write)


@dataclass(frozen=True, slots=True)
class Actor:
    """The person in whose name a transaction runs.

    Attributes
    ----------
    token_id : the token a program acts by; None where a person is signed in.
    token_kind : what that token is for.
    may_write : False for a token that only reads: the database then refuses every write.
    collections : the only layers a token opens; None for all that the role may ask for.
    """

    account_id: int | None
    role: Role
    name: str = ""
    username: str = ""
    locale: str = "zh"
    session_id: int | None = None
    must_change_password: bool = False
    token_id: int | None = None
    token_kind: TokenKind | None = None
    may_write: bool = True
    collections: frozenset[str] | None = None

    @property
    def identity(self) -> Identity:
        """The database role and account of this actor."""
        return _identity(self.role, self.account_id, self.may_write)

    def reaches(self, collection: str) -> bool:
        """Tell whether a token limited to some collections opens this one."""
        return self.collections is None or collection in self.collections

    @property
    def sees_district(self) -> bool:
        """Whether every row of the district is this actor's to see."""
        return self.role in DISTRICT_ROLES

    def may(self, permission: Permission) -> bool:
        """Tell whether the role has a permission."""
        return self.role in PERMISSIONS[permission]

    def require(self, permission: Permission) -> None:
        """Raise `Forbidden` unless the role has a permission."""
        if not self.may(permission):
            raise Forbidden

    def require_session(self) -> None:
        """Raise `OutOfScope` unless a person is signed in: tokens do not manage tokens."""
        if self.token_id is not None:
            raise OutOfScope


ANONYMOUS = Actor(account_id=None, role=Role.ANONYMOUS)
