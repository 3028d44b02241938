"""What each layer asks of a row: fields, how they are read, the key, what if it lies outside the district."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

from gis.exchange import values
from gis.exchange.values import Parser

Outside = Literal["reject", "near", "keep"]
Shape = Literal["point", "polygon", "line"]

NEAR_M = 1_000.0
"""How far outside the outline a facility may lie and still be kept: it serves people inside."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a layer; its name is that of the column unless a lookup turns it into another.

    `lookup` names the table in which the value (a code or a name) must be found. A blank in a field with
    a `default` becomes that; a required field may not be blank.
    """

    name: str
    parse: Parser = values.text
    required: bool = False
    default: object = None
    lookup: str | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer that files can be loaded into.

    `key` is the column that tells one row from another. `outside` says what becomes of a place outside
    the district: ``reject``; ``near``, kept without a cell up to `NEAR_M` from the outline; ``keep``,
    kept however far, and flagged. A `fixed` row lives on in the app once stored (or is evidence): no file
    changes it. Of a `latest` column the later value stays: a file does not take a visit back. The table of a
    `monthly` layer is partitioned by its column `at`, which is part of every unique key.
    """

    name: str
    fields: tuple[Field, ...]
    shape: Shape = "point"
    key: str = "code"
    outside: Outside = "reject"
    fixed: bool = False
    latest: tuple[str, ...] = ()
    monthly: bool = False


def _words(**chinese: str) -> dict[str, str]:
    """``english="汉语 异名"`` as a map from every word, English ones too, to the English one."""
    return {word.lower(): english for english, words in chinese.items() for word in (english, *words.split())}


_USE = _words(
    residential="住宅 居住 住 自住 出租 居民楼",
    commercial="商业 商 商铺 店铺",
    industrial="工业 工 厂房",
    warehouse="仓库 仓储 仓",
    mixed="混合 综合 商住 商住两用",
)
_HAZARDS = _words(
    fire="消防 消防隐患 火灾",
    electric="用电 用电隐患 电",
    gas="燃气 燃气隐患 煤气",
    three_in_one="三合一",
    illegal_building="违建 违法建筑",
) | {"无": "", "none": "", "正常": ""}
_LEVEL = _words(key="重点", ordinary="一般 普通", remote="偏远")
_STATE = _words(
    reported="上报 已上报",
    accepted="受理 已受理",
    filed="立案 已立案",
    dispatched="派遣 分拨 已派遣",
    handling="处置 处置中 处理中",
    handled="已处置 已处理",
    checking="核查 核查中",
    rework="返工",
    closed="结案 已结案 办结 已办结",
    archived="归档 已归档",
    rejected="不予受理 驳回",
    voided="作废",
)
_YES_NO = _words(yes="是 可步行 true 1 y t", no="否 不可步行 false 0 n f")
_SEVERITY = {"一般": "1", "较大": "2", "较重": "2", "重大": "3", "特别重大": "4", **{d: d for d in "1234"}}

_LONG_TEXT = partial(values.text, longest=2000)
_CODE = Field("code", values.code, required=True)

