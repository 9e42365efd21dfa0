"""New deliveries: the mails that carry documents, and notices, each with its content."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from scorecard.base.periods import Period
from scorecard.delivery.recipients import Recipient
from scorecard.documents.formats import Formats
from scorecard.documents.kinds import KINDS, PREREAD, Document
from scorecard.errors import ProjectError, ScorecardError
from scorecard.mail.content import MailContent, MailKind
from scorecard.mail.edition_letter import own_roles, said_of, whose
from scorecard.mail.message import message_id
from scorecard.project.settings import Project
from scorecard.schedules.model import Schedule
from scorecard.strategy.reader import read_strategy

if TYPE_CHECKING:
    from scorecard.ledger import Edition, NewDelivery

CONTENT = TypeAdapter(MailContent)
MAIL, FOLDER = "mail", "folder"
TOKEN = 57
"""Characters of a token for unsubscribing: a delivery's id, a dot, and 160 bits."""


@dataclass(frozen=True)
class NewDeliveries:
    """Makes the deliveries of one project, dated `now`.

    Message-IDs and the tokens for unsubscribing follow from the ledger's secret by `keyed`, so
    that they are the same whenever a delivery is made again, and nobody else can name one.
    """

    project: Project
    formats: Formats
    now: datetime
    keyed: Callable[..., str]

    def enclosing(
        self,
        edition: Edition,
        document: Document,
        reader: Recipient,
        schedule: Schedule,
        link: str = "",
    ) -> NewDelivery:
        """The mail that one reader gets with an edition; `link` is what opens their part of the
        desk, and may be empty."""
        mail = self.project.mail
        said = said_of(edition, document, whose(document, self._roles))
        return self._delivery(
            "document",
            edition.id,
            reader.email,
            reader.name,
            schedule.id,
            edition.period,
            edition=edition.id,
            number=said.pop("edition"),
            **said,
            why=reader.why,
            answer=link if reader.opens == "page" else "",
            archive=link if reader.opens == "archive" else "",
            unsubscribe=mail.unsubscribe if reader.subscriber else "",
        )

    def filing(self, edition: Edition, document: Document, schedule: Schedule) -> NewDelivery:
        """A document to be laid into the schedule's folder."""
        heading = document.heading
        return self._delivery(
            "document",
            edition.id,
            schedule.folder,
            "",
            schedule.id,
            edition.period,
            channel=FOLDER,
            edition=edition.id,
            title=KINDS[edition.document].title,
            about=whose(document, self._roles),
            period=heading.period,
            period_key=edition.period,
            number=edition.number,
            stamp=heading.stamp,
            sentence=document.sentence,
        )

    def held(
        self,
        key: str,
        reader: Recipient,
        schedule: Schedule,
        period: Period,
        reason: str,
        next_try: datetime | None,
    ) -> NewDelivery:
        """A notice that a document is held, why, and when it is tried again."""
        again = f"It is tried again {self._moment(next_try)}." if next_try else ""
        return self._notice(
            "held",
            f"{key}:held",
            reader,
            schedule,
            period,
            self._said(schedule, period, "held"),
            (_sentence(reason), again, "You need do nothing; it comes as soon as it can be made."),
        )

    def not_issued(
        self, key: str, reader: Recipient, schedule: Schedule, period: Period, reason: str
    ) -> NewDelivery:
        """A notice that a document is not issued, and why."""
        return self._notice(
            "not issued",
            f"{key}:not issued",
            reader,
            schedule,
            period,
            self._said(schedule, period, "not issued"),
            (_sentence(reason), "Whoever runs the scorecards has been told."),
        )

    def operator(
        self, key: str, title: str, lines: Sequence[str], schedule: str = "", period: str = ""
    ) -> list[NewDelivery]:
        """A report to the operators; one mail for each of them."""
        return [
            self._delivery(
                "operator",
                key,
                address,
                "",
                schedule,
                period,
                title=title,
                sentence=title,
                lines=tuple(line for line in lines if line),
                why="You are named as operator in [tool.scorecard.mail].",
            )
            for address in self.project.mail.operator
        ]

    def form(
        self,
        key: str,
        to: tuple[str, str],
        sentence: str,
        lines: Sequence[str],
        period: tuple[str, str],
        answers: str,
    ) -> NewDelivery:
        """The answer to a form that came back: `to` are address and name, `period` as printed and
        its key, and `answers` the Message-ID of the mail that brought it; each may be empty."""
        return self._delivery(
            "form",
            key,
            *to,
            period_of=period[1],
            title=KINDS[PREREAD].title,
            sentence=sentence,
            lines=tuple(lines),
            period=period[0],
            period_key=period[1],
            answers=answers,
        )

    def test(self, address: str) -> NewDelivery:
        """A mail that tests the settings; a new delivery each time."""
        return self._delivery(
            "test",
            self.now.isoformat(),
            address,
            "",
            title="Does mail arrive?",
            sentence="Mail from scorecard arrives here.",
            lines=("Nothing is enclosed, and nothing need be done.",),
        )

    def _notice(
        self,
        kind: MailKind,
        about: str,
        reader: Recipient,
        schedule: Schedule,
        period: Period,
        sentence: str,
        lines: Sequence[str],
    ) -> NewDelivery:
        return self._delivery(
            kind,
            about,
            reader.email,
            reader.name,
            schedule.id,
            period.key,
            title=schedule.title,
            sentence=sentence,
            lines=tuple(line for line in lines if line),
            period=self.formats.period(period),
            period_key=period.key,
            why=reader.why,
            unsubscribe=self.project.mail.unsubscribe if reader.subscriber else "",
        )

    def _delivery(
        self,
        kind: MailKind,
        key: str,
        recipient: str,
        name: str,
        schedule: str = "",
        period_of: str = "",
        *,
        channel: str = MAIL,
        edition: str | None = None,
        number: int = 0,
        **said: object,
    ) -> NewDelivery:
        # Here, since `check` reads this module's rules and may have no ledger to load.
        from scorecard.ledger import NewDelivery, delivery_id

        settings, mail = self.project.settings, self.project.mail
        sender_name, sender = sender_of(self.project) if channel == MAIL else ("", "")
        domain = sender.rpartition("@")[2] or "localhost.invalid"
        own = delivery_id(kind, key, channel, recipient)
        identity = message_id(self.keyed("Message-ID", own, domain), domain)
        if offered := str(said.get("unsubscribe", "")):
            said["unsubscribe"] = unsubscribing(offered, token_for(own, self.keyed))
        letter = CONTENT.validate_python(
            {
                "kind": kind,
                "recipient": recipient,
                "name": name,
                "sender": sender,
                "sender_name": sender_name,
                "reply_to": mail.reply_to,
                "company": settings.company,
                "notice": settings.notice,
                "language": self.formats.language,
                "edition": number,
                "message_id": identity,
                "date": self.now,
                **said,
            }
        )
        return NewDelivery(
            kind,
            key,
            channel,
            recipient,
            name,
            CONTENT.dump_json(letter).decode(),
            identity,
            schedule,
            period_of,
            edition,
        )

    def _said(self, schedule: Schedule, period: Period, what: str) -> str:
        """ "The executive packet for June 2026 is held."."""
        named = [f"the {KINDS[d].title.lower()}" for d in schedule.documents]
        verb = "is" if len(named) == 1 else "are"
        said = " and ".join(named)
        return f"{said[0].upper()}{said[1:]} for {self.formats.period(period)} {verb} {what}."

    @cached_property
    def _roles(self) -> dict[str, str]:
        """The roles that only one owner has, by the owner's id; none without a strategy."""
        try:
            known, _findings = read_strategy(
                self.project.strategy, {}, self.project.settings.currency
            )
        except ScorecardError:
            return {}
        return own_roles(known.owners)

    def _moment(self, moment: datetime) -> str:
        return f"on {self.formats.moment(moment, self.project.settings.timezone)}"


