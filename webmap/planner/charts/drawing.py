"""A chart as SVG without a browser, and the formats of numbers and days of both languages."""

from __future__ import annotations

from typing import Any

from webmap.planner.charts.parts import Spec


def to_svg(
    spec: Spec, *, width: int = 640, height: int | None = None, rows: int | None = None, english: bool = False
) -> str:
    """Draw a specification as SVG, for reports. It asks nothing of the network.

    The first chart of a process takes 2 s (vl-convert starts a JavaScript engine), others some milliseconds.

    Parameters
    ----------
    width, height
        Of the drawing with all its labels, in pixels; without a height the plot keeps its own.
    rows
        How high the plot alone is, for a chart that has a row for each place.

    Raises
    ------
    ValueError
        Not a specification that Vega-Lite compiles.
    """
    import vl_convert  # a JavaScript engine: only those who print pay

    drawn = {**spec, **({"height": height or rows} if height or rows else {})}
    if spec.get("width") == "container":
        fit = "fit" if height else "fit-x"
        drawn |= {"width": width, "autosize": {"type": fit, "contains": "padding"}}
    words = locale(english=english)
    svg: str = vl_convert.vegalite_to_svg(
        drawn,
        vl_version="6.4",
        allowed_base_urls=[],
        format_locale=words["number"],
        time_format_locale=words["time"],
    )
    return svg


def locale(*, english: bool) -> dict[str, Any]:
    """Number and time formats for d3; digits and signs are the same in both languages."""
    number = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["¥", ""]}
    return {"number": number, "time": _TIME_EN if english else _TIME_ZH}


_MONTHS_ZH = [f"{month}月" for month in range(1, 13)]
_TIME_ZH = {
    "dateTime": "%x %A %X",
    "date": "%Y年%-m月%-d日",
    "time": "%H:%M:%S",
    "periods": ["上午", "下午"],
    "days": ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"],
    "shortDays": ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
    "months": _MONTHS_ZH,
    "shortMonths": _MONTHS_ZH,
}
_MONTHS_EN = [
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
]
_DAYS_EN = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
_TIME_EN = {
    "dateTime": "%x, %X",
    "date": "%Y-%m-%d",
    "time": "%H:%M:%S",
    "periods": ["AM", "PM"],
    "days": _DAYS_EN,
    "shortDays": [day[:3] for day in _DAYS_EN],
    "months": _MONTHS_EN,
    "shortMonths": [month[:3] for month in _MONTHS_EN],
}
