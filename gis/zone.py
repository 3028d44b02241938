"""The one time zone whose days, hours and weeks count, whatever a phone's or a server's clock says."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def local_today() -> date:
    """The calendar day it is now in the district; `app.today()` is the same in SQL."""
    return datetime.now(ZONE).date()
