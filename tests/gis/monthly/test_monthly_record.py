"""The monthly record: five parts of every round, the same hash for the same data, and whose it is."""

from __future__ import annotations

import datetime as dt

import pytest

from gis.calendar.model import Month
from gis.errors import Forbidden, InvalidInput, NotFound
from gis.monthly.model import PAPER, WORKBOOK, Asked, Fault, Form, Part, month_before
from gis.monthly.service import export_month, may_export, show_month
from tests import a_month

MARCH = Month.read(a_month.MONTH)
CHINA = dt.timezone(dt.timedelta(hours=8))


@pytest.fixture(scope="module")
def rounds(world) -> a_month.Rounds:
    return a_month.build(world)


def export(world, name: str, team_id: int | None = None, *, form: Form = WORKBOOK):
    """Rounds of March by number, the names that were told, and the summary."""
    found, told = {}, []

    def take(record, names):
        found[record.plan.patrol_round_id] = record
        told.append(names)

    summary = export_month(world.db, world.actor(name), Asked(MARCH, team_id), form, take)
    return found, told[0] if told else None, summary


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2025-03-{text}").replace(tzinfo=CHINA)


def test_rounds_of_the_month_and_no_other(world, rounds):
    found, _, summary = export(world, "dan")
    assert list(found) == [rounds.walked, rounds.excused, rounds.done]
    assert summary.states == {"partly_done": 1, "excused": 1, "done": 1}
    assert summary.heading.is_over and summary.heading.district.code == "440306"


def test_plan_of_a_round_is_as_it_was_planned(world, rounds):
    walked = export(world, "dan")[0][rounds.walked]
    plan = walked.plan
    assert (plan.plan_name, plan.team_code, plan.parcel_code, plan.is_ordered) == ("计划1", "T1", "P1", True)
    assert (plan.planned_from, plan.planned_to) == (at("10 08:00"), at("10 10:00"))
    assert [(p.position, p.code, p.radius_m, p.dwell_s) for p in walked.points] == [
        (1, "C1", 40, 60),
        (2, "C2", 40, 60),
        (3, "C3", 30, 60),
    ]


def test_record_of_a_round_tells_what_was_told_and_which_visit_counts(world, rounds):
    entries = export(world, "dan")[0][rounds.walked].entries
    assert [(e.kind, e.what, e.place_code, e.stay_s, e.counts, e.grade) for e in entries] == [
        ("start", "", None, None, None, None),
        ("visit", "pass", "C1", 75, True, "A"),
        ("point", "L2", "C1", None, None, "A"),
        ("photo", "image/jpeg", None, None, None, None),
        ("visit", "pass", "C3", 20, False, "B"),
        ("visit", "pass", "C1", 90, False, "B"),
        ("end", "", None, None, None, None),
    ]
    photo = next(e for e in entries if e.kind == "photo")
    assert photo.of_record == a_month.LOGGED
    assert photo.sha256 == world.ask("SELECT encode(sha256('photo'), 'hex')")[0][0]
    late = entries[4]
    assert (late.at, late.device_at, late.clock_offset_s) == (at("10 08:55"), at("10 07:55"), 3600)


def test_a_visit_that_no_phone_told_of_is_in_the_record(world, rounds):
    world.ask(
        "UPDATE app.patrol_round_point SET visited_at = '2025-03-10 09:00+08', visited_by = 'pass', grade = 'C',"
        " dwell_s_done = 61 WHERE patrol_round_id = %s AND position = 2",
        rounds.walked,
    )
    entries = export(world, "dan")[0][rounds.walked].entries
    assert [(e.what, e.stay_s, e.counts, e.account_id) for e in entries if e.place_code == "C2"] == [
        ("pass", 61, True, None)
    ]
    world.ask(
        "UPDATE app.patrol_round_point SET visited_at = NULL, visited_by = NULL, grade = NULL, dwell_s_done = NULL"
        " WHERE patrol_round_id = %s AND position = 2",
        rounds.walked,
    )


