"""What a page is made of: one edition, what was asked, answered, promised and acknowledged, and who
speaks for the post today. Read anew for each request; nothing is kept between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scorecard.answering.model import Acknowledgement, Answer, Asked, Commitment
from scorecard.base.periods import Period
from scorecard.desk.current import CurrentProject
from scorecard.documents.kinds import read_document
from scorecard.documents.model import StanceLine
from scorecard.documents.still_asked import still_asked
from scorecard.ledger import Edition, ReplyLink
from scorecard.replies.door import ANSWERABLE, Door
from scorecard.replies.form import Addressed
from scorecard.strategy.model import Stance


@dataclass(frozen=True)
class PageFacts:
    """All that a page is made of.

    newest       the number of the newest edition of the same document
    lines        the stances as printed, by key
    stances      the post's stances in force today, which a commitment may move
    answers      by question, the first one first
    commitments  the post's, by number
    """

    link: ReplyLink
    edition: Edition
    document: Any
    period: Period
    newest: int
    lines: Mapping[str, StanceLine]
    stances: Sequence[Stance]
    asked: Sequence[Asked]
    answers: Mapping[str, Sequence[Answer]]
    commitments: Sequence[Commitment]
    acknowledged: Sequence[Acknowledgement]
    now: datetime
    door: Door

    @property
    def open(self) -> list[Commitment]:
        """The commitments that are open and not yet due."""
        return [c for c in self.commitments if c.is_open]

    @property
    def addressed(self) -> Addressed:
        """Whose form the page has."""
        return Addressed(
            self.link.owner,
            self.link.person,
            self.edition.id,
            "desk",
            self.asked,
            self.answers,
            self.commitments,
            self.door,
            self.now,
        )

    def latest(self, question: str) -> Answer | None:
        """The answer that is printed; None where there is none yet."""
        return self.addressed.latest(question)

    def takes(self, asked: Asked) -> bool:
        """Whether a question can still be answered."""
        return asked.answer_by is None or self.now <= asked.answer_by


def facts_of(current: CurrentProject, link: ReplyLink, door: Door) -> PageFacts:
    """What the page of a link is made of. AlteredError where something is not what was recorded."""
    ledger, now = current.ledger, current.now()
    assert link.edition_id is not None
    edition = ledger.edition(link.edition_id)
    period = current.period(edition.period)
    document = read_document(edition.document, edition.content)
    editions, answers = ledger.editions(period, edition.scope), ledger.answers(period)
    return PageFacts(
        link=link,
        edition=edition,
        document=document,
        period=period,
        newest=max(e.number for e in editions if e.document == edition.document),
        lines=_lines(current, edition, document, editions),
        stances=[
            s
            for s in door.strategy.stances
            if s.owner == link.owner and s.holds_on(current.today())
        ],
        asked=still_asked(ledger, period, link.owner, answers),
        answers=answers,
        commitments=ledger.commitments(link.owner),
        acknowledged=[a for a in ledger.acknowledgements(period) if a.edition_id == edition.id],
        now=now,
        door=door,
    )


def _lines(
    current: CurrentProject, edition: Edition, document: Any, editions: Sequence[Edition]
) -> dict[str, StanceLine]:
    """The stances of a document; of one that prints none, those of the same period's page."""
    lines = getattr(document, "stances", ())
    if not lines:
        others = [e for e in editions if e.document in ANSWERABLE and e.id != edition.id]
        for other in sorted(others, key=lambda e: e.created_at, reverse=True):
            whole = current.ledger.edition(other.id)
            lines = getattr(read_document(whole.document, whole.content), "stances", ())
            if lines:
                break
    return {line.key: line for line in lines}
