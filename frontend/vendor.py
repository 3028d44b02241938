#!/usr/bin/env python3
"""Copy the third-party browser files the application uses into webmap/static/vendor.

Run after `npm ci` in this folder. The copies are committed with their hashes and licences
(manifest.json), so that installing the application needs neither Node nor a network.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
TARGET = HERE.parent / "webmap" / "static" / "vendor"

# package -> (sub-folder in the package, what is taken from it)
PICK: dict[str, tuple[str, list[str]]] = {
    "leaflet": ("dist", ["leaflet.js", "leaflet.css", "images/*.png"]),
    "swagger-ui-dist": (".", ["swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "swagger-ui.css", "NOTICE"]),
    # The very versions vl-convert-python brings along, so that a page and a PDF draw the same.
    "vega": ("build", ["vega.min.js"]),
    "vega-lite": ("build", ["vega-lite.min.js"]),
    "vega-embed": ("build", ["vega-embed.min.js"]),
}
FOLDER = {"swagger-ui-dist": "swagger-ui"}
# A source map that is not there is a failed request in every developer console.
SOURCE_MAP = re.compile(rb"^\s*(//[#@]\s*sourceMappingURL=\S*|/\*[#@]\s*sourceMappingURL=[^*]*\*/)\s*$", re.M)


def copy_package(name: str) -> dict[str, object]:
    """Copy one package's files; return its entry of the manifest."""
    folder, patterns = PICK[name]
    source, target = MODULES / name / folder, TARGET / FOLDER.get(name, name)
    about = json.loads((MODULES / name / "package.json").read_text("utf-8"))
    files: dict[str, str] = {}
    licence = next((MODULES / name).glob("LICENSE*"))
    for pattern in [*patterns, str(licence.relative_to(MODULES / name))]:
        found = sorted(source.glob(pattern)) or sorted((MODULES / name).glob(pattern))
        if not found:
            sys.exit(f"{name}: nothing matches {pattern}")
        for path in found:
            inside = path.relative_to(source) if path.is_relative_to(source) else Path(path.name)
            content = path.read_bytes()
            if path.suffix in {".js", ".css"}:
                content = SOURCE_MAP.sub(b"", content).rstrip() + b"\n"
            (target / inside).parent.mkdir(parents=True, exist_ok=True)
            (target / inside).write_bytes(content)
            files[str((target / inside).relative_to(TARGET))] = hashlib.sha256(content).hexdigest()
    return {"version": about["version"], "license": about["license"], "sha256": files}


def main() -> None:
    """Replace the vendored files by those of the installed packages."""
    shutil.rmtree(TARGET, ignore_errors=True)
    manifest = {name: copy_package(name) for name in PICK}
    (TARGET / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
