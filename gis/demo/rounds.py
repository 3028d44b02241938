"""Plans of the teams, the rounds they walked with the check points they passed, and the rounds to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, time
from typing import Any

import numpy as np

from gis.demo.chance import Ints, category, rank_within
from gis.demo.ground import Setting
from gis.demo.land import CheckPoints, Parcels, TeamAreas
from gis.demo.patrol import Columns, Ids, Patrols
from gis.demo.routes import FIX_EVERY_S, Walks
from gis.patrol.plans import DAYS_AHEAD, EVERY_DAY, Rhythm, Slot, Window, slots

_UTC = np.timedelta64(8, "h")
_PLANS_A_TEAM = 4
_MOST_POINTS = 20
_STATES = ("done", "partly_done", "missed", "planned")
# By level of the parcel: rounds, per, windows.
_RHYTHMS = (
    (2, "day", (Window(time(7, 30), time(10, 30)), Window(time(14), time(17)))),
    (1, "day", (Window(time(8), time(11, 30)),)),
    (2, "week", (Window(time(14), time(18)),)),
)


@dataclass(frozen=True)
class Plan:
    """A plan of a team for one parcel; `points` are row numbers of check points in their order."""

    team: int
    parcel: int
    community_id: int
    name: str
    is_ordered: bool
    rhythm: Rhythm
    points: Ints


@dataclass(frozen=True)
class Coming:
    """A round to come: its plan's number and its slot."""

    plan: int
    slot: Slot


def make_plans(setting: Setting, parcels: Parcels, check_points: CheckPoints, areas: TeamAreas) -> list[Plan]:
    """A plan for each of the first parcels of every team, as often as the parcel's level wants."""
    home = setting.ground.ids(parcels.cell)["community_id"]
    plans = []
    for team, walked in enumerate(areas.parcels):
        for parcel in walked[:_PLANS_A_TEAM].tolist():
            rounds, per, windows = _RHYTHMS[parcels.level[parcel]]
            rhythm = Rhythm(EVERY_DAY, rounds, per, windows, setting.today)
            points = np.flatnonzero(check_points.parcel == parcel)[:_MOST_POINTS]
            name = f"{parcels.columns['name_zh'][parcel]}巡查"
            is_ordered = bool(parcels.level[parcel] == 0)
            plans.append(Plan(team, parcel, int(home[parcel]), name, is_ordered, rhythm, points))
    return plans


def plan_values(plans: list[Plan], ids: Ids) -> dict[str, list[Any]]:
    """Columns of the plans for a statement that takes arrays."""
    return {
        "names": [plan.name for plan in plans],
        "teams": [int(ids.team[plan.team]) for plan in plans],
        "parcels": [int(ids.parcel[plan.parcel]) for plan in plans],
        "are_ordered": [plan.is_ordered for plan in plans],
        "rounds": [plan.rhythm.rounds for plan in plans],
        "pers": [plan.rhythm.per for plan in plans],
        # Arrays of one length only could be told as one array: as text they go one by one.
        "starts": [_times(window.first for window in plan.rhythm.windows) for plan in plans],
        "ends": [_times(window.last for window in plan.rhythm.windows) for plan in plans],
    }


def _times(times: Any) -> str:
    return "{" + ",".join(at.isoformat() for at in times) + "}"


def plan_point_columns(plans: list[Plan], plan_ids: Ints, ids: Ids) -> Columns:
    """The check points of each plan, numbered from 1."""
    of_plan = np.repeat(np.arange(len(plans)), [len(plan.points) for plan in plans])
    points = np.concatenate([plan.points for plan in plans]) if plans else np.zeros(0, np.int64)
    return {
        "patrol_plan_id": plan_ids[of_plan],
        "position": rank_within(of_plan) + 1,
        "check_point_id": ids.check_point[points],
    }


def coming_rounds(setting: Setting, plans: list[Plan]) -> list[Coming]:
    """The rounds of today and the days after it."""
    return [
        Coming(number, slot)
        for number, plan in enumerate(plans)
        for slot in slots(plan.rhythm, setting.today, DAYS_AHEAD)
    ]


