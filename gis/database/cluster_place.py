"""Where a private cluster is, which account its server runs as, and which PostgreSQL programs serve it.

Standard library only, see `gis.database.cluster`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")
SUPERUSER = "postgres"
PORT = 5432  # names the socket file only

_PROGRAMS = ("initdb", "pg_ctl", "postgres", "psql", "pg_isready")
_ELSEWHERE = Path("/var/lib/guangming-grid")  # for root, when the server's user cannot enter the project
_SOCKET_DIR_MAX = 107 - len(f"/.s.PGSQL.{PORT}")  # sun_path holds 108 bytes with its NUL


class ClusterError(RuntimeError):
    """The cluster cannot be made, started or stopped; the text says why and what helps."""


@dataclass(frozen=True)
class Cluster:
    """Where a cluster is and which account its server runs as."""

    home: Path
    user: pwd.struct_passwd

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.home / "server.log"

    @property
    def sockets(self) -> Path:
        """`home/run`, or a directory under /tmp where that path is too long or awkward for a socket."""
        beside = self.home / "run"
        if len(os.fsencode(beside)) <= _SOCKET_DIR_MAX and not re.search(r"[,\"'\\\n]", str(beside)):
            return beside
        return Path("/tmp") / f"guangming-{self.user.pw_uid}-{_digest(self.home)}"  # noqa: S108 (owner is checked)

    @property
    def url(self) -> str:
        """Superuser URL of database `postgres`."""
        host = quote(str(self.sockets), safe="/")
        return f"postgresql://{SUPERUSER}@/postgres?host={host}&port={PORT}"


def find_binaries(major: str | None = None) -> Path:
    """Directory of the newest PostgreSQL programs here that have the extensions we need.

    `PG_BINDIR` in the environment is looked at first.

    Raises
    ------
    ClusterError
        None is installed, or none of version `major`.
    """
    places = [
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version_in_path, reverse=True),
        *sorted(Path("/usr").glob("pgsql-*/bin"), key=_version_in_path, reverse=True),
    ]
    if chosen := os.environ.get("PG_BINDIR"):
        places.insert(0, Path(chosen))
    if on_path := shutil.which("postgres"):
        places.append(Path(on_path).resolve().parent)
    for place in places:
        if _is_complete(place) and (major is None or _major(place) == major):
            return place
    wanted = f"PostgreSQL {major}" if major else "PostgreSQL"
    raise ClusterError(f"{wanted} with PostGIS is not installed (Debian, Ubuntu: postgresql-postgis)")


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def locate(home: Path) -> Cluster:
    """Say where the cluster of `home` is, or would be made. Touches nothing."""
    real = home.resolve()
    if real.exists():
        owner = real.stat().st_uid
        if os.geteuid() not in (0, owner):
            raise ClusterError(f"{real} belongs to {_account_name(owner)}: run this as that user")
        return Cluster(real, _server_user(owner))
    user = _server_user(os.geteuid())
    ground = next(parent for parent in real.parents if parent.exists())
    if run_as(user, "/bin/sh", "-c", 'cd -- "$0"', str(ground)).returncode == 0:
        return Cluster(real, user)
    return Cluster(_ELSEWHERE / _digest(real), user)


def _server_user(uid: int) -> pwd.struct_passwd:
    """Account with this uid, or for root an unprivileged one."""
    if uid != 0:
        try:
            return pwd.getpwuid(uid)
        except KeyError as error:
            raise ClusterError(f"user id {uid} has no account; PostgreSQL needs one") from error
    for name in (SUPERUSER, "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ClusterError("PostgreSQL does not run as root, and there is no account postgres or nobody")


def _account_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"


def make_places(cluster: Cluster, home: Path) -> None:
    """Make the home and the socket directory, and the link to a home elsewhere."""
    cluster.home.parent.mkdir(parents=True, exist_ok=True)
    _make_private(cluster.home, cluster.user)
    _make_private(cluster.sockets, cluster.user)
    if home.resolve() != cluster.home:
        home.symlink_to(cluster.home)


def _make_private(path: Path, user: pwd.struct_passwd) -> None:
    """Make a directory only the server's account can enter; refuse one prepared by somebody else."""
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (user.pw_uid, os.geteuid()):
        raise ClusterError(f"{path} is not a directory of {user.pw_name}")
    if os.geteuid() == 0:
        os.chown(path, user.pw_uid, user.pw_gid)
    path.chmod(0o700)


def _version_in_path(path: Path) -> int:
    return max((int(number) for number in re.findall(r"\d+", str(path))), default=0)


def _is_complete(binaries: Path) -> bool:
    """Tell whether all programs and extensions are there (layouts of Debian, PGDG rpm, source builds)."""
    prefix = binaries.parent
    shares = (Path("/usr/share/postgresql") / prefix.name, prefix / "share/postgresql", prefix / "share")
    return all((binaries / program).exists() for program in _PROGRAMS) and any(
        all((share / "extension" / f"{extension}.control").exists() for extension in EXTENSIONS)
        for share in shares
    )


def _major(binaries: Path) -> str:
    answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"(\d+)", answer.stdout)
    return found[1] if found else ""


def binaries_of(cluster: Cluster) -> Path:
    """Programs of the version that made the data, or the newest for a cluster to be made."""
    made_by = cluster.data / "PG_VERSION"
    if not made_by.exists():
        return find_binaries()
    major = made_by.read_text().strip()
    try:
        return find_binaries(major)
    except ClusterError as error:
        raise ClusterError(
            f"{cluster.data} was made by PostgreSQL {major}, which is not installed any more: "
            "install it again, or dump and restore the data"
        ) from error


def clean_environment() -> dict[str, str]:
    """Environment without settings meant for another server, with messages in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}


def run_as(
    user: pwd.struct_passwd,
    *command: str | Path,
    cwd: Path = Path("/"),
    settings: Mapping[str, str] = MappingProxyType({}),
) -> subprocess.CompletedProcess[str]:
    """Run a program as the server's account: for root by giving its rights up, else as oneself.

    `settings` are added to its environment.
    """
    is_root = os.geteuid() == 0
    return subprocess.run(
        command,
        cwd=cwd,
        env=clean_environment() | dict(settings),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        user=user.pw_uid if is_root else None,
        group=user.pw_gid if is_root else None,
        extra_groups=[user.pw_gid] if is_root else None,
    )
