"""The curves of services and of new sites, made from a result: for their pages and their reports."""

from __future__ import annotations

from flask_babel import gettext

from gis.analysis.result import Result, Unit
from webmap.planner.charts import Axis, Chart, Step, gain_curve


def of_services(result: Result) -> tuple[Chart, ...]:
    """Who is reached within how long."""
    steps = [Step(int(row[0] or 0), float(row[1] or 0)) for row in result.table("curve").rows]
    residents = gettext("Residents")
    spec = gain_curve(steps, Axis(gettext("Minutes on foot")), Axis(f"{residents} (%)", Unit.SHARE))
    return (
        Chart("curve", gettext("Residents by minutes"), spec, gettext("Who is reached within how long.")),
    )


def sites_for_paper(result: Result) -> tuple[Chart, ...]:
    """The curves of the page with a value at every second point: on paper they are narrower."""
    return of_sites(result, every=2)


def of_sites(result: Result, *, every: int = 1) -> tuple[Chart, ...]:
    """The gain and the equity line by number of sites; the fewest sites have no curve."""
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
    return (
        Chart(
            "gain",
            gettext("What more sites bring"),
            gain_curve(_steps(result, gain), sites, axis, every=every),
        ),
        Chart("equity", worst, gain_curve(_steps(result, "p95_minutes"), sites, minutes, every=every)),
    )


def _steps(result: Result, name: str) -> list[Step]:
    """A figure by number of sites, where it is known."""
    table = result.table("gain")
    column = [figure.name for figure in table.figures].index(name)
    known = [(row[0], row[column]) for row in table.rows]
    return [Step(int(k or 0), float(value)) for k, value in known if value is not None]
