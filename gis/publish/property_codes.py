"""Codes that a CHECK constraint of a table fixes, with their names: what a client may offer in a list.

Codes that stand in a table of their own (grades, categories, kinds) may grow and are not listed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Code(NamedTuple):
    """One coded value and its names."""

    value: str
    title_zh: str
    title_en: str


def _codes(*triples: tuple[str, str, str]) -> tuple[Code, ...]:
    return tuple(Code(*triple) for triple in triples)


_USE = _codes(
    ("residential", "居住", "residential"),
    ("commercial", "商业", "commercial"),
    ("industrial", "工业", "industrial"),
    ("warehouse", "仓储", "warehouse"),
    ("mixed", "混合", "mixed use"),
)
_PHONE = ("phone", "手机", "phone")
_GPX = ("gpx", "GPX 文件", "GPX file")
_IMPORT = ("import", "导入", "import")
_DEMO = ("demo", "演示", "demo")

CODES: Mapping[tuple[str, str], tuple[Code, ...]] = {
    ("cell", "land_use"): _codes(
        ("urban_village", "城中村", "urban village"),
        ("estate", "小区", "estate"),
        ("industrial", "工业", "industrial"),
        ("hill", "山林", "hill"),
        ("other", "其他", "other"),
    ),
    ("building", "use"): _USE,
    ("rental_unit", "use"): _USE,
    ("rental_unit", "hazards"): _codes(
        ("fire", "消防", "fire"),
        ("electric", "用电", "electric wiring"),
        ("gas", "燃气", "gas"),
        ("three_in_one", "三合一", "living, storing and working in one"),
        ("illegal_building", "违法建筑", "illegal building"),
    ),
    ("incident", "state"): _codes(
        ("reported", "上报", "reported"),
        ("accepted", "受理", "accepted"),
        ("filed", "立案", "filed"),
        ("dispatched", "派遣", "dispatched"),
        ("handling", "处置中", "being handled"),
        ("handled", "处置完成", "handled"),
        ("checking", "核查中", "being checked"),
        ("rework", "返工", "rework"),
        ("closed", "已结", "closed"),
        ("archived", "归档", "archived"),
        ("rejected", "不予受理", "rejected"),
        ("voided", "作废", "voided"),
    ),
    ("incident", "source"): _codes(
        ("officer", "网格员", "grid officer"),
        ("patrol", "国土看护", "land patrol"),
        ("hotline", "热线", "hotline"),
        ("public", "群众", "public"),
        _IMPORT,
    ),
    ("parcel", "level"): _codes(
        ("key", "重点", "key"), ("ordinary", "一般", "ordinary"), ("remote", "偏远", "remote")
    ),
    ("patrol_point", "source"): _codes(_PHONE, _GPX, _IMPORT, _DEMO),
    ("patrol_point", "grade"): _codes(
        ("A", "实时定位，10 米以内", "fresh position within 10 m"),
        ("B", "实时定位，30 米以内", "fresh position within 30 m"),
        ("C", "定位较差或无实时定位", "worse or no fresh position"),
        ("D", "手工录入、模拟定位或手机时钟跳变", "typed, mock position or clock jumped"),
    ),
    ("patrol_track", "source"): _codes(
        _PHONE,
        _GPX,
        _DEMO,
        ("owntracks", "OwnTracks", "OwnTracks"),
        ("traccar", "Traccar", "Traccar"),
        ("osmand", "OsmAnd", "OsmAnd"),
        ("file", "本人上传的文件", "own file"),
    ),
}
