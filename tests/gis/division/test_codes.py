import csv
from pathlib import Path

import pytest

from gis.division import codes
from gis.errors import InvalidInput

NBS = codes.SCHEMES["nbs-2014"]
DATA = Path(__file__).resolve().parents[3] / "data"


def fault_of(function, *arguments, **options):
    with pytest.raises(InvalidInput) as error:
        function(*arguments, **options)
    return error.value


def test_a_fifteen_digit_code_is_community_and_sequence():
    assert codes.parse_cell_code("440306007005012", NBS) == codes.CellCode(
        "440306007005012", "440306007005", 12
    )
    assert codes.parse_cell_code(440306007005012, NBS).sequence == 12
    assert codes.parse_cell_code("４４０３０６００７００５０１２\u3000", NBS).text == "440306007005012"


def test_cjt349_has_the_object_code_in_front_and_may_be_undivided():
    scheme = codes.find_scheme("cjt349-2010")
    parsed = codes.parse_cell_code("02010144030600700500", scheme)
    assert (parsed.community_code, parsed.sequence) == ("440306007005", 0)


@pytest.mark.parametrize("code", ["440306007005", "440306007005000", "44030600700501X", "4403060070050120"])
def test_other_lengths_and_letters_do_not_follow_the_scheme(code):
    fault = fault_of(codes.parse_cell_code, code, NBS, pointer="row 3")
    assert (fault.code, fault.pointer) == ("code-pattern", "row 3")


@pytest.mark.parametrize("code", ["4.40306E+14", "4.40306e+14", "4E14", " 4.40306E+14 "])
def test_scientific_notation_is_refused_with_the_remedy(code):
    fault = fault_of(codes.clean_code, code)
    assert fault.code == "scientific-notation"
    assert "as text" in fault.message


@pytest.mark.parametrize("code", [440306007005012.0, "440306007005012.0", True, [1]])
def test_codes_that_became_numbers_are_refused(code):
    assert fault_of(codes.clean_code, code).code == "code-is-number"


@pytest.mark.parametrize("code", ["", "  ", "\u3000", None])
def test_an_empty_code_is_named(code):
    assert fault_of(codes.clean_code, code).code == "empty"


def test_schemes_come_from_configuration_too():
    scheme = codes.make_scheme(
        "house", "letters", community="[A-Z]{2}", cell="(?P<community>[A-Z]{2})-(?P<sequence>[0-9]+)"
    )
    assert codes.parse_cell_code("GM-7", scheme) == codes.CellCode("GM-7", "GM", 7)
    assert codes.parse_community_code("GM", scheme) == "GM"
    assert fault_of(codes.parse_community_code, "gm", scheme).code == "code-pattern"
    assert "sequence" in fault_of(codes.make_scheme, "x", "x", community="a", cell="(?P<community>a)").message
    assert fault_of(codes.make_scheme, "x", "x", community="(", cell="a").pointer == "community"
    assert "nbs-2014" in fault_of(codes.find_scheme, "nope").message


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("李松朗", "李松蓢社区"),
        ("李松蓈社区居委会", "李松蓢社区"),
        ("茨田埔 社区工作站", "薯田埔社区"),
        ("逕口村", "迳口社区"),
        ("径口", "迳口社区"),
        ("公明\u3000社区", "公明社区"),
        ("下村村委会", "下村社区"),
        ("田寮村", "田寮社区"),
        ("上村", "上村社区"),
        ("楼村社区居民委员会", "楼村社区"),
        ("新村", "新村社区"),
        ("", ""),
    ],
)
def test_spellings_of_community_names(written, meant):
    assert codes.normalise_community_name(written) == meant


@pytest.mark.parametrize("written", ["公明", "公明街道", "公明街道办", "公明街道办事处", "公明办事处"])
def test_spellings_of_office_names(written):
    assert codes.normalise_subdistrict_name(written) == "公明办事处"


def reference_rows():
    with (DATA / "communities.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", reference_rows(), ids=lambda row: row["name_pinyin"])
def test_reference_names_are_already_normal_and_their_initials_right(row):
    assert codes.normalise_community_name(row["name_zh"]) == row["name_zh"]
    assert codes.pinyin_initials(row["name_zh"].removesuffix("社区")) == row["initials"]
    assert codes.parse_community_code(row["code"], NBS).startswith(row["subdistrict_code"])


def test_initials_keep_digits_and_leave_out_marks():
    assert codes.pinyin_initials("长圳社区（012）网格") == "czsq012wg"
