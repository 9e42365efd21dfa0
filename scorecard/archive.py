"""Archive: the PDF of an edition when it is to be sent, exactly as it was read back.

The output folder holds only what can be made again: a file that is missing,
cut short or changed there is drawn again from its edition, and read back again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from scorecard.errors import RenderError
from scorecard.ledger import Delivery, Edition, Ledger
from scorecard.press import SOFTWARE, Press
from scorecard.project import Project
from scorecard.publish import path_of


class Archive:
    """Gives out PDFs that may be sent; the last one is kept, since many get the same.

    `press` is called only when something has to be drawn again.
    """

    def __init__(
        self, project: Project, ledger: Ledger, press: Callable[[], Press],
        now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._project, self._ledger, self._press, self._now = project, ledger, press, now
        self._made: Press | None = None
        self._last: tuple[str, bytes, str] | None = None

    def pdf(self, delivery: Delivery) -> tuple[bytes, str]:
        """The PDF of the delivery's edition, and its hash. RenderError when it may not go out."""
        if delivery.edition_id is None:
            raise RenderError(f"Delivery {delivery.id} has no edition.")
        if self._last is None or self._last[0] != delivery.edition_id:
            edition = self._ledger.edition(delivery.edition_id)
            pdf = self._as_read_back(edition) or self._again(edition)
            self._last = (edition.id, pdf, sha256(pdf).hexdigest())
        return self._last[1:]

    def _as_read_back(self, edition: Edition) -> bytes | None:
        """The file in the output folder, if it is what was read back without a problem."""
        folder = self._project.output / edition.period
        path = folder / path_of(edition.document, edition.scope)
        if not path.is_file():
            return None
        pdf = path.read_bytes()
        reading = self._ledger.reading(edition.id, sha256(pdf).hexdigest())
        return pdf if reading is not None and not reading.problems else None

    def _again(self, edition: Edition) -> bytes:
        self._made = self._made or self._press()
        (drawn,) = self._made.draw([edition])
        self._ledger.record_rendering(edition, drawn.sha256, SOFTWARE, self._now())
        return drawn.pdf
