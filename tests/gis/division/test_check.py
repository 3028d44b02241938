"""A sound 4 x 3 grid of two communities, and one injected defect of known size after the other."""

import numpy as np
import pytest
import shapely

from gis.division.check import Area, Severity, check_division
from gis.division.codes import find_scheme
from gis.geometry.crs import to_metric

STEP = 0.002  # about 206 m x 222 m
LEFT, BOTTOM = 113.93, 22.76
COMMUNITY_CODES = ("440306007001", "440306007002")


def square(column, row):
    # Shared corners must be the same floats, so each is computed from its own number.
    xs = [round(LEFT + number * STEP, 7) for number in (column, column + 1)]
    ys = [round(BOTTOM + number * STEP, 7) for number in (row, row + 1)]
    return shapely.box(xs[0], ys[0], xs[1], ys[1])


def sound_division():
    cells = []
    for half, community in enumerate(COMMUNITY_CODES):
        places = [(2 * half + column, row) for column in (0, 1) for row in (2, 1, 0)]
        cells += [Area(f"{community}{number:03d}", square(*place)) for number, place in enumerate(places, 1)]
    communities = [
        Area(
            code, shapely.coverage_union_all([cell.geometry for cell in cells if cell.code.startswith(code)])
        )
        for code in COMMUNITY_CODES
    ]
    return communities, cells


def replaced(areas, code, geometry):
    return [Area(area.code, geometry if area.code == code else area.geometry) for area in areas]


def found(communities, cells, **options):
    return {finding.kind: finding for finding in check_division(communities, cells, **options)}


def metric_area(geometry):
    return to_metric(geometry).area


MIDDLE = "440306007001002"  # column 0, row 1: west edge free, east edge inside the community
EAST = "440306007001005"  # column 1, row 1: east edge on the community border


def moved_edge(geometry, *, east_m=0.0, west_m=0.0):
    """The box with its east or west side moved by metres."""
    left, bottom, right, top = geometry.bounds
    degree_m = to_metric(shapely.LineString([(left, bottom), (right, bottom)])).length / (right - left)
    return shapely.box(left + west_m / degree_m, bottom, right + east_m / degree_m, top)


def test_a_sound_division_has_no_findings():
    assert check_division(*sound_division()) == []


def test_findings_do_not_depend_on_the_order_of_cells():
    communities, cells = sound_division()
    cells = replaced(cells, MIDDLE, moved_edge(square(0, 1), east_m=0.5))
    assert check_division(communities, cells) == check_division(communities[::-1], cells[::-1])


@pytest.mark.parametrize("width_m", [0.05, 0.5, 20.0])
def test_an_overlap_is_reported_with_its_size(width_m):
    communities, cells = sound_division()
    wider = moved_edge(square(0, 1), east_m=width_m)
    findings = found(communities, replaced(cells, MIDDLE, wider))
    overlap = findings["overlap"]
    expected = metric_area(shapely.intersection(wider, square(1, 1)))
    assert overlap.measure == pytest.approx(expected, rel=1e-6)
    assert overlap.measure == pytest.approx(width_m * 221.5, rel=0.01)
    assert (overlap.code, overlap.other_code) == (MIDDLE, EAST)
    assert overlap.severity is Severity.ERROR
    assert findings["unmatched-edge"].measure > 200
    assert findings["area-mismatch"].measure == pytest.approx(expected, rel=1e-3)


def test_a_tiny_overlap_is_a_warning():
    communities, cells = sound_division()
    findings = found(communities, replaced(cells, MIDDLE, moved_edge(square(0, 1), east_m=0.001)))
    assert findings["overlap"].severity is Severity.WARNING
    assert findings["overlap"].measure == pytest.approx(0.2215, rel=0.01)


def test_a_gap_is_reported_with_its_size_and_width():
    communities, cells = sound_division()
    findings = found(communities, replaced(cells, MIDDLE, moved_edge(square(0, 1), east_m=-0.3)))
    gap = findings["gap"]
    assert gap.measure == pytest.approx(0.3 * 221.5, rel=0.01)
    assert "0.30 m wide" in gap.message
    assert gap.code == "440306007001"
    assert findings["area-mismatch"].measure == pytest.approx(-gap.measure, rel=1e-3)
    assert "unmatched-edge" in findings


