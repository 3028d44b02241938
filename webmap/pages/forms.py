"""What a form asks for: done, and said on the page that is shown next."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from gis.errors import Conflict, InvalidInput


def do_and_return(action: Callable[[], object], page: str) -> ResponseReturnValue:
    """Do what was asked for, and go to a page that says it is saved or why it is not.

    Parameters
    ----------
    page : address of the page.
    """
    try:
        action()
        flash(gettext("Saved."), "ok")
    except (Conflict, InvalidInput) as error:
        flash(gettext(error.message), "danger")
    return redirect(page)
