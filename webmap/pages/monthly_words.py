"""The words of the monthly record: its sheets, what each column means, and the names of codes."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from gis.monthly.model import Fault, Part


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a sheet: heading, what it means, width in characters."""

    label: LazyString
    meaning: LazyString
    width: float = 12.0


ROUND = Field(_("Round"), _("Number of the round, the same on every sheet and page"), 9)
_NOTE = Field(_("Note"), _("As it was written"), 40)
_PERSON = Field(_("Person"), _("Name; the account's number where the reader may not know it"), 12)
_FACT = Field(
    _("What it belongs to"), _("Number of the excuse, incident or refused record; id of the point"), 16
)

SHEETS: dict[Part, LazyString] = {
    Part.PLAN: _("1 Plan"),
    Part.RECORD: _("2 Record"),
    Part.NON_CONFORMITY: _("3 Non-conformities"),
    Part.CORRECTION: _("4 Corrections"),
    Part.VERIFICATION: _("5 Verification"),
}

FIELDS: dict[Part, tuple[Field, ...]] = {
    Part.PLAN: (
        ROUND,
        Field(_("Day"), _("Day the round was planned for, Asia/Shanghai"), 11),
        Field(_("Team"), _("Code and name of the team"), 18),
        Field(_("Plan"), _("Name the plan has now; empty for a round without a plan"), 24),
        Field(_("No. of the day"), _("Which round of its plan on that day"), 8),
        Field(_("Plan changed"), _("When the plan was last changed; the round stays as it was planned"), 19),
        Field(_("Season"), _("Season of the plan"), 12),
        Field(_("Parcel"), _("Code and name of the parcel the round is for"), 22),
        Field(_("Window from"), _("When the round should begin at the earliest"), 19),
        Field(_("Window to"), _("When it should be over"), 19),
        Field(_("Late after (min)"), _("Minutes after the window's start from which a start is late"), 9),
        Field(_("Order"), _("Whether the check points have an order"), 11),
        Field(_("No."), _("Place of the check point in the round"), 6),
        Field(_("Check point"), _("Its code"), 14),
        Field(_("Name"), _("Its name"), 20),
        Field(_("Radius (m)"), _("How near counts as there, as planned"), 9),
        Field(_("Stay (s)"), _("How long somebody should stay, as planned"), 9),
    ),
    Part.RECORD: (
        ROUND,
        Field(_("Entry"), _("The round as it stands; start, pause, resume, end, visit, point, photo"), 10),
        Field(_("What"), _("State of the round, way of the visit, kind of the point, type of the photo"), 16),
        Field(_("Time"), _("When it happened: the phone's clock put right; of a round, its start"), 19),
        Field(_("Until"), _("Of a round: when it ended"), 19),
        Field(_("Time on the phone"), _("What the phone's clock showed"), 19),
        Field(_("Clock corrected (s)"), _("Seconds added to the phone's clock"), 10),
        Field(_("Received"), _("When it arrived at the server"), 19),
        _PERSON,
        Field(_("Phone id"), _("First digits of the phone's id"), 10),
        Field(_("Place"), _("Code of the check point, else of the parcel"), 14),
        Field(_("Name"), _("Its name"), 20),
        Field(_("Stay (s)"), _("How long somebody stayed"), 9),
        Field(_("Counts"), _("Of a visit: whether it is the one that counts"), 8),
        Field(_("Grade"), _("Worth as evidence: A best, D by hand or by a clock that jumped"), 7),
        Field(_("Accuracy (m)"), _("Of the position, as the phone said"), 10),
        Field(_("Longitude"), _("WGS84, degrees"), 12),
        Field(_("Latitude"), _("WGS84, degrees"), 12),
        _NOTE,
        Field(_("Sequence"), _("Counts up on the phone, whatever its clock says"), 9),
        Field(_("Revision"), _("Which content of the point this is; 1 is the first"), 9),
        Field(_("Of record"), _("Of a photo and a visit: the id of the point logged there"), 37),
        Field("SHA-256", _("Of what the phone sent; of a photo, of its file"), 20),
        Field("ID", _("Made by the phone, the same on its receipt"), 37),
    ),
    Part.NON_CONFORMITY: (
        ROUND,
        Field(_("No."), _("Counted in the round"), 6),
        Field(_("Non-conformity"), _("What was not as it should be"), 26),
        Field(_("What"), _("Check points it is about, kind of the violation, reason of a refusal"), 22),
        Field(
            _("What it belongs to"),
            _("Place of the check point, number of incident or refused record"),
            16,
        ),
        Field(_("Number"), _("How many points, visits or records"), 9),
        Field(_("Size"), _("Minutes of a late start, seconds of a stay, most seconds a clock was off"), 9),
        Field(_("Time"), _("When it was so, where it has a moment"), 19),
        _NOTE,
    ),
    Part.CORRECTION: (
        ROUND,
        Field(_("Kind of correction"), _("What was done about it"), 22),
        _FACT,
        Field(_("What"), _("Legal step, state of the incident, revision, reason of a refusal"), 20),
        _PERSON,
        Field(_("Done"), _("When it was done; of an excuse, when it was asked for"), 19),
        Field(_("Due"), _("Until when the law or the district's rule wants the step"), 19),
        Field(_("Outcome"), _("What came of it"), 16),
        _NOTE,
    ),
    Part.VERIFICATION: (
        ROUND,
        Field(_("Kind of verification"), _("How it was made sure"), 22),
        _FACT,
        Field(_("Outcome"), _("What came of it"), 16),
        _PERSON,
        Field(_("Time"), _("When it was looked at or decided"), 19),
        Field(_("Independence"), _("Another person than who did it, or another day"), 18),
        Field(_("By record"), _("The id of the point that was logged when looking again"), 37),
        _NOTE,
    ),
}

