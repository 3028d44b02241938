"""Chinese and English are both complete: a word in the code without its translation fails here."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from tests.conftest import ROOT

CATALOGUE = ROOT / "webmap" / "translations" / "zh" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\(\w+\)s")
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def extracted(tmp_path_factory) -> set[str]:
    """The words in the code as it stands, by the options scripts/translate uses."""
    target = tmp_path_factory.mktemp("words") / "messages.pot"
    script = (ROOT / "scripts" / "translate").read_text("utf-8")
    options = re.search(r"extract (-F .*?) -o", script, re.DOTALL)[1].replace("\\\n", " ").split()
    command = [
        sys.executable,
        "-m",
        "babel.messages.frontend",
        "-q",
        "extract",
        *options,
        "-o",
        str(target),
        ".",
    ]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    return {message.id for message in read_po(io.BytesIO(target.read_bytes())) if message.id}


@pytest.fixture(scope="module")
def chinese() -> dict[str, str]:
    catalogue = read_po(io.BytesIO((CATALOGUE / "messages.po").read_bytes()))
    return {m.id: "" if m.fuzzy else m.string for m in catalogue if m.id}


def test_every_word_is_translated_and_none_is_left_over(extracted, chinese):
    assert {word for word in extracted if not chinese.get(word)} == set()
    assert set(chinese) - extracted == set()


def test_placeholders_are_kept(chinese):
    wrong = [
        k for k, v in chinese.items() if sorted(PLACEHOLDER.findall(k)) != sorted(PLACEHOLDER.findall(v))
    ]
    assert wrong == []


def test_compiled_catalogue_is_current(chinese):
    compiled = {m.id: m.string for m in read_mo(io.BytesIO((CATALOGUE / "messages.mo").read_bytes())) if m.id}
    assert compiled == chinese


def test_pages_speak_the_chosen_language(client_for):
    client = client_for("planner")
    assert "空间查询" in client.get("/?lang=zh").text
    english = client.get("/?lang=en").text
    assert "Spatial query" in english
    words = re.sub(r"<[^>]+>", " ", re.sub(r"<script.*?</script>", "", english, flags=re.DOTALL))
    left = set(re.findall(r"[\u4e00-\u9fff]+", words))
    assert all("演示" in word or word == "中文" for word in left), left
    client.get("/?lang=zh")


def test_scripts_get_the_same_words(client_for):
    assert client_for("planner").get("/i18n/zh.json").json["Nothing found"] == "未找到"
    assert client_for("planner").get("/i18n/en.json").json == {}


def test_catalogue_is_chinese(chinese):
    bare = {"%(area)s km²"}
    assert [k for k, v in chinese.items() if not HAN.search(v) and k not in bare] == []
