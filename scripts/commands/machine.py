"""What the project needs of a machine: system packages, the virtual environment, its own secrets.

Standard library only: runs with the system's Python on a fresh Debian or Ubuntu.
"""

from __future__ import annotations

import contextlib
import ctypes.util
import fcntl
import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gis.database import cluster

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SETUP_LOG = LOCAL / "setup.log"

_VENV_PACKAGE = f"python3.{sys.version_info.minor}-venv"
_FONT_PACKAGE = "fonts-wqy-microhei"
_PANGO_PACKAGE = "libpangoft2-1.0-0"
_APT_OPTIONS = ("-q", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3")


class MachineError(RuntimeError):
    """The machine lacks something that could not be installed; the text says what helps."""


def say(text: str) -> None:
    """Tell the person at the terminal what happens now."""
    print(text, flush=True)


def prepare(requirements: str, *, postgis: bool, browser: bool = False) -> None:
    """Install what is missing: packages by apt, and `requirements` into the virtual environment.

    Raises
    ------
    MachineError
        Something is missing and may not or cannot be installed.
    """
    make_local()
    with _locked():
        missing = _missing_packages(requirements, postgis=postgis, browser=browser)
        for_pdfs = _missing_for_pdfs()
        may_install = not (missing or for_pdfs) or _may_install()
        if missing and not may_install:
            raise MachineError(_advice(missing))
        if for_pdfs and not may_install:
            say(f"no PDFs until an administrator runs: apt-get install {' '.join(for_pdfs)}")
        elif for_pdfs:
            missing += for_pdfs
        if _VENV_PACKAGE in missing:
            missing.remove(_VENV_PACKAGE)
            _apt_install([_VENV_PACKAGE])
        with ThreadPoolExecutor(1) as pool:
            system = pool.submit(_apt_install, missing) if missing else None
            _make_environment(requirements)
            if system:
                system.result()


def provide(program: str) -> None:
    """Install Debian's package of a program of the same name where the program is missing.

    Raises
    ------
    MachineError
        It is missing and may not or cannot be installed.
    """
    with _locked():
        if not shutil.which(program):
            if not _may_install():
                raise MachineError(_advice([program]))
            _apt_install([program])


def make_local() -> None:
    """Make `.local/`; everybody may pass through, its parts guard themselves."""
    LOCAL.mkdir(exist_ok=True)
    with contextlib.suppress(PermissionError):
        LOCAL.chmod(0o755)


@contextlib.contextmanager
def compiling_ahead(*, gently: bool = False) -> Iterator[None]:
    """Compile meanwhile what the first question of each kind would wait for.

    `gently` leaves the processor to everybody else. What is not done at the end is left.
    """
    command = [str(PYTHON), "-m", "gis.analysis.ahead", *(["--gently"] if gently else [])]
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as compiling:
        try:
            yield
        finally:
            compiling.kill()


def read_secret(name: str) -> str | None:
    """Read secret `name` kept in `.local/`, None if there is none."""
    path = LOCAL / name
    return path.read_text().strip() if path.exists() else None


def keep_secret(name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> str:
    """Read secret `name`, made at first use and readable for the owner only."""
    known = read_secret(name)
    if known:
        return known
    value = make()
    unfinished = LOCAL / f"{name}.new"
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(f"{value}\n")
    unfinished.replace(LOCAL / name)
    return value


def chromium() -> str | None:
    """Path of a Chromium the browser tests can drive."""
    if chosen := os.environ.get("CHROMIUM"):
        return chosen
    for name in ("chromium", "google-chrome"):
        if found := shutil.which(name):
            return found
    cache = Path.home() / ".cache" / "ms-playwright"
    return next((str(path) for path in sorted(cache.glob("chromium-*/chrome-linux*/chrome"))), None)


# ---------------------------------------------------------------- system packages


def _missing_packages(requirements: str, *, postgis: bool, browser: bool) -> list[str]:
    missing = []
    if not _is_current(requirements) and not importlib.util.find_spec("ensurepip"):
        missing.append(_VENV_PACKAGE)
    if postgis:
        try:
            cluster.find_binaries()
        except cluster.ClusterError:
            missing.append("postgresql-postgis")
    if browser and chromium() is None:
        missing.append("chromium")
    return missing


def _missing_for_pdfs() -> list[str]:
    """Packages that only PDFs need (and pictures of pages, in the tests)."""
    missing = [] if _has_chinese_font() else [_FONT_PACKAGE]
    if not ctypes.util.find_library("pangoft2-1.0"):
        missing.append(_PANGO_PACKAGE)
    return missing


def _has_chinese_font() -> bool:
    fonts = Path("/usr/share/fonts").rglob("*")
    return any(re.search(r"wqy|CJK|SourceHan", font.name) for font in fonts)


def _as_root() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo", "-n"]


def _may_install() -> bool:
    if not shutil.which("apt-get"):
        return False
    if os.geteuid() == 0:
        return True
    if not shutil.which("sudo"):
        return False
    return subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0


def _advice(missing: list[str]) -> str:
    lines = [
        "missing on this machine: " + ", ".join(missing),
        "may not install it: neither root nor sudo without a password. An administrator can run",
        f"  apt-get install {' '.join(missing)}",
    ]
    if "postgresql-postgis" in missing:
        lines += [
            "or give the URL of a database on a server that has PostGIS, with a login that may make roles:",
            "  DATABASE_URL=postgresql://postgres:password@host/database scripts/run",
        ]
    return "\n".join(lines)


def _apt_install(packages: list[str]) -> None:
    """Install packages, reading the package lists again where they are absent or out of date."""
    say(f"installing {', '.join(packages)} (apt; log: {SETUP_LOG.relative_to(ROOT)})")
    begun = time.monotonic()
    if "chromium" in packages and _is_ubuntu():  # its package needs snapd, which containers lack
        packages = [name for name in packages if name != "chromium"]
    if "postgresql-postgis" in packages:
        _keep_debian_from_starting_a_server()
    lists = Path("/var/lib/apt/lists")
    if not any(lists.glob("*Packages*")):
        _apt("update")
    try:
        _apt("install", "-y", "--no-install-recommends", *_names_here(packages))
    except MachineError:
        _apt("update")
        _apt("install", "-y", "--no-install-recommends", *_names_here(packages))
    say(f"installed {', '.join(packages)} in {time.monotonic() - begun:.0f} s")


def _names_here(packages: list[str]) -> list[str]:
    """Put the newest version's package for postgresql-postgis: not every release has the general one."""
    if "postgresql-postgis" not in packages:
        return packages
    known = subprocess.run(
        ["apt-cache", "pkgnames", "postgresql-"], capture_output=True, text=True, check=False
    ).stdout.split()
    found = [match for name in known if (match := re.fullmatch(r"postgresql-(\d+)-postgis-3", name))]
    if not found:
        raise MachineError("apt knows no postgresql-*-postgis-3 (Ubuntu: enable the component universe)")
    newest = max(found, key=lambda match: int(match[1]))[0]
    return [newest if name == "postgresql-postgis" else name for name in packages]


def _keep_debian_from_starting_a_server() -> None:
    """Tell Debian not to make and start a cluster of its own on port 5432 while it installs."""
    if not Path("/etc/postgresql-common").exists():
        script = (
            "mkdir -p /etc/postgresql-common/createcluster.d && "
            "echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/guangming.conf"
        )
        subprocess.run([*_as_root(), "sh", "-c", script], check=True)


def _apt(*arguments: str) -> None:
    environment = ["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C"]
    _logged([*_as_root(), *environment, "apt-get", *_APT_OPTIONS, *arguments], f"apt-get {arguments[0]}")


def _is_ubuntu() -> bool:
    release = Path("/etc/os-release")
    return release.exists() and "ID=ubuntu" in release.read_text().splitlines()


# ---------------------------------------------------------------- virtual environment


def _make_environment(requirements: str) -> None:
    """Make `.venv` and install `requirements`, unless that is what it already holds."""
    if not _is_current(requirements):
        begun = time.monotonic()
        say(f"installing Python packages of {requirements} into .venv")
        if not _has_pip():
            base = getattr(sys, "_base_executable", sys.executable)
            _logged([base, "-m", "venv", "--clear", str(VENV)], "making .venv")
        pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "-r", requirements]
        _logged(pip, "pip install")
        for name in {requirements, "requirements.txt"}:
            _stamp(name).write_text(_fingerprint())
        say(f"installed Python packages in {time.monotonic() - begun:.0f} s")
    if requirements == "requirements-dev.txt" and _is_ubuntu() and chromium() is None:
        _logged([str(PYTHON), "-m", "playwright", "install", "--with-deps", "chromium"], "playwright install")


def _stamp(requirements: str) -> Path:
    return VENV / f".installed-{requirements}"


def _fingerprint() -> str:
    """Of all requirements, because one file may take in others."""
    content = b"".join(path.read_bytes() for path in sorted(ROOT.glob("requirements*.txt")))
    return hashlib.sha256(content).hexdigest()


def _is_current(requirements: str) -> bool:
    stamp = _stamp(requirements)
    return stamp.exists() and stamp.read_text() == _fingerprint() and _runs("")


def _has_pip() -> bool:
    return _runs("import sys, pip; sys.exit(sys.version_info < (3, 11))")


def _runs(code: str) -> bool:
    """Tell whether the environment's Python runs `code`; the Python it was made of may be gone."""
    if not PYTHON.exists():
        return False
    return subprocess.run([PYTHON, "-c", code], capture_output=True, check=False).returncode == 0


# ---------------------------------------------------------------- helpers


def _logged(command: list[str], what: str) -> None:
    """Run a talkative program with its output in the log; show the end of it on failure."""
    with SETUP_LOG.open("a") as log:
        log.write(f"\n$ {' '.join(command)}\n")
        log.flush()
        begun_at = SETUP_LOG.stat().st_size
        code = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False, cwd=ROOT
        ).returncode
    if code != 0:
        said = SETUP_LOG.read_bytes()[begun_at:].decode(errors="replace").strip().splitlines()
        raise MachineError(f"{what} failed ({SETUP_LOG}):\n" + "\n".join(said[-12:]))


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    with (LOCAL / ".setup.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