LAYERS: dict[str, Layer] = {
    layer.name: layer
    for layer in (
        Layer(
            "building",
            (
                _CODE,
                Field("name_zh", default=""),
                Field("address", required=True),
                Field("use", values.choice(_USE), required=True),
                Field("floors", values.within(values.whole, 1, 200), required=True),
                Field("built_year", values.within(values.whole, 1800, 2100)),
            ),
        ),
        Layer(
            "rental_unit",
            (
                _CODE,
                Field("building_code", values.code, lookup="building"),
                Field("address", required=True),
                Field("room", values.code, default=""),
                Field("floor", values.within(values.whole, -10, 200), default=1),
                Field("area_m2", values.within(values.area, 0.1, 1e6)),
                Field("use", values.choice(_USE), default="residential"),
                Field("tenants", values.within(values.whole, 0, 10_000), default=0),
                Field("grade", required=True, lookup="rental_grade"),
                Field("hazards", values.choices(_HAZARDS), default=[]),
                Field("filed_on", values.day, required=True),
                Field("last_visit_at", values.moment),
            ),
            latest=("last_visit_at",),
        ),
        Layer(
            "incident",
            (
                Field("client_id", values.identifier),
                Field("code", values.code),
                Field("category", required=True, lookup="incident_category"),
                Field("state", values.choice(_STATE), default="reported"),
                Field("severity", values.choice(_SEVERITY), default="1"),
                Field("people", values.within(values.whole, 0, 30_000), default=0),
                Field("description", _LONG_TEXT, required=True),
                Field("address", default=""),
                Field("occurred_at", values.moment, required=True),
                Field("reported_at", values.moment),
                Field("due_at", values.moment),
                Field("closed_at", values.moment),
            ),
            key="client_id",
            fixed=True,
        ),
        Layer(
            "parcel",
            (
                _CODE,
                Field("name_zh", required=True),
                Field("level", values.choice(_LEVEL), required=True),
            ),
            shape="polygon",
        ),
        Layer(
            "check_point",
            (
                _CODE,
                Field("name_zh", required=True),
                Field("parcel_code", values.code, lookup="parcel"),
                Field("radius_m", values.within(values.decimal, 5, 500), default=40),
            ),
        ),
        Layer(
            "facility",
            (
                Field("code", values.code),
                Field("kind", required=True, lookup="facility_kind"),
                Field("name_zh", required=True),
                Field("name_en", default=""),
                Field("address", default=""),
                Field("capacity", values.within(values.whole, 0, 10_000_000)),
                Field("opening_hours", values.opening_hours, default=""),
            ),
            outside="near",
        ),
        Layer(
            "patrol_point",
            (
                Field("client_id", values.identifier),
                Field("team_code", values.code, lookup="team"),
                Field("kind", required=True, lookup="violation_kind"),
                Field("note", default=""),
                Field("device_at", values.moment, required=True),
                Field("accuracy_m", values.within(values.decimal, 0, 1e6)),
                Field("sequence", values.whole),
            ),
            key="client_id",
            outside="keep",
            fixed=True,
        ),
        Layer(
            "patrol_track",
            (
                Field("client_id", values.identifier),
                Field("team_code", values.code, lookup="team"),
                Field("name", default=""),
                Field("started_at", values.moment),
                Field("ended_at", values.moment),
            ),
            shape="line",
            key="client_id",
            outside="keep",
            monthly=True,
        ),
        # Not stored row by row: gis.roads makes a network of them.
        Layer(
            "road",
            (
                Field("class", default="unclassified"),
                Field("name", default=""),
                Field("walkable", values.choice(_YES_NO)),
                Field("foot", default=""),
                Field("access", default=""),
            ),
            shape="line",
            key="line",
            outside="near",
            fixed=True,
        ),
    )
}

DIVISION_LEVELS: dict[str, tuple[Field, ...]] = {
    "district": (Field("code", values.code, required=True), Field("name_zh"), Field("name_en")),
    "subdistrict": (Field("code", values.code, required=True), Field("name_zh"), Field("name_en")),
    "community": (
        Field("code", values.code, required=True),
        Field("name_zh"),
        Field("name_en"),
        Field("parent_code", values.code),
    ),
    "cell": (
        Field("code", values.code, required=True),
        Field("name_zh"),
        Field("name_en"),
        Field("parent_code", values.code),
        Field(
            "land_use",
            values.choice(
                _words(
                    urban_village="城中村",
                    estate="小区 住宅小区",
                    industrial="工业 工业区",
                    hill="山地 林地",
                    other="其他",
                )
            ),
        ),
        Field("population", values.within(values.whole, 0, 10_000_000)),
    ),
}
CHECKED_LAYERS = ("subdistrict", "community")
"""Levels whose names and codes a table without outlines can be compared with; nothing is stored."""

LOADABLE = (*LAYERS, "division", *CHECKED_LAYERS)
