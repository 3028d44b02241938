"""Set up what is missing, then measure: `scripts/bench serve --help` tells the options."""

from __future__ import annotations

import os
import shutil
import sys

from scripts.commands import machine


def main(arguments: list[str]) -> int:
    """Run `scripts/bench`; the work is done by the project's own Python, which takes over."""
    try:
        machine.prepare("requirements.txt", postgis=True)
    except (machine.MachineError, PermissionError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    missing = [name for name in ("wrk", "pgbench") if not shutil.which(name)]
    if missing:
        print(f"error: missing: {', '.join(missing)} (Debian: wrk, postgresql-contrib)", file=sys.stderr)
        return 1
    os.chdir(machine.ROOT)
    command = [str(machine.PYTHON), "-m", "scripts.benchmark", *arguments]
    return os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
