"""Stop the app and the private database clusters."""

from __future__ import annotations

import sys

from gis.database import cluster
from scripts.commands import service
from scripts.commands.machine import say


def main() -> int:
    """Run `scripts/stop`."""
    try:
        say("app: stopped" if service.stop_app() else "app: was not running")
        say("database: stopped" if cluster.stop(service.CLUSTER_HOME) else "database: was not running")
        if cluster.stop(service.TEST_CLUSTER_HOME):
            say("test database: stopped")
    except (cluster.ClusterError, PermissionError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
