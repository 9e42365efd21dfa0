"""The application: which address is answered by what, and what becomes of every error."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from scorecard.base.last_resort import keep_traceback, sentence
from scorecard.desk.access import NOTHING, Access, Refused
from scorecard.desk.current import CurrentProject
from scorecard.desk.drawing import Drawing
from scorecard.desk.guards import MOST_BYTES, guarded
from scorecard.desk.handlers import Handlers, logged, typed_of
from scorecard.errors import ScorecardError
from scorecard.ledger import Ledger
from scorecard.project.settings import Project
from scorecard.replies.form import MOST_FIELDS

NOT_NOW = (
    "This page cannot be shown just now, and nothing was recorded; try it again in a few minutes. "
    "Whoever runs the scorecards sees why in the log."
)
NO_FORM = "What was sent is no form of this page, so nothing of it was recorded."
STANDS = "ok\n"
_LOG = logging.getLogger("scorecard.desk")


def application(
    project: Project,
    ledger: Ledger,
    now: Callable[[], datetime],
    clock: Callable[[], float] = time.monotonic,
) -> ASGIApp:
    """The desk of a project, ready to be served. `clock` tells the seconds that limits count."""
    current = CurrentProject(project, ledger, now)
    drawing = Drawing(project, project.desk.prefix)
    access = Access(current, clock)
    desk = Desk(current, access, drawing, Handlers(current, access, drawing))
    app = Starlette(
        routes=[
            Route("/r/{token}", desk.page, methods=["GET", "POST"]),
            Route("/r/{token}/page.pdf", desk.pdf),
            Route("/a/{token}", desk.archive),
            Route("/a/{token}/{edition}.pdf", desk.sent_pdf),
            Route("/static/{version}/{name}", desk.asset),
            Route("/health", desk.health),
        ],
        exception_handlers={HTTPException: desk.unknown},
    )
    app.router.redirect_slashes = False
    return guarded(app, drawing.say, project.desk.proxies, project.desk.secure, clock)


class Desk:
    """Answers requests through the handlers; whatever happens is a page with a sentence."""

    def __init__(
        self, current: CurrentProject, access: Access, drawing: Drawing, handlers: Handlers
    ) -> None:
        self._current, self._access = current, access
        self._drawing, self._handlers = drawing, handlers

    async def page(self, request: Request) -> Response:
        token = request.path_params["token"]
        if request.method != "POST":
            return await self._answered(request, lambda: self._handlers.page(request, token))
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            return self._drawing.sentence(415, NO_FORM)
        try:
            form = await request.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=MOST_BYTES)
        except (HTTPException, ValueError):
            return self._drawing.sentence(400, NO_FORM)
        fields = {name: text for name, text in form.items() if isinstance(text, str)}
        return await self._answered(
            request, lambda: self._handlers.send(request, token, fields), typed_of(fields)
        )

    async def pdf(self, request: Request) -> Response:
        token = request.path_params["token"]
        return await self._answered(request, lambda: self._handlers.pdf(request, token))

    async def archive(self, request: Request) -> Response:
        token = request.path_params["token"]
        return await self._answered(request, lambda: self._handlers.archive(request, token))

    async def sent_pdf(self, request: Request) -> Response:
        token, edition = request.path_params["token"], request.path_params["edition"]
        return await self._answered(
            request, lambda: self._handlers.sent_pdf(request, token, edition)
        )

    async def asset(self, request: Request) -> Response:
        packed = "gzip" in request.headers.get("accept-encoding", "")
        found = self._drawing.asset(request.path_params["name"], packed)
        return found or self._drawing.sentence(404, NOTHING)

    async def health(self, _request: Request) -> Response:
        """For whoever watches: that it answers, and nothing else."""
        return Response(STANDS, media_type="text/plain")

    async def unknown(self, _request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = error.headers if isinstance(error, HTTPException) else None
        response = self._drawing.sentence(status if status == 405 else 404, NOTHING)
        response.headers.update(headers or {})
        return response

    async def _answered(
        self, request: Request, work: Callable[[], Response], kept: tuple[str, ...] = ()
    ) -> Response:
        began = time.monotonic()
        response = await run_in_threadpool(self._guarded, work, kept)
        link = self._access.signer.read(request.path_params["token"]) or ""
        logged(request, response.status_code, link, time.monotonic() - began)
        return response

    def _guarded(self, work: Callable[[], Response], kept: tuple[str, ...]) -> Response:
        """The response of `work`; in a sentence whatever went wrong."""
        try:
            return work()
        except Refused as refused:
            # What another site's page had sent is not repeated.
            shown = kept if refused.status != 403 else ()
            return self._drawing.sentence(refused.status, refused.said, shown)
        except ScorecardError as error:
            _LOG.error("%s", error)
        except Exception as error:
            file = keep_traceback(error, self._current.project.state, self._current.now())
            place = f" The traceback is in {file}." if file else ""
            _LOG.error("%s%s", sentence(error), place)
        return self._drawing.sentence(503, NOT_NOW, kept)
