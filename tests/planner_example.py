"""A question of no subject, with every kind of figure, chart and table: what the frame is tried on."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import Literal

import shapely
from flask import Blueprint, Flask
from pydantic import BaseModel, ConfigDict, Field

from gis.analysis.result import Figure, Finding, Place, Result, Table, Unit
from gis.division import service as division
from gis.errors import InvalidInput
from gis.people.model import Permission
from webmap import db
from webmap.auth import current_actor, requires
from webmap.planner.charts import (
    Axis,
    Bar,
    Change,
    Chart,
    Point,
    Share,
    Step,
    dumbbell,
    gain_curve,
    histogram,
    lorenz_curve,
    ranked_bars,
    small_multiples,
    trend_lines,
)
from webmap.planner.classes import classes_of
from webmap.planner.definitions import Class, Label, Word, Words
from webmap.planner.detail import Detail, Link, Rows, detail
from webmap.planner.frame import Answer, Question, page, parameters_of
from webmap.planner.palette import BLUE, SKY, VERMILION

EVIL = "<img src=x onerror=\"document.title='owned'\">"
SHARE, MINUTES = Axis("覆盖率", Unit.SHARE), Axis("分钟", Unit.MINUTES)

WORDS = Words(
    title="示例问题",
    figures={
        "code": Word("代码", ""),
        "share": Word(
            "覆盖率",
            "距巡查轨迹 R 米以内的面积占比。",
            "area(zone ∩ covered) / area(zone)",
            "docs/coverage.md",
            "high",
        ),
        "age": Word("距上次巡查", "自上次巡查以来的天数。", good="low"),
        "change": Word("变化", "与上一时段相比的变化。"),
        "kind": Word(
            "类别",
            "热点类别。",
            classes={
                "hot": Class("热点", VERMILION),
                "cold": Class("冷点", BLUE),
                "new": Class("新出现", SKY),
            },
        ),
        "last_on": Word("最近一天", "最近一次巡查的日期。"),
        "area": Word("面积", "未覆盖的面积。"),
    },
    parameters={
        "radius_m": Label("半径（米）", "1 到 2000"),
        "from_on": Label("起"),
        "kinds": Label("设施类别", choices={"clinic": "诊所", "school": "学校"}),
        "exact": Label("精确"),
    },
    findings={"worst": "%(name)s覆盖最低：%(share)s。"},
    tables={"communities": "社区", "cells": "网格", "gaps": "未覆盖的地块"},
)


class Asked(BaseModel):
    """What can be asked of the example."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    from_on: date = Field(alias="from")
    radius_m: float = Field(default=50, ge=1, le=2000)
    kinds: tuple[Literal["clinic", "school"], ...] = ("clinic",)
    exact: bool = False


QUESTION = Question("example", Asked, defaults=lambda: {"from": "2026-11-01"})
blueprint = Blueprint("planner_example", __name__)


@blueprint.get("/planner/example")
@requires(Permission.SEE_COVERAGE)
def index():
    return page(QUESTION, answer)


@blueprint.get("/planner/example/place/<code>")
@requires(Permission.SEE_COVERAGE)
def place(code: str):
    asked = parameters_of(QUESTION)
    rows = Rows("巡查", ("日期", "说明"), [["2026-11-02", EVIL]], ["/map"], "/map?view=table")
    return detail(Detail(code, EVIL, [("半径", f"{asked.radius_m:g} m")], [rows], [Link("打开地图", "/map")]))


def answer(asked: Asked) -> Answer | None:
    """The same for every question; a radius of 999 is one nobody computed yet, 666 one the service refuses."""
    if asked.radius_m == 666:
        raise InvalidInput("Choose another radius.", pointer="radius_m")
    if asked.radius_m == 999:
        return None
    places = {
        level: [f["properties"]["code"] for f in division.outlines(db(), current_actor(), level)["features"]]
        for level in ("community", "cell")
    }
    return Answer(
        result(places["community"], places["cell"]),
        figure="share",
        charts=charts(places["community"]),
        stated=("R 50 m", "每 30 秒一个点"),
        as_of=datetime(2026, 11, 26, 1, tzinfo=UTC),
        version="r1·2026-11-26",
    )


