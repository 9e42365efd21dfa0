"""Telling a watch outside, which is a real web server on this machine."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from evil_server import EvilServer, drip

from scorecard.delivery import ping
from scorecard.delivery.ping import tell
from scorecard.errors import ProjectError


@pytest.fixture
def watch():
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            heard.append((self.command, self.path, body.decode()))
            self.send_response(500 if self.path.startswith("/broken") else 200)
            self.end_headers()

        do_GET = do_POST = answer

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    thread.join()
    server.server_close()


def test_all_is_well(watch):
    url, heard = watch
    tell(f"{url}/abc", [])
    assert heard == [("GET", "/abc", "")]


def test_what_is_not_well_goes_to_fail(watch):
    url, heard = watch
    tell(f"{url}/abc", ["The packet was skipped.", "3 deliveries failed."])
    assert heard == [("POST", "/abc/fail", "The packet was skipped.\n3 deliveries failed.")]


def test_a_watch_that_does_not_answer_is_one_sentence(watch):
    url, _ = watch
    with pytest.raises(ProjectError, match=r"The watch at 127\.0\.0\.1 did not answer .*500"):
        tell(f"{url}/broken", [])
    with pytest.raises(ProjectError, match="did not answer"):
        tell("http://127.0.0.1:9/abc", [])


def test_a_watch_that_answers_a_byte_now_and_then_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(ping, "TIMEOUT", 0.5)
    with (
        EvilServer(drip(b"HTTP/1.1 200 OK\r\nX: y\r\n")) as server,
        pytest.raises(ProjectError, match=r"did not answer \(timed out\)"),
    ):
        tell(f"http://127.0.0.1:{server.port}/abc", [])


@pytest.mark.parametrize("url", ["", "abc", "ftp://host/x", "file:///etc/passwd"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ProjectError, match="set ping"):
        tell(url, [])
