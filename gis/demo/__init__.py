"""The demo district: invented people, housing, incidents and patrols on the schematic division."""

from gis.demo.people import ACCOUNTS, DemoAccount
from gis.demo.service import DemoReport, load

__all__ = ["ACCOUNTS", "DemoAccount", "DemoReport", "load"]
