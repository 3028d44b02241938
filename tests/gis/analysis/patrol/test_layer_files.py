"""Unpacked layers in files: mapped by whoever asks, never wrong, never too many."""

from __future__ import annotations

import os
import threading

import numpy as np

from gis.analysis.memory import Kept
from gis.analysis.patrol.layers import LayerFiles

SHAPE = (8, 16)
BYTES = 8 * 16 * 8


def layer(number: int) -> np.ndarray:
    return np.full(SHAPE, number, dtype=np.uint64)


def test_what_one_process_puts_another_maps(tmp_path):
    LayerFiles(tmp_path, 10 * BYTES).put("a", layer(7))
    found = LayerFiles(tmp_path, 10 * BYTES).get("a", SHAPE)
    assert (found == 7).all() and found.dtype == np.uint64
    assert LayerFiles(tmp_path, 10 * BYTES).get("b", SHAPE) is None


def test_a_file_of_another_size_is_none(tmp_path):
    files = LayerFiles(tmp_path, 10 * BYTES)
    files.put("a", layer(7))
    assert LayerFiles(tmp_path, 10 * BYTES).get("a", (8, 17)) is None
    (tmp_path / "b.layer").write_bytes(b"")
    assert files.get("b", SHAPE) is None


def test_the_least_used_go_first(tmp_path):
    files = LayerFiles(tmp_path, 3 * BYTES)
    for number, key in enumerate("abc"):
        files.put(key, layer(number))
        os.utime(tmp_path / f"{key}.layer", (number, number))
    files.put("d", layer(3))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.layer", "c.layer", "d.layer"]
    # Who has mapped one keeps it.
    assert (files.get("a", SHAPE) == 0).all()


def test_who_changes_a_mapped_layer_changes_it_for_nobody_else(tmp_path):
    mine = LayerFiles(tmp_path, 3 * BYTES).put("a", layer(1))
    mine[:] = 9
    assert (LayerFiles(tmp_path, 3 * BYTES).get("a", SHAPE) == 1).all()


def test_a_disk_that_refuses_costs_only_time(tmp_path):
    gone = tmp_path / "gone"
    assert (LayerFiles(gone, BYTES).put("a", layer(5)) == 5).all()


def test_many_threads_put_and_get_the_same(tmp_path):
    files, seen = LayerFiles(tmp_path, 100 * BYTES), []

    def work(number: int) -> None:
        key = str(number % 5)
        files.put(key, layer(number % 5))
        seen.append((files.get(key, SHAPE) == number % 5).all())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 20
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("new-")]


def test_kept_values_are_made_once_and_the_oldest_forgotten():
    kept, made = Kept(2), []

    def make(key):
        made.append(key)
        return key * 2

    assert [kept.one(key, lambda key=key: make(key)) for key in "abab"] == ["aa", "bb", "aa", "bb"]
    kept.one("c", lambda: make("c"))
    kept.one("a", lambda: make("a"))
    assert made == ["a", "b", "c", "a"]
    assert kept.all({"x": "b", "y": "c"}, lambda names: {}) == {"y": "cc"}
