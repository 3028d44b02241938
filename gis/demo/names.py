"""Invented names that show at a glance that they are invented: 演示 in every person's and street's name."""

from __future__ import annotations

import numpy as np

from gis.demo.chance import Ints

_SURNAMES = (
    "张李王陈刘黄林吴周徐孙胡朱高何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘"
)
_GIVEN = "甲乙丙丁戊己庚辛壬癸天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳"
_LANES = "一二三四五六七八九十"


def people(rng: np.random.Generator, count: int) -> list[str]:
    """Names like 张演示甲: a surname, 演示, one more character. Repeats happen, as they do in life."""
    surnames = rng.integers(0, len(_SURNAMES), count)
    given = rng.integers(0, len(_GIVEN), count)
    return [f"{_SURNAMES[s]}演示{_GIVEN[g]}" for s, g in zip(surnames, given, strict=True)]


def phones(prefix: str, numbers: Ints) -> list[str]:
    """Numbers like 1380000xxxx; the prefix has seven digits."""
    return [f"{prefix}{number % 10_000:04d}" for number in numbers.tolist()]


def lane(number: int) -> str:
    """The n-th lane or road of a community, from 0: 演示一巷, 演示二巷 …"""
    tens, ones = divmod(number + 1, 10)
    text = ("" if tens == 0 else ("十" if tens == 1 else _LANES[tens - 1] + "十")) + (
        _LANES[ones - 1] if ones else ""
    )
    return f"演示{text}"
