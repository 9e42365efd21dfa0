"""Expected content: what the PDF of a document has to show, and what it must not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from scorecard.documents.accountability_model import (
    AccountabilityPage,
    OwnerRecord,
    TeamRecord,
)
from scorecard.documents.funding_model import FUNDING
from scorecard.documents.method import method_notes
from scorecard.documents.model import Heading, StanceLine
from scorecard.documents.owner_model import OwnerScorecard
from scorecard.documents.packet_model import (
    METHOD_FILE,
    SINCE,
    TRENDS,
    ExecutivePacket,
    MethodNotes,
)
from scorecard.documents.preread_model import PreRead
from scorecard.documents.since import printed_on
from scorecard.documents.team_model import TeamReview
from scorecard.documents.trend_model import Trend
from scorecard.printing.team_layout import most_team_pages
from scorecard.printing.trend_layout import A_PAGE, MOST_TRENDS

PROVISIONAL = "PROVISIONAL"
MOST_PRE_READ_PAGES = 6
MOST_METHOD_PAGES = 40
"""Method notes are as long as there are metrics; a project with hundreds is another matter."""


@dataclass(frozen=True)
class ExpectedContent:
    """What a document must say and must not.

    `texts` have to be found, those `on_each` on each page. `forbidden` are whole
    names that may not appear: owners or teams whom this document is not about.
    They may stand inside of `own` texts: a metric may be called as a team is.
    `files` are PDFs that have to be inside of it, by name, and what each has to show. `where` has
    texts that have to be found where another is: a page that is left out need not have them.
    """

    least_pages: int
    most_pages: int
    texts: tuple[str, ...]
    forbidden: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    on_each: tuple[str, ...] = ()
    files: Mapping[str, ExpectedContent] = field(default_factory=dict)
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def expected_of_packet(doc: ExecutivePacket, forbidden: tuple[str, ...]) -> ExpectedContent:
    """What the PDF of a packet has to show; of the names in `forbidden` only its own."""
    rows = [row for section in doc.sections for row in section.rows]
    rows += [row for page in (doc.experience, doc.retention) if page for row in page.rows]
    texts = [tier.label for tier in doc.tiers]
    texts += [row.label for row in rows]
    texts += [row.owners for row in rows if row.owners]
    texts += [item.owner for item in doc.exceptions]
    texts += [doc.sentence, doc.map_sentence, doc.heading.notice, *doc.left_out]
    texts += [doc.margin.unknown] if doc.margin else []
    texts += _of_accountability(doc.accountability) if doc.accountability else []
    texts += doc.restated
    files = {METHOD_FILE: expected_of_method(notes)} if (notes := method_notes(doc)) else {}
    return ExpectedContent(
        2,
        12,
        _distinct(texts),
        forbidden,
        on_each=_stamp(doc.heading),
        files=files,
        where={**_of_trends(doc), **_of_since(doc), **_of_funding(doc)},
    )


def _of_accountability(page: AccountabilityPage) -> list[str]:
    """What a page of accountability has to show: nobody's silence may be missing."""
    texts = [page.sentence, page.read, *_of_records(page.owners)]
    texts += [text for o in page.owners for text in (o.next, o.due)]
    texts += [t for q in (*page.questions, *page.answers) for t in (q.text, q.answer, q.said)]
    return [*texts, *_of_lists(page)]


def _of_records(owners: Iterable[OwnerRecord]) -> list[str]:
    return [text for o in owners for text in (o.name, o.role, o.answered, o.silent, o.why)]


def _of_lists(of: AccountabilityPage | TeamRecord) -> list[str]:
    texts = [text for u in of.unread for text in (u.owner, u.pages, u.told)]
    return [*texts, *(text for p in of.proposals for text in (p.title, p.by))]


def _of_since(doc: ExecutivePacket) -> dict[str, tuple[str, ...]]:
    """What has to stand on the page that says what changed, where it is there."""
    if doc.since is None or not doc.since.than:
        return {}
    return {SINCE: _distinct((doc.since.sentence, *printed_on(doc.since)))}


def _of_funding(doc: ExecutivePacket) -> dict[str, tuple[str, ...]]:
    """What has to stand on the page that says what pays for what, where it is there."""
    if (page := doc.funding) is None:
        return {}
    rows = [
        text for r in (*page.weaknesses, *page.strengths) for text in (r.choice, r.tier, r.told)
    ]
    sums = [text for row in page.sums.rows for text in row]
    return {FUNDING: _distinct((page.sentence, *rows, *sums, page.costs, *page.notes))}


def _of_trends(doc: ExecutivePacket) -> dict[str, tuple[str, ...]]:
    """What has to stand where trends are charted; of those beyond the first page, on the second,
    and where only the first is there the names of what is not charted."""
    if not doc.trends:
        return {}
    found = {TRENDS: [doc.trends_sentence, *(item.label for item in doc.exceptions)]}
    for trend in doc.trends:
        on = TRENDS if trend.rank <= A_PAGE else f"{TRENDS}, 2 of 2"
        if trend.rank <= MOST_TRENDS:
            found.setdefault(on, []).extend(_said_in(trend))
    return {title: _distinct(texts) for title, texts in found.items()}