def missed_walks(rng: np.random.Generator, walks: Walks) -> Ints:
    """Walks that have a twin nobody walked, by row number."""
    return rng.choice(len(walks.team), max(1, len(walks.team) // 16), replace=False)


@dataclass(frozen=True)
class Planned:
    """The plans with the keys the database gave them, the rounds they make, and walks with a missed twin."""

    plans: list[Plan]
    ids: Ints
    coming: list[Coming]
    missed: Ints


def round_columns(setting: Setting, patrols: Patrols, planned: Planned, ids: Ids) -> Columns:
    """A round for every walk, some that were missed, and those of the coming days, in this order.

    A round is done when every check point of its parcel was visited.
    """
    walks, routes, fixes = patrols.walks, patrols.routes, patrols.fixes
    missed, count = planned.missed, len(planned.missed)
    past = np.r_[np.arange(len(walks.team)), missed]
    plans, coming = planned.plans, planned.coming
    team = np.r_[walks.team[past], [plans[each.plan].team for each in coming]].astype(np.int64)
    parcel = np.r_[routes.parcel[past], [plans[each.plan].parcel for each in coming]].astype(np.int64)
    hour = walks.start.astype("M8[h]").astype("M8[s]")
    planned_from = np.r_[hour, hour[missed] + np.timedelta64(1, "h")] - _UTC
    none = np.full(count + len(coming), np.datetime64("NaT"))
    own = ids.parcel[parcel]
    home = setting.ground.communities.community_id[walks.community[past]]
    return {
        "patrol_round_id": ids.patrol_round,
        "patrol_plan_id": np.ma.masked_array(
            np.r_[np.zeros(len(past)), [planned.ids[each.plan] for each in coming]].astype(np.int64),
            np.arange(len(team)) < len(past),
        ),
        "number": np.r_[np.ones(len(past)), [each.slot.number for each in coming]].astype(np.int64),
        "is_ordered": np.r_[np.zeros(len(past)), [plans[each.plan].is_ordered for each in coming]].astype(
            bool
        ),
        "team_id": ids.team[team],
        "parcel_id": np.ma.masked_array(own, parcel < 0),
        "community_id": np.r_[home, [plans[each.plan].community_id for each in coming]].astype(np.int64),
        "planned_from": np.r_[planned_from, _moments(each.slot.planned_from for each in coming)],
        "planned_to": np.r_[
            planned_from + np.timedelta64(6, "h"), _moments(each.slot.planned_to for each in coming)
        ],
        "started_at": np.r_[fixes.at[np.cumsum(walks.fixes) - walks.fixes], none],
        "ended_at": np.r_[fixes.at[np.cumsum(walks.fixes) - 1], none],
        "state": category(
            np.r_[np.where(_is_done(patrols), 0, 1), np.full(count, 2), np.full(len(coming), 3)], _STATES
        ),
    }


def _moments(times: Any) -> Any:
    return np.array([np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "s") for at in times], "M8[s]")


def _visits(patrols: Patrols) -> tuple[Ints, Ints, Ints, Ints]:
    """Walk, check point, first fix and number of fixes of each visit of a point of the walk's parcel."""
    fixes, points = patrols.fixes, patrols.check_points
    at = np.flatnonzero(fixes.check_point >= 0)
    at = at[points.parcel[fixes.check_point[at]] == patrols.routes.parcel[fixes.walk[at]]]
    pair = fixes.walk[at] * len(points.parcel) + fixes.check_point[at]
    seen, first, number = np.unique(pair, return_index=True, return_counts=True)
    return seen // len(points.parcel), seen % len(points.parcel), at[first], number


def _is_done(patrols: Patrols) -> Any:
    walk, _, _, _ = _visits(patrols)
    parcel = patrols.routes.parcel
    visited = np.bincount(walk, minlength=len(parcel))
    wanted = np.bincount(patrols.check_points.parcel, minlength=int(parcel.max(initial=0)) + 1)[parcel]
    return (parcel < 0) | (visited >= wanted)


def round_point_columns(patrols: Patrols, planned: Planned, ids: Ids) -> Columns:
    """The check points of every round; of the past ones those of the parcel, visited at the first fix there.

    Fixes are half a minute apart, so a stay of half a minute is what the past rounds asked for.
    """
    past = _past_points(patrols, planned.missed, ids)
    plans = planned.plans
    first_coming = len(ids.patrol_round) - len(planned.coming)
    groups = [plans[each.plan].points for each in planned.coming]
    of_round = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    point = np.concatenate(groups) if groups else np.zeros(0, np.int64)
    none = np.zeros(len(point), np.int64)
    columns: Columns = {
        "patrol_round_id": np.r_[past["round"], ids.patrol_round[first_coming + of_round]],
        "position": np.r_[past["position"], rank_within(of_round) + 1],
        "check_point_id": ids.check_point[np.r_[past["point"], point]],
        "radius_m": patrols.check_points.radius_m[np.r_[past["point"], point]],
        "dwell_s": np.r_[np.full(len(past["point"]), FIX_EVERY_S), none + 60],
        "visited_at": np.r_[past["visited_at"], np.full(len(point), np.datetime64("NaT"))],
    }
    is_visited = ~np.isnat(columns["visited_at"])
    stay = np.r_[past["fixes"] * FIX_EVERY_S, none]
    return {
        **columns,
        "dwell_s_done": np.ma.masked_array(stay, ~is_visited),
        "visited_by": category(np.where(is_visited, 0, -1), ("pass",)),
        "grade": category(np.where(is_visited, 0, -1), ("A",)),
    }


def _past_points(patrols: Patrols, missed: Ints, ids: Ids) -> dict[str, Any]:
    """Rounds walked or missed, each with the check points of its parcel and what was seen of them."""
    parcel_of_point = patrols.check_points.parcel
    parcel = np.r_[patrols.routes.parcel, patrols.routes.parcel[missed]]
    by_parcel = np.argsort(parcel_of_point, kind="stable")
    sizes = np.bincount(parcel_of_point, minlength=len(ids.parcel))
    starts = np.cumsum(sizes) - sizes
    with_points = np.flatnonzero(parcel >= 0)
    row = np.repeat(with_points, sizes[parcel[with_points]])
    position = rank_within(row)
    point = by_parcel[starts[parcel[row]] + position]
    # Visits are ordered by walk and point; a missed round is the row of no walk.
    walk, seen_point, first, count = _visits(patrols)
    seen = np.r_[walk * len(parcel_of_point) + seen_point, -1]
    wanted = row * len(parcel_of_point) + point
    place = np.searchsorted(seen[:-1], wanted)
    hit = seen[place] == wanted
    visited_at = np.full(len(row), np.datetime64("NaT"), "M8[s]")
    visited_at[hit] = patrols.fixes.at[first[place[hit]]].astype("M8[s]")
    fixes = np.zeros(len(row), np.int64)
    fixes[hit] = count[place[hit]]
    return {
        "round": ids.patrol_round[row],
        "position": position + 1,
        "point": point,
        "visited_at": visited_at,
        "fixes": fixes,
    }
