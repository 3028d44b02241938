"""Where sqlmap puts its payloads on the planner's pages: every parameter of every route below /planner.

Routes, methods and the parameters of questions are the application's own. What it cannot tell, the further
parameters of a route and the fields of a form, stands here; a route without a line here is not passed over.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask import Flask

from scripts.attacker.targets import MARK, Target
from scripts.commands.machine import MachineError
from webmap.planner.asked import address_of

PREFIX = "/planner"
_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
_FORM = "application/x-www-form-urlencoded"
_LINE = '{"type":"LineString","coordinates":[[113.93,22.755],[113.94,22.755]]}'
_ROAD = '{"type":"Feature","geometry":' + _LINE + ',"properties":{"highway":"residential"}}'
_ROADS = '{"type":"FeatureCollection","features":[' + _ROAD + "]}"


@dataclass(frozen=True, slots=True)
class PlannerSamples:
    """Values the server accepts, and whose pages they are.

    Attributes
    ----------
    cookie, csrf : of a planner's session: the header Cookie, and the token that writes need.
    period : first day, last day and radius in metres of a coverage that was computed.
    run, report, schedule, draft : numbers of a run that is done, its report, a schedule, a list of places.
    facility : code of one of the kind that services are asked for by default.
    """

    cookie: str
    csrf: str
    cell: str
    community: str
    facility: str
    period: tuple[str, str, str]
    run: str
    report: str
    schedule: str
    draft: str

    @property
    def paths(self) -> Mapping[str, str]:
        """Values of the parameters in addresses."""
        return {
            "code": self.cell, "facility": self.facility, "draft_id": self.draft, "run_id": self.run,
            "report_id": self.report, "schedule_id": self.schedule, "number": "1", "place": "cell",
            "level": "hill",
        }  # fmt: skip

    def asked(self, question: str) -> Mapping[str, str]:
        """Values of a question's parameters that have no default, or one that asks nothing."""
        first, last, radius = self.period
        periods = {"from": first, "to": last, "radius_m": radius, "than_from": first, "than_to": last}
        of_days = {"patrol": periods, "hotspots": {}}.get(question, {"to": last})
        return {
            **of_days, "community": self.community, "cells": "3", "weights_version": "1", "beats": "40",
            "what_if": "detour:1.2", "near_least": "6", "street_least": "10", "kind": "ZZ",
            "picked": "113.93,22.755", "list_id": self.draft,
        }  # fmt: skip

    def own(self, endpoint: str) -> Mapping[str, str] | None:
        """Further parameters of a route that reads, None for a route nobody thought of."""
        frame = {"view": "table", "table": "cells", "figure": "x", "level": "cell", "place": self.cell,
                 "lang": "en"}  # fmt: skip
        known: dict[str, Mapping[str, str]] = {
            "planner_runs.index": {"analysis": "workload", "before": "1000"},
            "planner_runs.show": {"known": "1"},
            "planner_runs.as_pdf": {"paper": "A4", "figure": "minutes", "community": self.community},
            "planner_schedules.index": {"run": self.run},
            "planner_weights.index": {"what_if": "detour:1.2"},
            "planner_patrol.place": {"level": "cell"},
            "planner_patrol.windows": {"view": "weeks"},
            "planner_patrol.gaps": {"place": self.cell},
            "planner_patrol.make_round": {"place": self.cell},
            "planner_workload.attempt": {"w-detour": "1.2"},
            **{f"planner_{name}.index": frame for name in _QUESTIONS},
        }
        return {} if endpoint in _PLAIN else known.get(endpoint)

    def form(self, endpoint: str) -> Mapping[str, str] | None:
        """The fields of a form, None for a route nobody thought of; a file is a field named `file`."""
        first, last, radius = self.period
        known: dict[str, Mapping[str, str]] = {
            "planner_patrol.paint": {"from": first, "to": last, "radius_m": radius},
            "planner_patrol_targets.change": {"share": "50", "days": "30"},
            "planner_sites.keep": {"kind": "hospital", "minutes": "10", "k": "1", "goal": "mclp",
                                   "candidates": "picked", "picked": "113.93,22.755", "list_id": self.draft,
                                   "draft_name": "x"},
            "planner_sites.bring": {"kind": "hospital", "file": "name,lon,lat\nx,113.93,22.755\n"},
            "planner_sites.delete": {},
            "planner_roads.upload": {"title": "x", "source": "x", "licence": "x", "dated_on": "2026-01-01",
                                     "crs": "wgs84", "file": _ROADS},
            "planner_runs.create": {"analysis": "workload", "anew": "0",
                                    "parameters": '{"what_if":"detour:1.2"}'},
            "planner_runs.cancel": {}, "planner_runs.retry": {}, "planner_runs.keep": {"keep": "1"},
            "planner_runs.ask_report": {"paper": "A4", "locale": "zh"},
            "planner_schedules.create": {"run": self.run, "last_days": "7", "weekday": "1", "hour": "3"},
            "planner_schedules.switch": {"on": "1"}, "planner_schedules.delete": {},
            "planner_weights.keep": {"reason": "x", "follows": "1", "w-detour": "1.2"},
        }  # fmt: skip
        return known.get(endpoint)


