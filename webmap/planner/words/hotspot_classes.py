"""Kinds of incidents and classes of cells in words and colours, for hot spots."""

from __future__ import annotations

import csv
from functools import partial

from flask_babel import LazyString, lazy_gettext

from gis.analysis.hotspots.emerging import Trend
from gis.analysis.hotspots.model import Standing
from gis.analysis.hotspots.moran import Kind
from gis.database.codes import CODES
from webmap.i18n import is_english
from webmap.planner.definitions import Class, Text
from webmap.planner.palette import (
    BLUE,
    BLUISH_GREEN,
    COOL,
    DIVERGING,
    NO_DATA,
    ORANGE,
    REDDISH_PURPLE,
    SKY,
    VERMILION,
    WARM,
    YELLOW,
)

PLAIN = DIVERGING[3]
_DARK, _PALE, _GREY = WARM[-1], COOL[1], "#b3bcc2"


def _named(zh: str, en: str) -> str:
    return en if is_english() else zh


def _categories() -> dict[str, Text]:
    with (CODES / "incident_category.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: LazyString(partial(_named, row["name_zh"], row["name_en"]))
            for row in csv.DictReader(file)
        }


FAMILIES: dict[str, Text] = {
    "ZZ": lazy_gettext("public order"),
    "JF": lazy_gettext("disputes"),
    "AQ": lazy_gettext("public safety"),
    "SR": lazy_gettext("city appearance"),
}
KINDS: dict[str, Text] = {"all": lazy_gettext("all kinds"), **FAMILIES, **_categories()}

STANDINGS = {
    Standing.NEW: Class(lazy_gettext("new"), VERMILION),
    Standing.GROWING: Class(lazy_gettext("growing"), _DARK),
    Standing.LASTING: Class(lazy_gettext("lasting"), ORANGE),
    Standing.PERSISTENT: Class(lazy_gettext("persistent"), REDDISH_PURPLE),
    Standing.STEADY: Class(lazy_gettext("hot over the period, in no single week"), YELLOW),
    Standing.SPORADIC: Class(lazy_gettext("sporadic"), BLUISH_GREEN),
    Standing.FADING: Class(lazy_gettext("fading"), SKY),
    Standing.ENDED: Class(lazy_gettext("ended"), _PALE),
    Standing.COLD: Class(lazy_gettext("cold"), BLUE),
    Standing.USUAL: Class(lazy_gettext("as usual"), PLAIN),
    Standing.LITTLE_EFFORT: Class(lazy_gettext("too little effort to tell"), _GREY),
    Standing.FEW_UNITS: Class(lazy_gettext("too few units to tell"), NO_DATA),
}
TRENDS = {
    Trend.NONE: lazy_gettext("hot in no week"),
    Trend.NEW: lazy_gettext("new"),
    Trend.GROWING: lazy_gettext("growing"),
    Trend.PERSISTENT: lazy_gettext("persistent"),
    Trend.FADING: lazy_gettext("fading"),
    Trend.PAST: lazy_gettext("mostly hot, but not last week"),
    Trend.LASTING: lazy_gettext("lasting"),
    Trend.SWINGING: lazy_gettext("swinging between hot and cold"),
    Trend.SPORADIC: lazy_gettext("sporadic"),
    Trend.ENDED: lazy_gettext("ended"),
}
MORAN = {
    Kind.HIGH_AMONG_HIGH: Class(lazy_gettext("high among high"), VERMILION),
    Kind.HIGH_AMONG_LOW: Class(lazy_gettext("high among low"), ORANGE),
    Kind.LOW_AMONG_HIGH: Class(lazy_gettext("low among high"), SKY),
    Kind.LOW_AMONG_LOW: Class(lazy_gettext("low among low"), BLUE),
}
