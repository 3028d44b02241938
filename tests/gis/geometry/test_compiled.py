"""Work in threads: every stretch once, and errors told."""

import pytest

from gis.geometry.compiled import in_parts


@pytest.mark.parametrize(("size", "parts"), [(10, 3), (3, 10), (1, 1), (0, 4), (1000, 8)])
def test_every_stretch_is_worked_once(size, parts):
    done = []
    in_parts(lambda start, stop: done.append((start, stop)), size, parts)
    assert sorted(number for start, stop in done for number in range(start, stop)) == list(range(size))
    assert len(done) == min(size, parts)


def test_an_error_in_a_thread_is_raised():
    def work(start: int, _stop: int) -> None:
        if start > 0:
            raise ValueError("told")

    with pytest.raises(ValueError, match="told"):
        in_parts(work, 10, 4)
