"""Kinds of facilities in words, for choices and for tables."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from webmap.planner.definitions import Class, Text
from webmap.planner.palette import BLUE

TITLES: Mapping[str, Text] = {
    "party_service_centre": _("Party-masses service centre"),
    "service_centre": _("Community service centre"),
    "health_centre": _("Community health centre"),
    "harmony_hall": _("Harmony hall"),
    "foundation": _("Community foundation"),
    "neighbourhood_centre": _("Neighbourhood centre"),
    "building_head_school": _("Building-head school"),
    "school": _("School"),
    "kindergarten": _("Kindergarten"),
    "safety_school": _("Public-safety school"),
    "community_college": _("Community college"),
    "after_school": _("After-school care"),
    "hospital": _("Hospital"),
    "culture_sport": _("Culture and sports"),
    "park": _("Park"),
    "metro_station": _("Metro station"),
    "other": _("Other"),
}
CLASSES: Mapping[str, Class] = {code: Class(title, BLUE) for code, title in TITLES.items()}
