"""Names of record fields and coded values for the reader; the maps' panel has its own in js/map/record.js."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

_LABELS: dict[str, LazyString] = {
    "code": _("Code"),
    "category": _("Category"),
    "state": _("State"),
    "source": _("Source"),
    "severity": _("Severity"),
    "people": _("People involved"),
    "occurred_at": _("Occurred"),
    "reported_at": _("Reported"),
    "due_at": _("Due"),
    "is_overdue": _("Overdue"),
    "floor": _("Floor"),
    "floors": _("Floors"),
    "area_m2": _("Area (m²)"),
    "use": _("Use"),
    "tenants": _("Tenants"),
    "grade": _("Grade"),
    "hazards": _("Hazards"),
    "filed_on": _("Filed on"),
    "last_visit_at": _("Last visit"),
    "due_on": _("Visit due"),
    "built_year": _("Built"),
    "kind": _("Kind"),
    "capacity": _("Capacity"),
    "level": _("Level"),
    "radius_m": _("Radius (m)"),
    "device_at": _("Time on the phone"),
    "received_at": _("Received"),
    "accuracy_m": _("Accuracy (m)"),
    "is_outside": _("Outside the district"),
}
_WORDS: dict[str, LazyString] = {
    "reported": _("reported"),
    "accepted": _("accepted"),
    "filed": _("filed"),
    "dispatched": _("dispatched"),
    "handling": _("being handled"),
    "handled": _("handled"),
    "checking": _("being checked"),
    "rework": _("rework"),
    "closed": _("closed"),
    "archived": _("archived"),
    "rejected": _("rejected"),
    "voided": _("voided"),
    "residential": _("residential"),
    "commercial": _("commercial"),
    "industrial": _("industrial"),
    "warehouse": _("warehouse"),
    "mixed": _("mixed use"),
    "lenient": _("lenient grade"),
    "watch": _("watch grade"),
    "strict": _("strict grade"),
    "banned": _("banned grade"),
    "fire": _("fire"),
    "electric": _("electric wiring"),
    "gas": _("gas"),
    "three_in_one": _("living, storing and working in one"),
    "illegal_building": _("illegal building"),
    "officer": _("grid officer"),
    "patrol": _("land patrol"),
    "hotline": _("hotline"),
    "public": _("public"),
    "import": _("import"),
    "phone": _("phone"),
    "demo": _("demo"),
    "gpx": _("GPX file"),
    "key": _("key"),
    "ordinary": _("ordinary"),
    "remote": _("remote"),
}


def label_of(key: str) -> str:
    """Return a field's name; the key itself where there is none."""
    return str(_LABELS.get(key, key))


def word_of(value: str) -> str:
    """Return a coded value in words; free text and unknown codes as they are."""
    return str(_WORDS.get(value, value))
