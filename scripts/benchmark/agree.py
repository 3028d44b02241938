"""Do the servers give the same answer? Asked before anything is timed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scripts.benchmark.measure import TIMEOUT_S, Target
from scripts.benchmark.mvt import points
from scripts.benchmark.ours import fetch
from scripts.benchmark.works import Work

SAMPLES = 3


def compare(work: Work, targets: Sequence[Target]) -> tuple[int, list[str]]:
    """How many answers were compared with the first server's, and where they differ, one line each."""
    compared, found = 0, []
    count = len(work.paths[targets[0].label])
    for index in sorted({0, count // 2, count - 1})[:SAMPLES]:
        seen = {target.label: answer_of(work, target, index) for target in targets}
        first, *others = seen.items()
        compared += len(others)
        for label, answer in others:
            if not same(work.kind, first[1], answer):
                path = work.paths[label][index]
                found.append(f"{label} {_short(answer)}, {first[0]} {_short(first[1])}: {path[:160]}")
    return compared, found


def answer_of(work: Work, target: Target, index: int) -> Any:
    """What a server says to one question, in a form that can be compared."""
    path = work.paths[target.label][index]
    status, headers, body = fetch(target.port, path, target.headers, timeout_s=TIMEOUT_S)
    if headers["Content-Encoding"] == "gzip":
        body = gzip.decompress(body)
    if status == 204:
        return 0
    if status != 200:
        return f"status {status}"
    return _READ[work.kind](body)


def same(kind: str, one: Any, other: Any) -> bool:
    """Whether two answers say the same."""
    if kind == "tile" and isinstance(one, int) and isinstance(other, int):
        return abs(one - other) <= 2 + one // 500  # rounding at the border
    if kind == "counts" and isinstance(one, int) and isinstance(other, int):
        return abs(one - other) <= 0.05 * max(one, other)  # cells and squares reach over the tile's border
    if kind == "cut":
        return isinstance(one, int) and isinstance(other, int) and one >= other > 0
    return bool(one == other)


def _features(body: bytes) -> Any:
    return sorted(feature["id"] for feature in json.loads(body)["features"])


def _feature(body: bytes) -> Any:
    feature = json.loads(body)
    east, north = feature["geometry"]["coordinates"]
    return feature["id"], feature["properties"]["code"], round(east, 7), round(north, 7)


def _cell(body: bytes) -> Any:
    """The code of the cell; on a border the lowest."""
    answer = json.loads(body)
    if "features" not in answer:
        return answer["cell"]["code"] if answer["inside"] else None
    return min((feature["properties"]["code"] for feature in answer["features"]), default=None)


def _tile(body: bytes) -> Any:
    return sum(point.is_inside for point in points(body))


def _counts(body: bytes) -> Any:
    """How many objects a tile stands for: the sum of its counts, a point without one is itself."""
    return sum(point.numbers.get("count", 1) for point in points(body))


_READ: Mapping[str, Callable[[bytes], Any]] = {
    "features": _features,
    "feature": _feature,
    "cell": _cell,
    "tile": _tile,
    "counts": _counts,
    "cut": _counts,
}


def _short(answer: Any) -> str:
    if isinstance(answer, list):
        return f"{len(answer)} ids"
    return repr(answer)[:120]
