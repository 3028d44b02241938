"""Load as a district's phones make it: how long uploads take, and whether everything is stored.

    FIELD_TOKEN=gg_… python -m scripts.field_load devices http://127.0.0.1:8000 --number 200 --seconds 600
    FIELD_TOKEN=gg_… python -m scripts.field_load singles http://127.0.0.1:8000 --rate 50 --seconds 30
    FIELD_TOKEN=gg_… PLANNER_PASSWORD=… python -m scripts.field_load figure http://127.0.0.1:8000 --number 10

The token is that of a person who may log patrols. `figure` uploads one short walk after the other and tells
the seconds until each shows in the patrol coverage a planner reads; it signs in as planner1, or as
PLANNER_NAME. Exit status 0 when nothing failed or was lost.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time

from scripts.field_load import figure
from scripts.field_load.client import Client
from scripts.field_load.devices import Device
from scripts.field_load.planner import Planner
from scripts.field_load.singles import send_singles
from scripts.field_load.tally import Tally


def main() -> int:
    """Send the load and tell what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("load", choices=("devices", "singles", "figure"))
    parser.add_argument("address")
    parser.add_argument("--number", type=int, help="of devices, a fix a second each (200); of walks (10)")
    parser.add_argument("--rate", type=float, default=50, help="of single points, a second")
    parser.add_argument("--seconds", type=float, default=600)
    chosen = parser.parse_args()
    token, tally = os.environ["FIELD_TOKEN"], Tally()
    if chosen.load == "figure":
        return _show(chosen.address, token, chosen.number or 10)
    if chosen.load == "singles":
        send_singles(lambda: Client(chosen.address, token), tally, rate=chosen.rate, seconds=chosen.seconds)
    else:
        numbers = range(chosen.number or 200)
        _walk([Device(Client(chosen.address, token), tally, n) for n in numbers], chosen.seconds)
    print("\n".join(tally.lines()))
    return 0 if tally.is_good else 1


def _show(address: str, token: str, number: int) -> int:
    planner = Planner(address, os.environ.get("PLANNER_NAME", "planner1"), os.environ["PLANNER_PASSWORD"])
    places = figure.places_in_gaps(planner, number)
    print("\n".join(figure.lines([figure.show(Client(address, token), planner, place) for place in places])))
    return 0


def _walk(devices: list[Device], seconds: float) -> None:
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=device.run, args=(until,)) for device in devices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    sys.exit(main())
