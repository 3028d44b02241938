"""What the features of each layer say: name, kind and SQL of every property a client may name.

Exactly the public columns of `gis.publish.layers`, its computed ones, the id and the geometry. Whatever a
table holds besides (accounts, descriptions, hashes) is unknown here, and told apart from nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from gis.errors import NotFound
from gis.publish.layers import LAYERS, Layer
from gis.publish.property_codes import CODES, Code

Kind = Literal["text", "integer", "number", "boolean", "date", "timestamp", "text_array", "geometry"]
Role = Literal["id", "primary-geometry", "primary-instant", "primary-interval-start", "primary-interval-end"]

GEOMETRY = "geometry"
ID = "id"


class Reference(NamedTuple):
    """A code that stands in another table: `column` of `t` holds that table's integer `key`."""

    column: str
    table: str
    key: str


@dataclass(frozen=True, slots=True)
class Property:
    """One property.

    Attributes
    ----------
    column : SQL expression over `t`, a row of the layer's table.
    unit : UCUM code of a number's unit.
    is_single : a number of 32 bits, to which a literal must be rounded before they can be equal.
    reference : how to compare by an indexed integer column in place of `column`.
    codes : every value it can have, where a CHECK constraint says so; of a list: every element.
    """

    name: str
    kind: Kind
    title_zh: str
    title_en: str
    column: str
    unit: str | None = None
    is_single: bool = False
    minimum: int | None = None
    maximum: int | None = None
    role: Role | None = None
    reference: Reference | None = None
    codes: tuple[Code, ...] = ()
    is_queryable: bool = True
    is_sortable: bool = True
    is_computed: bool = False


class _Known(NamedTuple):
    kind: Kind
    title_zh: str
    title_en: str
    unit: str | None = None
    minimum: int | None = None
    maximum: int | None = None


_KNOWN: Mapping[str, _Known] = {
    "code": _Known("text", "编码", "Code"),
    "name_zh": _Known("text", "名称", "Name in Chinese"),
    "name_en": _Known("text", "英文名称", "Name in English"),
    "name": _Known("text", "名称", "Name"),
    "code_scheme": _Known("text", "编码体系", "Code scheme"),
    "code_is_provisional": _Known("boolean", "编码为暂定", "Code is provisional"),
    "valid_from": _Known("date", "生效日期", "Valid from"),
    "valid_to": _Known("date", "失效日期", "Valid to"),
    "area_m2": _Known("number", "面积(平方米)", "Area (m²)", "m2", 0),
    "land_use": _Known("text", "用地类型", "Land use"),
    "population": _Known("integer", "人口", "Population", None, 0),
    "is_schematic": _Known("boolean", "示意边界", "Schematic outline"),
    "subdistrict": _Known("text", "办事处编码", "Code of the subdistrict"),
    "community": _Known("text", "社区编码", "Code of the community"),
    "cell": _Known("text", "网格编码", "Code of the cell"),
    "address": _Known("text", "地址", "Address"),
    "use": _Known("text", "用途", "Use"),
    "floors": _Known("integer", "层数", "Floors", None, 1, 200),
    "built_year": _Known("integer", "建成年份", "Year built"),
    "building_id": _Known("integer", "楼栋", "Building"),
    "room": _Known("text", "房号", "Room"),
    "floor": _Known("integer", "楼层", "Floor"),
    "tenants": _Known("integer", "租住人数", "Tenants", None, 0),
    "grade": _Known("text", "分级", "Grade"),
    "hazards": _Known("text_array", "隐患", "Hazards"),
    "filed_on": _Known("date", "登记日期", "Filed on"),
    "last_visit_at": _Known("timestamp", "最近走访", "Last visit"),
    "due_on": _Known("date", "应走访日期", "Visit due"),
    "is_overdue": _Known("boolean", "逾期", "Overdue"),
    "category": _Known("text", "类别", "Category"),
    "state": _Known("text", "状态", "State"),
    "is_open": _Known("boolean", "未结", "Open"),
    "source": _Known("text", "来源", "Source"),
    "severity": _Known("integer", "严重程度", "Severity", None, 1, 4),
    "people": _Known("integer", "涉及人数", "People involved", None, 0),
    "occurred_at": _Known("timestamp", "发生时间", "Occurred"),
    "reported_at": _Known("timestamp", "上报时间", "Reported"),
    "due_at": _Known("timestamp", "办结时限", "Due"),
    "closed_at": _Known("timestamp", "结案时间", "Closed"),
    "violation": _Known("text", "违法类型", "Violation"),
    "level": _Known("text", "级别", "Level"),
    "parcel_id": _Known("integer", "地块", "Parcel"),
    "check_point_id": _Known("integer", "巡查点位", "Check point"),
    "radius_m": _Known("number", "半径(米)", "Radius (m)", "m", 1),
    "dwell_s": _Known("integer", "停留(秒)", "Stay (s)", "s", 0, 1800),
    "kind": _Known("text", "类型", "Kind"),
    "at": _Known("timestamp", "时间", "Time"),
    "device_at": _Known("timestamp", "手机时间", "Time on the phone"),
    "received_at": _Known("timestamp", "接收时间", "Received"),
    "accuracy_m": _Known("number", "精度(米)", "Accuracy (m)", "m", 0),
    "is_outside": _Known("boolean", "在区外", "Outside the district"),
    "started_at": _Known("timestamp", "开始时间", "Started"),
    "ended_at": _Known("timestamp", "结束时间", "Ended"),
    "length_m": _Known("number", "长度(米)", "Length (m)", "m", 0),
    "fixes": _Known("integer", "定位点数", "Position fixes", None, 1),
    "run": _Known("integer", "测算批次", "Run"),
    "analysis": _Known("text", "分析", "Analysis"),
    "part": _Known("text", "结果表", "Table of the result"),
    "figure": _Known("text", "主要指标", "Main figure"),
    "value": _Known("number", "主要指标值", "Value of the main figure"),
    "figures": _Known("text", "全部指标(JSON)", "All figures (JSON)"),
    "from_on": _Known("date", "起始日期", "From"),
    "to_on": _Known("date", "截止日期", "To"),
    "computed_at": _Known("timestamp", "测算时间", "Computed"),
    "covered_m2": _Known("number", "覆盖面积(平方米)", "Covered area (m²)", "m2", 0),
    "share": _Known("number", "覆盖率", "Covered share", "1", 0, 1),
    "capacity": _Known("integer", "容量", "Capacity", None, 0),
    "opening_hours": _Known("text", "开放时间", "Opening hours"),
}
_SINGLE = frozenset(
    {
        ("rental_unit", "area_m2"),
        ("check_point", "radius_m"),
        ("patrol_point", "accuracy_m"),
        ("coverage", "radius_m"),
    }
)

