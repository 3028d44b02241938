"""The pure parts of `scripts/bench`: what a report says must follow from what was measured."""

from __future__ import annotations

import http.server
import os
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pytest
import shapely

from scripts.benchmark import __main__ as command
from scripts.benchmark import chart, growth, mixed, process, questions, report, statements, table
from scripts.benchmark.agree import same
from scripts.benchmark.database import password
from scripts.benchmark.measure import Measure, parse
from scripts.benchmark.mvt import points
from scripts.benchmark.ours import by_token
from scripts.benchmark.process import ServerProcess
from scripts.benchmark.questions import Units
from scripts.benchmark.works import COLD, OURS, Work, all_works
from scripts.commands import machine
from scripts.commands.machine import MachineError


def measured(label: str, per_s: float, *, work: str = "w", errors: int = 0) -> Measure:
    return Measure(work, label, 100, per_s, 10.0, 20.0, 1.0, 2.0, 3.0, errors)


WORK = Work("w", "a work", "features", {OURS: ("/a",), "tipg": ("/b",)}, goal=10.0, limit_goal=0.85)


def judged(*measures: Measure, work: Work = WORK) -> table.Verdict:
    found = table.verdict(work, table.rows(measures), OURS)
    assert found is not None
    return found


def test_medians_are_taken_over_rounds_and_errors_added_up() -> None:
    rows = table.rows([measured(OURS, 100, errors=1), measured(OURS, 900), measured(OURS, 200, errors=2)])
    assert rows[("w", OURS)].per_s == 200
    assert rows[("w", OURS)].errors == 3


def test_ratio_is_to_the_better_peer_and_both_goals_count() -> None:
    runs = [measured(OURS, 1000), measured("tipg", 50), measured("pygeoapi", 100)]
    assert judged(*runs, measured("pgbench", 1100)).to_peer == 10
    assert judged(*runs, measured("pgbench", 1100)).is_met is True
    assert judged(*runs, measured("pgbench", 2000)).is_met is False
    assert judged(*runs).is_met is False, "a goal that was not measured is not met"


def test_failing_requests_meet_no_goal_and_a_failing_peer_is_no_measure() -> None:
    work = Work("w", "a work", "features", {}, goal=10.0)
    assert judged(measured(OURS, 1000, errors=1), measured("tipg", 10), work=work).is_met is False
    verdict = judged(
        measured(OURS, 1000), measured("tipg", 10), measured("pygeoapi", 9000, errors=5), work=work
    )
    assert verdict.to_peer == 100


def test_peer_without_an_answer_gives_no_ratio() -> None:
    assert judged(measured(OURS, 1000), measured("tipg", 0)).to_peer is None
    assert table.ratio(1.0, 0.0) is None


def test_warm_tile_is_compared_with_the_peers_cold_one() -> None:
    work = Work("tile-hit", "t", "tile", {OURS: ()}, goal=50.0, beside="tile-14")
    verdict = judged(measured(OURS, 5000, work="tile-hit"), measured("tipg", 50, work="tile-14"), work=work)
    assert verdict.to_peer == 100
    assert verdict.is_met


@pytest.mark.parametrize(
    ("share", "wanted"), [(0.0, 1.0), (0.5, 5.0), (0.95, 10.0), (0.9, 9.0), (0.91, 10.0), (1.0, 10.0)]
)
def test_percentile_is_a_value_that_was_measured(share: float, wanted: float) -> None:
    assert table.percentile([10.0, *map(float, range(1, 10))], share) == wanted


def test_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no values"):
        table.percentile([], 0.5)


def test_table_shows_ours_first_with_its_goal_and_the_errors() -> None:
    found = table.rows([measured("tipg", 10, errors=7), measured("pgbench", 300), measured(OURS, 255)])
    lines = table.markdown([WORK], found, {"w": OURS}).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    assert [line.split(" | ")[1] for line in lines[2:]] == ["ours (planner)", "tipg", "pgbench"]
    assert "0.85 | 0.85 | **no** |" in lines[2]
    assert "10.0 (7 errors)" in lines[3]


def test_ours_without_caches_stands_beside_ours_and_for_it_where_it_is_alone() -> None:
    found = table.rows([measured(OURS, 900), measured(COLD, 30), measured("tipg", 10)])
    lines = table.markdown([WORK], found, {"w": OURS}).splitlines()
    assert [line.split(" | ")[1] for line in lines[2:]] == ["ours (planner)", COLD, "tipg"]
    alone = table.rows([measured(COLD, 30), measured("tipg", 10)])
    assert len(table.markdown([WORK], alone, {"w": COLD}).splitlines()) == 4
    cold = Work("c", "t", "tile", {COLD: (), "tipg": ()})
    both = Work("b", "t", "features", {OURS: (), COLD: ()})
    assert report.ours_of([WORK, cold, both]) == {"w": OURS, "c": COLD, "b": OURS}


