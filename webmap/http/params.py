"""What comes in: query strings and JSON bodies read through pydantic models, nothing unknown let through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from flask import request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from gis.errors import InvalidInput
from gis.geometry.validate import number

_MAX_TEXT = 500
_LONGEST = {"filter": 4096}


class Parameters(BaseModel):
    """Base of every set of parameters: an unknown name is an error, as is one given twice."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _decimal(value: Any, info: ValidationInfo) -> Any:
    name = info.field_name or "number"
    return number(value, pointer=name, name=name) if isinstance(value, str) else value


Decimal = Annotated[float, BeforeValidator(_decimal), Field(allow_inf_nan=False)]
"""A number in plain decimal notation; NaN, infinities and the like are refused."""

Model = TypeVar("Model", bound=BaseModel)


def read_query(model: type[Model]) -> Model:
    """Read the query string.

    Raises
    ------
    InvalidInput, pydantic.ValidationError
        An unknown, repeated, missing, overlong or bad parameter.
    """
    return model.model_validate(_arguments())


def read_body(model: type[Model]) -> Model:
    """Read a JSON body.

    Raises
    ------
    pydantic.ValidationError, werkzeug.exceptions.HTTPException
        Not JSON, or not of this shape.
    """
    return model.model_validate(request.get_json())


def _arguments() -> dict[str, str]:
    return checked(request.args.items(multi=True))


def checked(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Parameters of a query string by name.

    Raises
    ------
    InvalidInput
        One is given twice or is longer than any parameter is.
    """
    arguments: dict[str, str] = {}
    for name, value in pairs:
        if name == "lang":  # chooses the language of any address, see webmap.i18n
            continue
        if name in arguments:
            raise InvalidInput("This parameter was given more than once.", pointer=name[:40])
        longest = _LONGEST.get(name, _MAX_TEXT)
        if len(value) > longest or "\0" in value:
            raise InvalidInput(f"This parameter is longer than {longest} signs.", pointer=name[:40])
        arguments[name] = value
    return arguments
