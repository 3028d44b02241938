"""Which analyses there are, one line each; their modules are imported when one is asked for.

Some of them import numba and scipy, which a page that only lists runs need not wait for.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

from gis.analysis.result import Analysis
from gis.errors import NotFound

ANALYSES: Mapping[str, str] = MappingProxyType(
    {
        "beats": "gis.analysis.workload.proposal:BEATS",
        "hotspots": "gis.analysis.hotspots.service:HOTSPOTS",
        "patrol": "gis.analysis.patrol.measuring:PATROL",
        "services": "gis.analysis.services.service:SERVICES",
        "sites": "gis.analysis.services.sites:SITES",
        "split": "gis.analysis.workload.splitting:SPLIT",
        "workload": "gis.analysis.workload.service:WORKLOAD",
    }
)
"""Name of an analysis -> module and name of its `Analysis`."""


def analysis_named(name: str) -> Analysis[Any, Any]:
    """Find an analysis.

    Raises
    ------
    NotFound
        There is none of that name.
    """
    try:
        module, _, attribute = ANALYSES[name].partition(":")
    except KeyError as error:
        raise NotFound("There is no such analysis.", code="no-such-analysis") from error
    found: Analysis[Any, Any] = getattr(import_module(module), attribute)
    return found