def sender_of(project: Project) -> tuple[str, str]:
    """Name and address that mail comes from; ProjectError where the settings have none."""
    name, address = parseaddr(project.mail.sender)
    if not address:
        raise ProjectError(
            f"{project.file}: mail cannot be sent without a sender; "
            'add from = "Scorecards <scorecards@example.com>" to [tool.scorecard.mail].'
        )
    return name, address


def token_for(delivery: str, keyed: Callable[..., str]) -> str:
    """The token by which the reader of a delivery, given by its id, can get no more of its kind.

    It is not the Message-ID, which an answer to the message tells whoever gets the answer.
    """
    return f"{delivery}.{keyed('unsubscribe', delivery)[:40]}"


def token_in(url: str) -> str:
    """The token in a URL that `unsubscribing` made; empty where there is none."""
    found = re.search(r"(?:subject=unsubscribe%20|[?&]token=)([A-Za-z0-9._~-]+)$", url)
    return found[1] if found else ""


def unsubscribing(url: str, token: str) -> str:
    """The URL for List-Unsubscribe of one message."""
    if url.startswith("mailto:"):
        return f"{url.partition('?')[0]}?subject=unsubscribe%20{token}"
    return f"{url}{'&' if '?' in url else '?'}token={token}"


def failure_key(ids: Sequence[str]) -> str:
    """A key for a set of failed deliveries, so that the operator is told of it once."""
    return f"failed:{sha256(' '.join(sorted(ids)).encode()).hexdigest()[:16]}"


def _sentence(text: str) -> str:
    """ "Transactions end on 28 Oct 2026." """
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""
