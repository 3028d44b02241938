"""Unpacked day layers in files that all processes of the server map: read once, shared, bounded, never stale.

A file is named by a digest of what its layer was painted from, so a day that changes has another file. Pages
of mapped files belong to the system's cache and are there once, however many processes map them; a layer is
0.5 MB packed and 7 MB like this, and unpacking one costs as much as counting thirty.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import tempfile
import threading
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.settings import FootprintSettings

Layer = NDArray[np.uint64]
_OPEN = 128


class LayerFiles:
    """Layers by key in a directory of at most so many bytes; the least recently used go first."""

    def __init__(self, directory: Path, most_bytes: int) -> None:
        self._directory, self._most_bytes = directory, most_bytes
        self._open: OrderedDict[str, Layer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str, shape: tuple[int, int]) -> Layer | None:
        """The layer of a key, mapped from its file; None if there is none."""
        with self._lock:
            layer = self._open.get(key)
            if layer is not None:
                self._open.move_to_end(key)
                return layer
        layer = self._map(key, shape)
        if layer is not None:
            with self._lock:
                self._open[key] = layer
                while len(self._open) > _OPEN:
                    self._open.popitem(last=False)
        return layer

    def put(self, key: str, layer: Layer) -> Layer:
        """Keep a layer under a key; the layer as mapped, or itself where the disk will not have it."""
        path = self._path(key)
        try:
            with tempfile.NamedTemporaryFile(dir=self._directory, prefix="new-", delete=False) as file:
                file.write(np.ascontiguousarray(layer, dtype="<u8").tobytes())
            Path(file.name).replace(path)  # whoever maps it sees it whole
            self._drop_old()
        except OSError:
            return layer
        return self.get(key, (layer.shape[0], layer.shape[1])) if path.exists() else layer  # type: ignore[return-value]

    def _map(self, key: str, shape: tuple[int, int]) -> Layer | None:
        path = self._path(key)
        try:
            with path.open("rb") as file:
                if os.fstat(file.fileno()).st_size != shape[0] * shape[1] * 8:
                    return None
                # Private, and written by nobody: compiled code takes it for an array like any other.
                raw = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
            os.utime(path)
        except (OSError, ValueError):
            return None
        return np.frombuffer(raw, dtype="<u8").view(np.uint64).reshape(shape)

    def _drop_old(self) -> None:
        """Remove the files that were not opened for the longest time until the rest are few enough."""
        found = []
        for entry in os.scandir(self._directory):
            with contextlib.suppress(FileNotFoundError):  # another process was faster
                stat = entry.stat()
                found.append((stat.st_mtime, stat.st_size, entry.path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= self._most_bytes:
                return
            with contextlib.suppress(FileNotFoundError):
                Path(path).unlink()
            total -= size

    def _path(self, key: str) -> Path:
        return self._directory / f"{key}.layer"


@lru_cache(maxsize=1)
def layer_files() -> LayerFiles:
    """The files of this machine, in GIS_FOOTPRINT_DIR; without it in a directory of this process's own."""
    settings = FootprintSettings()
    # Where people walked is for the server's own account alone.
    directory = settings.footprint_dir or Path(_own_directory().name)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return LayerFiles(directory, settings.footprint_cache_mb * 1024 * 1024)


@lru_cache(maxsize=1)
def _own_directory() -> tempfile.TemporaryDirectory[str]:
    """Removed when the process ends."""
    return tempfile.TemporaryDirectory(prefix="guangming-footprints-")
