"""The colour of each layer, in map styles and on small maps."""

from __future__ import annotations

# As in static/js/map/symbols.js, so that a map looks the same wherever it is opened.
COLOURS = {
    "district": "#084852",
    "subdistrict": "#084852",
    "community": "#0b5f6d",
    "cell": "#0b5f6d",
    "building": "#5c6b75",
    "rental_unit": "#2a71a5",
    "incident": "#a3221c",
    "parcel": "#8a6d00",
    "check_point": "#1d7d5e",
    "patrol_point": "#1d7d5e",
    "patrol_track": "#1d7d5e",
    "facility": "#5a3fa0",
    "coverage": "#1d7d5e",
    "analysis_result": "#2a71a5",
}
