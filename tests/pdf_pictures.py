"""Pages of a PDF as pictures, drawn by Poppler through the GDAL that Debian's PostGIS brings along."""

from __future__ import annotations

import ctypes.util
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import ROOT

# In a process of its own: pyogrio has another GDAL in this one.
_DRAW = """
import ctypes, sys
library, pdf, pages, dpi, stem = sys.argv[1:]
gdal = ctypes.CDLL(library)
gdal.GDALOpen.restype = gdal.GDALGetDriverByName.restype = gdal.GDALCreateCopy.restype = ctypes.c_void_p
gdal.GDALAllRegister()
gdal.CPLSetConfigOption(b"GDAL_PDF_DPI", dpi.encode())
gdal.CPLSetConfigOption(b"GDAL_PAM_ENABLED", b"NO")
png = ctypes.c_void_p(gdal.GDALGetDriverByName(b"PNG"))
for page in range(1, int(pages) + 1):
    opened = ctypes.c_void_p(gdal.GDALOpen(f"PDF:{page}:{pdf}".encode(), 0))
    assert opened, "not drawn"
    made = ctypes.c_void_p(
        gdal.GDALCreateCopy(png, f"{stem}-{page}.png".encode(), opened, 0, None, None, None)
    )
    gdal.GDALClose(made)
    gdal.GDALClose(opened)
"""


def pictures_of(pdf: bytes, name: str, *, pages: int, dpi: int = 72) -> list[Image.Image]:
    """Draw the pages of a PDF; it and its pictures stay under `.local/screenshots` to be looked at."""
    library = ctypes.util.find_library("gdal")
    if library is None:
        pytest.skip("no GDAL here that draws PDFs: it comes with Debian's PostGIS")
    folder = ROOT / ".local" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.pdf"
    file.write_bytes(pdf)
    stem = str(folder / name)
    command = [sys.executable, "-c", _DRAW, library, str(file), str(pages), str(dpi), stem]
    subprocess.run(command, check=True, timeout=120)
    return [_opened(Path(f"{stem}-{page}.png")) for page in range(1, pages + 1)]


def _opened(file: Path) -> Image.Image:
    with Image.open(file) as picture:
        return picture.convert("RGB")
