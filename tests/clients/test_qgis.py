"""QGIS from Debian, headless, reads every collection and draws the vector tiles of each.

    apt-get install --no-install-recommends python3-qgis && scripts/test -m qgis

It runs in the system's Python (tests/clients/qgis_reader.py), once for each person.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from gis.geometry.crs import transformer
from gis.publish.layers import LAYERS
from tests.clients.conftest import EMPTY, FILTERS, ROLES, SEEN

PYTHON = "/usr/bin/python3"
READER = Path(__file__).with_name("qgis_reader.py")
# The district; patrols' 100,000 points are read by the officer's share of them only.
WHOLE = (113.8, 22.6, 114.1, 22.9)
BIG = {("planner", "patrol_point"), ("planner", "rental_unit"), ("planner", "incident")}
BY_BOX = "ST_Intersects(t.geom, ST_MakeEnvelope({}, {}, {}, {}, 4326))"

pytestmark = [pytest.mark.qgis, pytest.mark.slow]


def condition(layer: str) -> str:
    """A filter that QGIS and PostgreSQL read alike: QGIS compares days with texts as texts."""
    return "t.grade = 'watch' AND t.tenants > 2" if layer == "rental_unit" else FILTERS[layer][1]


def has_qgis() -> bool:
    return (
        subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True, check=False).returncode == 0
    )


@pytest.fixture(scope="module")
def found(served, middle):
    """What QGIS found, by person."""
    if not has_qgis():
        pytest.skip("QGIS is not installed: apt-get install --no-install-recommends python3-qgis")
    west, south = transformer(4326, 3857).transform(WHOLE[0], WHOLE[1])
    east, north = transformer(4326, 3857).transform(WHOLE[2], WHOLE[3])
    answers = {}
    for role in ROLES:
        layers = [
            {
                "name": layer,
                "box": middle(role, layer),
                "filter": "" if (role, layer) in EMPTY else condition(layer).replace("t.", ""),
                "page": 1000,
            }
            for who, layer in SEEN
            if who == role and (who, layer) not in BIG
        ]
        asked = {
            "url": served.url, "token": served.tokens[role], "layers": layers, "view": [west, south, east, north],
            "tiles": [layer for who, layer in SEEN if who == role],
        }  # fmt: skip
        run = subprocess.run(
            [PYTHON, str(READER)],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        results = [line for line in run.stdout.splitlines() if line.startswith("RESULT ")]
        assert results, run.stdout[-2000:] + run.stderr[-2000:]
        answers[role] = json.loads(results[0].removeprefix("RESULT "))
    return answers


def wanted(served, role, layer, condition="true"):
    """What QGIS is to find: codes, or as many None."""
    column = "t.code AS shown" if "code" in LAYERS[layer].columns else "NULL"
    return sorted(row[1] or "" for row in served.rows(role, layer, condition, columns=column))


def sorted_codes(codes):
    return sorted(code or "" for code in codes)


READ = [pair for pair in SEEN if pair not in BIG]


@pytest.mark.parametrize(("role", "layer"), READ)
def test_every_row_is_read_once(served, found, role, layer):
    answer = found[role]["layers"][layer]
    # QGIS takes the system from the extent, and nobody's rows have none.
    assert answer["crs"] == ("" if (role, layer) in EMPTY else "EPSG:4326")
    assert sorted_codes(answer["all"]) == wanted(served, role, layer)


@pytest.mark.parametrize(("role", "layer"), READ)
def test_box(served, found, middle, role, layer):
    box = BY_BOX.format(*middle(role, layer))
    assert sorted_codes(found[role]["layers"][layer]["in_box"]) == wanted(served, role, layer, box)


@pytest.mark.parametrize(("role", "layer"), [pair for pair in READ if pair not in EMPTY])
def test_filter(served, found, role, layer):
    assert sorted_codes(found[role]["layers"][layer]["filtered"]) == wanted(
        served, role, layer, condition(layer)
    )


@pytest.mark.parametrize(("role", "layer"), [pair for pair in READ if pair not in EMPTY])
def test_metres(served, found, role, layer):
    corners = "ST_XMin(g), ST_YMin(g), ST_XMax(g), ST_YMax(g)".replace("g", "ST_Transform(t.geom, 4547)")
    rows = served.rows(role, layer, columns=corners)
    box = [min(r[1] for r in rows), min(r[2] for r in rows), max(r[3] for r in rows), max(r[4] for r in rows)]
    assert found[role]["layers"][layer]["metres"] == pytest.approx(box, abs=0.025)


@pytest.mark.parametrize(("role", "layer"), SEEN)
def test_tiles_are_drawn_where_the_person_has_rows(found, role, layer):
    drawn = found[role]["tiles"][layer]["drawn"]
    assert (drawn > 0) == ((role, layer) not in EMPTY)
