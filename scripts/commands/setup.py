"""Install what the app (`--dev`: also what its tests) needs on this machine."""

from __future__ import annotations

import argparse
import os
import sys

from scripts.commands import machine


def main() -> int:
    """Run `scripts/setup`."""
    parser = argparse.ArgumentParser(prog="scripts/setup", description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also pytest, linters and Chromium")
    parser.add_argument("--no-postgis", action="store_true", help="no database server on this machine")
    chosen = parser.parse_args()
    requirements = "requirements-dev.txt" if chosen.dev else "requirements.txt"
    postgis = not (chosen.no_postgis or "DATABASE_URL" in os.environ)
    try:
        machine.prepare(requirements, postgis=postgis, browser=chosen.dev)
    except (machine.MachineError, PermissionError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
