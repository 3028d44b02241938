"""No class is claimed whose requirements no test names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.webmap.ogc.requirements import REQUIREMENTS, SPECIFIED
from webmap.ogc.conformance import CONFORMS

HERE = Path(__file__).parent
_SPEC = "http://www.opengis.net/spec/"


def slug(name: str) -> str:
    return name.replace("-", "_").lower()


NAMES = {
    slug(name).replace("_req_", "_").removeprefix("test_")
    for file in HERE.glob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
}
CLAIMED = [
    uri.removeprefix(_SPEC)
    for uri in CONFORMS
    if uri.removeprefix(_SPEC).startswith(SPECIFIED) and "/conf/" in uri
]


@pytest.mark.parametrize("claimed", CLAIMED)
def test_every_requirement_of_a_claimed_class_has_a_test_that_names_it(claimed):
    kind = slug(claimed.rpartition("/")[2])
    missing = [
        requirement
        for requirement in REQUIREMENTS[claimed]
        if not any(f"{name}_".startswith(f"{kind}_{slug(requirement)}_") for name in NAMES)
    ]
    assert not missing


def test_the_table_names_no_class_that_is_not_claimed():
    assert set(REQUIREMENTS) == set(CLAIMED)


def test_functions_of_the_server_are_not_claimed():
    assert not any(
        uri.endswith(("/conf/functions", "/conf/accent-insensitive-comparison")) for uri in CONFORMS
    )
