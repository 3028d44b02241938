"""Which cell does each of many points lie in? Exact, deterministic, without a database."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from gis.geometry.datum import Floats

if TYPE_CHECKING:
    from gis.geometry.tiling import Tiling

OUTSIDE = -1
# Below this the tree is faster than making the table of tiles.
_FEW_POINTS = 50_000


class CellLocator:
    """Finds the cell of points; a point on a border belongs to the cell with the lowest code.

    Safe to share between threads once made. Where cells overlap the lowest code wins too; gaps are
    outside. Edges are straight in lon/lat, as they are stored.
    """

    def __init__(
        self,
        cell_ids: ArrayLike,
        codes: Sequence[str],
        geometries: Sequence[BaseGeometry] | NDArray[np.object_],
    ) -> None:
        """Prepare the cells.

        Parameters
        ----------
        cell_ids : whole numbers >= 0, shape (k,), what `locate` answers.
        codes : cell codes, length k; their order as text decides on borders.
        geometries : polygons or multipolygons, EPSG:4326, length k.

        Raises
        ------
        ValueError
            Lengths differ, ids negative or repeated, codes repeated.
        """
        ids = np.asarray(cell_ids, dtype=np.int64)
        shapes = np.asarray(geometries, dtype=object)
        if not len(ids) == len(codes) == len(shapes):
            raise ValueError("cell_ids, codes and geometries must have the same length")
        if len(set(codes)) != len(codes) or len(np.unique(ids)) != len(ids) or np.any(ids < 0):
            raise ValueError("cell ids must be unique and not negative, codes unique")
        order = np.array(sorted(range(len(codes)), key=codes.__getitem__), dtype=np.intp)
        self._ids, self._geometries = ids[order], shapes[order]
        shapely.prepare(self._geometries)
        self._tree = shapely.STRtree(self._geometries)
        # The tree is built on first use; doing it here lets threads share the locator.
        self._by_tree(np.zeros(1), np.zeros(1))
        self._making = threading.Lock()
        self._made: Tiling | None = None

    def __len__(self) -> int:
        """Number of cells."""
        return len(self._ids)

    def locate(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int64]:
        """The cell id of each point.

        Parameters
        ----------
        lon, lat : degrees, shape (n,); NaN is outside.

        Returns
        -------
        ndarray of int64, shape (n,)
            Cell ids, -1 outside all cells.
        """
        xs = np.ascontiguousarray(np.atleast_1d(np.asarray(lon, dtype=np.float64)))
        ys = np.ascontiguousarray(np.atleast_1d(np.asarray(lat, dtype=np.float64)))
        if xs.shape != ys.shape or xs.ndim != 1:
            raise ValueError("lon and lat must be of the same shape (n,)")
        return self._by_tree(xs, ys) if len(xs) < _FEW_POINTS else self._by_tiles(xs, ys)

    def _by_tree(self, xs: Floats, ys: Floats) -> NDArray[np.int64]:
        rank = np.full(len(xs), len(self._ids), dtype=np.intp)
        usable = np.flatnonzero(np.isfinite(xs) & np.isfinite(ys))
        points = shapely.points(xs[usable], ys[usable])
        which, cell = self._tree.query(points, predicate="intersects")
        np.minimum.at(rank, usable[which], cell)
        return np.append(self._ids, OUTSIDE)[rank]

    def _by_tiles(self, xs: Floats, ys: Floats) -> NDArray[np.int64]:
        """By the table of tiles; what lies on an edge or next to one is left to the tree."""
        found, unsure = self._tiling.find(xs, ys)
        if len(unsure):
            found[unsure] = self._by_tree(xs[unsure], ys[unsure])
        return found

    @property
    def _tiling(self) -> Tiling:
        """Made when it is first wanted, once for all threads."""
        from gis.geometry.tiling import Tiling  # compiled: only those who locate many load numba

        with self._making:
            if self._made is None:
                self._made = Tiling(self._geometries, self._ids)
            return self._made