def test_non_conformities_of_each_round(world, rounds):
    found, _, _ = export(world, "dan")
    told = {
        key: [(f.kind, f.what, f.reference, f.times, f.amount) for f in r.faults] for key, r in found.items()
    }
    [(quarantine_id,)] = world.ask("SELECT max(quarantine_id) FROM app.quarantine")
    assert told[rounds.walked] == [
        (Fault.LATE_START, "", "", 1, 45),
        (Fault.POINT_MISSED, "C2", "2", 1, None),
        (Fault.STAY_TOO_SHORT, "C3", "3", 1, 20),
        (Fault.WRONG_CLOCK, "", "", 1, 3600),
        (Fault.CLOCK_SET_BACK, "", "", 1, None),
        (Fault.RECORD_REFUSED, "bad-time", str(quarantine_id), 1, None),
        (Fault.FINDING, "L2", str(rounds.incident), 1, None),
    ]
    assert told[rounds.excused] == [(Fault.ROUND_MISSED, "", "", 1, None)]
    assert told[rounds.done] == [(Fault.LOW_GRADE, "C4", "", 1, None)]
    assert [f.number for f in found[rounds.walked].faults] == [1, 2, 3, 4, 5, 6, 7]


def test_corrections_and_verification_of_each_round(world, rounds):
    found, names, _ = export(world, "dan")
    case = str(rounds.incident)
    walked, excused = found[rounds.walked], found[rounds.excused]
    assert [(c.kind, c.what, c.outcome, names.people.get(c.account_id)) for c in walked.corrections] == [
        ("handling", "handled", "", "演示alice"),
        ("legal_step", "stop_notice", "done", "演示dan"),
        ("legal_step", "correction", "done_late", "演示dan"),
        ("legal_step", "investigation", "stopped", None),
        ("revision", "2", "", "演示pat"),
        ("quarantine", "bad-time", "repaired", "演示adam"),
    ]
    assert {c.reference for c in walked.corrections if c.kind in ("handling", "legal_step")} == {case}
    assert [(v.kind, v.reference, v.outcome, names.people[v.account_id], v.independence, v.client_id)
            for v in walked.verifications] == [
        ("closing", case, "closed", "演示dan", "", None),
        ("recheck", case, "gone", "演示quinn", "another_person", a_month.LOOKED),
    ]  # fmt: skip
    [asked], [decided] = excused.corrections, excused.verifications
    assert (asked.kind, asked.outcome, asked.note) == ("excuse", "granted", "暴雨红色预警")
    assert (decided.reference, decided.outcome, decided.at) == (asked.reference, "granted", at("10 15:30"))
    assert not found[rounds.done].corrections and not found[rounds.done].verifications


def test_counts_of_the_summary_are_the_rows(world, rounds):
    found, _, summary = export(world, "dan")
    assert summary.rows == {
        Part.PLAN: 5,
        Part.RECORD: sum(len(record.entries) for record in found.values()),
        Part.NON_CONFORMITY: 9,
        Part.CORRECTION: 7,
        Part.VERIFICATION: 3,
    }


def test_the_same_data_has_the_same_hash_for_everyone_who_sees_it_and_a_change_another(world, rounds):
    hashes = {export(world, name)[2].sha256 for name in ("dan", "petra", "audrey", "adam", "dan")}
    assert len(hashes) == 1
    assert export(world, "dan", 1)[2].sha256 not in hashes  # of one team
    world.ask("UPDATE app.account SET full_name = '改名' WHERE username = 'pat'")
    assert {export(world, "dan")[2].sha256} == hashes
    world.ask("UPDATE app.account SET full_name = '演示pat' WHERE username = 'pat'")
    changes = {
        "UPDATE app.round_excuse SET reason = '%s' WHERE patrol_round_id = {0.excused}": (
            "台风",
            "暴雨红色预警",
        ),
        "UPDATE app.patrol_round_point SET radius_m = %s WHERE patrol_round_id = {0.done}": ("50", "40"),
        "UPDATE app.incident_step SET note = '%s' WHERE incident_id = {0.incident} AND to_state = 'handled'": (
            "未清理",
            "清理完毕",
        ),
    }
    for statement, (changed, restored) in changes.items():
        world.ask(statement.format(rounds) % changed)
        assert export(world, "dan")[2].sha256 not in hashes, statement
        world.ask(statement.format(rounds) % restored)
        assert {export(world, "dan")[2].sha256} == hashes, statement


