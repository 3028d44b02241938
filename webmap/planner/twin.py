"""A small map beside the large one as a pure function: outlines in their colours, inline SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from markupsafe import Markup
from numpy.typing import NDArray

_WIDTH = 400.0


def twin(
    outlines: NDArray[np.object_], codes: Sequence[str], colours: Sequence[str], *, label: str
) -> Markup:
    """Draw places in their colours; a click selects one as on the large map (`data-select`).

    Parameters
    ----------
    outlines
        (n,) polygons or multipolygons in metres, EPSG:4547, simple enough for a drawing.
    codes, colours
        (n,) of the places, in their order.
    """
    west, south, east, north = shapely.total_bounds(outlines) if len(outlines) else (0, 0, 1, 1)
    scale = _WIDTH / max(east - west, 1.0)
    drawn = shapely.transform(outlines, lambda xy: (xy - (west, north)) * (scale, -scale))
    paths = (
        Markup('<path d="{}" fill="{}" data-select="{}"/>').format(" ".join(_rings(shape)), colour, code)
        for shape, code, colour in zip(drawn, codes, colours, strict=True)
    )
    head = Markup('<svg class="twin" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">')
    return head.format(_WIDTH, (north - south) * scale, label) + Markup("").join(paths) + Markup("</svg>")


def _rings(shape: shapely.Geometry) -> Iterator[str]:
    """Each ring as a closed path."""
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        points = shapely.get_coordinates(ring)[:-1].tolist()
        yield "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"