def result(communities: list[str], cells: list[str]) -> Result:
    figures = (
        Figure("code", Unit.CODE),
        Figure("share", Unit.SHARE),
        Figure("age", Unit.DAYS),
        Figure("change", Unit.NUMBER),
        Figure("kind", Unit.CODE),
        Figure("last_on", Unit.DATE),
    )
    kinds = ("hot", "cold", "new", None)

    def row(number: int, code: str):
        return (
            code,
            number % 101 / 100,
            number % 9 or None,
            (number % 21 - 10) / 7,
            kinds[number % 4],
            f"2026-11-{number % 28 + 1:02}",
        )

    gap = shapely.box(113.93, 22.75, 113.94, 22.76).wkb
    site = shapely.Point(113.92, 22.77).wkb
    return Result(
        (
            Table(
                "communities",
                figures,
                tuple(row(3 * n, c) for n, c in enumerate(communities)),
                Place.COMMUNITY,
            ),
            Table("cells", figures, tuple(row(n, c) for n, c in enumerate(cells)), Place.CELL),
            Table(
                "gaps",
                (Figure("code", Unit.COUNT), Figure("area", Unit.SQUARE_METRES), Figure("name", Unit.TEXT)),
                ((1, 12345.6, EVIL), (2, 99.0, "站点")),
                shapes=(gap, site),
            ),
        ),
        (Finding("worst", {"name": EVIL, "share": 0.0123}, communities[0]),),
    )


def charts(codes: list[str]) -> tuple[Chart, ...]:
    named = [(code, EVIL if n == 0 else f"社区{n % 20}") for n, code in enumerate(codes)]
    first = date(2026, 11, 1)
    points = [
        Point(code, name, str(first + timedelta(day)), (n * 7 + day * 3) % 20 / 20)
        for n, (code, name) in enumerate(named)
        for day in range(14)
    ]
    few = [point for point in points if point.code in codes[:4]]
    loads = [float(n % 11) for n in range(300)]
    size = len(named)
    return (
        Chart(
            "bars",
            "排序",
            ranked_bars([Bar(c, n, i / 30, target=0.5) for i, (c, n) in enumerate(named[:8])], SHARE),
        ),
        Chart("trend", "每日", trend_lines(points, SHARE), "每条线一个社区。"),
        Chart("few", "四个社区", trend_lines(few, SHARE)),
        Chart("many", "各社区", small_multiples(points, SHARE)),
        Chart(
            "gain", "新增站点", gain_curve([Step(k, 1 - 0.7**k) for k in range(1, 11)], Axis("站点数"), SHARE)
        ),
        Chart(
            "loads",
            "分布",
            histogram(
                loads, MINUTES, classes=classes_of(loads, Unit.MINUTES, Word("", "")), count=Axis("网格数")
            ),
        ),
        Chart(
            "lorenz",
            "洛伦兹曲线",
            lorenz_curve(
                [Share(c, n, (i + 1) / size, ((i + 1) / size) ** 2) for i, (c, n) in enumerate(named)],
                Axis("网格员占比", Unit.SHARE),
                Axis("工作量占比", Unit.SHARE),
            ),
        ),
        Chart(
            "before",
            "调整前后",
            dumbbell(
                [Change(c, n, i + 10.0, 40.0 - i) for i, (c, n) in enumerate(named[:10])],
                MINUTES,
                before="前",
                after="后",
            ),
        ),
    )


def add_to(app: Flask) -> Flask:
    """Give an application the example's pages and words."""
    words = ModuleType("webmap.planner.words.example")
    words.WORDS = WORDS
    sys.modules[words.__name__] = words
    app.register_blueprint(blueprint)
    return app
