"""Values by unit: on pages, in CSV, in sentences, in both languages."""

from __future__ import annotations

import pytest
from flask_babel import force_locale, lazy_gettext

from gis.analysis.result import Figure, Finding, Unit
from webmap.planner.definitions import Class, Word, Words
from webmap.planner.values import cell_text, csv_value, heading, sentence, value_text

KIND = Word("Kind", "", classes={"hot": Class("Hot spot", "#000000")})


@pytest.fixture(params=["zh", "en"])
def language(request, world_app):
    with world_app.test_request_context(), force_locale(request.param):
        yield request.param


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, Unit.SHARE, "–"),
        ("", Unit.TEXT, "–"),
        (0.12345, Unit.SHARE, "12.3"),
        (1.0, Unit.SHARE, "100.0"),
        (1234567, Unit.COUNT, "1,234,567"),
        (1234.5678, Unit.NUMBER, "1,234.6"),
        (0.12345, Unit.NUMBER, "0.123"),
        (-1.5, Unit.NUMBER, "-1.5"),
        (99.6, Unit.METRES, "100"),
        (1234.5, Unit.METRES, "1,235"),
        (-0.0001, Unit.NUMBER, "0"),
        (12.34, Unit.DAYS, "12.3"),
        ("2026-11-26", Unit.DATE, "2026-11-26"),
        ("<b>", Unit.TEXT, "<b>"),
    ],
)
def test_cells_hold_numbers_without_their_unit(language, value, unit, text):
    assert cell_text(value, unit) == text


def test_sentences_hold_them_with_their_unit(language):
    assert value_text(0.5, Unit.SHARE) == "50.0%"
    assert value_text(12, Unit.METRES) == "12 m"
    assert value_text(90, Unit.MINUTES) == {"zh": "90 分钟", "en": "90 min"}[language]
    assert value_text(None, Unit.MINUTES) == "–"
    assert value_text(True, Unit.YES_NO) == {"zh": "是", "en": "yes"}[language]
    assert value_text("hot", Unit.CODE, KIND) == "Hot spot"


def test_headings_name_the_unit_once(language):
    assert heading(Figure("share", Unit.SHARE), Word("Share", "")) == "Share (%)"
    assert heading(Figure("kind", Unit.CODE), KIND) == "Kind"


def test_csv_holds_numbers_as_numbers_and_no_formula(language):
    assert csv_value(0.123456, Unit.SHARE) == 12.3456
    assert csv_value(1234.5678, Unit.NUMBER) == 1234.5678
    assert csv_value(None, Unit.NUMBER) == ""
    assert csv_value("=1+1", Unit.TEXT) == "'=1+1"
    assert csv_value("hot", Unit.CODE, KIND) == "Hot spot"


def test_a_finding_is_a_sentence_with_its_figures_units(language):
    words = Words(
        "Example",
        {"share": Word("Share", ""), "kind": KIND},
        findings={"worst": lazy_gettext("%(figure)s: the first %(count)s of %(all)s")},
    )
    finding = Finding("worst", {"figure": "50% of =A1", "count": 1234, "all": 0.25})
    text = sentence(words, finding, {"all": Unit.SHARE})
    assert "50% of =A1" in text and "1,234" in text and "25.0%" in text
    assert sentence(words, Finding("unknown"), {}) == "unknown"


def test_a_place_is_told_by_its_name_where_it_is_known(language):
    words = Words("x", {}, findings={"most": "most live in %(community)s, %(people)s"})
    finding = Finding("most", {"community": "440306007001", "people": 5})
    assert sentence(words, finding, {}, {"440306007001": "社区1"}) == "most live in 社区1, 5"
    assert sentence(words, finding, {}) == "most live in 440306007001, 5"


def test_the_place_of_a_finding_is_named_in_the_readers_language(language):
    words = Words("x", {}, findings={"hot": "%(cell)s is hot"})
    finding = Finding("hot", {"cell": "将石004网格"}, "440306007006004")
    assert (
        sentence(words, finding, {}, {"440306007006004": "Jiangshi Cell 004"}) == "Jiangshi Cell 004 is hot"
    )
    assert sentence(words, finding, {}) == "将石004网格 is hot"
