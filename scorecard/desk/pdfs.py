"""PDFs: the archived file of an edition, or one drawn again and read back; one at a time."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from threading import Lock
from typing import TYPE_CHECKING

from scorecard.delivery.archive import Archive
from scorecard.desk.current import CurrentProject

if TYPE_CHECKING:
    from scorecard.printing.edition_renderer import EditionRenderer


class Pdfs:
    """Gives out PDFs for downloads, with the reader's password where mail has one on them.

    What lies in the output folder as it was read back is given as it is. Another is drawn again,
    for which the facts are opened; that takes seconds and memory, so that one waits for the other.
    """

    def __init__(self, current: CurrentProject, env: Mapping[str, str] = os.environ) -> None:
        self._current, self._env = current, env
        self._one_at_a_time = Lock()

    def of(self, edition_id: str, email: str) -> bytes:
        """The PDF of an edition; RenderError when it may not go out, MailError where no password
        can be put on it."""
        current = self._current
        with self._one_at_a_time, ExitStack() as used:

            def renderer() -> EditionRenderer:
                # Only what is not in the output folder any more has to be drawn.
                from scorecard.printing.edition_renderer import EditionRenderer
                from scorecard.project.workspace import open_workspace

                work = open_workspace(current.project, current.now())
                return used.enter_context(EditionRenderer(work, current.ledger, current.now))

            archive = Archive(current.project, current.ledger, renderer, current.now)
            pdf, _hash = archive.pdf_of(edition_id)
            password = current.project.secret_mail(self._env).password_for(email)
            if not password:
                return pdf
            from scorecard.mail.pdf_password import seal

            return seal(pdf, password)
