"""What events make of a round, against a model that reads them one by one, and the clock's part in SQL."""

from __future__ import annotations

import datetime as dt
import itertools
from uuid import UUID

import psycopg2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.patrol.rounds import STEPS, Course, Event, Kind, Point, State, Way, course_of, in_order
from gis.zone import ZONE

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=ZONE)
PHONES = [UUID(int=1), UUID(int=2)]
POINTS = [Point(1, 60), Point(2, 0), Point(3, 60)]


def at(minutes: float) -> dt.datetime:
    return NOON + dt.timedelta(minutes=minutes)


def event(kind: Kind, minutes: float, sequence: int, **more) -> Event:
    return Event(kind, at(minutes), sequence, **more)


def visit(point: int, minutes: float, sequence: int, *, dwell: int | None = 90, by: Way = Way.PASS) -> Event:
    return event(Kind.VISIT, minutes, sequence, check_point_id=point, visited_by=by, dwell_s=dwell)


@st.composite
def days_of_a_phone(draw, phone: UUID) -> list[Event]:
    """What one phone told, in its own order; its clock never runs backwards here."""
    told = []
    minute = 0.0
    for sequence in range(draw(st.integers(0, 7))):
        minute += draw(st.floats(0.1, 30))
        kind = draw(st.sampled_from(list(Kind)))
        if kind is Kind.VISIT:
            made = visit(
                draw(st.sampled_from([1, 2, 3, 9])),
                minute,
                sequence,
                dwell=draw(st.sampled_from([None, 0, 59, 60, 200])),
                by=draw(st.sampled_from(list(Way))),
            )
        else:
            made = event(kind, minute, sequence)
        told.append(Event(**{name: getattr(made, name) for name in made.__slots__} | {"device_id": phone}))
    return told


days = st.tuples(*(days_of_a_phone(phone) for phone in PHONES)).map(lambda parts: [*parts[0], *parts[1]])


def sees(one: Event) -> bool:
    needs = {1: 60, 2: 0, 3: 60}.get(one.check_point_id)
    return needs is not None and (one.visited_by is not Way.PASS or (one.dwell_s or 0) >= needs)


def stand_after(stand: str, kind: Kind) -> str:
    if kind is Kind.END:
        return "ended"
    if kind is Kind.PAUSE:
        return stand if stand == "ended" else "paused"
    if kind is Kind.VISIT:
        return stand if stand in ("ended", "paused") else "walking"
    return "walking"


def model(told: list[Event]) -> tuple[State, set[int], dt.datetime | None]:
    """The round as somebody would keep it on paper, event by event in the order of time."""
    stand = "waiting"
    ordered = sorted(told, key=lambda e: (e.at, str(e.device_id)))
    for one in ordered:
        stand = stand_after(stand, one.kind)
    seen = {one.check_point_id for one in ordered if one.kind is Kind.VISIT and sees(one)}
    names = {"waiting": "planned", "walking": "started", "paused": "paused", "ended": "partly_done"}
    state = State.DONE if seen == {1, 2, 3} else State(names[stand])
    return state, seen, ordered[0].at if ordered else None


def visited(course: Course) -> set[int]:
    return {one.check_point_id for one in course.visits if one.first}


@settings(max_examples=300, deadline=None)
@given(days)
def test_a_round_is_what_its_events_in_the_order_of_time_make_it(told):
    course = course_of(told, POINTS)
    assert (course.state, visited(course), course.started_at) == model(told)


@settings(max_examples=200, deadline=None)
@given(days, st.randoms(use_true_random=False))
def test_the_order_of_arrival_makes_no_difference(told, random):
    shuffled = list(told)
    random.shuffle(shuffled)
    assert course_of(shuffled, POINTS) == course_of(told, POINTS)


@settings(max_examples=200, deadline=None)
@given(days_of_a_phone(PHONES[0]), st.data())
def test_a_clock_that_jumps_does_not_change_what_came_first(told, data):
    jumps = data.draw(
        st.lists(st.sampled_from([-3 * 525_600, -30, 0, 1_440]), min_size=len(told), max_size=len(told))
    )
    values = [{name: getattr(e, name) for name in e.__slots__} for e in told]
    jumped = [
        Event(**v | {"at": v["at"] + dt.timedelta(minutes=j)}) for v, j in zip(values, jumps, strict=True)
    ]
    before, after = course_of(told, POINTS), course_of(jumped, POINTS)
    assert (before.state, visited(before)) == (after.state, visited(after))
    assert [e.sequence for e in in_order(jumped)] == [e.sequence for e in told]
    times = [e.at for e in in_order(jumped)]
    assert times == sorted(times)


