"""The Folium elements of our maps: a plain map, and tools that hand a JSON configuration to a script.

No text of a record ever becomes part of a script: a tool writes its configuration as a JSON data block
and its script names nothing but the block and the tool.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import folium
from branca.element import Figure, MacroElement
from folium.template import Template
from jinja2.utils import htmlsafe_json_dumps

from webmap.maps.offline import Verbatim

Bounds = tuple[float, float, float, float]
"""west, south, east, north in degrees, EPSG:4326."""

MAX_ZOOM = 20
_LEAFLET = "https://cdn.jsdelivr.net/npm/leaflet@1.9.4/dist/"  # rewritten by OfflineFigure, never asked


class GridMap(folium.Map):
    """A Leaflet map without basemap and without Folium's Bootstrap, jQuery and Font Awesome.

    All vector layers share the map's one canvas (`prefer_canvas`): with a second canvas above the first,
    the lower one would get no clicks.
    """

    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <div class="folium-map" id="{{ this.get_name() }}"></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map("{{ this.get_name() }}", {
            center: {{ this.location|tojson }},
            ...{{ this.options|tojavascript }}
        });
        {% endmacro %}
        """
    )

    def __init__(self, bounds: Bounds) -> None:
        west, south, east, north = bounds
        super().__init__(
            location=((south + north) / 2, (west + east) / 2),
            zoom_start=12,
            tiles=None,
            prefer_canvas=True,
            zoom_control=False,
            attributionControl=False,
            max_zoom=MAX_ZOOM,
            min_zoom=9,
            zoom_snap=0.25,
            wheel_px_per_zoom_level=100,
            max_bounds_viscosity=0.6,
        )
        # The element's own lists: Folium's are one for all maps.
        self.default_js = [("leaflet", f"{_LEAFLET}leaflet.js")]
        self.default_css = [("leaflet_css", f"{_LEAFLET}leaflet.css")]


class Tool(MacroElement):
    """One tool of a map: `name` is a key of the registry in static/js/map/start.js."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        (window.gridTools = window.gridTools || []).push({
            map: {{ this._parent.get_name() }}, tool: "{{ this.tool }}", config: "{{ this.get_name() }}"
        });
        {% endmacro %}
        """
    )

    def __init__(self, name: str, config: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        if not name.isidentifier():
            raise ValueError(f"not a tool name: {name!r}")
        self._name = name
        self.tool = name
        self.config = config

    def render(self, **kwargs: Any) -> str:
        """Write the data block beside the map and the script that points at it."""
        data = htmlsafe_json_dumps(self.config, dumps=_dumps)
        block = f'<script type="application/json" id="{self.get_name()}">{data}</script>'
        figure = self.get_root()
        if not isinstance(figure, Figure):
            raise TypeError("a tool renders inside a figure only")
        figure.html.add_child(Verbatim(block), name=f"{self.get_name()}_data")
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        return ""


def bounds_of(features: Sequence[Mapping[str, Any]]) -> Bounds | None:
    """Return the bounds of GeoJSON features (lon, lat), or None when there is no coordinate."""
    west, south, east, north = float("inf"), float("inf"), float("-inf"), float("-inf")
    for feature in features:
        pending: list[Any] = [(feature.get("geometry") or {}).get("coordinates") or []]
        while pending:
            item = pending.pop()
            if item and isinstance(item[0], int | float):
                west, east = min(west, item[0]), max(east, item[0])
                south, north = min(south, item[1]), max(north, item[1])
            else:
                pending.extend(item)
    return (west, south, east, north) if west <= east else None


def _dumps(value: Any, **kwargs: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