WORDS: dict[str, LazyString] = {
    # states of rounds
    "planned": _("Planned"),
    "ready": _("Ready to start"),
    "overdue": _("Overdue to start"),
    "started": _("Started"),
    "paused": _("Paused"),
    "done": _("Done"),
    "partly_done": _("Partly done"),
    "missed": _("Missed"),
    "excused": _("Excused"),
    # entries
    "round": _("Round"),
    "start": _("start"),
    "pause": _("pause"),
    "resume": _("resume"),
    "end": _("end"),
    "visit": _("visit"),
    "point": _("point"),
    "photo": _("photo"),
    "pass": _("by passing"),
    "qr": _("by code"),
    "manual": _("by hand"),
    # non-conformities
    Fault.ROUND_MISSED: _("round not walked"),
    Fault.LATE_START: _("started late"),
    Fault.POINT_MISSED: _("check point not visited"),
    Fault.STAY_TOO_SHORT: _("stay too short"),
    Fault.LOW_GRADE: _("evidence of grade D"),
    Fault.WRONG_CLOCK: _("phone's clock wrong"),
    Fault.CLOCK_SET_BACK: _("phone's clock set back"),
    Fault.RECORD_REFUSED: _("record refused"),
    Fault.FINDING: _("violation found"),
    # corrections
    "excuse": _("excuse"),
    "legal_step": _("legal step"),
    "handling": _("handling"),
    "quarantine": _("refused record settled"),
    "revision": _("record corrected"),
    "stop_notice": _("stop notice"),
    "correction": _("correction"),
    "investigation": _("investigation"),
    "handled": _("handled"),
    "rework": _("rework"),
    "open": _("open"),
    "granted": _("granted"),
    "refused": _("refused"),
    "done_late": _("done late"),
    "stopped": _("not needed any more"),
    "repaired": _("repaired"),
    "dismissed": _("dismissed"),
    # verification
    "recheck": _("looked again on site"),
    "closing": _("case closed"),
    "gone": _("violation is gone"),
    "unreached": _("closed without a look on site"),
    "closed": _("closed"),
    "rejected": _("rejected"),
    "voided": _("voided"),
    "another_person": _("another person"),
    "another_day": _("another day"),
}


def word(code: str | None) -> str:
    """The reader's word for a code; the code itself where it has none."""
    return str(WORDS.get(code, code)) if code else ""
