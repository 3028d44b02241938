"""Pages for paper: a template of `print/` as a PDF, made by WeasyPrint."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from flask import Response, render_template
from flask_babel import gettext
from PIL import ImageFile

from gis.errors import Unavailable


def pdf_response(template: str, name: str, **values: Any) -> Response:
    """Render `template` (it extends `print/page.html`) and answer it as a PDF named `name`.

    Raises
    ------
    Unavailable
        The machine lacks Pango, which lays the text out.
    """
    answer = Response(_made(render_template(template, **values)), mimetype="application/pdf")
    # RFC 6266: a plain name for old readers beside the true one.
    plain = re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)
    answer.headers["Content-Disposition"] = f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return answer


def as_image(svg: str) -> str:
    """An SVG as the address of a picture: one box to lay out, where inline each of its parts is one."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def pdf_of(pages: Iterable[str]) -> bytes:
    """One PDF of several documents of HTML, each laid out as it comes; each counts its own pages.

    Raises
    ------
    Unavailable
        The machine lacks Pango, which lays the text out.
    """
    fonts = (
        _fonts()
    )  # looked for once: a configuration for each takes a tenth of a second and each its own fonts
    laid_out = [_laid_out(html, fonts) for html in pages]
    made: bytes = laid_out[0].copy([page for one in laid_out for page in one.pages]).write_pdf()
    return made


def _made(html: str) -> bytes:
    made: bytes = _laid_out(html, _fonts()).write_pdf()
    return made


def _fonts() -> Any:
    """The fonts of this machine. Raises `Unavailable` where Pango is missing."""
    try:
        from weasyprint.text.fonts import FontConfiguration  # half a second: only those who print pay
    except OSError as error:
        raise Unavailable(gettext("PDFs need the package libpangoft2-1.0-0 on the server.")) from error
    return FontConfiguration()


def _laid_out(html: str, fonts: Any) -> Any:
    import weasyprint
    from weasyprint.urls import URLFetcher

    # WeasyPrint has Pillow take files that are cut off, everywhere in the process; photos shall not be.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    # All a page needs stands in it; nothing a user wrote makes the server fetch a file or an address.
    fetcher = URLFetcher(allowed_protocols={"data"})
    return weasyprint.HTML(string=html, url_fetcher=fetcher).render(font_config=fonts)
