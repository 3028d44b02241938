"""The OpenAPI 3.1 document, made from the routes themselves, their docstrings and their pydantic models.

A view says what its address cannot by `@describes`; guards, methods and path parameters are read from the
application, so the document cannot forget a route.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from gis.people.model import Permission
from webmap.auth import Guard, PublicProfileOr, guard_of

View = TypeVar("View", bound=Callable[..., Any])
Schema = dict[str, Any]

PREFIXES = ("/api/", "/ogc", "/openapi.json")
_REF = "#/components/schemas/{model}"
_CONVERTER = re.compile(r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
_TAGS = {"/ogc": "OGC API", "/api": "API", "/openapi.json": "API"}


@dataclass(frozen=True, slots=True)
class Operation:
    """What a view takes and gives, beyond what its address says.

    Attributes
    ----------
    media : media type of the body.
    headers : request headers by name, each as (whether required, description).
    more : further forms of an answer: (status code, media type, schema).
    path : description, or a JSON schema, of each path parameter.
    answers : status code to (description, media type, schema); no media type means no body.
    """

    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    answers: Mapping[int, tuple[str, str | None, Schema]] = field(default_factory=dict)
    path: Mapping[str, Schema] = field(default_factory=dict)
    more: tuple[tuple[int, str, Schema], ...] = ()
    media: str = "application/json"
    headers: Mapping[str, tuple[bool, str]] = field(default_factory=dict)


def describes(operation: Operation) -> Callable[[View], View]:
    """Attach an operation to a view."""

    def mark(view: View) -> View:
        view.operation = operation  # type: ignore[attr-defined]
        return view

    return mark


def document(app: Flask, *, title: str, version: str, others: Mapping[str, Operation]) -> Schema:
    """The whole document.

    Parameters
    ----------
    others : operations, by endpoint, of views that do not say so themselves.
    """
    routes = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(PREFIXES)]
    routes = [rule for rule in routes if rule.endpoint != "docs.show"]
    operations = {rule.endpoint: _operation_of(app, rule.endpoint, others) for rule in routes}
    schemas = _schemas(operations)
    paths: Schema = {}
    for rule in sorted(routes, key=lambda rule: rule.rule):
        entry = paths.setdefault(_CONVERTER.sub(r"{\g<name>}", rule.rule), {})
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            entry[method.lower()] = _described(app, rule, method, operations[rule.endpoint], schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": version,
            "description": "Positions are longitude, latitude in WGS84 degrees. "
            "Errors are RFC 9457 problems. Which rows an answer holds depends on who asks.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Problem": _PROBLEM},
            "responses": {"Problem": _PROBLEM_ANSWER, "ProblemOrPage": _PROBLEM_OR_PAGE},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "guangming_session"},
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token made on the account page. It sees what its person sees; it may "
                    "be limited to reading, and to some collections, which opens /ogc only.",
                },
            },
        },
    }


def _operation_of(app: Flask, endpoint: str, others: Mapping[str, Operation]) -> Operation:
    found = getattr(app.view_functions[endpoint], "operation", None)
    return found or others.get(endpoint) or Operation()


def _schemas(operations: Mapping[str, Operation]) -> Schema:
    models = {o.query for o in operations.values()} | {o.body for o in operations.values()}
    pairs = [(model, "validation") for model in sorted(filter(None, models), key=lambda m: m.__name__)]
    _, made = models_json_schema(pairs, ref_template=_REF)  # type: ignore[arg-type]
    schemas: Schema = made.get("$defs", {})
    return schemas


def _described(app: Flask, rule: Rule, method: str, operation: Operation, schemas: Schema) -> Schema:
    view = app.view_functions[rule.endpoint]
    lines = (view.__doc__ or rule.endpoint).strip().splitlines()
    guard = guard_of(app, rule.endpoint)
    made: Schema = {
        "operationId": f"{method.lower()}_{rule.endpoint.replace('.', '_')}",
        "summary": lines[0].rstrip("."),
        "tags": [next(tag for prefix, tag in _TAGS.items() if rule.rule.startswith(prefix))],
        "parameters": _path_parameters(rule, operation) + _query_parameters(operation, schemas),
        "responses": _responses(operation),
        "security": _security(guard),
    }
    if isinstance(guard, PublicProfileOr):
        guard = guard.permission
    rest = "\n".join(line.strip() for line in lines[1:]).strip()
    if isinstance(guard, Permission):
        rest = f"{rest}\n\nNeeds the permission `{guard.value}`.".strip()
    if rest:
        made["description"] = rest
    if method != "GET":
        made["parameters"].append(_CSRF)
    made["parameters"] += [
        {
            "name": name,
            "in": "header",
            "required": is_required,
            "description": description,
            "schema": {"type": "string"},
        }
        for name, (is_required, description) in operation.headers.items()
    ]
    if operation.body is not None:
        schema = {"$ref": _REF.format(model=operation.body.__name__)}
        made["requestBody"] = {"required": True, "content": {operation.media: {"schema": schema}}}
    return made


def _security(guard: Guard | None) -> list[Schema]:
    """Either of the two ways to say who asks; the empty one where nobody need be known."""
    if guard == "public":
        return []
    known: list[Schema] = [{"session": []}, {"bearer": []}]
    return [{}, *known] if isinstance(guard, PublicProfileOr) else known


def _path_parameters(rule: Rule, operation: Operation) -> list[Schema]:
    kinds = {"int": {"type": "integer", "minimum": 0}}
    made = []
    for match in _CONVERTER.finditer(rule.rule):
        name = match["name"]
        schema = operation.path.get(name) or kinds.get(match["kind"] or "", {"type": "string"})
        made.append({"name": name, "in": "path", "required": True, "schema": schema})
    return made


def _query_parameters(operation: Operation, schemas: Schema) -> list[Schema]:
    if operation.query is None:
        return []
    schema = schemas[operation.query.__name__]
    required = schema.get("required", ())
    made = []
    for name, property_schema in schema.get("properties", {}).items():
        shown = dict(property_schema)
        entry: Schema = {"name": name, "in": "query", "required": name in required}
        if description := shown.pop("description", None):
            entry["description"] = description
        made.append({**entry, "schema": shown})
    return made


def _responses(operation: Operation) -> Schema:
    answers = operation.answers or {200: ("The answer.", "application/json", {"type": "object"})}
    made: Schema = {}
    for status, (description, media, schema) in answers.items():
        made[str(status)] = {"description": description}
        if media is not None:
            made[str(status)]["content"] = {media: {"schema": schema}}
    for status, media, schema in operation.more:
        made[str(status)]["content"][media] = {"schema": schema}
    # Where people get pages, an error is a page too.
    has_page = any(media == "text/html" for _, media, _ in operation.more)
    made["default"] = {"$ref": f"#/components/responses/{'ProblemOrPage' if has_page else 'Problem'}"}
    return made


_CSRF: Schema = {
    "name": "X-CSRFToken",
    "in": "header",
    "required": False,
    "description": "The token in the page's meta element csrf-token. Needed with the session cookie; "
    "a request with a bearer token does without.",
    "schema": {"type": "string"},
}
_PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457 problem",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:guangming:problem:invalid"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "instance": {"type": "string", "description": "The request's id in the logs"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "errors_total": {"type": "integer"},
    },
}
_PROBLEM_ANSWER: Schema = {
    "description": "What went wrong",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_PROBLEM_OR_PAGE: Schema = {
    **_PROBLEM_ANSWER,
    "content": {**_PROBLEM_ANSWER["content"], "text/html": {"schema": {"type": "string"}}},
}