_REFERENCES = {
    "cell": Reference("t.cell_id", "cell", "cell_id"),
    "community": Reference("t.community_id", "community", "community_id"),
    "subdistrict": Reference("t.subdistrict_id", "subdistrict", "subdistrict_id"),
}
_SCHEMATIC = (
    "(SELECT revision.is_schematic FROM app.division_revision AS revision"
    " WHERE revision.revision_id = t.revision_id)"
)
_COMPUTED: Mapping[tuple[str, str], str] = {
    ("district", "is_schematic"): _SCHEMATIC,
    ("subdistrict", "is_schematic"): _SCHEMATIC,
    ("community", "is_schematic"): _SCHEMATIC,
    ("cell", "is_schematic"): _SCHEMATIC,
    ("rental_unit", "is_overdue"): "(t.due_on < app.today())",
    ("incident", "is_overdue"): "(t.is_open AND t.due_at < now())",
}
# Layers whose time is told by days: their moments, `time` of the layer, are no properties.
_PERIODS: Mapping[str, tuple[str, str]] = {
    "coverage": ("from_on", "to_on"),
    **dict.fromkeys(("district", "subdistrict", "community", "cell"), ("valid_from", "valid_to")),
}
_UNSORTED = frozenset({"boolean", "text_array", "geometry"})


def properties_of(layer: str) -> Mapping[str, Property]:
    """The properties of a layer by name, in the order features show them; the id first, geometry last.

    Raises
    ------
    NotFound
        There is no such layer.
    """
    found = _PROPERTIES.get(layer)
    if found is None:
        raise NotFound("There is no such layer.", code="no-such-layer")
    return found


def queryables(layer: str) -> tuple[Property, ...]:
    """What a filter may name."""
    return tuple(known for known in properties_of(layer).values() if known.is_queryable)


def sortables(layer: str) -> tuple[Property, ...]:
    """What features may be put in order by: columns of the table itself, none computed."""
    return tuple(known for known in properties_of(layer).values() if known.is_sortable)


def _role(layer: Layer, name: str) -> Role | None:
    start, end = _PERIODS.get(layer.name, (layer.time, layer.time_end))
    if name == start:
        return "primary-interval-start" if end else "primary-instant"
    return "primary-interval-end" if name == end else None


def _column(layer: Layer, name: str) -> Property:
    known = _KNOWN[name]
    return Property(
        name, known.kind, known.title_zh, known.title_en, f"t.{name}",
        unit=known.unit, minimum=known.minimum, maximum=known.maximum,
        is_single=(layer.name, name) in _SINGLE, role=_role(layer, name),
        codes=CODES.get((layer.name, name), ()), is_sortable=known.kind not in _UNSORTED,
    )  # fmt: skip


def _computed(layer: Layer, name: str) -> Property:
    known, reference = _KNOWN[name], _REFERENCES.get(name)
    if reference is None:
        expression = _COMPUTED[layer.name, name]
    else:
        expression = (
            f"(SELECT other.code FROM app.{reference.table} AS other"  # noqa: S608 (the catalogue's own names)
            f" WHERE other.{reference.key} = {reference.column})"
        )
    return Property(
        name, known.kind, known.title_zh, known.title_en, expression,
        reference=reference, is_sortable=False, is_computed=True,
    )  # fmt: skip


def _of(layer: Layer) -> Mapping[str, Property]:
    made: list[Property] = []
    if layer.key not in layer.columns:
        made.append(Property(ID, "integer", "编号", "Id", f"t.{layer.key}", role="id", is_computed=True))
    made += [_column(layer, name) for name in layer.columns]
    made += [_computed(layer, name) for name, _ in layer.computed]
    made.append(
        Property(
            GEOMETRY, "geometry", "几何", "Geometry", "t.geom", role="primary-geometry", is_sortable=False
        )
    )
    return MappingProxyType({known.name: known for known in made})


_PROPERTIES: Mapping[str, Mapping[str, Property]] = MappingProxyType(
    {name: _of(layer) for name, layer in LAYERS.items()}
)
