"""What each collection is, in a sentence for the reader."""

from __future__ import annotations

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from gis.publish.layers import Layer
from gis.publish.properties import properties_of
from webmap.i18n import is_english

_ABOUT: dict[str, LazyString] = {
    "district": _("The outline of the whole district."),
    "subdistrict": _("The subdistrict offices and the area each is in charge of."),
    "community": _("The communities of the district."),
    "cell": _("Grid cells: the smallest areas, each the daily responsibility of named people."),
    "building": _("Buildings by their entrances."),
    "rental_unit": _("Rental units with their grade, last visit and the day the next one is due."),
    "incident": _("What was reported on the spot or by hotline, with its state and deadline."),
    "parcel": _("Parcels of state land that teams patrol."),
    "check_point": _("Places a patrol has to come by."),
    "patrol_point": _("What patrols logged on their way."),
    "patrol_track": _("The ways patrols walked."),
    "coverage": _("The share of each cell that patrols covered, by measured period."),
    "analysis_result": _(
        "Rows of the results of analyses: communities, cells, parcels and areas with their figures, by run. "
        "A tile shows the first such table of the latest run."
    ),
    "facility": _("Service centres, clinics, schools, parks and other facilities open to the public."),
}
_OWN = _("An officer sees those of the own cells, a patrol team those of its area.")
_MOMENTS = {"primary-instant", "primary-interval-start", "primary-interval-end"}
_SAME_FOR_ALL = {"district", "subdistrict", "community", "cell", "facility", "analysis_result"}


def about(layer: Layer) -> str:
    """Describe a collection: what it holds, whose rows, and which properties are its time."""
    sentences = [str(_ABOUT[layer.name])]
    if layer.name not in _SAME_FOR_ALL:
        sentences.append(str(_OWN))
    columns = [known.name for known in properties_of(layer.name).values() if known.role in _MOMENTS]
    if columns:
        sentences.append(gettext("Filtered in time by %(column)s.", column="/".join(columns)))
    return (" " if is_english() else "").join(sentences)
