"""The optional basemap and what it adds to the content security policy."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from webmap.maps.basemap import image_hosts, tiles_of


@dataclass(frozen=True)
class Settings:
    basemap_url: str = ""
    basemap_attribution: str = ""
    tianditu_key: SecretStr | None = None


def test_there_is_none_by_default():
    assert tiles_of(Settings()) == ()
    assert image_hosts(Settings()) == ()


def test_tianditu_is_its_base_and_its_labels_from_eight_hosts():
    settings = Settings(tianditu_key=SecretStr("0123456789abcdef"))
    base, labels = tiles_of(settings)
    assert "LAYER=vec" in base.url
    assert "LAYER=cva" in labels.url
    # Leaflet fills in {s} {z} {x} {y}; the key is in place.
    assert base.url.startswith("https://t{s}.tianditu.gov.cn/vec_w/wmts?")
    assert base.url.endswith("&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=0123456789abcdef")
    assert image_hosts(settings) == tuple(f"https://t{i}.tianditu.gov.cn" for i in range(8))


def test_any_xyz_address_gives_its_origin():
    settings = Settings(basemap_url="http://tiles.example.invalid:8080/a/{z}/{x}/{y}.png")
    assert image_hosts(settings) == ("http://tiles.example.invalid:8080",)


def test_tiles_of_the_application_itself_widen_nothing():
    assert image_hosts(Settings(basemap_url="/tiles/{z}/{x}/{y}.png")) == ()


@pytest.mark.parametrize(
    "settings",
    [
        Settings(basemap_url="https://tiles.example.invalid/{z}/{x}.png"),
        Settings(basemap_url="javascript:{z}{x}{y}"),
        Settings(tianditu_key=SecretStr("key&x=<script>")),
    ],
)
def test_what_is_no_basemap_is_refused(settings):
    with pytest.raises(ValueError, match=r"basemap|Tianditu"):
        tiles_of(settings)