def test_wrk_output_is_read_from_its_own_line_only() -> None:
    assert parse('Running 2s test\nRESULT {"requests": 5, "us": 1000000}\n') == {"requests": 5, "us": 1000000}
    assert parse("unable to connect") is None


# ---------------------------------------------------------------- questions


@pytest.fixture(scope="module")
def units() -> Units:
    rng = np.random.default_rng(3)
    count = 30_000
    lon, lat = 113.9 + rng.random(count) / 10, 22.7 + rng.random(count) / 10
    grades = np.where(rng.random(count) < 0.25, questions.GRADE, "lenient")
    cells = (np.floor((lon - 113.9) * 50) * 10 + np.floor((lat - 22.7) * 50)).astype(int) + 1
    return Units(np.arange(1, count + 1), lon, lat, grades, cells)


def inside(units: Units, box: questions.Box) -> np.ndarray:
    west, south, east, north = box
    return np.flatnonzero(
        (units.lon >= west) & (units.lon <= east) & (units.lat >= south) & (units.lat <= north)
    )


def test_boxes_hold_as_many_as_wanted(units: Units) -> None:
    assert {len(inside(units, box)) for box in questions.boxes(units, 100, 30)} <= set(range(99, 103))
    assert questions.boxes(units, 100, 5) == questions.boxes(units, 100, 5), "the same in every run"


def test_boxes_of_an_officer_hold_own_units_only(units: Units) -> None:
    own = units.of_cells([1, 2, 11])
    for box in questions.boxes(units, 20, 20, within=own):
        assert set(inside(units, box).tolist()) <= set(own.tolist())
    with pytest.raises(ValueError, match="no square of 20000 units"):
        questions.boxes(units, 20_000, 2, within=own)


def test_hexagons_hold_as_many_of_the_grade_as_wanted(units: Units) -> None:
    graded = units.grade == questions.GRADE
    for ring in questions.hexagons(units, 200, 10):
        shape = shapely.Polygon(ring)
        assert shape.is_valid
        hits = shapely.contains_xy(shape, units.lon[graded], units.lat[graded]).sum()
        # At the edge of the ground the hexagon reaches beyond it but still takes in as many.
        assert 198 <= hits <= 202


def test_tile_of_a_position() -> None:
    assert questions.tile_of(113.9461, 22.7524, 14) == (14, 13377, 7128)
    assert questions.tile_of(-180.0, 85.0511, 3) == (3, 0, 0)


def test_every_server_is_asked_for_the_same_place(units: Units) -> None:
    works = {work.name: work for work in all_works(units, [1, 2, 11, 12])}
    for name in ("bbox-100", "bbox-1000", "cql2", "cell"):
        asked = [parse_qs(urlsplit(paths[7]).query) for paths in works[name].paths.values()]
        places = {unquote(str(query.get("bbox") or query["filter"]))[-60:] for query in asked}
        assert len(places) == 1, name
    ours, theirs = works["tile-14"].paths[COLD][3], works["tile-14"].paths["tipg"][3]
    assert ours.split("/")[-2:] == theirs.split("/")[-1:-3:-1], (
        "ours row before column, tipg column before row"
    )
    assert all(len({len(paths) for paths in work.paths.values()}) == 1 for work in works.values())
    listed = {name.strip() for name in command._WORKS.split(",")}
    assert listed == set(works)


# ---------------------------------------------------------------- statements


def test_parameters_become_pgbench_variables() -> None:
    assert statements.parameters("x = %(west)s AND y LIKE 'a%%' AND z = %(k)s::integer") == (
        "x = :west AND y LIKE 'a%' AND z = :k::integer"
    )


def chosen(text: str, i: int) -> str:
    """What pgbench makes of a tree of CASE, i given."""
    words = text.split()
    while words[0] == "CASE":
        depth, middle = 0, None
        for place, word in enumerate(words):
            depth += {"CASE": 1, "END": -1}.get(word, 0)
            if word == "ELSE" and depth == 1:
                middle = place
        assert middle is not None and words[-1] == "END"
        words = words[6:middle] if i < int(words[4]) else words[middle + 1 : -1]
    return " ".join(words)


def test_choice_finds_every_value() -> None:
    values = [113.9 + n / 7 for n in range(13)]
    text = statements.choice(values)
    assert [float(chosen(text, i)) for i in range(13)] == values


def test_script_chooses_one_question_and_enters_in_one_transaction() -> None:
    one = statements.Statement("w", "SELECT :a + :b;  ", {"a": (1, 2, 3), "b": (4, 5)}, {})
    assert statements.script(one).splitlines()[0] == "\\set i random(0, 1)", "as many as the shortest list"
    assert statements.script(one).endswith("SELECT :a + :b;\n")
    assert statements.script(one, "SELECT 1;").splitlines()[-4:] == [
        "BEGIN;",
        "SELECT 1;",
        "SELECT :a + :b;",
        "COMMIT;",
    ]


# ---------------------------------------------------------------- tiles


def field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2, len(data)]) + data


