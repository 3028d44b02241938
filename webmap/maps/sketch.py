"""Check points as a small drawing for paper: inline SVG, no map below, nothing fetched. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import cos, log10, radians

from markupsafe import Markup, escape

_METRES_A_DEGREE = 111_320.0
_MARGIN = 16.0
_BAR_ROOM = 14.0
_LEAST_SPAN_M = 100.0
_RADIUS = 8.0
_LONGEST_BAR = 0.4
_LOOKS = {
    "visited": 'fill="#1e7a3c" stroke="#1e7a3c"',
    "short": 'fill="#fff" stroke="#9a6400"',
    "open": 'fill="#fff" stroke="#a3221c" stroke-dasharray="3 2"',
}
_INK = {"visited": "#fff", "short": "#7d5200", "open": "#a3221c"}

Ring = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Spot:
    """A check point: degrees in WGS84, its number, and whether it was visited, too short, or is open."""

    lon: float
    lat: float
    number: int
    standing: str


@dataclass(frozen=True, slots=True)
class Frame:
    """From degrees to the drawing: north is up, east right, one scale for both."""

    west: float
    north: float
    across: float
    scale: float
    left: float
    top: float

    def __call__(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place is drawn."""
        east_m = (lon - self.west) * _METRES_A_DEGREE * self.across
        south_m = (self.north - lat) * _METRES_A_DEGREE
        return self.left + east_m * self.scale, self.top + south_m * self.scale


def sketch(
    spots: Sequence[Spot], *, label: str, rings: Iterable[Ring] = (), width: int = 320, height: int = 220
) -> Markup:
    """Draw check points, filled where visited and hollow where not, over outlines, with a bar of scale.

    Parameters
    ----------
    label : what the drawing is, for who cannot see it.
    rings : outlines as lists of (lon, lat).
    width, height : of the drawing, in its own units.

    Returns
    -------
    Markup
        An `<svg>` element without styles; empty where there is nothing to draw.
    """
    outlines = [ring for ring in rings if len(ring)]
    places = [(spot.lon, spot.lat) for spot in spots] + [(at[0], at[1]) for ring in outlines for at in ring]
    if not places:
        return Markup()
    frame = frame_of(places, width, height)
    parts = [
        *(_outline(frame, ring) for ring in outlines),
        *(part for spot in spots for part in _mark(frame, spot)),
        *scale_bar(frame.scale, width, height),
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="'
    return Markup(head) + escape(label) + Markup('">' + "".join(parts) + "</svg>")  # noqa: S704 - numbers only


def rings_of(geometry: dict[str, list[list[Ring]]] | None) -> list[Ring]:
    """The outer rings of a GeoJSON MultiPolygon, or none."""
    return [polygon[0] for polygon in geometry["coordinates"]] if geometry else []


def frame_of(places: Sequence[tuple[float, float]], width: int, height: int) -> Frame:
    """The frame in which places (lon, lat in degrees) fill a drawing, with room for a bar of scale."""
    lons, lats = [lon for lon, _ in places], [lat for _, lat in places]
    west, east, south, north = min(lons), max(lons), min(lats), max(lats)
    across = cos(radians((south + north) / 2))
    wide = max((east - west) * _METRES_A_DEGREE * across, _LEAST_SPAN_M)
    high = max((north - south) * _METRES_A_DEGREE, _LEAST_SPAN_M)
    room = width - 2 * _MARGIN, height - 2 * _MARGIN - _BAR_ROOM
    scale = min(room[0] / wide, room[1] / high)
    used = (east - west) * _METRES_A_DEGREE * across * scale, (north - south) * _METRES_A_DEGREE * scale
    return Frame(
        west, north, across, scale, _MARGIN + (room[0] - used[0]) / 2, _MARGIN + (room[1] - used[1]) / 2
    )


def _outline(frame: Frame, ring: Ring) -> str:
    corners = " ".join("{:.1f},{:.1f}".format(*frame(at[0], at[1])) for at in ring)
    return f'<polygon points="{corners}" fill="#eef3f4" stroke="#8b9aa3" stroke-width="1"/>'


def _mark(frame: Frame, spot: Spot) -> Iterator[str]:
    x, y = frame(spot.lon, spot.lat)
    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS:g}" stroke-width="1.5" {_LOOKS[spot.standing]}/>'
    yield (
        f'<text x="{x:.1f}" y="{y + 3.2:.1f}" font-size="9" font-weight="700" text-anchor="middle"'
        f' fill="{_INK[spot.standing]}">{spot.number:d}</text>'
    )


def scale_bar(scale: float, width: int, height: int) -> Iterator[str]:
    """The longest bar of 1, 2 or 5 times a power of ten metres that takes at most two fifths of the width."""
    longest = _LONGEST_BAR * width / scale
    power = 10 ** int(log10(longest))
    metres = max(step * power for step in (1, 2, 5) if step * power <= longest)
    y = height - 6
    end = 6 + metres * scale
    yield f'<path d="M6 {y - 4}V{y}H{end:.1f}V{y - 4}" fill="none" stroke="#333" stroke-width="1"/>'
    length = f"{metres:d} m" if metres < 1000 else f"{metres // 1000:d} km"
    yield f'<text x="{end + 4:.1f}" y="{y}" font-size="9" fill="#333">{length}</text>'
