"""pgbench: SQL for the same answers with no server in between, on the same number of connections."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from gis.database.pool import connect
from scripts.benchmark.database import Base
from scripts.benchmark.measure import CONNECTIONS, Measure, database_ms
from scripts.benchmark.statements import Statement, script
from scripts.benchmark.table import LIMIT, LIMIT_WITH_POLICIES, percentile
from scripts.commands.machine import MachineError

_ENTER_AS_PLANNER = (
    "SELECT set_config('role', 'gis_planner', true), set_config('app.account_id', :'account', true),"
    " set_config('transaction_read_only', 'on', true);"
)


def run_pgbench(base: Base, statement: Statement, seconds: float, *, account: int | None = None) -> Measure:
    """Run one statement as the superuser without row-level security, or in a planner's name with it."""
    entering = "" if account is None else _ENTER_AS_PLANNER.replace(":'account'", f"'{account}'")
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "work.sql"
        file.write_text(script(statement, entering), encoding="utf-8")
        command = [
            _program(), "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2",
            "-T", str(max(1, round(seconds))), "-f", str(file),
            "-l", "--log-prefix", str(Path(place) / "log"),
            "-h", base.socket_dir, "-p", base.port, "-U", "postgres" if account is None else "gis_web",
        ]  # fmt: skip
        for name, value in statement.fixed.items():
            command += ["-D", f"{name}={value}"]
        before = database_ms()
        answer = subprocess.run(
            [*command, base.name], capture_output=True, text=True, check=False, env=_environment(base)
        )
        used = database_ms() - before
        # The third field is the transaction's time in microseconds.
        spent = [int(line.split()[2]) / 1000 for log in Path(place).glob("log.*") for line in log.open()]
    per_s = re.search(r"^tps = ([\d.]+)", answer.stdout, re.MULTILINE)
    if answer.returncode != 0 or per_s is None or not spent:
        raise MachineError(f"pgbench failed at {statement.work}: {answer.stderr.strip()[-800:]}")
    label = LIMIT if account is None else LIMIT_WITH_POLICIES
    return Measure(
        statement.work, label, len(spent), float(per_s[1]), percentile(spent, 0.5), percentile(spent, 0.99),
        0.0, used / len(spent), 0.0, 0,
    )  # fmt: skip


def _program() -> str:
    return shutil.which("pgbench") or "pgbench"


def _environment(base: Base) -> dict[str, str]:
    """Session settings like those of the product's own connections."""
    connection = connect(base.url)
    try:
        options = connection.info.options
    finally:
        connection.close()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"PGOPTIONS": options}
