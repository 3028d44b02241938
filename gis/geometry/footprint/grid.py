"""Where the squares of a layer lie, and a layer as bytes."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.errors import InvalidInput

RES_M = 2.0
MAX_PIXELS = 1 << 32

Layer = NDArray[np.uint64]
"""Shape (rows, words): bit c % 64 of word c // 64 of row r is the square in column c, from south and west."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Squares of `res_m` metres; `x_m` and `y_m`, EPSG:4547, are its south-western corner.

    The corner is a whole multiple of `res_m`, so that grids of one resolution always lie on each other.
    """

    x_m: float
    y_m: float
    columns: int
    rows: int
    res_m: float = RES_M

    def __post_init__(self) -> None:
        if not (math.isfinite(self.res_m) and self.res_m > 0):
            raise InvalidInput("The resolution must be a positive number of metres.", pointer="res_m")
        if self.columns < 1 or self.rows < 1 or self.columns * self.rows > MAX_PIXELS:
            raise InvalidInput("The grid has no squares or too many.", pointer="res_m")
        for value in (self.x_m, self.y_m):
            if value != round(value / self.res_m) * self.res_m:
                raise InvalidInput("The grid's corner is no multiple of its resolution.", pointer="x_m")

    @classmethod
    def around(cls, bounds: Sequence[float], res_m: float = RES_M) -> Grid:
        """The smallest grid that holds west, south, east, north in EPSG:4547."""
        west, south, east, north = (float(value) for value in bounds)
        if not all(map(math.isfinite, (west, south, east, north))):
            raise InvalidInput("The bounds must be finite numbers.", pointer="bounds")
        if not res_m > 0:
            raise InvalidInput("The resolution must be a positive number of metres.", pointer="res_m")
        left, low = math.floor(west / res_m), math.floor(south / res_m)
        columns = max(1, math.ceil(east / res_m) - left)
        rows = max(1, math.ceil(north / res_m) - low)
        return cls(left * res_m, low * res_m, columns, rows, res_m)

    @property
    def words(self) -> int:
        """Words of 64 squares in a row."""
        return -(-self.columns // 64)

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of a layer."""
        return self.rows, self.words

    @property
    def pixel_m2(self) -> float:
        """Area of a square."""
        return self.res_m * self.res_m

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of its squares."""
        east, north = self.x_m + self.columns * self.res_m, self.y_m + self.rows * self.res_m
        return self.x_m, self.y_m, east, north

    def empty(self) -> Layer:
        """A layer with nothing covered."""
        return np.zeros(self.shape, dtype=np.uint64)

    def check(self, layer: Layer) -> Layer:
        """The layer, if it is one of this grid; raises InvalidInput otherwise."""
        if layer.shape != self.shape or layer.dtype != np.uint64:
            raise InvalidInput("The layer is not one of this grid.", pointer="layers")
        return layer

    def in_pixels(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coordinates (n, 2·m) of x, y pairs in metres as columns and rows from the first centre."""
        corner = np.tile([self.x_m, self.y_m], xy.shape[1] // 2)
        # The difference is exact: both are multiples of the same small power of two.
        pixels: NDArray[np.float64] = (xy - corner) / self.res_m - 0.5
        return pixels


def pack(layer: Layer) -> bytes:
    """A layer as bytes: little-endian words, deflated at level 1 (about a twelfth of a district's day)."""
    return zlib.compress(np.ascontiguousarray(layer, dtype="<u8").tobytes(), 1)


def unpack(packed: bytes, grid: Grid) -> Layer:
    """The layer that was packed; raises InvalidInput if it is none of this grid."""
    size = grid.rows * grid.words * 8
    inflate = zlib.decompressobj()
    try:
        raw = inflate.decompress(packed, size + 1)  # never more than a layer, whatever the bytes say
    except zlib.error as error:
        raise InvalidInput("The bytes are no layer.", pointer="layers") from error
    if len(raw) != size:
        raise InvalidInput("The layer is not one of this grid.", pointer="layers")
    return np.frombuffer(raw, dtype="<u8").reshape(grid.shape).astype(np.uint64)