def made_tile() -> bytes:
    value = bytes([5 << 3, 42])
    point = field(2, bytes([0, 0])) + bytes([3 << 3, 1]) + field(4, bytes([9, 100, 3]))
    layer = bytes([15 << 3, 2]) + field(1, b"units") + field(2, point) + field(3, b"count") + field(4, value)
    return field(3, layer)


def test_points_of_a_tile() -> None:
    (point,) = points(made_tile())
    assert (point.x, point.y, point.numbers) == (50, -2, {"count": 42})
    assert not point.is_inside
    assert points(b"") == []


def test_answers_are_compared_by_what_they_are() -> None:
    assert same("features", [1, 2], [1, 2])
    assert not same("features", [1, 2], [1, 2, 3])
    assert same("tile", 5000, 5010)
    assert not same("tile", 5000, 5100)
    assert not same("tile", 5000, "status 500")
    assert same("counts", 300_000, 295_000)
    assert not same("counts", 300_000, 10_000)
    assert same("cut", 300_000, 10_000)
    assert not same("cut", 300_000, "status 500")


# ---------------------------------------------------------------- processes and load


def test_family_is_counted_and_stopped(tmp_path: Path) -> None:
    busy = ["sh", "-c", "sh -c 'while :; do :; done' & wait"]
    server = ServerProcess(busy, cwd=tmp_path, environment=os.environ, log=tmp_path / "log")
    try:
        deadline = time.monotonic() + 10
        while len(process.family(server.pid)) < 2 or process.cpu_ms(process.family(server.pid)) < 30:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        family = process.family(server.pid)
        assert process.memory_mb(family) > 0
        assert process.open_files(family) >= 4
    finally:
        server.stop()
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in family):
        assert time.monotonic() < deadline, "a worker of an ended server works on"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_ticks_are_read_past_a_name_with_brackets() -> None:
    before = " ".join(str(number) for number in range(4, 14))
    assert process.ticks_of(f"12 (a) b (c)) S {before} 100 20 3 4 20 0") == 127


class _Slow(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/stall":
            time.sleep(0.3)
        self.send_response(500 if self.path == "/fails" else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def slow_server() -> Iterator[int]:
    # One request at a time, whoever asks: a stall is everybody's.
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Slow) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()


def test_load_counts_time_from_the_moment_a_request_was_due(slow_server: int, tmp_path: Path) -> None:
    own = ServerProcess(["sleep", "30"], cwd=tmp_path, environment=os.environ, log=tmp_path / "log")
    try:
        asked = [mixed.Request(path, {}) for path in ("/", "/stall", "/fails", "/")]
        load = mixed.run(slow_server, own, asked, seconds=1.0, rate=40)
    finally:
        own.stop()
    assert len(load.spent_ms) == 40, "every request that was due was asked"
    assert load.statuses == {200: 30, 500: 10}
    assert load.server_errors == 10
    assert sum(spent >= 300 for spent in load.spent_ms) >= 10
    assert "5xx or no answer: 10" in mixed.markdown(load)
    assert "**Not met.**" in mixed.markdown(load)


# ---------------------------------------------------------------- charts and options


def test_charts_are_well_formed_and_show_their_words() -> None:
    bars = chart.bars("Ratios", [chart.Bar("one & two", 12.0, 10.0), chart.Bar("three", 0.4, None)])
    texts = [element.text for element in ET.fromstring(bars).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314
    assert {"Ratios", "one & two", "12 ×", "0.4 ×"} <= set(texts)
    grown = [growth.Growth("officer", n, 2.0 + n / 1e6, 1.9, 1.8, 4.0) for n in (30_000, 300_000)]
    lines = ET.fromstring(chart.lines("Growth", growth.series(grown), "units", "ms"))  # noqa: S314
    assert len(list(lines.iter("{http://www.w3.org/2000/svg}polyline"))) == 3


def test_growth_beyond_the_goal_is_marked() -> None:
    text = growth.markdown(
        [growth.Growth("a", 30_000, 1.2, 1.0, 0.9, 3.0), growth.Growth("b", 30_000, 1.4, 1.0, 0.9, 3.0)]
    )
    assert [("**no**" in line) for line in text.splitlines()[2:]] == [False, True]


def test_options_that_make_no_sense_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in (["--peers", "geoserver"], ["--rounds", "0"], ["--auth", "magic"]):
        with pytest.raises(SystemExit):
            command._arguments(["serve", *wrong])
    assert "no such peer: geoserver" in capsys.readouterr().err
    quick = command._arguments(["serve", "--quick", "--skip-peers"])
    assert (quick.rounds, quick.seconds, quick.peers, quick.trial) == (1, 2.0, [], True)


def test_bearer_token_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_TOKEN_PLANNER", "gg_x")
    assert by_token(1, "planner") == {"Authorization": "Bearer gg_x"}
    monkeypatch.delenv("BENCH_TOKEN_OFFICER", raising=False)
    with pytest.raises(MachineError, match="BENCH_TOKEN_OFFICER"):
        by_token(1, "officer")


def test_password_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "LOCAL", tmp_path)
    assert password() == password()
