"""Wholes: editions with all that belongs to them, which is what is drawn.

The edition's document, its imprint, and the files that its run encloses in it follow from the
ledger, the metrics and the settings; no facts are read.
"""

from __future__ import annotations

from collections.abc import Mapping

from scorecard.base.version import VERSION
from scorecard.definitions.metric import Metric
from scorecard.documents.kinds import PREREAD, read_document
from scorecard.documents.model import Imprint
from scorecard.ledger import Edition, Ledger
from scorecard.printing.enclosures import Enclosures
from scorecard.printing.render_pool import RenderJob
from scorecard.printing.scope_check import Whole
from scorecard.project.settings import Project
from scorecard.replies.form_token import form_token

SOFTWARE = f"scorecard {VERSION}"


class Wholes:
    """Puts editions together. What the last run asked for encloses is kept."""

    def __init__(self, project: Project, metrics: Mapping[str, Metric], ledger: Ledger) -> None:
        self._project, self._metrics, self._ledger = project, metrics, ledger
        self._enclosed: tuple[str, Enclosures] | None = None

    def of(self, edition: Edition) -> Whole:
        """The edition with its document, imprint and enclosures."""
        document = read_document(edition.document, edition.content)
        imprint = Imprint(
            edition.number,
            self._project.formats.moment(edition.as_of, self._project.settings.timezone),
            document.heading.period,
            edition.content_hash,
            SOFTWARE,
            form_token(self._ledger.keyed, edition.id) if edition.document == PREREAD else "",
        )
        return Whole(edition, document, imprint, self._enclosures(edition.run_id))

    def job(self, edition: Edition) -> RenderJob:
        """What has to be drawn of it."""
        whole = self.of(edition)
        return RenderJob(whole.document, whole.imprint, whole.enclosed.files(whole.document))

    def _enclosures(self, run_id: str) -> Enclosures:
        if self._enclosed is None or self._enclosed[0] != run_id:
            self._enclosed = run_id, Enclosures.of(run_id, self._ledger, self._metrics)
        return self._enclosed[1]
