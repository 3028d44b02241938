"""The catalogue of what may be read: layer by layer the table, the public columns and who may ask.

Only what stands here ever leaves through maps, tiles and items. No account, name or number of a person is
public; which rows of a layer somebody sees is the database's business. Every dynamic identifier of
`gis.publish.store` comes from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from gis.errors import NotFound
from gis.people.model import Actor, Permission

Kind = Literal["text", "integer", "boolean"]
Geometry = Literal["Point", "MultiPolygon", "MultiLineString"]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer. `name` is the table in schema `app` and the name in every URL.

    Attributes
    ----------
    key : column that identifies a feature to clients: a division's code, otherwise the integer id.
    serial : integer identity column; the feature id inside vector tiles.
    columns : public columns of the list of features, in the order shown.
    slim : the few of them that a single clustered point carries.
    in_tile : what a tile carries where `slim` is too much: texts that all differ make it ten times as large.
    computed : name and SQL expression over `f`, a row of the layer, and the tables of `joins`.
    needs : columns that `computed` and `joins` read beyond the public ones.
    filters : columns a client may compare for equality, with their kind.
    time : column of the row's moment; `time_end` the end of its period where it has one.
    points_from_zoom : below this zoom a tile holds counts per square instead of points.
    told : SQL over `t` that gives a row's feature from the stored one, see migrations 0005 and 0009: what
        depends on the hour is put to its end. None where features are composed.
    told_for : how long `told` gives the same of an unchanged row: for ever, or for a day of the district.
        None where it may differ from one moment to the next, or there is none.
    tallied_as : the table whose tally tells of changes, where the layer is a view.
    in_tile_if : SQL over `t`; which rows a tile shows where they would hide each other.
    largest_key : the largest number the key column holds.
    """

    name: str
    title_zh: str
    title_en: str
    geometry: Geometry
    key: str
    serial: str
    columns: tuple[str, ...]
    slim: tuple[str, ...]
    in_tile: tuple[str, ...] | None = None
    permission: Permission = Permission.SEE_MAPS
    computed: tuple[tuple[str, str], ...] = ()
    joins: str = ""
    needs: tuple[str, ...] = ()
    filters: Mapping[str, Kind] = field(default_factory=dict)
    time: str | None = None
    time_end: str | None = None
    has_cell: bool = False
    has_community: bool = False
    is_division: bool = False
    has_nearest: bool = False
    points_from_zoom: int = 12
    told: str | None = None
    told_for: Literal["ever", "day"] | None = None
    tallied_as: str | None = None
    in_tile_if: str = "true"
    largest_key: int = 2**31 - 1

    @property
    def has_own_rows(self) -> bool:
        """Whether officers see only the rows of their own cells."""
        return self.permission is Permission.SEE_HOUSING

    @property
    def tally(self) -> str:
        """Name of the layer in app.layer_tally."""
        return self.tallied_as or self.name

    @property
    def is_point(self) -> bool:
        """Whether the layer's objects are points, which are clustered at low zooms."""
        return self.geometry == "Point"

    @property
    def tile_columns(self) -> tuple[str, ...]:
        """Columns that a tile carries besides the id."""
        return self.slim if self.in_tile is None else self.in_tile

    @property
    def base_columns(self) -> tuple[str, ...]:
        """Every column read from the table, each once."""
        places = (("cell_id",) if self.has_cell else ()) + (("community_id",) if self.has_community else ())
        return tuple(dict.fromkeys((self.key, self.serial, *self.columns, *self.needs, *places, "geom")))


_CELL = ("cell", "place.code")
_COMMUNITY = ("community", "home.code")
_CELL_JOIN = "LEFT JOIN app.cell AS place ON place.cell_id = f.cell_id"
_COMMUNITY_JOIN = "LEFT JOIN app.community AS home ON home.community_id = f.community_id"
_BOTH_JOINS = f"{_CELL_JOIN} {_COMMUNITY_JOIN}"
_DIVISION = ("code", "name_zh", "name_en", "code_scheme", "valid_from", "valid_to", "area_m2")
_SCHEMATIC = ("is_schematic", "revision.is_schematic")
_REVISION_JOIN = "JOIN app.division_revision AS revision ON revision.revision_id = f.revision_id"

