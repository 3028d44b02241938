"""Arrays as bytes of a table's column, and back."""

from __future__ import annotations

import hashlib
import io
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.errors import InvalidInput

Array = NDArray[Any]


def pack(arrays: dict[str, Array]) -> bytes:
    """Arrays by name as bytes: numpy's own format, deflated at level 1."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return zlib.compress(file.getvalue(), 1)


def unpack(packed: bytes) -> dict[str, Array]:
    """The arrays that were packed. Raises `InvalidInput` if the bytes hold none."""
    try:
        with np.load(io.BytesIO(zlib.decompress(packed)), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (zlib.error, ValueError, OSError, EOFError) as error:
        raise InvalidInput("The bytes hold no arrays.", pointer="packed") from error


def digest(*parts: Array | bytes) -> str:
    """What tells one content from another: 32 hexadecimal digits of SHA-256."""
    sha = hashlib.sha256()
    for part in parts:
        raw = part if isinstance(part, bytes) else np.ascontiguousarray(part).tobytes()
        sha.update(len(raw).to_bytes(8, "big") + raw)
    return sha.hexdigest()[:32]
