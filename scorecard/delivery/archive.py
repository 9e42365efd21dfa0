"""The archive: the PDF of an edition to be sent, exactly as it was read back.

The output folder contains only what can be made again: a file that is missing,
unreadable, cut short or changed is rendered again from its edition, and read back
again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from scorecard.base.regular_file import MOST_PDF, read_bytes
from scorecard.delivery.message_builder import AT_HAND
from scorecard.documents.kinds import path_of
from scorecard.errors import AlteredError, RenderError
from scorecard.ledger import Delivery, Edition, Ledger
from scorecard.project.settings import Project

if TYPE_CHECKING:
    from scorecard.printing.edition_renderer import EditionRenderer


class Archive:
    """Gives out PDFs that may be sent. The last few are kept, since many get the same, and so
    is the reason why one may not go out.

    `renderer` is called only when something has to be drawn again.
    """

    def __init__(
        self,
        project: Project,
        ledger: Ledger,
        renderer: Callable[[], EditionRenderer],
        now: Callable[[], datetime],
    ) -> None:
        self._project, self._ledger, self._renderer, self._now = project, ledger, renderer, now
        self._made: EditionRenderer | None = None
        self._kept: dict[str, tuple[bytes, str] | RenderError] = {}

    def pdf(self, delivery: Delivery) -> tuple[bytes, str]:
        """The PDF of the delivery's edition, and its hash. RenderError when it may not go out."""
        if delivery.edition_id is None:
            raise RenderError(f"Delivery {delivery.id} has no edition.")
        return self.pdf_of(delivery.edition_id)

    def pdf_of(self, edition_id: str) -> tuple[bytes, str]:
        """The PDF of an edition, and its hash. RenderError when it may not go out."""
        if edition_id not in self._kept:
            if len(self._kept) == AT_HAND:
                del self._kept[next(iter(self._kept))]
            self._kept[edition_id] = self._found(edition_id)
        found = self._kept[edition_id]
        if isinstance(found, RenderError):
            raise found
        return found

    def _found(self, id: str) -> tuple[bytes, str] | RenderError:
        try:
            edition = self._ledger.edition(id)
            pdf = self._as_read_back(edition) or self._again(edition)
        except RenderError as error:
            return error
        except AlteredError as error:  # trying again later mends nothing
            return RenderError(str(error))
        return pdf, sha256(pdf).hexdigest()

    def _as_read_back(self, edition: Edition) -> bytes | None:
        """The file in the output folder, if it is what was read back without a problem."""
        folder = self._project.output / edition.period
        path = folder / path_of(edition.document, edition.scope)
        try:
            pdf = read_bytes(path, MOST_PDF)
        except OSError:
            return None  # it can be rendered again, since its edition is in the ledger
        reading = self._ledger.reading(edition.id, sha256(pdf).hexdigest())
        return pdf if reading is not None and not reading.problems else None

    def _again(self, edition: Edition) -> bytes:
        from scorecard.printing.edition_renderer import SOFTWARE

        self._made = self._made or self._renderer()
        drawn = self._made.draw_one(edition)
        self._ledger.record_rendering(
            edition, drawn.sha256, SOFTWARE, self._now(), drawn.drawn_with
        )
        return drawn.pdf
