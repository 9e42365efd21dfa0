"""The archive: which editions were sent to one executive, as the ledger's deliveries say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scorecard.desk.current import CurrentProject
from scorecard.desk.page_model import ArchiveView, SentPeriod, SentRow
from scorecard.documents.kinds import KINDS
from scorecard.ledger import Edition, ReplyLink
from scorecard.strategy.accountability import executives
from scorecard.strategy.model import Person

MOST_ROWS = 500
"""Documents that the page lists, the newest."""


def reader_of(current: CurrentProject, link: ReplyLink) -> Person | None:
    """Whom an archive's link is for, if they are an executive today under that address."""
    for person in executives(current.strategy(), current.today()):
        same = (person.id, person.name, person.email.casefold())
        if same == (link.owner, link.person, link.email.casefold()):
            return person
    return None


def sent_to(current: CurrentProject, link: ReplyLink) -> list[tuple[Edition, datetime]]:
    """The editions that were sent to the link's address, each once, and when, the newest first."""
    when: dict[str, datetime] = {}
    listed = current.ledger.deliveries(recipient=link.email, kind="document", states=("sent",))
    for delivery in listed:
        if delivery.edition_id is not None and delivery.finished_at is not None:
            when.setdefault(delivery.edition_id, delivery.finished_at)
    newest = sorted(when.items(), key=lambda item: item[1], reverse=True)[:MOST_ROWS]
    return [(current.ledger.edition(id), at) for id, at in newest]


def was_sent(current: CurrentProject, link: ReplyLink, edition: str) -> bool:
    """Whether that edition was sent to the link's address."""
    listed = current.ledger.deliveries(recipient=link.email, kind="document", states=("sent",))
    return any(delivery.edition_id == edition for delivery in listed)


def archive_of(current: CurrentProject, link: ReplyLink, reader: Person, path: str) -> ArchiveView:
    """The page of what was sent, served under `path`."""
    settings, formats = current.project.settings, current.project.formats
    by_period: dict[str, list[SentRow]] = {}
    for edition, at in sent_to(current, link):
        by_period.setdefault(edition.period, []).append(_row(current, edition, at, path))
    periods = [current.period(key) for key in by_period]
    return ArchiveView(
        language=formats.language,
        company=settings.company,
        notice=settings.notice,
        name=reader.name,
        role=reader.role,
        periods=tuple(
            SentPeriod(formats.period(period), _in_order(by_period[period.key]))
            for period in sorted(periods, key=lambda p: p.end, reverse=True)
        ),
        expires=current.short(link.expires_at),
        zone=settings.timezone,
    )


def _row(current: CurrentProject, edition: Edition, at: datetime, path: str) -> SentRow:
    strategy = current.strategy()
    owner, team = strategy.owner(edition.scope), strategy.team(edition.scope)
    about = owner.role if owner else team.name if team else ""
    return SentRow(
        title=KINDS[edition.document].title,
        about=about,
        edition=f"edition {edition.number}, {edition.content_hash[:8]}",
        sent=current.short(at),
        pdf=f"{path}/{edition.id}.pdf",
    )


def _in_order(rows: Sequence[SentRow]) -> tuple[SentRow, ...]:
    return tuple(sorted(rows, key=lambda row: (row.title, row.about, row.edition)))
