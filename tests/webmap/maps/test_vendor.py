"""The vendored browser files are what the manifest says, all of them, and nothing asks the outside."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from tests.conftest import ROOT

VENDOR = ROOT / "webmap" / "static" / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text("utf-8"))


def test_every_file_has_the_hash_of_the_manifest_and_none_is_unknown():
    listed = {name: digest for entry in MANIFEST.values() for name, digest in entry["sha256"].items()}
    present = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert present == listed


def test_every_package_comes_with_licence_and_the_version_of_the_lock():
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text("utf-8"))
    for name, entry in MANIFEST.items():
        assert entry["license"]
        assert any("LICENSE" in file for file in entry["sha256"])
        assert lock["packages"][f"node_modules/{name}"]["version"] == entry["version"]


def test_the_lock_names_no_registry_and_every_package_has_a_hash():
    text = (ROOT / "frontend" / "package-lock.json").read_text("utf-8")
    assert "resolved" not in text
    packages = json.loads(text)["packages"]
    assert all("integrity" in package for name, package in packages.items() if name)


def test_no_vendored_file_points_at_a_source_map():
    for path in VENDOR.rglob("*"):
        if path.suffix in (".js", ".css"):
            assert b"sourceMappingURL=" not in path.read_bytes()[-300:], path.name


OWN = sorted((ROOT / "webmap" / "static").rglob("*.js")) + sorted((ROOT / "webmap" / "static").rglob("*.css"))


@pytest.mark.parametrize("path", [p for p in OWN if VENDOR not in p.parents], ids=lambda p: p.name)
def test_our_own_scripts_and_styles_name_no_other_host_and_parse_no_markup(path):
    text = path.read_text("utf-8")
    hosts = set(re.findall(r"https?://([^/\"'\s]+)", text)) - {"www.w3.org"}
    assert hosts == set()
    if path.suffix == ".js":
        assert not re.search(
            r"\.innerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function", text
        )
