"""Pages as PDFs: readable text, and nothing fetched for a user's words."""

from __future__ import annotations

import http.server
import io
import threading

import pytest
from PIL import Image

from gis.photo.thumbnail import draw
from webmap.http import pdf


@pytest.fixture
def visited():
    """Paths somebody asked of a web server here, and its address."""
    paths: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield paths, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_page_becomes_a_pdf_with_a_name_for_old_and_new_readers(app):
    with app.test_request_context("/"):
        answer = pdf.pdf_response("print/page.html", "日报 2026-11-26.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.get_data()[:5] == b"%PDF-"
    assert "filename*=UTF-8''%E6%97%A5%E6%8A%A5%202026-11-26.pdf" in answer.headers["Content-Disposition"]
    assert 'filename="___2026-11-26.pdf"' in answer.headers["Content-Disposition"]


def test_nothing_is_fetched_for_a_page(visited):
    paths, address = visited
    made = pdf._made(
        f'<link rel="stylesheet" href="{address}/a.css"><img src="{address}/b.png">'
        '<img src="file:///etc/passwd"><p>光明</p>'
    )
    assert made.startswith(b"%PDF-")
    assert paths == []


def test_a_pdf_does_not_make_the_process_take_photos_that_are_cut_off():
    assert pdf._made("<p>光明</p>").startswith(b"%PDF-")
    file = io.BytesIO()
    Image.effect_noise((200, 150), 60).save(file, "JPEG")
    assert draw(file.getvalue())
    assert draw(file.getvalue()[:-500]) == b""
