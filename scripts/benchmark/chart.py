"""Charts as SVG, written by hand: bars of ratios, lines of growth. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

_FONT = 'font-family="system-ui, sans-serif" font-size="13"'
_INK, _FAINT, _GRID = "#1f2933", "#52606d", "#d9e2ec"
_COLOURS = ("#0b6e4f", "#c05621", "#2b6cb0", "#975a16", "#553c9a", "#9b2c2c")
_WIDTH = 860
VARIANT = " · "
"""Divides a question from its variant in the name of a line."""
_DASHES = ("", "7 4", "2 4")


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the chart of ratios."""

    title: str
    value: float
    goal: float | None


def bars(heading: str, shown: Sequence[Bar]) -> str:
    """Ratios on a logarithmic axis from 1 on; a goal is a dark stroke."""
    left, top, step = 300, 52, 30
    height = top + step * len(shown) + 34
    highest = 10 ** math.ceil(math.log10(max([10.0, *(max(bar.value, bar.goal or 1) for bar in shown)])))
    scale = _Scale(1, highest, left, _WIDTH - 70)
    parts = _axis(scale, top - 8, height - 30, "×")
    for place, bar in enumerate(shown):
        y = top + step * place
        end = scale(max(1.0, bar.value))
        met = bar.goal is None or bar.value >= bar.goal
        parts.append(_words(left - 10, y + 14, bar.title, anchor="end"))
        parts.append(
            f'<rect x="{left}" y="{y}" width="{max(1.0, end - left):.1f}" height="18" '
            f'fill="{_COLOURS[0] if met else _COLOURS[1]}"/>'
        )
        parts.append(_words(end + 6, y + 14, f"{bar.value:.3g} ×"))
        if bar.goal is not None:
            x = scale(bar.goal)
            parts.append(f'<path d="M{x:.1f} {y - 4}v26" stroke="{_INK}" stroke-width="2.5"/>')
    return _picture(heading, height, parts)


def lines(heading: str, series: Mapping[str, Sequence[tuple[float, float]]], x_name: str, y_name: str) -> str:
    """Lines over two logarithmic axes; variants of a question share its colour and differ in stroke."""
    values = [point for points in series.values() for point in points]
    xs, ys = [x for x, _ in values], [y for _, y in values]
    across = _Scale(min(xs), max(xs), 70, _WIDTH - 290)
    up = _Scale(10 ** math.floor(math.log10(min(ys))), 10 ** math.ceil(math.log10(max(ys))), 380, 60)
    parts = _grid(across, up, sorted(set(xs)))
    questions = list(dict.fromkeys(name.partition(VARIANT)[0] for name in series))
    variants: dict[str, str] = {}
    ends = _spread([up(points[-1][1]) for points in series.values()], 17)
    for number, (name, points) in enumerate(series.items()):
        question, _, variant = name.partition(VARIANT)
        colour = _COLOURS[questions.index(question) % len(_COLOURS)]
        variants.setdefault(variant, _DASHES[len(variants) % len(_DASHES)])
        dash = f' stroke-dasharray="{variants[variant]}"' if variants[variant] else ""
        path = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.2"{dash}/>')
        parts += [
            f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="3.5" fill="{colour}"/>' for x, y in points
        ]
        parts.append(_words(_WIDTH - 278, ends[number] + 4, f"{name}: {points[-1][1]:.3g}", colour=colour))
    parts.append(_words((70 + _WIDTH - 290) / 2, 430, x_name, anchor="middle", colour=_FAINT))
    parts.append(_words(12, 48, y_name, colour=_FAINT))
    return _picture(heading, 446, parts)


class _Scale:
    """Logarithmic: a value to a place between `start` and `end`."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high = low, max(high, low * 1.0001)
        self.start, self.end = start, end

    def __call__(self, value: float) -> float:
        share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return self.start + (self.end - self.start) * share

    @property
    def decades(self) -> list[float]:
        """Powers of ten within."""
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        return [10.0**power for power in range(first, last + 1)]


def _axis(scale: _Scale, top: float, bottom: float, unit: str) -> list[str]:
    parts = []
    for value in scale.decades:
        x = scale(value)
        parts.append(f'<path d="M{x:.1f} {top}V{bottom}" stroke="{_GRID}"/>')
        parts.append(_words(x, bottom + 18, f"{value:g} {unit}", anchor="middle", colour=_FAINT))
    return parts


def _grid(across: _Scale, up: _Scale, xs: Sequence[float]) -> list[str]:
    parts = []
    for value in up.decades:
        y = up(value)
        parts.append(f'<path d="M{across.start} {y:.1f}H{across.end}" stroke="{_GRID}"/>')
        parts.append(_words(across.start - 8, y + 4, f"{value:g}", anchor="end", colour=_FAINT))
    for value in xs:
        x = across(value)
        parts.append(f'<path d="M{x:.1f} {up.end}V{up.start}" stroke="{_GRID}"/>')
        parts.append(_words(x, up.start + 20, f"{value:,.0f}", anchor="middle", colour=_FAINT))
    return parts


def _spread(places: Sequence[float], least: float) -> list[float]:
    """Places moved apart downwards so that no two labels cover each other, in the order given."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + least)
    return moved


def _words(x: float, y: float, text: str, *, anchor: str = "start", colour: str = _INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'


def _picture(heading: str, height: float, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(heading)}" {_FONT}>'
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
        f'<text x="12" y="24" font-size="16" font-weight="600" fill="{_INK}">{escape(heading)}</text>'
    )
    return "\n".join([head, *parts, "</svg>", ""])
