"""What headers mean: a table of synonyms in Chinese and English.

Headers are compared in lower case without spaces, underscores, dashes, full-width forms and whatever
stands in brackets; what stands in the brackets of a coordinate header may name the coordinate system.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from gis.errors import InvalidInput
from gis.geometry.crs import find_crs

# field -> headers; the first that a file has is taken.
POSITION = {
    "lon": (
        "lon",
        "longitude",
        "lng",
        "long",
        "经度",
        "东经",
        "x",
        "x坐标",
        "坐标x",
        "横坐标",
        "point_x",
        "coord_x",
    ),
    "lat": ("lat", "latitude", "纬度", "北纬", "y", "y坐标", "坐标y", "纵坐标", "point_y", "coord_y"),
    "wkt": ("wkt", "geometry", "geom", "几何", "空间位置", "the_geom", "shape"),
}
FIELDS: dict[str, tuple[str, ...]] = {
    "code": ("code", "编码", "编号", "代码", "统一编码", "序号编码"),
    "name_zh": ("name_zh", "name", "名称", "中文名", "中文名称"),
    "name_en": ("name_en", "english_name", "英文名", "英文名称"),
    "address": ("address", "addr", "地址", "详细地址", "原始地址", "门牌地址", "位置", "地点"),
    "building_code": ("building_code", "building", "楼栋编码", "楼栋编号", "楼栋代码", "栋编码"),
    "parcel_code": ("parcel_code", "parcel", "地块编号", "地块编码", "所属地块"),
    "team_code": ("team_code", "team", "队伍编号", "巡查队", "队伍"),
    "room": ("room", "room_no", "房号", "房间号", "室号", "套间"),
    "floor": ("floor", "楼层", "所在楼层", "层"),
    "floors": ("floors", "storeys", "总层数", "层数", "楼层数"),
    "built_year": ("built_year", "year_built", "建成年份", "建造年份"),
    "area_m2": ("area_m2", "area", "面积", "建筑面积", "出租面积"),
    "use": ("use", "usage", "用途", "房屋用途", "使用性质"),
    "tenants": ("tenants", "居住人数", "租住人数", "人数", "承租人数"),
    "grade": ("grade", "rental_grade", "等级", "分级", "管理等级", "管理级别", "分类等级"),
    "hazards": ("hazards", "hazard", "隐患", "隐患类型", "存在隐患"),
    "filed_on": ("filed_on", "filed", "备案日期", "登记日期", "建档日期"),
    "last_visit_at": (
        "last_visit_at",
        "last_visit",
        "最近走访",
        "上次走访",
        "走访日期",
        "最近巡查时间",
        "最近走访时间",
    ),
    "kind": ("kind", "type", "类别", "类型", "种类", "设施类型", "巡查类型", "违法类型"),
    "capacity": ("capacity", "容量", "床位数", "学位数"),
    "opening_hours": ("opening_hours", "hours", "开放时间", "营业时间", "服务时间", "办公时间"),
    "category": ("category", "事件类别", "事件分类", "案件类别", "类别", "小类"),
    "state": ("state", "status", "状态", "办理状态"),
    "severity": ("severity", "严重程度", "紧急程度"),
    "people": ("people", "涉及人数", "人数"),
    "description": ("description", "desc", "描述", "事件描述", "问题描述", "内容"),
    "occurred_at": ("occurred_at", "occurred", "发生时间", "事发时间", "发现时间"),
    "reported_at": ("reported_at", "reported", "上报时间", "报告时间"),
    "due_at": ("due_at", "due", "截止时间", "办结时限"),
    "closed_at": ("closed_at", "closed", "结案时间", "办结时间"),
    "level": ("level", "级别", "地块级别", "管控级别"),
    "radius_m": ("radius_m", "radius", "半径", "签到半径"),
    "client_id": ("client_id", "uuid"),
    "note": ("note", "remark", "备注", "说明"),
    "device_at": (
        "device_at",
        "captured_at",
        "time",
        "timestamp",
        "时间",
        "采集时间",
        "巡查时间",
        "打卡时间",
    ),
    "accuracy_m": ("accuracy_m", "accuracy", "精度", "定位精度"),
    "sequence": ("sequence", "seq", "序号"),
    "name": ("name", "名称", "轨迹名称"),
    "started_at": ("started_at", "start_time", "开始时间"),
    "ended_at": ("ended_at", "end_time", "结束时间"),
    "land_use": ("land_use", "用地类型", "用地性质"),
    "population": ("population", "人口", "实有人口", "人口数"),
    "parent_code": ("parent_code", "community_code", "所属社区编码", "社区代码", "上级编码"),
}
# What a layer calls its fields beyond the table above; looked at first.
BY_LAYER: dict[str, dict[str, tuple[str, ...]]] = {
    "rental_unit": {"code": ("unit_code", "房屋编码", "出租屋编码", "出租屋编号", "套间编码")},
    "building": {
        "code": ("building_code", "楼栋编码", "楼栋编号"),
        "name_zh": ("building_name", "楼栋名称", "楼名"),
    },
    "incident": {"code": ("incident_no", "事件编号", "案件编号", "工单号"), "kind": ()},
    "parcel": {"code": ("地块编号", "地块编码"), "name_zh": ("地块名称",)},
    "check_point": {"code": ("巡查点编号", "巡查点编码", "点位编号"), "name_zh": ("巡查点名称", "点位名称")},
    "facility": {
        "code": ("设施编码", "设施编号"),
        "name_zh": ("设施名称", "机构名称", "单位名称", "学校名称", "站名"),
    },
    "road": {
        "class": ("highway", "fclass", "road_class", "道路等级", "道路类型", "等级", "类别", "type"),
        "name": ("name", "road_name", "道路名称", "路名", "名称"),
        "walkable": ("is_walkable", "可步行", "是否可步行"),
    },
    "patrol_point": {"code": ("点位编号",), "kind": ("violation",)},
    "community": {
        "code": ("community_code", "社区编码", "社区代码", "comm_code", "comm_id"),
        "name_zh": ("community_name", "社区名称", "社区", "comm_name"),
        "parent_code": ("subdistrict_code", "street_code", "街道编码", "街道代码", "办事处编码"),
    },
    "cell": {
        "code": ("cell_code", "grid_code", "网格编码", "网格编号", "网格代码", "grid_id"),
        "name_zh": ("cell_name", "grid_name", "网格名称"),
    },
    "subdistrict": {
        "code": ("subdistrict_code", "street_code", "街道代码", "街道编码", "办事处编码"),
        "name_zh": ("subdistrict", "street", "街道", "街道名称", "办事处"),
    },
    "district": {},
}
# A header that says more than which field it is.
IMPLIED = {"facility": {"站名": {"kind": "metro_station"}}}

_BRACKETS = re.compile(r"[(（\[【]([^)）\]】]*)[)）\]】]")
_DROPPED = re.compile(r"[\s_\-·.:：*#]+")
_FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20, 0xFEFF: None}


def normalise(header: object) -> str:
    """A header as it is compared."""
    plain = _BRACKETS.sub("", str(header)).translate(_FULL_WIDTH)
    return _DROPPED.sub("", _BRACKETS.sub("", plain)).lower()


def match_columns(layer: str, columns: Iterable[str], fields: Iterable[str]) -> dict[str, str]:
    """Which column of a file holds which field: ``{field: header}``. A header serves one field."""
    by_normal: dict[str, str] = {}
    for column in columns:
        by_normal.setdefault(normalise(column), column)
    matched: dict[str, str] = {}
    for field in fields:
        known = (
            field,
            *BY_LAYER.get(layer, {}).get(field, ()),
            *POSITION.get(field, ()),
            *FIELDS.get(field, ()),
        )
        names = (normalise(name) for name in known)
        found = next((by_normal[name] for name in names if name in by_normal), None)
        if found is not None and found not in matched.values():
            matched[field] = found
    return matched


def implied_values(layer: str, columns: Iterable[str]) -> dict[str, str]:
    """Values that follow from a header alone: 站名 heads a list of stations."""
    implied = IMPLIED.get(layer, {})
    return {field: value for column in columns for field, value in implied.get(normalise(column), {}).items()}


def header_crs(matched: Mapping[str, str]) -> str | None:
    """The coordinate system named in the header of a coordinate, as in ``经度(GCJ02)``."""
    for field in ("lon", "lat", "wkt"):
        for named in _BRACKETS.findall(matched.get(field, "")):
            try:
                return find_crs(named).name
            except InvalidInput:
                continue  # a unit or a remark
    return None