@given(days)
def test_an_excuse_never_hides_what_was_done(told):
    plain, excused = course_of(told, POINTS), course_of(told, POINTS, is_excused=True)
    if plain.state in (State.PLANNED, State.PARTLY_DONE):
        assert excused.state is State.EXCUSED
    else:
        assert excused.state is plain.state
    assert excused.visits == plain.visits


def test_a_stay_too_short_is_remembered_and_is_no_visit():
    course = course_of([event(Kind.START, 0, 0), visit(1, 1, 1, dwell=40), visit(1, 9, 2, dwell=20)], POINTS)
    assert (course.visits[0].dwell_s_done, course.visits[0].first) == (40, None)
    assert course.state is State.STARTED


def test_a_round_without_points_is_done_when_it_ends():
    assert course_of([event(Kind.START, 0, 0)], []).state is State.STARTED
    assert course_of([event(Kind.START, 0, 0), event(Kind.END, 9, 1)], []).state is State.DONE


def test_every_step_leads_to_a_state_that_may_be_stored():
    reached = {State.PLANNED, *STEPS.values()}
    assert reached == {State.PLANNED, State.STARTED, State.PAUSED, State.PARTLY_DONE}
    assert {state for state, _ in STEPS} <= reached


STORED = ["planned", "started", "paused", "done", "partly_done", "missed", "excused", "withdrawn"]


def clock_model(stored: str, begins: dt.datetime, ends: dt.datetime, late: int, now: dt.datetime) -> str:
    midnight = dt.datetime.combine(ends.astimezone(ZONE).date() + dt.timedelta(days=1), dt.time(), ZONE)
    if stored in ("started", "paused"):
        return "partly_done" if now >= midnight else stored
    if stored != "planned":
        return stored
    if now >= ends:
        return "missed"
    if now >= begins + dt.timedelta(minutes=late):
        return "overdue"
    return "ready" if now >= begins - dt.timedelta(hours=1) else "planned"


@pytest.fixture(scope="module")
def ask(database_url):
    connection = psycopg2.connect(database_url)
    with connection.cursor() as cursor:

        def state(*values) -> str:
            cursor.execute("SELECT app.round_state(%s, %s, %s, %s::smallint, %s)", values)
            return cursor.fetchone()[0]

        yield state
    connection.close()


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(STORED),
    st.integers(0, 3_000),
    st.integers(1, 1_500),
    st.integers(0, 720),
    st.integers(-200, 5_000),
)
def test_the_clock_alone_makes_a_round_ready_overdue_missed_and_over(ask, stored, begin, lasts, late, now):
    begins, ends = at(begin), at(begin + lasts)
    wanted = clock_model(stored, begins, ends, late, at(now))
    assert ask(stored, begins, ends, late, at(now)) == wanted


def test_the_edges_of_a_round_by_the_clock(ask):
    begins, ends = at(0), at(120)
    steps = [
        (-61, "planned"),
        (-60, "ready"),
        (29, "ready"),
        (30, "overdue"),
        (119, "overdue"),
        (120, "missed"),
    ]
    assert [ask("planned", begins, ends, 30, at(minute)) for minute, _ in steps] == [s for _, s in steps]
    assert {ask(state, begins, ends, 30, at(719)) for state in ("started", "paused")} == {"started", "paused"}
    assert {ask(state, begins, ends, 30, at(720)) for state in ("started", "paused")} == {"partly_done"}


def test_phones_are_merged_by_time_and_each_keeps_its_own_order():
    first = [event(Kind.START, 10, 0, device_id=PHONES[0]), event(Kind.END, 5, 1, device_id=PHONES[0])]
    second = [event(Kind.PAUSE, 7, 0, device_id=PHONES[1])]
    for mixed in itertools.permutations([*first, *second]):
        assert [e.kind for e in in_order(mixed)] == [Kind.PAUSE, Kind.START, Kind.END]
