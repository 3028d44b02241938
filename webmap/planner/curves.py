"""The curves of services and of new sites, made from a result: for their pages and their reports."""

from __future__ import annotations

from flask_babel import gettext

from gis.analysis.result import Result, Unit
from webmap.planner.charts import Axis, Chart, Step, gain_curve


def of_services(result: Result) -> tuple[Chart, ...]:
    """Who is reached within how long; nothing where nobody lives."""
    steps = [Step(int(row[0] or 0), float(row[1] or 0)) for row in result.table("curve").rows]
    if not steps:
        return ()
    residents = gettext("Residents")
    spec = gain_curve(steps, Axis(gettext("Minutes on foot")), Axis(f"{residents} (%)", Unit.SHARE))
    return (
        Chart("curve", gettext("Residents by minutes"), spec, gettext("Who is reached within how long.")),
    )


def sites_for_paper(result: Result) -> tuple[Chart, ...]:
    """The curves of the page with a value at every second point: on paper they are narrower."""
    return of_sites(result, every=2)


def of_sites(result: Result, *, every: int = 1) -> tuple[Chart, ...]:
    """The gain and the equity line by number of sites, each where it is known; the fewest sites have none."""
    goal = result.table("solution").rows[0][0]
    if goal == "lscp":
        return ()
    sites = Axis(gettext("New sites"))
    if goal == "pmedian":
        gain, axis = "site_mean_minutes", Axis(gettext("Mean minutes on foot"), Unit.MINUTES)
    else:
        share = gettext("Share within the minutes")
        gain, axis = "served_share", Axis(f"{share} (%)", Unit.SHARE)
    worst = gettext("Walk of the worst-served twentieth")
    minutes = Axis(gettext("Minutes on foot"), Unit.MINUTES)
    curves = (
        ("gain", gettext("What more sites bring"), _steps(result, gain), axis),
        ("equity", worst, _steps(result, "p95_minutes"), minutes),
    )
    return tuple(
        Chart(name, title, gain_curve(steps, sites, axis, every=every))
        for name, title, steps, axis in curves
        if steps
    )


def _steps(result: Result, name: str) -> list[Step]:
    """A figure by number of sites, where it is known."""
    table = result.table("gain")
    column = [figure.name for figure in table.figures].index(name)
    known = [(row[0], row[column]) for row in table.rows]
    return [Step(int(k or 0), float(value)) for k, value in known if value is not None]
