"""`scripts/load`: load a file into a layer.

Exit status: 0 everything stored or unchanged, 1 rows were rejected, 2 the file as a whole is unusable.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from gis.database import cluster
from gis.errors import GisError, InvalidInput
from gis.exchange.layers import LOADABLE
from gis.exchange.model import LoadOptions
from gis.exchange.readers.text import ENCODINGS
from gis.exchange.report import as_text, plain, write_rejects
from gis.exchange.service import load_file
from gis.geometry.crs import CRS_NAMES


def main(arguments: list[str] | None = None) -> int:
    """Load one file and print the report."""
    chosen = _parser().parse_args(arguments)
    options = LoadOptions(
        crs=chosen.crs,
        encoding=chosen.encoding,
        sheet=chosen.sheet,
        all_or_nothing=chosen.all_or_nothing,
        dry_run=chosen.dry_run,
        constants=dict(chosen.set),
        communities_path=chosen.communities,
        code_scheme=chosen.code_scheme,
        title=chosen.title,
        schematic=chosen.schematic,
    )
    try:
        report = load_file(_database_url(), chosen.layer, chosen.file, options)
        if chosen.rejects:
            write_rejects(report, Path(chosen.rejects))
    except GisError as error:
        pointer = f"{error.pointer}: " if isinstance(error, InvalidInput) and error.pointer else ""
        lines = f"{Path(chosen.file).name}: {pointer}{error.message} [{error.code}]".splitlines()
        sys.stderr.write("error: {}\n".format("\n  ".join(map(plain, lines))))
        return 2
    except (cluster.ClusterError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stdout.write(as_text(report) + "\n")
    return 1 if report.rejects else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/load", description="Load a file into a layer.")
    parser.add_argument("layer", choices=LOADABLE, metavar="LAYER", help=", ".join(LOADABLE))
    parser.add_argument(
        "file",
        metavar="FILE",
        help="GeoJSON, GeoPackage, CSV or GPX; for road also .osm, .osm.pbf and a zipped shapefile",
    )
    parser.add_argument("--crs", help=f"of the coordinates: {', '.join(CRS_NAMES)}")
    parser.add_argument("--encoding", choices=tuple(ENCODINGS), help="of the text; found out otherwise")
    parser.add_argument("--sheet", "--layer", help="layer of a GeoPackage")
    parser.add_argument(
        "--set",
        action="append",
        type=_constant,
        default=[],
        metavar="FIELD=VALUE",
        help="for rows that have none",
    )
    parser.add_argument("--all-or-nothing", action="store_true", help="store nothing if a row is rejected")
    parser.add_argument("--dry-run", action="store_true", help="check everything, store nothing")
    parser.add_argument("--rejects", metavar="CSV", help="write every rejected row to this file")
    division = parser.add_argument_group("division")
    division.add_argument("--code-scheme", help="name of the scheme of the codes, e.g. nbs-2018")
    division.add_argument("--communities", metavar="FILE", help="where FILE holds cells only")
    division.add_argument("--title", help="of the division; the file's name otherwise")
    division.add_argument("--schematic", action="store_true", help="the outlines are no legal boundaries")
    return parser


def _constant(text: str) -> tuple[str, str]:
    field, found, value = text.partition("=")
    if not found or not field:
        raise argparse.ArgumentTypeError("write FIELD=VALUE")
    return field.strip(), value


def _database_url() -> str:
    """GIS_DATABASE_URL or DATABASE_URL, else the private cluster that scripts/run started."""
    given = os.environ.get("GIS_DATABASE_URL") or os.environ.get("DATABASE_URL")
    if given:
        return given
    if cluster.status(cluster.DEFAULT_HOME) is None:
        raise cluster.ClusterError(
            "the database is not running: start it with scripts/run, or set DATABASE_URL"
        )
    return cluster.database_url(cluster.url(cluster.DEFAULT_HOME), database=cluster.DATABASE)


if __name__ == "__main__":
    sys.exit(main())
