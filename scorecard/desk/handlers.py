"""Handlers: what each address of the desk does. They wait for the ledger in threads, never in the
loop that reads requests."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from scorecard.answering.rules import tidy
from scorecard.delivery.receipt import lines_of
from scorecard.desk.access import NOTHING, Access, Opened, Refused
from scorecard.desk.archive_page import archive_of, was_sent
from scorecard.desk.current import CurrentProject
from scorecard.desk.drawing import Drawing
from scorecard.desk.facts import facts_of
from scorecard.desk.guards import client_of
from scorecard.desk.once import Once
from scorecard.desk.page import page_of
from scorecard.desk.pdfs import Pdfs
from scorecard.desk.sessions import Session, Sessions, from_elsewhere
from scorecard.errors import MailError, RenderError, ReplyError
from scorecard.project.opening import note_head, refuse_doubts
from scorecard.replies.form import Fields, known, reply_of

ELSEWHERE = "This form was sent from another site, so nothing of it was recorded."
OLD_FORM = (
    "The page was opened again since this form was filled in, or cookies are blocked; nothing was "
    "recorded yet. Look it over, and send it again."
)
NO_PDF = "The PDF of this edition cannot be given out just now; whoever runs the scorecards can."
KINDS = {"r": "page", "a": "archive"}
_LOG = logging.getLogger("scorecard.desk")


class Handlers:
    """Answers requests for one project."""

    def __init__(self, current: CurrentProject, access: Access, drawing: Drawing) -> None:
        self._current, self._access, self._drawing = current, access, drawing
        self._sessions = Sessions(current.ledger.keyed, current.project.desk)
        self._pdfs = Pdfs(current)
        self._sent: Once[str] = Once()

    def page(self, request: Request, token: str) -> Response:
        """An owner's page, with the receipt of the form that was sent last."""
        opened = self._access.open(token, "page")
        session = self._sessions.of(request, opened.link.id)
        facts = facts_of(self._current, opened.link, opened.door)
        receipt = self._sessions.unpack(opened.link.id, request.query_params.get("sent", ""))
        form, path = self._sessions.form_token(session), self._path("r", token)
        response = self._drawing.page(page_of(self._current, facts, path, form, receipt=receipt))
        if session.is_new and request.method == "GET":
            self._note(opened, "opened")
        return self._kept(response, session, opened, "r")

    def send(self, request: Request, token: str, fields: Fields) -> Response:
        """Record a form; the same page with all that is wrong, or the way back to it."""
        if from_elsewhere(request, self._current.project.desk):
            raise Refused(403, ELSEWHERE)
        opened = self._access.open(token, "page")
        fields = known(fields)
        session = self._sessions.of(request, opened.link.id)
        if not self._sessions.accepts(session, fields.get("token", "")):
            return self._again(opened, session, fields, [OLD_FORM], 403)
        try:
            number = fields.get("form", "")[:40]
            packed = self._sent.do(
                f"{opened.link.id}/{session.value}/{number}", lambda: self._received(opened, fields)
            )
        except ReplyError as error:
            self._note(opened, "refused", "its reply had faults")
            return self._again(opened, session, fields, list(error.said), 422)
        back = f"{self._path('r', token)}?sent={packed}#receipt"
        return RedirectResponse(back, 303)

    def pdf(self, request: Request, token: str) -> Response:
        """The PDF of the edition that the link opens."""
        opened = self._access.open(token, "page")
        assert opened.link.edition_id is not None
        return self._download(request, opened, opened.link.edition_id)

    def archive(self, request: Request, token: str) -> Response:
        """What was sent to an executive."""
        opened = self._access.open(token, "archive")
        assert opened.reader is not None
        session = self._sessions.of(request, opened.link.id)
        response = self._drawing.archive(
            archive_of(self._current, opened.link, opened.reader, self._path("a", token))
        )
        if session.is_new and request.method == "GET":
            self._note(opened, "opened")
        return self._kept(response, session, opened, "a")

    def sent_pdf(self, request: Request, token: str, edition: str) -> Response:
        """The PDF of an edition that was sent to an executive."""
        opened = self._access.open(token, "archive")
        if not was_sent(self._current, opened.link, edition):
            self._note(opened, "refused", "an edition that was not sent to its reader")
            raise Refused(404, NOTHING)
        return self._download(request, opened, edition)

    def _received(self, opened: Opened, fields: Fields) -> str:
        """Have the door record a form; the receipt, packed. ReplyError with all that is wrong."""
        current, now = self._current, self._current.now()
        refuse_doubts(current.project, current.ledger, now)
        facts = facts_of(current, opened.link, opened.door)
        reply, wrong = reply_of(fields, facts.addressed)
        receipt = opened.door.receive(reply, now, wrong)
        note_head(current.project, current.ledger)
        said = lines_of(receipt, current.short(now))
        self._note(opened, "answered", said[0])
        return self._sessions.pack(opened.link.id, said)

    def _again(
        self, opened: Opened, session: Session, fields: Fields, problems: list[str], status: int
    ) -> Response:
        """The page with what was typed, and all that is wrong with it."""
        facts = facts_of(self._current, opened.link, opened.door)
        form, path = self._sessions.form_token(session), self._path("r", opened.token)
        view = page_of(self._current, facts, path, form, fields, problems)
        return self._kept(self._drawing.page(view, status), session, opened, "r")

    def _download(self, request: Request, opened: Opened, id: str) -> Response:
        current = self._current
        edition = current.ledger.edition(id)
        name = f"{edition.document}-{edition.scope}-{edition.period}-edition-{edition.number}.pdf"
        if request.method == "HEAD":
            return Response(media_type="application/pdf")
        try:
            pdf = self._pdfs.of(id, opened.link.email)
        except (RenderError, MailError) as error:
            _LOG.error("link %s: no PDF of edition %s: %s", opened.link.id, id, error)
            raise Refused(503, NO_PDF) from error
        self._note(opened, "downloaded", f"edition {id}")
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(pdf, media_type="application/pdf", headers=headers)

    def _kept(self, response: Response, session: Session, opened: Opened, kind: str) -> Response:
        if session.is_new:
            self._sessions.keep(response, session, self._path(kind, opened.token))
        return response

    def _path(self, kind: str, token: str) -> str:
        return f"{self._current.project.desk.prefix}/{kind}/{token}"

    def _note(self, opened: Opened, event: str, said: str = "") -> None:
        self._current.ledger.note_link(opened.link.id, event, self._current.now(), said)  # type: ignore[arg-type]


def typed_of(fields: Mapping[str, str]) -> tuple[str, ...]:
    """The texts that somebody typed, to be shown where the page itself cannot be."""
    texts = (t for name, t in known(fields).items() if name.startswith(("answer-", "promise-text")))
    return tuple(text for text in texts if tidy(text))


def logged(request: Request, status: int, link: str, seconds: float) -> None:
    """One line for a request: what, with which link, from where; never the link itself."""
    parts = request.scope.get("path", "").split("/")
    kind = KINDS.get(parts[1] if len(parts) > 1 else "", "nothing")
    if parts[-1].endswith(".pdf"):
        kind = f"{kind} as PDF"
    _LOG.info(
        "%s %s %d, link %s, from %s, %.2f s",
        request.method,
        kind,
        status,
        link or "none",
        client_of(request.scope) or "nowhere",
        seconds,
    )
