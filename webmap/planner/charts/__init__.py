"""Charts as Vega-Lite specifications: the same on a page (js/planner/charts.js) and in a PDF (`to_svg`).

Text of records is only ever a data value, never part of an expression. A mark's datum has the `code` of the
place it stands for: a click selects it everywhere, the selected and the hovered one are ringed through the
parameters `selected` and `hovered`. Days are ISO dates, drawn in UTC so that no clock shifts them.
"""

from __future__ import annotations

from webmap.planner.charts.bars import Bar, Change, dumbbell, ranked_bars
from webmap.planner.charts.drawing import locale, to_svg
from webmap.planner.charts.lines import Point, Step, gain_curve, small_multiples, trend_lines
from webmap.planner.charts.parts import Axis, Chart, Spec
from webmap.planner.charts.spread import Share, histogram, lorenz_curve

__all__ = [
    "Axis",
    "Bar",
    "Change",
    "Chart",
    "Point",
    "Share",
    "Spec",
    "Step",
    "dumbbell",
    "gain_curve",
    "histogram",
    "locale",
    "lorenz_curve",
    "ranked_bars",
    "small_multiples",
    "to_svg",
    "trend_lines",
]