_QUESTIONS = ("patrol", "hotspots", "services", "sites", "workload", "beats", "split")
_PLAIN = frozenset(
    {
        "planner.index",
        "planner_roads.index",
        "planner_patrol_targets.index",
        "planner_patrol.parcels",
        "planner_hotspots.place",
        "planner_hotspots.weeks",
        "planner_services.place",
        "planner_services.catchment",
        "planner_sites.draft",
        "planner_sites.place",
        "planner_workload.place",
        "planner_beats.place",
        "planner_split.place",
        "planner_split.as_file",
        "planner_runs.states",
        "planner_runs.report_file",
        "planner_runs.as_csv",
        "planner_runs.as_workbook",
        "planner_runs.as_geopackage",
    }
)
"""Routes that read and take nothing beside their address and the parameters of their question."""

_ONLY_ADDRESS = frozenset(
    {"planner_patrol.parcels", "planner_sites.draft", "planner_beats.place", "planner_split.place"}
)
"""Of a question's module, but without its parameters."""


def planner_targets(app: Flask, samples: PlannerSamples) -> list[Target]:
    """Every target below /planner. Raises `MachineError` for a route or a parameter without a value."""
    made: list[Target] = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        if rule.rule.startswith(PREFIX):
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                view = app.view_functions[rule.endpoint]
                asked = _question_of(view.__module__, rule.endpoint, samples) if method == "GET" else {}
                made += _of_route(rule.rule, rule.endpoint, method, asked, samples)
    return made


def _question_of(module: str, endpoint: str, samples: PlannerSamples) -> dict[str, str]:
    """The parameters of the question a view answers, each with a value; none where it answers no question."""
    question = getattr(sys.modules[module], "QUESTION", None)
    if question is None or endpoint in _ONLY_ADDRESS:
        return {}
    fields = {info.alias or name: info for name, info in question.parameters.model_fields.items()}
    given = samples.asked(question.name)
    needed = {name: given[name] for name, info in fields.items() if info.is_required() and name in given}
    known = address_of(question.parameters.model_validate({**question.defaults(), **needed}))
    values = {name: known.get(name) or given.get(name, "") for name in fields}
    values |= {"list_id": given["list_id"]} if "list_id" in values else {}
    if missing := [name for name, value in values.items() if not value]:
        raise MachineError(f"scripts/attacker/planner.py needs a value of {missing} of {question.name}")
    return values


def _of_route(
    rule: str, endpoint: str, method: str, asked: dict[str, str], samples: PlannerSamples
) -> Iterator[Target]:
    fields = samples.own(endpoint) if method == "GET" else samples.form(endpoint)
    if fields is None:
        raise MachineError(f"{method} {rule}: scripts/attacker/planner.py does not know its parameters")
    headers = {"Cookie": samples.cookie, "Accept": "application/json"}
    operation = f"{method} {rule}"
    needed = {name: asked[name] for name in ("from", "to", "community", "cells") if name in asked}
    needed |= {"place": fields["place"]} if endpoint == "planner_patrol.make_round" else {}
    body = None
    if method == "POST":
        headers |= {"X-CSRFToken": samples.csrf}
        body, kind = _body(fields, "")
        headers |= {"Content-Type": kind}
    tail = f"?{urlencode(needed)}" if needed else ""
    for name in _CONVERTER.findall(rule):
        yield Target(name, "path", operation, _address(rule, samples, name) + tail, headers, body)
    if method == "POST":
        for name in fields:
            yield Target(name, "body", operation, _address(rule, samples), headers, _body(fields, name)[0])
        return
    for name, value in {**asked, **fields}.items():
        pairs = {name: value, **{n: v for n, v in {**needed, **_beside(name, asked)}.items() if n != name}}
        yield Target(name, "query", operation, f"{_address(rule, samples)}?{urlencode(pairs)}", headers)


def _beside(name: str, asked: Mapping[str, str]) -> dict[str, str]:
    """Parameters without which another has no effect, or is refused."""
    other = {"than_from": "than_to", "than_to": "than_from"}.get(name)
    if other:
        return {other: asked[other]}
    choices = {
        "table": {"view": "csv"},
        "picked": {"candidates": "picked"},
        "list_id": {"candidates": "list"},
    }
    return choices.get(name, {})


def _address(rule: str, samples: PlannerSamples, marked: str = "") -> str:
    def value(match: re.Match[str]) -> str:
        return quote(samples.paths[match[1]], safe="") + (MARK if match[1] == marked else "")

    return _CONVERTER.sub(value, rule)


def _body(fields: Mapping[str, str], marked: str) -> tuple[str, str]:
    """A form with the mark at the end of a field (in JSON: of its last text), and its media type."""

    def value(name: str) -> str:
        text = fields[name]
        if name != marked:
            return text
        head, quotation, rest = text.rpartition('"') if text.startswith("{") else (text, "", "")
        return f"{head}{MARK}{quotation}{rest}"

    if "file" not in fields:
        return urlencode({name: value(name) for name in fields}, safe=MARK) or "x=1", _FORM
    parts = [_part(name, value(name)) for name in fields]
    return "".join(parts) + "--attack--\r\n", "multipart/form-data; boundary=attack"


def _part(name: str, text: str) -> str:
    file = f'; filename="x.{"geojson" if text.startswith("{") else "csv"}"' if name == "file" else ""
    return f'--attack\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{text}\r\n'
