"""Chinese and English are both complete: a word in the code without its translation fails here."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from tests.conftest import ROOT

CATALOGUE = ROOT / "webmap" / "translations" / "zh" / "LC_MESSAGES"
WEBMAP = ROOT / "webmap"
# Calls inside an f-string, where extraction does not look. Give each its own line, then empty this.
UNSEEN: set[str] = set()
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


def test_extraction_sees_every_call(chinese):
    """Read the calls themselves: what the extractor overlooks is otherwise English for good."""
    assert (_called_in_python() | _called_in_scripts()) - set(chinese) - UNSEEN == set()


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
    chinese = client.get("/?lang=zh").text
    english = client.get("/?lang=en").text
    for label, name in (("Spatial query", "空间查询"), ("Sign out", "退出"), ("Home", "首页")):
        assert name in chinese and label not in chinese
        assert label in english and name not in english
    words = re.sub(r"<[^>]+>", " ", re.sub(r"<script.*?</script>", "", english, flags=re.DOTALL))
    left = set(re.findall(r"[\u4e00-\u9fff]+", words))
    assert all("演示" in word or word == "中文" for word in left), left
    client.get("/?lang=zh")


def test_scripts_get_the_same_words(client_for):
    assert client_for("planner").get("/i18n/zh.json").json["Nothing found"] == "未找到"
    assert client_for("planner").get("/i18n/en.json").json == {}


def test_catalogue_is_chinese(chinese):
    bare = {"%(area)s km²", ", "}
    assert [k for k, v in chinese.items() if not HAN.search(v) and k not in bare] == []


def _called_in_python() -> set[str]:
    words = set()
    for path in WEBMAP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in ("gettext", "lazy_gettext"):
                    words.add(node.args[0].value)
    return words


def _called_in_scripts() -> set[str]:
    call = re.compile(r"""(?<![\w.])t\(\s*(["'`])((?:(?!\1).)*)\1""")
    comment = re.compile(r"^\s*(//|\*|/\*).*$", re.MULTILINE)
    files = [*(WEBMAP / "static" / "js").rglob("*.js"), *(WEBMAP / "static" / "field").rglob("*.js")]
    return {m[2] for f in files for m in call.finditer(comment.sub("", f.read_text("utf-8")))}
