"""What is compiled of the scanline: where capsules and zones lie at a y, and what they have in common."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gis.geometry.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@compiled
def scan_zone(edges: Floats, shapes: Floats, radius: float, step: float) -> tuple[float, float]:
    """Area of a zone within capsules (n, 7), see `kernels.capsule`, and of the zone, by rows of `step`.

    Exact in x; in y each row stands for its middle. Rows begin at whole multiples of the step.
    """
    top = -math.inf
    bottom = math.inf
    for edge in range(edges.shape[0]):
        bottom, top = min(bottom, edges[edge, 1]), max(top, edges[edge, 3])
    order = np.argsort(shapes[:, 1])
    active = np.empty(shapes.shape[0], np.int64)
    spans = np.empty((shapes.shape[0], 2))
    cuts = np.empty(edges.shape[0])
    covered, whole, reached, count = 0.0, 0.0, 0, 0
    for row in range(math.ceil(bottom / step - 0.5), math.ceil(top / step - 0.5)):
        y = (row + 0.5) * step
        while reached < order.size and shapes[order[reached], 1] - radius <= y:
            active[count] = order[reached]
            reached, count = reached + 1, count + 1
        count = _spans_at(shapes, radius, y, active, count, spans)
        crossings = _cuts_at(edges, y, cuts)
        for cut in range(0, crossings - 1, 2):
            whole += (cuts[cut + 1] - cuts[cut]) * step
            covered += _within(spans, count, cuts[cut], cuts[cut + 1]) * step
    return covered, whole


@compiled
def _spans_at(shapes: Floats, radius: float, y: float, active: Ints, count: int, spans: Floats) -> int:
    """Intervals of the active capsules at y, by where they begin; drops those that ended below."""
    kept = 0
    for number in range(count):
        line = active[number]
        shape = shapes[line]
        if shape[3] + radius < y:
            continue
        left, right = _interval(shape, radius, y)
        # Nearly in order already: that of the row before.
        place = kept
        while place > 0 and spans[place - 1, 0] > left:
            spans[place, 0], spans[place, 1] = spans[place - 1, 0], spans[place - 1, 1]
            active[place] = active[place - 1]
            place -= 1
        spans[place, 0], spans[place, 1] = left, right
        active[place] = line
        kept += 1
    return kept


@compiled
def _cuts_at(edges: Floats, y: float, cuts: Floats) -> int:
    """Where edges, lower end first, cross y, in order; an edge counts at its lower end, not at its upper."""
    count = 0
    for edge in range(edges.shape[0]):
        x1, y1, x2, y2 = edges[edge, 0], edges[edge, 1], edges[edge, 2], edges[edge, 3]
        if y1 <= y < y2:
            cuts[count] = x1 + (y - y1) * ((x2 - x1) / (y2 - y1))
            count += 1
    cuts[:count].sort()
    return count


@compiled
def _within(spans: Floats, count: int, start: float, stop: float) -> float:
    """Length of start..stop that lies in some span; spans in order of where they begin."""
    length, reached = 0.0, start
    for span in range(count):
        if spans[span, 0] >= stop:
            break
        end = min(stop, spans[span, 1])
        if end > reached:
            length += end - max(reached, spans[span, 0])
            reached = end
    return length


@compiled
def _interval(shape: Floats, radius: float, y: float) -> tuple[float, float]:
    """Where a capsule (7,) begins and ends at a y between its lowest and its highest point."""
    x1, y1, x2, y2 = shape[0], shape[1], shape[2], shape[3]
    nx, ny, slope = shape[4], shape[5], shape[6]
    if y <= y1 + ny:
        left = x1 - _half_chord(radius, y - y1)
    elif y >= y2 + ny:
        left = x2 - _half_chord(radius, y - y2)
    else:
        left = x1 + nx + (y - y1 - ny) * slope
    if y >= y2 - ny:
        right = x2 + _half_chord(radius, y - y2)
    elif y <= y1 - ny:
        right = x1 + _half_chord(radius, y - y1)
    else:
        right = x1 - nx + (y - y1 + ny) * slope
    return left, right


@compiled
def _half_chord(radius: float, off: float) -> float:
    """Half the chord of a circle at a distance from its middle; none beyond the radius."""
    return math.sqrt(max(radius * radius - off * off, 0.0))