_LAYERS = (
    Layer(
        "district", "区", "District", "MultiPolygon", "code", "district_id",
        columns=_DIVISION, slim=("code", "name_zh", "name_en"),
        computed=(_SCHEMATIC,), joins=_REVISION_JOIN, needs=("revision_id",),
        filters={"code": "text"}, is_division=True,
    ),
    Layer(
        "subdistrict", "办事处", "Subdistricts", "MultiPolygon", "code", "subdistrict_id",
        columns=_DIVISION, slim=("code", "name_zh", "name_en"),
        computed=(_SCHEMATIC,), joins=_REVISION_JOIN, needs=("revision_id",),
        filters={"code": "text"}, is_division=True,
    ),
    Layer(
        "community", "社区", "Communities", "MultiPolygon", "code", "community_id",
        columns=(*_DIVISION, "code_is_provisional"), slim=("code", "name_zh", "name_en"),
        computed=(("subdistrict", "office.code"), _SCHEMATIC),
        joins=f"{_REVISION_JOIN} JOIN app.subdistrict AS office ON office.subdistrict_id = f.subdistrict_id",
        needs=("revision_id", "subdistrict_id"),
        filters={"code": "text"}, has_community=True, is_division=True,
    ),
    Layer(
        "cell", "网格", "Cells", "MultiPolygon", "code", "cell_id",
        columns=(*_DIVISION, "land_use", "population"), slim=("code", "name_zh", "land_use"),
        computed=(_COMMUNITY, _SCHEMATIC), joins=f"{_REVISION_JOIN} {_COMMUNITY_JOIN}",
        needs=("revision_id",), filters={"code": "text", "land_use": "text"},
        has_cell=True, has_community=True, is_division=True, has_nearest=True,
    ),
    Layer(
        "building", "楼栋", "Buildings", "Point", "building_id", "building_id",
        columns=("code", "name_zh", "address", "use", "floors", "built_year"),
        slim=("code", "name_zh", "use"), in_tile=("use",), permission=Permission.SEE_HOUSING,
        computed=(_CELL, _COMMUNITY), joins=_BOTH_JOINS,
        filters={"code": "text", "use": "text"}, has_cell=True, has_community=True, told="t.feature",
        told_for="ever",
    ),
    Layer(
        "rental_unit", "出租屋", "Rental units", "Point", "rental_unit_id", "rental_unit_id",
        columns=("code", "building_id", "address", "room", "floor", "area_m2", "use", "tenants", "grade",
                 "hazards", "filed_on", "last_visit_at", "due_on"),
        slim=("code", "grade"), in_tile=("grade",), permission=Permission.SEE_HOUSING,
        computed=(("is_overdue", "f.due_on < app.today()"), _CELL, _COMMUNITY), joins=_BOTH_JOINS,
        filters={"code": "text", "grade": "text", "use": "text", "building_id": "integer"},
        has_cell=True, has_community=True, has_nearest=True, points_from_zoom=14,
        told="""t.feature || CASE WHEN t.due_on < (SELECT app.today()) THEN 'true}}' ELSE 'false}}' END""",
        told_for="day",
    ),
    Layer(
        "incident", "事件", "Incidents", "Point", "incident_id", "incident_id",
        columns=("category", "state", "is_open", "source", "severity", "people", "address", "occurred_at",
                 "reported_at", "due_at", "closed_at", "violation", "parcel_id"),
        slim=("category", "state", "is_open", "severity"), in_tile=("state", "is_open"),
        computed=(("is_overdue", "f.is_open AND f.due_at < now()"), _CELL, _COMMUNITY), joins=_BOTH_JOINS,
        filters={"category": "text", "state": "text", "is_open": "boolean", "source": "text",
                 "severity": "integer", "violation": "text", "parcel_id": "integer"},
        time="reported_at", has_cell=True, has_community=True, points_from_zoom=14,
        told="""CASE WHEN NOT t.is_open THEN t.feature
                     WHEN t.due_at < now() THEN left(t.feature, -26) || 'true,"is_overdue":true}}'
                     ELSE left(t.feature, -26) || 'true,"is_overdue":false}}' END""",
    ),
    Layer(
        "parcel", "国有土地地块", "State-land parcels", "MultiPolygon", "parcel_id", "parcel_id",
        columns=("code", "name_zh", "level", "area_m2"), slim=("code", "name_zh", "level"),
        computed=(_CELL, _COMMUNITY), joins=_BOTH_JOINS, filters={"code": "text", "level": "text"},
        has_cell=True, has_community=True,
    ),
    Layer(
        "check_point", "巡查点位", "Check points", "Point", "check_point_id", "check_point_id",
        columns=("code", "name_zh", "parcel_id", "radius_m", "dwell_s"), slim=("code", "name_zh", "radius_m"),
        computed=(_CELL, _COMMUNITY), joins=_BOTH_JOINS,
        filters={"code": "text", "parcel_id": "integer"}, has_cell=True, has_community=True,
    ),
    Layer(
        "patrol_point", "巡查打点", "Patrol points", "Point", "patrol_point_id", "patrol_point_id",
        columns=("kind", "source", "at", "device_at", "received_at", "accuracy_m", "grade", "is_outside",
                 "parcel_id", "check_point_id"),
        slim=("kind", "at"), in_tile=("kind",), computed=(_CELL, _COMMUNITY), joins=_BOTH_JOINS,
        filters={"kind": "text", "source": "text", "grade": "text", "is_outside": "boolean",
                 "parcel_id": "integer", "check_point_id": "integer"},
        time="at", has_cell=True, has_community=True, points_from_zoom=15, largest_key=2**63 - 1,
    ),
    Layer(
        "patrol_track", "巡查轨迹", "Patrol tracks", "MultiLineString", "patrol_track_id", "patrol_track_id",
        columns=("name", "source", "started_at", "ended_at", "length_m", "fixes", "is_outside"),
        slim=("name", "started_at"), in_tile=("source",), permission=Permission.SEE_TRACKS,
        computed=(_COMMUNITY,), joins=_COMMUNITY_JOIN,
        filters={"source": "text", "is_outside": "boolean"}, time="started_at", time_end="ended_at",
        has_community=True,
    ),
    Layer(
        "facility", "服务设施", "Service facilities", "Point", "facility_id", "facility_id",
        columns=("code", "kind", "name_zh", "name_en", "address", "capacity", "opening_hours"),
        slim=("code", "kind", "name_zh", "name_en"), in_tile=("kind", "name_zh", "name_en"),
        computed=(_CELL, _COMMUNITY), joins=_BOTH_JOINS,
        filters={"code": "text", "kind": "text"}, has_cell=True, has_community=True, has_nearest=True,
    ),
    Layer(
        "coverage", "巡查覆盖", "Patrol coverage", "MultiPolygon", "coverage_id", "coverage_id",
        columns=("run", "from_on", "to_on", "radius_m", "computed_at", "area_m2", "covered_m2", "share"),
        slim=("run", "share"), computed=(_CELL, _COMMUNITY), joins=_BOTH_JOINS,
        filters={"run": "integer"}, time="from_at", time_end="to_at", has_cell=True, has_community=True,
        tallied_as="coverage_share", largest_key=2**63 - 1,
        in_tile_if="t.run = (SELECT max(r.coverage_run_id) FROM app.coverage_run AS r)",
    ),
    Layer(
        "analysis_result", "分析结果", "Results of analyses", "MultiPolygon", "analysis_result_id",
        "analysis_result_id",
        columns=("run", "analysis", "part", "kind", "code", "computed_at", "figure", "value", "figures"),
        slim=("run", "analysis", "part", "code", "figure", "value"), permission=Permission.SEE_COVERAGE,
        computed=(_CELL, _COMMUNITY), joins=_BOTH_JOINS,
        filters={"run": "integer", "analysis": "text", "part": "text", "kind": "text", "code": "text"},
        time="computed_at", has_cell=True, has_community=True, largest_key=2**63 - 1,
        tallied_as="analysis_result",
        # One table of one run: a tile shows a place once.
        in_tile_if="""(t.run, t.table_number) = (
            SELECT w.analysis_run_id, w.table_number FROM app.analysis_row AS w
            WHERE w.has_area ORDER BY w.analysis_run_id DESC, w.table_number LIMIT 1)""",
    ),
)  # fmt: skip

LAYERS: Mapping[str, Layer] = MappingProxyType({layer.name: layer for layer in _LAYERS})
POINT_LAYERS: tuple[str, ...] = tuple(layer.name for layer in _LAYERS if layer.is_point)
NEAREST_LAYERS: tuple[str, ...] = tuple(layer.name for layer in _LAYERS if layer.has_nearest)
COUNTED_LAYERS: tuple[str, ...] = tuple(
    layer.name for layer in _LAYERS if not layer.is_division and layer.tallied_as is None
)


def layer_for(actor: Actor, name: str) -> Layer:
    """The layer of that name, if the actor's role may ask for it at all.

    Raises
    ------
    NotFound
        There is no such layer, or the actor's token does not open it.
    Forbidden
        The role may not see this kind of thing.
    """
    layer = LAYERS.get(name)
    if layer is None or not actor.reaches(name):
        raise NotFound("There is no such layer.", code="no-such-layer")
    actor.require(layer.permission)
    return layer


def layers_of(actor: Actor) -> tuple[Layer, ...]:
    """Every layer the actor's role may ask for, in the order of the catalogue."""
    return tuple(layer for layer in _LAYERS if actor.may(layer.permission) and actor.reaches(layer.name))
