"""Set up what is missing and serve the app.

Environment:
  DATABASE_URL   a PostGIS database instead of the private cluster, with a superuser's login: migrations make
                 roles; the app itself serves as gis_web, which has no rights of its own
  DEMO_PASSWORD  of the demo accounts, read when the demo is loaded; without it a random one
  BIND_HOST      address to listen on, 127.0.0.1 without it
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

from gis.database import cluster
from scripts.commands import machine, service
from scripts.commands.machine import MachineError, say

_READY_WITHIN_S = 60


def main() -> int:
    """Run `scripts/run`."""
    chosen = _arguments()
    try:
        _check_free(chosen.port)
        machine.prepare("requirements.txt", postgis="DATABASE_URL" not in os.environ)
        with machine.compiling_ahead(gently=True):  # beside what follows, which waits for the database
            environment = _environment(chosen.port)
            _migrate(environment)
            if not chosen.no_demo and _is_empty(environment):
                _load_demo(environment, chosen.size)
            return _serve(environment, chosen.port)
    except (MachineError, cluster.ClusterError, PermissionError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--size", choices=("small", "district"), default="small", help="of the demo")
    parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")
    return parser.parse_args()


def _check_free(port: int) -> None:
    if pid := service.running_pid():
        raise MachineError(f"the app is already running (process {pid}); scripts/stop stops it")
    if not service.port_is_free(os.environ.get("BIND_HOST", "127.0.0.1"), port):
        raise MachineError(f"port {port} is taken by another program; choose one with --port")


def _environment(port: int) -> dict[str, str]:
    """Environment of the app and of its administrative commands; starts the private cluster if it is used."""
    owner_url = os.environ.get("DATABASE_URL", "")
    environment = dict(os.environ)
    if owner_url:
        if not owner_url.startswith(("postgresql://", "postgres://")):
            raise MachineError("DATABASE_URL must look like postgresql://postgres:password@host/database")
        password = machine.keep_secret("web-password")
        environment["GIS_WEB_PASSWORD"] = password
        web_url = cluster.database_url(owner_url, user="gis_web", password=password)
    else:
        environment = {name: value for name, value in environment.items() if not name.startswith("PG")}
        server_url = cluster.start(service.CLUSTER_HOME)
        owner_url = cluster.create_database(server_url, cluster.DATABASE)
        web_url = cluster.database_url(owner_url, user="gis_web")
    environment |= {
        "GIS_DATABASE_URL": owner_url,
        "GIS_WEB_DATABASE_URL": web_url,
        "WEBMAP_SECRET_KEY": os.environ.get("WEBMAP_SECRET_KEY") or machine.keep_secret("secret-key"),
        "GIS_FOOTPRINT_DIR": os.environ.get("GIS_FOOTPRINT_DIR") or str(machine.LOCAL / "footprints"),
        "PORT": str(port),
    }
    return environment


def _admin(environment: dict[str, str], *arguments: str, output: int | None = None) -> tuple[int, str]:
    command = [str(machine.PYTHON), "-m", "gis.admin", *arguments]
    answer = subprocess.run(command, cwd=machine.ROOT, env=environment, stdout=output, text=True, check=False)
    return answer.returncode, answer.stdout or ""


def _migrate(environment: dict[str, str]) -> None:
    code, _ = _admin(environment, "migrate")
    if code != 0:
        raise MachineError("the database could not be migrated; the reason stands above")


def _is_empty(environment: dict[str, str]) -> bool:
    code, _ = _admin(environment, "is-empty")
    if code not in (0, 1):
        raise MachineError("cannot tell whether the database is empty; the reason stands above")
    return code == 0


def _load_demo(environment: dict[str, str], size: str) -> None:
    """Load the demo district. A password given by DEMO_PASSWORD is not written to a file."""
    begun = time.monotonic()
    say(f"loading the demo district, size {size}")
    if given := os.environ.get("DEMO_PASSWORD"):
        (machine.LOCAL / "demo-password").unlink(missing_ok=True)
        password = given
    else:
        password = machine.keep_secret("demo-password", lambda: secrets.token_urlsafe(9))
    code, _ = _admin(
        environment | {"DEMO_PASSWORD": password}, "demo", "--size", size, output=subprocess.PIPE
    )
    if code != 0:
        raise MachineError("the demo could not be loaded; the reason stands above")
    say(f"loaded the demo district in {time.monotonic() - begun:.0f} s")


def _serve(environment: dict[str, str], port: int) -> int:
    """Run the server until it ends; Ctrl-C and SIGTERM let it finish its requests, a second one does not."""
    requests_to_stop = 0

    def pass_on(_number: int, _frame: FrameType | None) -> None:
        nonlocal requests_to_stop
        requests_to_stop += 1
        if server.poll() is None:
            if requests_to_stop == 1:
                server.send_signal(signal.SIGTERM)
            else:
                os.killpg(server.pid, signal.SIGKILL)

    command = service.server_command()
    # A session of its own: Ctrl-C would reach the workers directly and cut requests off.
    server = subprocess.Popen(command, cwd=machine.ROOT, env=environment, start_new_session=True)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    service.PID_FILE.write_text(f"{server.pid}\n")
    jobs = _run_jobs(environment)
    try:
        with ThreadPoolExecutor(1) as pool:  # beside the start of the app: both take seconds to import
            accounts = pool.submit(_admin, environment, "accounts", output=subprocess.PIPE)
            if _becomes_ready(server, port):
                _announce(port, accounts.result()[1].strip("\n"))
        code = server.wait()
    finally:
        jobs.kill()  # what a job has not finished is undone, and done by the next run
        jobs.wait()
        service.PID_FILE.unlink(missing_ok=True)
    say(
        "the app has stopped; the database runs on (scripts/stop stops it)" if code == 0 else "the app failed"
    )
    return code


def _run_jobs(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the process that runs the periodic jobs, and the analyses asked for, beside the app."""
    return subprocess.Popen(service.jobs_command(), cwd=machine.ROOT, env=environment, start_new_session=True)


def _becomes_ready(server: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + _READY_WITHIN_S
    while server.poll() is None and time.monotonic() < deadline:
        if service.answers(port):
            return True
        time.sleep(0.1)
    return False


def _announce(port: int, accounts: str) -> None:
    say("")
    if accounts:
        say(accounts)
        given = machine.read_secret("demo-password")
        say(f"password: {given}" if given else "password: the DEMO_PASSWORD the demo was loaded with")
    else:
        private = '"$(python3 -m gis.database.cluster url)"'
        database = '"$DATABASE_URL"' if "DATABASE_URL" in os.environ else private
        say("no demo accounts here; a first administrator is made by")
        say(f"  GIS_DATABASE_URL={database} .venv/bin/python -m gis.admin create-admin NAME 'FULL NAME'")
    say(f"open http://127.0.0.1:{port}/   (Ctrl-C stops the app, scripts/stop also the database)")


if __name__ == "__main__":
    sys.exit(main())