def _said_in(of: Trend) -> tuple[str, ...]:
    """What stands around a trend's chart."""
    return (of.words, of.signal, of.figures, of.of, of.owner, *of.happened)


def expected_of_method(doc: MethodNotes) -> ExpectedContent:
    """What the PDF of method notes has to show."""
    texts = [text for m in doc.methods for text in (m.label, m.text)]
    return ExpectedContent(1, MOST_METHOD_PAGES, _distinct(texts), on_each=_stamp(doc.heading))


def expected_of_owner(doc: OwnerScorecard, forbidden: tuple[str, ...]) -> ExpectedContent:
    """What the PDF of an owner's page has to show; of the names in `forbidden` only its own."""
    held = (*doc.strengths, *doc.weaknesses)
    texts = [doc.name, doc.purpose, doc.sentence, doc.heading.notice]
    texts += [text for h in held for text in (h.label, h.cell.words, h.cell.text, h.tier)]
    texts += [text for pair in doc.margins for text in pair]
    texts += [doc.standing, *doc.restated]
    own = [doc.name, doc.role, doc.team, doc.purpose, *doc.allowed, *_said_of(held)]
    own += [text for row in doc.affected for text in (row.which, row.names)]
    texts += [text for a in doc.asked for text in (a.line.question.text, a.answer, a.said)]
    texts += [text for c in doc.commitments for text in (c.text, c.due, c.outcome)]
    texts += [doc.record, doc.read]
    own += [text for a in doc.asked for text in (a.line.question.text, a.answer, a.said)]
    own += [c.text for c in doc.commitments]
    return ExpectedContent(
        1,
        2 if doc.asked or doc.commitments else 1,
        _distinct(texts),
        forbidden,
        _own(doc.heading, own),
        _stamp(doc.heading),
        where={TRENDS: _distinct(t for of in doc.trends for t in _said_in(of))},
    )


def expected_of_pre_read(doc: PreRead, forbidden: tuple[str, ...]) -> ExpectedContent:
    """What the PDF of a pre-read has to show; of the names in `forbidden` only its own."""
    texts = [doc.name, doc.purpose, doc.sentence, doc.heading.notice, doc.record]
    texts += [doc.answer_by] if doc.questions else []  # who is asked nothing has no deadline
    texts += [text for h in doc.stances for text in (h.label, h.cell.words, h.cell.text, h.tier)]
    texts += [text for q in doc.questions for text in (q.question.text, q.question.raised_by)]
    texts += [text for c in doc.commitments for text in (c.text, c.due, c.outcome)]
    texts += [doc.standing, *doc.notes, *doc.restated]
    own = [doc.name, doc.role, doc.team, doc.purpose, *doc.allowed, *_said_of(doc.stances)]
    own += [c.text for c in doc.commitments]
    own += [text for q in doc.questions for text in (q.question.text, q.question.raised_by)]
    return ExpectedContent(
        1,
        MOST_PRE_READ_PAGES,
        _distinct(texts),
        forbidden,
        _own(doc.heading, own),
        _stamp(doc.heading),
    )


def expected_of_team(doc: TeamReview, forbidden: tuple[str, ...]) -> ExpectedContent:
    """What the PDF of a team's review has to show; of the names in `forbidden` only its own."""
    held = [h for m in doc.members for h in m.held]
    texts = [doc.name, doc.lead, doc.sentence, doc.heading.notice, *doc.changes, *doc.standing]
    texts += doc.restated
    texts += [text for m in doc.members for text in (m.name, m.role, m.purpose, m.standing)]
    texts += [text for h in held for text in (h.label, h.tier, h.cell.words, h.cell.text)]
    texts += [text for row in doc.reached for text in (row.answers, row.names, row.count)]
    texts += [text for pair in doc.margins for text in pair]
    own = [doc.name, doc.lead, *doc.allowed, *_said_of(held)]
    if doc.record is not None:
        texts += _of_records(doc.record.owners)
        texts += _of_lists(doc.record)
        own += [text for p in doc.record.proposals for text in (p.title, p.said)]
    own += [text for m in doc.members for text in (m.name, m.role, m.purpose)]
    own += [text for row in doc.reached for text in (row.label, row.names)]
    return ExpectedContent(
        1,
        most_team_pages(doc),
        _distinct(texts),
        forbidden,
        _own(doc.heading, own),
        _stamp(doc.heading),
    )


def _said_of(held: Iterable[StanceLine]) -> list[str]:
    """What a strategy and the metrics themselves say of some stances."""
    return [text for h in held for text in (h.label, h.trade_off)]


def _own(heading: Heading, texts: Iterable[str]) -> tuple[str, ...]:
    return _distinct((*texts, heading.company, heading.notice, heading.kind))


def _stamp(heading: Heading) -> tuple[str, ...]:
    """What every page of a provisional edition says."""
    return (PROVISIONAL, heading.stamp) if heading.stamp else ()


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
