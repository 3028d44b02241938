"""Officers, patrol teams and the six demo accounts that can sign in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from gis.demo import names
from gis.demo.chance import Ints
from gis.demo.ground import PLANE, Ground, Setting

Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demo that can sign in; `hint` says what to try first."""

    username: str
    role: str
    full_name: str
    hint: str


ACCOUNTS = (
    DemoAccount(
        "officer1",
        "officer",
        "张演示甲",
        "your three cells, what is overdue there; report an incident on a cell map",
    ),
    DemoAccount(
        "patrol1", "patrol", "李演示乙", "/field: log a patrol point; the parcels and tracks of your team"
    ),
    DemoAccount(
        "dispatcher1",
        "dispatcher",
        "王演示丙",
        "open incidents of the whole district, and who is responsible where",
    ),
    DemoAccount(
        "planner1",
        "planner",
        "陈演示丁",
        "/planner: patrols, services, hot spots, workload; any of it as a run or a PDF",
    ),
    DemoAccount("auditor1", "auditor", "刘演示戊", "/admin/audit: who read or changed what"),
    DemoAccount("admin1", "admin", "黄演示己", "/admin/people: accounts, cells and teams"),
)
_MORE = (("dispatcher2", "dispatcher"), ("dispatcher3", "dispatcher"), ("planner2", "planner"))


@dataclass(frozen=True)
class Staff:
    """Accounts as columns, and who does what as row numbers into them.

    `primary` is the officer of each cell; `deputies` are pairs (account, cell). `members` holds the
    accounts of each team; `team_communities` its communities, empty for a team that has parcels only.
    """

    columns: Columns
    primary: Ints
    deputies: list[tuple[int, int]]
    members: list[list[int]]
    team_communities: list[list[int]]

    @property
    def count(self) -> int:
        """Number of accounts."""
        return len(self.columns["username"])


def make_staff(rng: np.random.Generator, setting: Setting) -> Staff:
    """Make one officer per cell, a leader per community who is deputy there, and patrol teams.

    officer1 has three neighbouring cells of the largest community and is deputy of a fourth; patrol1
    leads the first team, which patrols that community.
    """
    ground, scale = setting.ground, setting.scale
    home = int(np.argmax([len(cells) for cells in ground.of_community]))
    rows: list[tuple[str, str, str]] = [(a.username, a.role, a.full_name) for a in ACCOUNTS]
    rows += [
        (username, role, name) for (username, role), name in zip(_MORE, names.people(rng, 3), strict=True)
    ]
    mine = _neighbours(ground, home)
    primary = np.zeros(len(ground.cell_id), np.int64)
    others = np.setdiff1d(np.arange(len(primary)), mine[:3])
    primary[others] = len(rows) + np.arange(len(others))
    rows += [
        (f"officer{n:04d}", "officer", name) for n, name in enumerate(names.people(rng, len(others)), start=2)
    ]
    deputies = [(0, int(mine[3]))] if len(mine) > 3 else []
    for community, name in enumerate(names.people(rng, len(ground.of_community))):
        deputies += [(len(rows), int(cell)) for cell in ground.of_community[community]]
        rows.append((f"leader{community + 1:02d}", "officer", name))
    areas = _areas(ground, scale.teams, home)
    members: list[list[int]] = []
    for team in range(len(areas)):
        crew = [1] if team == 0 else []
        for number, name in enumerate(names.people(rng, scale.members_per_team - len(crew)), start=1):
            crew.append(len(rows))
            rows.append((f"patrol{team + 1:02d}{number:02d}", "patrol", name))
        members.append(crew)
    columns = {
        "username": [row[0] for row in rows],
        "full_name": [row[2] for row in rows],
        "role": [row[1] for row in rows],
        "phone": names.phones("1390000", np.arange(len(rows))),
        "is_demo": np.ones(len(rows), bool),
        "created_at": np.full(len(rows), np.datetime64(setting.today - timedelta(days=400), "us")),
    }
    return Staff(columns, primary, deputies, members, areas)


def _neighbours(ground: Ground, community: int) -> Ints:
    """The first cell of a community and those nearest to it, four at most."""
    cells = ground.of_community[community]
    places = PLANE.to_metres(ground.inner[cells])
    nearest: Ints = cells[np.argsort(np.hypot(*(places - places[0]).T), kind="stable")[:4]]
    return nearest


def _areas(ground: Ground, teams: int, home: int) -> list[list[int]]:
    """Communities of each team, neighbours together; one team in five gets single parcels instead.

    The first team has the home community.
    """
    count = len(ground.of_community)
    places = np.array([PLANE.to_metres(ground.inner[cells]).mean(axis=0) for cells in ground.of_community])
    settled = max(1, min(count, teams - teams // 5))
    rest = [home, *(k for k in range(count) if k != home)]
    areas: list[list[int]] = []
    for team in range(settled):
        first = rest.pop(0)
        share = round((len(rest) + 1) / (settled - team))
        rest.sort(key=lambda k: (float(np.hypot(*(places[k] - places[first]))), k))
        areas.append([first, *rest[: share - 1]])
        rest = rest[share - 1 :]
    return areas + [[] for _ in range(teams - settled)]


def assignment_columns(staff: Staff, account_ids: Ints, cell_ids: Ints, today: date) -> Columns:
    """Primary officer of every cell and the deputies, since the year before last."""
    cells = np.r_[np.arange(len(staff.primary)), [cell for _, cell in staff.deputies]].astype(np.int64)
    accounts = np.r_[staff.primary, [account for account, _ in staff.deputies]].astype(np.int64)
    return {
        "account_id": account_ids[accounts],
        "cell_id": cell_ids[cells],
        "duty": ["primary"] * len(staff.primary) + ["deputy"] * len(staff.deputies),
        "valid_from": np.full(len(cells), np.datetime64(date(today.year - 1, 1, 1))),
        "reason": ["演示"] * len(cells),
    }


def team_columns(staff: Staff) -> Columns:
    """Teams by number."""
    count = len(staff.members)
    return {
        "code": [f"T{number:02d}" for number in range(1, count + 1)],
        "name_zh": [f"演示国土看护{names.lane(number).removeprefix('演示')}队" for number in range(count)],
    }


def member_columns(staff: Staff, account_ids: Ints, team_ids: Ints, today: date) -> Columns:
    """Members of every team; the first leads."""
    rows = [(team, who, n == 0) for team, crew in enumerate(staff.members) for n, who in enumerate(crew)]
    return {
        "team_id": team_ids[[team for team, _, _ in rows]],
        "account_id": account_ids[[who for _, who, _ in rows]],
        "is_leader": np.array([leads for _, _, leads in rows]),
        "valid_from": np.full(len(rows), np.datetime64(date(today.year - 1, 1, 1))),
    }