def test_a_missing_cell_is_a_gap_of_its_whole_area():
    communities, cells = sound_division()
    findings = check_division(communities, [cell for cell in cells if cell.code != MIDDLE])
    (gap,) = [finding for finding in findings if finding.kind == "gap"]
    assert gap.measure == pytest.approx(metric_area(square(0, 1)), rel=1e-6)


def test_a_cell_across_the_community_border():
    communities, cells = sound_division()
    wide = moved_edge(square(1, 1), east_m=10.0)
    findings = found(communities, replaced(cells, EAST, wide))
    assert findings["crossing"].code == EAST
    assert findings["crossing"].measure == pytest.approx(10 * 221.5, rel=0.01)


def test_a_cell_beyond_all_communities():
    communities, cells = sound_division()
    findings = found(communities, replaced(cells, MIDDLE, moved_edge(square(0, 1), west_m=-5.0)))
    assert findings["outside"].measure == pytest.approx(5 * 221.5, rel=0.01)
    assert findings["outside"].code == MIDDLE


def test_a_corner_in_the_middle_of_a_neighbours_edge_is_unmatched():
    communities, cells = sound_division()
    left, bottom, right, top = square(0, 1).bounds
    middle = (bottom + top) / 2
    bent = shapely.Polygon(
        [(left, bottom), (right, bottom), (right + 1e-7, middle), (right, top), (left, top)]
    )
    assert "unmatched-edge" in found(communities, replaced(cells, MIDDLE, bent))


def test_an_invalid_cell_is_named_with_the_reason_and_left_out():
    communities, cells = sound_division()
    left, bottom, right, top = square(0, 1).bounds
    bow_tie = shapely.Polygon([(left, bottom), (right, top), (right, bottom), (left, top)])
    findings = found(communities, replaced(cells, MIDDLE, bow_tie))
    assert "Self-intersection" in findings["invalid"].message
    assert findings["gap"].measure == pytest.approx(metric_area(square(0, 1)), rel=1e-6)
    empty = found(communities, replaced(cells, MIDDLE, shapely.Polygon()))
    assert empty["invalid"].severity is Severity.ERROR


def test_multipart_and_sliver():
    communities, cells = sound_division()
    left, bottom, _, top = square(0, 1).bounds
    speck = shapely.box(left + 0.0001, bottom + 0.0001, left + 0.0002, bottom + 0.0002)
    parts = shapely.MultiPolygon(
        [square(0, 1).difference(shapely.box(left, bottom, left + 0.0004, top)), speck]
    )
    findings = found(communities, replaced(cells, MIDDLE, parts))
    assert findings["multipart"].measure == 2
    small = found(communities, replaced(cells, MIDDLE, speck))["sliver"]
    assert small.measure == pytest.approx(metric_area(speck))
    thin = shapely.box(left, bottom, left + 0.00001, top)
    assert "compactness 0.01" in found(communities, replaced(cells, MIDDLE, thin))["sliver"].message


def test_code_faults():
    communities, cells = sound_division()
    findings = check_division(
        communities,
        [
            Area("440306007001001", cells[0].geometry),
            Area("440306007001001", cells[1].geometry),
            Area("4.40306E+14", cells[2].geometry),
            Area("440306007099001", cells[3].geometry),
            *cells[4:],
        ],
    )
    kinds = {(finding.kind, finding.code) for finding in findings}
    assert ("code-duplicate", "440306007001001") in kinds
    assert ("code-pattern", "4.40306E+14") in kinds
    assert ("orphan", "440306007099001") in kinds
    other = {
        finding.kind for finding in check_division(communities, cells, scheme=find_scheme("cjt349-2010"))
    }
    assert other == {"code-pattern"}


def test_numbers_out_of_order_are_an_information():
    communities, cells = sound_division()
    cells[0], cells[5] = Area(cells[0].code, cells[5].geometry), Area(cells[5].code, cells[0].geometry)
    (finding,) = check_division(communities, cells)
    assert (finding.kind, finding.severity, finding.measure) == ("order", Severity.INFO, 2)


def test_errors_come_first():
    communities, cells = sound_division()
    cells = replaced(cells, MIDDLE, moved_edge(square(0, 1), east_m=2.0))
    severities = [list(Severity).index(finding.severity) for finding in check_division(communities, cells)]
    assert severities == sorted(severities)
    assert np.ptp(severities) > 0
