"""Rules of the phone page beside those of the server: evidence grades, the walk's line, the dwell at a check point."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np
import pytest
import shapely
import shapely.geometry
from playwright.sync_api import Browser, Page

from gis.geometry.crs import wgs84_to
from gis.patrol.evidence import Fix, Method, Moment, grade_of

pytestmark = pytest.mark.browser
AT = datetime(2014, 5, 6, 1, 2, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def page(browser: Browser, live_server: str) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{live_server}/login")
    yield page
    context.close()


def test_both_sides_grade_alike(page: Page):
    cases = [
        (method, age, accuracy, mock, offset, jumped)
        for method, age, accuracy, mock, offset, jumped in product(
            (*Method, None),
            (None, 0, 30, 30.001, -30, -31),
            (None, 0, 10, 10.1, 30, 30.1),
            (False, True),
            (None, 400),
            (False, True),
        )
    ]
    expected, sent = [], []
    for method, age, accuracy, mock, offset, jumped in cases:
        fix_at = None if age is None else AT - timedelta(seconds=age)
        fix = Fix(method, fix_at, accuracy, mock)
        expected.append(grade_of(fix, AT, Moment(AT, offset, jumped)).value)
        sent.append(
            [
                {
                    "method": method and method.value,
                    "fix_at": fix_at and fix_at.isoformat(),
                    "accuracy_m": accuracy,
                    "is_mock": mock,
                },
                AT.isoformat(),
                {"offset_s": offset, "has_jumped": jumped},
            ]
        )
    found = page.evaluate(
        "async (cases) => { const { gradeOf } = await import('/static/field/evidence.js');"
        " return cases.map((given) => gradeOf(...given)); }",
        sent,
    )
    assert found == expected
    assert set(found) == {"A", "B", "C", "D"}


def dwell(page: Page, fixes: list[tuple[float, float, float]], **point: float) -> list[list[int]]:
    """Ids visited after each fix (seconds, metres east of the check point, accuracy)."""
    return page.evaluate(
        """async ([fixes, point]) => {
          const { DwellWatch } = await import('/static/field/visits.js');
          const watch = new DwellWatch([{ check_point_id: 1, lon: 113.9, lat: 22.75, ...point }]);
          return fixes.map(([s, east, accuracy_m]) => watch.take(
            { lon: 113.9 + east / 102679, lat: 22.75, accuracy_m }, s).map((visit) => visit.dwell_s));
        }""",
        [fixes, {"radius_m": 30, "dwell_s": 60, **point}],
    )


def test_a_stay_of_the_dwell_time_is_a_visit(page: Page):
    assert dwell(page, [(0, 0, 8), (30, 5, 8), (59, 10, 8), (60, 10, 8), (70, 0, 8)]) == [
        [],
        [],
        [],
        [60],
        [],
    ]


def test_a_position_that_wavers_over_the_edge_goes_on_counting_and_leaving_begins_anew(page: Page):
    assert dwell(page, [(0, 20, 8), (30, 40, 8), (60, 25, 8)]) == [[], [], [60]]
    assert dwell(page, [(0, 20, 8), (30, 60, 8), (60, 25, 8), (110, 25, 8)]) == [[], [], [], []]


def test_coarse_positions_and_silence_count_for_nothing(page: Page):
    assert dwell(page, [(0, 0, 31), (60, 0, 31), (120, 0, 31)]) == [[], [], []]
    assert dwell(page, [(0, 0, 8), (600, 0, 8), (630, 0, 8)]) == [[], [], []]


def test_entering_is_judged_by_the_radius_alone(page: Page):
    assert dwell(page, [(0, 40, 8), (60, 40, 8)], dwell_s=1) == [[], []]
    assert dwell(page, [(0, 29, 8)], dwell_s=0) == [[0]]


def walked(page: Page, fixes: list[tuple[float, float, float]]) -> dict:
    """The walk along fixes (seconds, metres east, accuracy)."""
    return page.evaluate(
        """async (fixes) => {
          const { Walked } = await import('/static/field/track.js');
          const walked = new Walked();
          for (const [s, east, accuracy_m] of fixes) {
            walked.add({ at: 1000 * s, lon: 113.9 + east / 102679, lat: 22.75, accuracy_m });
          }
          return { metres: walked.metres, parts: walked.parts.map((part) => part.length) };
        }""",
        fixes,
    )


def test_the_line_breaks_and_drops_by_the_servers_numbers(page: Page):
    way = [(10 * n, 12 * n, 8) for n in range(10)]
    assert walked(page, way)["metres"] == pytest.approx(108, rel=0.005)
    jump = [*way[:5], (45, 2000, 8), *way[5:]]
    assert walked(page, jump)["metres"] == pytest.approx(108, rel=0.005), "one jump is passed over"
    coarse = [*way[:5], (45, 60, 51), *way[5:]]
    assert walked(page, coarse) == walked(page, way)
    late = [*way, *((400 + 10 * n, 110 + 12 * n, 8) for n in range(3))]
    assert walked(page, late)["parts"] == [10, 3]


def test_metres_are_those_of_the_ellipsoid_within_half_a_percent(page: Page):
    from pyproj import Geod

    rng = np.random.default_rng(7)
    ends = np.column_stack([rng.uniform(113.85, 114.03, (50, 2)), rng.uniform(22.66, 22.86, (50, 2))])
    truth = Geod(ellps="WGS84").inv(ends[:, 0], ends[:, 2], ends[:, 1], ends[:, 3])[2]
    found = page.evaluate(
        "async (ends) => { const { metresBetween } = await import('/static/field/track.js');"
        " return ends.map(([a, b, c, d]) => metresBetween({ lon: a, lat: c }, { lon: b, lat: d })); }",
        ends.tolist(),
    )
    assert np.allclose(found, truth, rtol=0.005)


def test_coordinates_are_read_as_people_write_them(page: Page):
    good = {
        ("lon", "113.9012"): 113.9012,
        ("lon", " +113.9012° "): 113.9012,
        ("lon", "１１３．９０１２"): 113.9012,
        ("lon", "113°54′04.3″"): 113 + 54 / 60 + 4.3 / 3600,
        ("lon", "113°54′04.3″E"): 113 + 54 / 60 + 4.3 / 3600,
        ("lon", "E 113° 54' 04.3\""): 113 + 54 / 60 + 4.3 / 3600,
        ("lon", "113º54’04.3”"): 113 + 54 / 60 + 4.3 / 3600,
        ("lon", "113°54'04.3''"): 113 + 54 / 60 + 4.3 / 3600,
        ("lon", "113 54 04.3"): 113 + 54 / 60 + 4.3 / 3600,
        ("lon", "113:54:04.3"): 113 + 54 / 60 + 4.3 / 3600,
        ("lon", "东经113度54分4.3秒"): 113 + 54 / 60 + 4.3 / 3600,
        ("lon", "113°54.07′"): 113 + 54.07 / 60,
        ("lat", "北纬22°45′48.2″"): 22 + 45 / 60 + 48.2 / 3600,
        ("lat", "22.7634n"): 22.7634,
        ("lat", "22°"): 22,
        ("lat", "-33.5"): -33.5,
        ("lat", "33.5S"): -33.5,
        ("lon", "W70°30′"): -70.5,
        ("lon", "180"): 180,
        ("lat", "90"): 90,
    }
    bad = {
        ("lon", ""): "missing",
        ("lon", " \t"): "missing",
        ("lon", "abc"): "form",
        ("lon", "1e5"): "form",
        ("lon", "113,9012"): "form",
        ("lon", "113.9, 22.7"): "form",
        ("lon", "E113.9E"): "form",
        ("lon", "113°54′04″7"): "form",
        ("lon", "1 2 3 4"): "form",
        ("lon", "NaN"): "form",
        ("lon", "Infinity"): "form",
        ("lon", "113.9N"): "axis",
        ("lat", "东经22"): "axis",
        ("lon", "113°60′"): "parts",
        ("lon", "113°54′60″"): "parts",
        ("lon", "113.5°30′"): "parts",
        ("lon", "113°54.5′10″"): "parts",
        ("lon", "180.0001"): "range",
        ("lat", "113.9"): "range",
        ("lat", "90°00′00.1″"): "range",
    }
    found = page.evaluate(
        """async (cases) => {
          const { readAngle } = await import('/static/field/coordinates.js');
          return cases.map(([axis, text]) => {
            try { return readAngle(text, axis); } catch (error) { return error.message; }
          });
        }""",
        [*good, *bad],
    )
    for (case, expected), value in zip((good | bad).items(), found, strict=True):
        assert value == (pytest.approx(expected, abs=1e-12) if case in good else expected), case


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_datums_are_the_servers_within_a_centimetre(page: Page, datum: str):
    rng = np.random.default_rng(11)
    lon, lat = rng.uniform(113.8, 114.1, 300), rng.uniform(22.6, 22.9, 300)
    there = wgs84_to(lon, lat, datum)
    found = page.evaluate(
        """async ([places, crs]) => {
          const { inWgs84 } = await import('/static/field/datum.js');
          return places.map(([lon, lat]) => inWgs84({ lon, lat, crs })).map((place) => [place.lon, place.lat]);
        }""",
        [np.column_stack(there).tolist(), datum],
    )
    assert np.abs(np.asarray(found) - np.column_stack((lon, lat))).max() < 1e-7
    assert np.hypot(there[0] - lon, there[1] - lat).min() > 0.005, "and it is a shift"


def test_a_place_is_within_an_outline_as_shapely_has_it(page: Page):
    outlines = [
        shapely.box(0, 0, 2, 2).difference(shapely.box(0.5, 0.5, 1, 1)),
        shapely.MultiPolygon([shapely.box(3, 0, 4, 1), shapely.Polygon([(5, 0), (7, 0), (6, 2)])]),
    ]
    places = np.random.default_rng(5).uniform(-0.5, 7.5, (500, 2))
    expected = shapely.contains_xy(shapely.union_all(outlines), places[:, 0], places[:, 1])
    found = page.evaluate(
        """async ([places, outlines]) => {
          const { isWithin } = await import('/static/field/coordinates.js');
          return places.map(([lon, lat]) => isWithin({ lon, lat }, outlines));
        }""",
        [places.tolist(), [shapely.geometry.mapping(outline) for outline in outlines]],
    )
    assert 20 < expected.sum() < 300
    assert found == expected.tolist()


def test_no_position_of_a_pause_is_recorded_not_even_one_that_arrives_after_it(page: Page):
    recorded = page.evaluate(
        """async () => {
          const { position } = await import('/static/field/position.js');
          const { begin, end, hold, setPaused, walk } = await import('/static/field/walk.js');
          const { fixesFrom } = await import('/static/field/streams.js');
          const start = Date.UTC(2014, 4, 6);  // the clock of the positions is not the phone's
          const hear = (ms, name) => {
            position.latest = { at: start + ms, lon: name, lat: 22.75, accuracy_m: 8, speed: null, heading: null };
            position.dispatchEvent(new Event("fix"));
          };
          await begin(3, null);
          const { stream_id } = walk.current;
          hear(0, 1);
          hear(1_000, 2);  // heard before the tap, written after it
          hold(true);
          hear(2_000, 3);
          await setPaused(true);
          hear(3_000, 4);
          await new Promise((resolve) => setTimeout(resolve, 300));
          await setPaused(false);
          hear(3_200, 5);  // taken in the pause, heard after it
          hear(-600_000, 6);  // kept by the browser from long ago
          hear(9_000, 7);
          await end();
          hear(10_000, 8);
          return (await fixesFrom(stream_id, 0)).map((fix) => fix[1]);
        }"""
    )
    assert recorded == [1, 2, 7]


def test_only_what_has_a_receipt_is_forgotten_and_only_after_thirty_days(page: Page):
    kept = page.evaluate(
        """async () => {
          const store = await import('/static/field/store.js');
          const day = 86_400_000, at = Date.UTC(2014, 4, 6);
          for (const state of ["waiting", "sent", "refused"]) {
            await store.saveRecord({ client_id: state, account: 1, type: "point", body: { device_at: "2014-05-06T00:00:00Z" } });
            const receipt = state === "waiting" ? null : { sha256: "00", at };
            await store.settleRecords([{ client_id: state, revision: 1, state, receipt }]);
          }
          const left = async () => (await store.latestRecords(1, 9)).map((record) => record.client_id).sort().join(" ");
          await store.forgetOld(at + 29.9 * day);
          const before = await left();
          await store.forgetOld(at + 30.1 * day);
          return [before, await left()];
        }"""
    )
    assert kept == ["refused sent waiting", "refused waiting"]


def test_an_answer_to_an_older_revision_settles_nothing(page: Page):
    state = page.evaluate(
        """async () => {
          const store = await import('/static/field/store.js');
          await store.saveRecord({ client_id: "r", account: 2, type: "point", body: { device_at: "2014-05-06T00:00:00Z" } });
          await store.reviseRecord("r", { note: "x" });
          await store.settleRecords([{ client_id: "r", revision: 1, state: "sent", receipt: { sha256: "00", at: 1 } }]);
          const [record] = await store.latestRecords(2, 1);
          return [record.state, record.revision, record.body.note, record.receipt];
        }"""
    )
    assert state == ["waiting", 2, "x", None]