def test_each_export_leaves_an_audit_row_with_its_hash(world, rounds):
    _, _, summary = export(world, "audrey", 1)
    [(name, action, subject, detail)] = world.ask(
        "SELECT a.username, l.action, l.subject, l.detail FROM app.audit_log AS l JOIN app.account AS a USING (account_id)"
        " ORDER BY l.audit_id DESC LIMIT 1"
    )
    assert (name, action, subject) == ("audrey", "monthly_record.export", "2025-03")
    assert detail == {"team": "T1", "form": "xlsx", "rounds": 2, "sha256": summary.sha256}


def test_a_leader_gets_the_own_team_and_the_names_of_its_people(world, rounds):
    found, names, summary = export(world, "quinn")
    assert list(found) == list(export(world, "quinn", 2)[0]) == [rounds.done]
    assert summary.heading.team.code == "T2"
    assert names.people == {world.accounts["quinn"]: "演示quinn"}
    with pytest.raises(NotFound):
        export(world, "quinn", 1)
    world.ask(
        "INSERT INTO app.team_member (team_id, account_id, is_leader, valid_from, valid_to)"
        " SELECT 1, account_id, true, app.today() - 9, app.today() FROM app.account WHERE username = 'rex'"
    )
    found, names, _ = export(world, "rex")
    assert list(found) == [rounds.walked, rounds.excused]
    # Of the dispatcher who granted the excuse a leader knows the number alone.
    assert set(names.people.values()) == {"演示pat", "演示rex"}
    assert [c.kind for c in found[rounds.walked].corrections][-1] == "quarantine"
    world.ask(
        "UPDATE app.team_member SET valid_to = app.today() - 1 WHERE team_id = 1 AND is_leader"
        " AND account_id = (SELECT account_id FROM app.account WHERE username = 'rex')"
    )
    with pytest.raises(NotFound):
        export(world, "rex")


@pytest.mark.parametrize(("name", "error"), [("pat", NotFound), ("rex", NotFound), ("alice", Forbidden)])
def test_nobody_else_gets_one(world, rounds, name, error):
    with pytest.raises(error):
        export(world, name)
    with pytest.raises(error):
        show_month(world.db, world.actor(name), Asked(MARCH))
    assert not may_export(world.db, world.actor(name))


def test_refused_records_are_told_without_their_payload_and_to_no_other_team(world, rounds):
    def told(name: str) -> list[tuple]:
        with world.db.transaction(world.actor(name).identity) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT * FROM app.round_refusals(%s)", ([rounds.walked, rounds.done],))
            return cursor.fetchall()

    [row] = told("dan")
    assert "somebody" not in repr(row)
    assert [r.patrol_round_id for r in told("adam")] == [rounds.walked]
    assert told("pat") == told("quinn") == told("rex") == []


def test_figures_are_those_of_the_record(world, rounds):
    figures = show_month(world.db, world.actor("dan"), Asked(MARCH))
    assert (figures.rounds, figures.points, figures.visited) == (3, 5, 2)
    assert (figures.logged, figures.findings, figures.excuses) == (1, 1, 1)
    assert figures.states == {"partly_done": 1, "excused": 1, "done": 1} and figures.is_over
    assert [team.code for team in figures.teams] == ["T1", "T2", "T3"]
    own = show_month(world.db, world.actor("quinn"), Asked(MARCH))
    assert (own.rounds, [team.code for team in own.teams]) == (1, ["T2"])


def test_more_rounds_than_a_form_holds_are_refused(world, rounds):
    with pytest.raises(InvalidInput) as caught:
        export(world, "dan", form=Form("pdf", 2))
    assert (caught.value.pointer, caught.value.code) == ("team", "too-many-rounds")
    assert export(world, "dan", 2, form=Form("pdf", 2))[2].rounds == 1
    assert PAPER.most < WORKBOOK.most


def test_an_empty_month_has_a_record_too(world, rounds):
    summary = export_month(
        world.db, world.actor("dan"), Asked(Month.read("2024-02")), WORKBOOK, lambda *_: None
    )
    assert summary.rounds == 0 and len(summary.sha256) == 64


def test_months():
    assert Month.read("2024-02").last == dt.date(2024, 2, 29)
    assert str(month_before(dt.date(2025, 1, 31))) == "2024-12"
    for text in ("2024-13", "2024-2", "1999-01", "2024-02-01", "２０２４-02", ""):
        with pytest.raises(InvalidInput) as caught:
            Month.read(text)
        assert caught.value.pointer == "month"
