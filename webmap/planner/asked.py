"""What a planner asks for: parameters of an analysis read from the address, and the form that asks for them.

All parameters stand in the address, so a link asks the same again. The form is made from the pydantic model:
dates, numbers, yes or no, one of a `Literal` or an enumeration, several of them (a list), short texts.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin

from flask import request
from flask_babel import gettext
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from gis.errors import InvalidInput
from webmap.planner.definitions import Words

P = TypeVar("P", bound=BaseModel)
CONTROLS = frozenset({"lang", "view", "table", "figure", "level", "place"})
"""Parameters of every page: how the answer is shown, not what is asked."""

_LONGEST, _MOST = 500, 50
_KINDS: tuple[tuple[type, str], ...] = ((date, "date"), (int, "number"), (float, "number"), (str, "text"))
_LISTS = (list, tuple, frozenset, set)


@dataclass(frozen=True, slots=True)
class Asked(Generic[P]):
    """What was asked: checked values, or the errors by parameter; `raw` is what was typed, with defaults."""

    values: P | None
    raw: Mapping[str, list[str]]
    errors: Mapping[str, str] = field(default_factory=dict)
    fault: ValidationError | InvalidInput | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter in a form. `kind` is date, number, text, choice (one of `choices`) or choices (several)."""

    name: str
    title: str
    hint: str
    kind: str
    values: Sequence[str]
    choices: Sequence[tuple[str, str]] = ()
    least: str = ""
    most: str = ""
    is_whole: bool = False
    is_required: bool = True
    error: str = ""


def read(model: type[P], defaults: Mapping[str, Any]) -> Asked[P]:
    """Read the parameters of the request's address; what is missing or empty takes its default.

    Raises
    ------
    InvalidInput
        A parameter is longer than any is, or is given too often.
    """
    raw = {name: _texts(value) for name, value in defaults.items()}
    for name, values in request.args.lists():
        if name in CONTROLS:
            continue
        if len(values) > _MOST or any(len(value) > _LONGEST or "\0" in value for value in values):
            raise InvalidInput(f"This parameter is longer than {_LONGEST} signs.", pointer=name[:40])
        if given := [value for value in values if value != ""]:
            raw[name] = given
    try:
        return Asked(model.model_validate(_typed(model, raw)), raw)
    except ValidationError as fault:
        return Asked(None, raw, _by_name(fault.errors(include_url=False, include_input=False)), fault)
    except InvalidInput as fault:
        return refused(Asked(None, raw), fault)


def refused(asked: Asked[P], fault: InvalidInput) -> Asked[P]:
    """The same with a fault beside the parameter it points at."""
    return Asked(None, asked.raw, {fault.pointer or "": str(gettext(fault.message))}, fault)


def address_of(values: BaseModel) -> dict[str, Any]:
    """The parameters as they stand in an address, for `url_for`."""
    found = values.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {name: _plain(value) for name, value in found.items()}


def fields_of(model: type[BaseModel], asked: Asked[Any], words: Words) -> list[Field]:
    """The form's fields in the order of the model; a parameter of another shape is left out."""
    fields = []
    for own_name, info in model.model_fields.items():
        name = info.alias or own_name
        annotation, optional = _bare(info.annotation)
        kind, choices = _kind(annotation)
        if kind is None:
            continue
        label = words.parameter(own_name)
        titles = {key: str(text) for key, text in label.choices.items()}
        limits = _limits(info)
        values = asked.raw.get(name)
        if values is None:
            values = _texts(info.get_default(call_default_factory=True)) if not info.is_required() else []
        fields.append(
            Field(
                name=name,
                title=str(label.title),
                hint=str(label.hint),
                kind=kind,
                values=values,
                choices=[(value, titles.get(value, text)) for value, text in choices],
                least=limits[0],
                most=limits[1],
                is_whole=annotation is int,
                is_required=not optional and info.is_required(),
                error=asked.errors.get(name, ""),
            )
        )
    return fields


def _typed(model: type[BaseModel], raw: Mapping[str, list[str]]) -> dict[str, Any]:
    """Lists for the parameters that are lists, a single text for the others."""
    known = {info.alias or name: info for name, info in model.model_fields.items()}
    several = {name for name, info in known.items() if get_origin(_bare(info.annotation)[0]) in _LISTS}
    for name, values in raw.items():
        if name not in known:
            raise InvalidInput("There is no such parameter.", pointer=name[:40])
        if name not in several and len(values) > 1:
            raise InvalidInput("This parameter was given more than once.", pointer=name[:40])
    return {name: values if name in several else values[0] for name, values in raw.items() if values}


def _bare(annotation: Any) -> tuple[Any, bool]:
    """An annotation without `| None`, and whether it had it."""
    if get_origin(annotation) in (Union, types.UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        if len(parts) == 1:
            return parts[0], True
    return annotation, False


def _kind(annotation: Any) -> tuple[str | None, list[tuple[str, str]]]:
    origin = get_origin(annotation)
    if origin in _LISTS:
        _, choices = _kind(_bare(get_args(annotation)[0])[0])
        return ("choices", choices) if choices else (None, [])
    if origin is Literal:
        return "choice", [(str(value), str(value)) for value in get_args(annotation)]
    if not isinstance(annotation, type):
        return None, []
    if issubclass(annotation, Enum):
        return "choice", [(str(one.value), str(one.value)) for one in annotation]
    if annotation is bool:
        return "choice", [("true", str(gettext("yes"))), ("false", str(gettext("no")))]
    return next((kind for known, kind in _KINDS if issubclass(annotation, known)), None), []


def _limits(info: FieldInfo) -> tuple[str, str]:
    least = next((rule.ge for rule in info.metadata if hasattr(rule, "ge")), "")
    most = next((rule.le for rule in info.metadata if hasattr(rule, "le")), "")
    return str(least), str(most)


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list | tuple | set | frozenset):
        return [_text(one) for one in value]
    return [_text(value)]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value.value if isinstance(value, Enum) else value)


def _plain(value: Any) -> Any:
    return [_text(one) for one in value] if isinstance(value, list) else _text(value)


def _by_name(errors: Sequence[ErrorDetails]) -> dict[str, str]:
    return {str(error["loc"][0]) if error["loc"] else "": _message(error) for error in errors}


def _message(error: ErrorDetails) -> str:
    limits, told = error.get("ctx", {}), error["msg"].removeprefix("Value error, ")
    match error["type"]:
        case "greater_than_equal":
            return str(gettext("At least %(limit)s.", limit=limits["ge"]))
        case "less_than_equal":
            return str(gettext("At most %(limit)s.", limit=limits["le"]))
        case "missing":
            return str(gettext("This is needed."))
        case "value_error":
            return str(gettext(told))
        case "extra_forbidden":
            return str(gettext("There is no such parameter."))
        case _:
            return str(gettext("This value cannot be used here."))
