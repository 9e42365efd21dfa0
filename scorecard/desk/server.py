"""The server: listens, serves until it is told to stop, and lets what is being answered end."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable
from datetime import datetime
from threading import Event, Thread

import uvicorn

from scorecard.desk.app import application
from scorecard.errors import ProjectError
from scorecard.ledger import Ledger
from scorecard.project.settings import Project

STOPPING = 8
"""Seconds in which what is being answered may end, when all is to stop."""
MOST_AT_ONCE = 200
"""Connections; who comes beyond is told to come later."""
IDLE = 15
"""Seconds that an idle connection is kept."""
_LOG = logging.getLogger("scorecard.desk")


class DeskServer:
    """Serves a project's desk in a thread of its own, beside whatever else the process does."""

    def __init__(
        self,
        project: Project,
        ledger: Ledger,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        desk = project.desk
        self._socket = _listening(desk.host, desk.port)
        self.port = int(self._socket.getsockname()[1])
        config = uvicorn.Config(
            application(project, ledger, now, clock),
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=MOST_AT_ONCE,
            timeout_keep_alive=IDLE,
            timeout_graceful_shutdown=STOPPING,
            h11_max_incomplete_event_size=16 * 1024,
        )
        _log_errors_as_ours()
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._serve, name="desk", daemon=True)
        self._url = desk.public

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()
        _LOG.info("the desk is served at %s", self._url)

    def stop(self) -> bool:
        """Let what is being answered end; whether it has within STOPPING seconds."""
        self._server.should_exit = True
        self._thread.join(STOPPING + 2)
        self._socket.close()
        return not self._thread.is_alive()

    def serve_until(self, stopping: Event) -> bool:
        """Serve until told to stop, or until it cannot go on; whether all was ended."""
        self.start()
        while not stopping.wait(0.5):
            if not self._thread.is_alive():
                _LOG.error("the desk ended by itself")
                return False
        _LOG.info("stopping; what is being answered may end")
        return self.stop()

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))


def _log_errors_as_ours() -> None:
    """What the server itself has to say goes where our log goes, without secrets; of connections
    that were cut nobody is told."""
    theirs = logging.getLogger("uvicorn")
    theirs.handlers[:] = logging.getLogger("scorecard").handlers
    theirs.setLevel(logging.ERROR)
    theirs.propagate = False


def _listening(host: str, port: int) -> socket.socket:
    """A socket at that address; ProjectError where it cannot be had."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise ProjectError(
            f"[tool.scorecard.desk] cannot listen at {host}, port {port}: {error.strerror}; "
            "set host and port to an address of this machine that nobody else uses."
        ) from error
