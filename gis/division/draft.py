"""Completing a draft: every level there, every column filled, every geometry a multipolygon. No I/O."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from gis.division.model import LAND_USES, DivisionDraft, Level
from gis.division.schematic import SchematicDivision
from gis.errors import InvalidInput
from gis.geometry.crs import STORAGE_EPSG

COLUMNS: dict[Level, tuple[str, ...]] = {
    Level.DISTRICT: ("code", "name_zh", "name_en"),
    Level.SUBDISTRICT: ("code", "name_zh", "name_en", "parent_code"),
    Level.COMMUNITY: ("code", "name_zh", "name_en", "parent_code", "pinyin_initials", "code_is_provisional"),
    Level.CELL: ("code", "name_zh", "name_en", "parent_code", "land_use", "population"),
}
_DEFAULTS: dict[str, Hashable] = {
    "name_en": "",
    "pinyin_initials": "",
    "code_is_provisional": False,
    "land_use": "other",
    "population": 0,
}
_MAX_POPULATION = 2**31 - 1


@dataclass(frozen=True)
class Division:
    """A draft with nothing missing; frames in order of code; `given` names the levels not derived."""

    draft: DivisionDraft
    frames: dict[Level, geopandas.GeoDataFrame]
    given: frozenset[Level]


def complete(draft: DivisionDraft) -> Division:
    """Fill in what a draft may leave out.

    Raises
    ------
    InvalidInput
        No rows, no code, a code that went through a spreadsheet as a number, a geometry that is no
        polygon, another coordinate system than EPSG:4326, an unknown land use; `pointer` names level,
        row (from 0) and column.
    """
    if not draft.title.strip() or not draft.code_scheme.strip():
        raise InvalidInput("a division needs a title and a code scheme", pointer="title")
    frames = {
        Level.COMMUNITY: _checked(draft.communities, Level.COMMUNITY),
        Level.CELL: _checked(draft.cells, Level.CELL),
    }
    given = {Level.COMMUNITY, Level.CELL}
    for level, frame in ((Level.SUBDISTRICT, draft.subdistricts), (Level.DISTRICT, draft.district)):
        if frame is not None:
            frames[level] = _checked(frame, level)
            given.add(level)
    if Level.DISTRICT not in frames:
        below = frames.get(Level.SUBDISTRICT, frames[Level.COMMUNITY])
        frames[Level.DISTRICT] = _union(below, code=_common_code(below), name=draft.title.strip())
    if len(frames[Level.DISTRICT]) != 1:
        raise InvalidInput("a division has exactly one district", pointer="district")
    if Level.SUBDISTRICT not in frames:
        whole = frames[Level.DISTRICT].iloc[0]
        frames[Level.SUBDISTRICT] = _union(frames[Level.COMMUNITY], code=whole.code, name=whole.name_zh)
        frames[Level.COMMUNITY]["parent_code"] = whole.code
    frames[Level.SUBDISTRICT]["parent_code"] = frames[Level.DISTRICT].iloc[0].code
    for lower, upper in ((Level.COMMUNITY, Level.SUBDISTRICT), (Level.CELL, Level.COMMUNITY)):
        frames[lower]["parent_code"] = _parents(frames[lower], frames[upper])
    return Division(draft, frames, frozenset(given))


def schematic_draft(division: SchematicDivision, valid_from: date) -> DivisionDraft:
    """The schematic division as a draft."""
    rows: dict[Level, list[dict[str, Any]]] = {
        Level.DISTRICT: [_row(division.district, name_en=division.district.name_en)],
        Level.SUBDISTRICT: [
            _row(place, name_en=place.name_en, parent_code=place.district_code)
            for place in division.subdistricts
        ],
        Level.COMMUNITY: [
            _row(
                place,
                name_en=place.name_pinyin,
                parent_code=place.subdistrict_code,
                pinyin_initials=place.initials,
                code_is_provisional=True,
            )
            for place in division.communities
        ],
        Level.CELL: [
            _row(
                cell,
                name_en=f"Cell {cell.sequence:03d}",
                parent_code=cell.community_code,
                land_use=cell.land_use,
                population=cell.population,
            )
            for cell in division.cells
        ],
    }
    frames = {level: geopandas.GeoDataFrame(made, crs=STORAGE_EPSG) for level, made in rows.items()}
    return DivisionDraft(
        title="光明新区示意网格",
        code_scheme=division.code_scheme,
        source=f"data/README.md: {division.notice}",
        is_schematic=True,
        valid_from=valid_from,
        communities=frames[Level.COMMUNITY],
        cells=frames[Level.CELL],
        subdistricts=frames[Level.SUBDISTRICT],
        district=frames[Level.DISTRICT],
    )


def same_places(left: geopandas.GeoDataFrame, right: geopandas.GeoDataFrame, level: Level) -> bool:
    """Tell whether two frames of a level hold the same codes, attributes and shapes, in any order."""
    return len(left) == len(right) and _fingerprint(left, level) == _fingerprint(right, level)


def _row(place: Any, **more: Any) -> dict[str, Any]:
    return {"code": place.code, "name_zh": place.name_zh, "geometry": place.geometry, **more}


def _fingerprint(frame: geopandas.GeoDataFrame, level: Level) -> set[tuple[Any, ...]]:
    shapes = shapely.to_wkb(shapely.normalize(frame.geometry.to_numpy()))
    columns = [frame[column].tolist() for column in COLUMNS[level]]
    return set(zip(*columns, shapes, strict=True))


def _checked(frame: geopandas.GeoDataFrame, level: Level) -> geopandas.GeoDataFrame:
    if frame.crs is None or frame.crs.to_epsg() != STORAGE_EPSG:
        raise InvalidInput(f"{level} must be in EPSG:4326", pointer=level, code="unexpected-crs")
    if frame.empty:
        raise InvalidInput(f"there is no {level}", pointer=level, code="empty")
    frame = frame.reset_index(drop=True)
    columns: dict[str, Any] = {
        "code": [_code(value, level, row) for row, value in enumerate(_of(frame, "code"))]
    }
    names = _of(frame, "name_zh")
    columns["name_zh"] = [_text(name) or code for name, code in zip(names, columns["code"], strict=True)]
    for column in COLUMNS[level][2:]:
        columns[column] = [_value(value, level, row, column) for row, value in enumerate(_of(frame, column))]
    geometry = [_multipolygon(shape, level, row) for row, shape in enumerate(frame.geometry)]
    made = geopandas.GeoDataFrame(columns, geometry=geometry, crs=STORAGE_EPSG)
    return made.sort_values("code", kind="stable", ignore_index=True)


def _of(frame: geopandas.GeoDataFrame, column: str) -> list[Any]:
    return frame[column].tolist() if column in frame.columns else [None] * len(frame)


def _code(value: Any, level: Level, row: int) -> str:
    if isinstance(value, float | np.floating) and not pd.isna(value):
        raise InvalidInput(
            f"{level} row {row}: the code is a number with decimals ({value!r}); keep codes as text",
            pointer=f"{level}/{row}/code",
        )
    code = _text(value)
    if not code:
        raise InvalidInput(f"{level} row {row} has no code", pointer=f"{level}/{row}/code")
    return code


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value).strip()


def _value(value: Any, level: Level, row: int, column: str) -> Any:
    pointer = f"{level}/{row}/{column}"
    if value is None or pd.isna(value) or value == "":
        return _DEFAULTS.get(column)
    if column == "population":
        return _population(value, pointer)
    if column == "code_is_provisional":
        return bool(value)
    if column == "land_use" and value not in LAND_USES:
        raise InvalidInput(
            f"unknown land use {str(value)[:40]!r}; known are {', '.join(LAND_USES)}", pointer=pointer
        )
    return _code(value, level, row) if column == "parent_code" else _text(value)


def _population(value: Any, pointer: str) -> int:
    try:
        people = int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput(
            f"the population is no whole number: {str(value)[:40]!r}", pointer=pointer
        ) from error
    if not 0 <= people <= _MAX_POPULATION:
        raise InvalidInput(f"a population of {people}", pointer=pointer)
    return people


def _multipolygon(shape: Any, level: Level, row: int) -> shapely.MultiPolygon:
    pointer = f"{level}/{row}/geometry"
    if shape is None or shape.is_empty:
        raise InvalidInput(f"{level} row {row} has no geometry", pointer=pointer, code="empty")
    if isinstance(shape, shapely.Polygon):
        shape = shapely.MultiPolygon([shape])
    if not isinstance(shape, shapely.MultiPolygon):
        raise InvalidInput(f"{level} row {row} is a {shape.geom_type}, not a polygon", pointer=pointer)
    if not shape.is_valid:
        reason = shapely.is_valid_reason(shape)
        raise InvalidInput(f"{level} row {row}: {reason}", pointer=pointer, code="invalid-geometry")
    flat: shapely.MultiPolygon = shapely.force_2d(shape)
    return flat


def _common_code(frame: geopandas.GeoDataFrame) -> str:
    """What all codes begin with; they are in order, so the first and the last tell."""
    first, last = frame["code"].iloc[0], frame["code"].iloc[-1]
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(letter for letter, _ in same) or "district"


def _union(parts: geopandas.GeoDataFrame, *, code: str, name: str) -> geopandas.GeoDataFrame:
    whole = shapely.union_all(parts.geometry.to_numpy())
    row = {"code": [code], "name_zh": [name], "name_en": [""], "parent_code": [None]}
    shape = _multipolygon(whole, Level.DISTRICT, 0)
    return geopandas.GeoDataFrame(row, geometry=[shape], crs=STORAGE_EPSG)


def _parents(lower: geopandas.GeoDataFrame, upper: geopandas.GeoDataFrame) -> list[str | None]:
    """Parent codes as given, and where none is, the code of the place that holds the inner point."""
    missing = [row for row, code in enumerate(lower["parent_code"]) if code is None]
    parents: list[str | None] = lower["parent_code"].tolist()
    if missing:
        inner = shapely.point_on_surface(lower.geometry.to_numpy()[missing])
        rows, found = shapely.STRtree(upper.geometry.to_numpy()).query(inner, predicate="intersects")
        codes = upper["code"].tolist()
        for row, place in sorted(
            zip(rows, found, strict=True), reverse=True
        ):  # the lower code comes last and stays
            parents[missing[row]] = codes[place]
    return parents
