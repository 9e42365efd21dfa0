"""A project that has one owner's page to send: what the tests of sending and returns share."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from functools import cache
from hashlib import sha256

from sample_documents import OWNER
from test_ledger import claim

from scorecard.delivery.new_deliveries import NewDeliveries
from scorecard.delivery.post import post
from scorecard.delivery.recipients import Recipient
from scorecard.documents.formats import Formats
from scorecard.documents.kinds import path_of
from scorecard.documents.model import Imprint
from scorecard.ledger import ReadBack
from scorecard.printing.edition_renderer import SOFTWARE
from scorecard.printing.renderer import Renderer
from scorecard.project.scaffold import room
from scorecard.project.settings import Project
from scorecard.schedules.model import Audience, BusinessDay, Schedule, When

MONDAY = datetime(2026, 11, 16, 7, tzinfo=UTC)
ADA, BO, CY, OPS = (f"{name}@example.com" for name in ("ada", "bo", "cy", "ops"))
SCHEDULE = Schedule(
    "owner-scorecards",
    "Owner scorecards",
    ("owner-scorecard",),
    When(BusinessDay(11), None, "Europe/London"),
    (Audience("owners"),),
    folder="shelf",
)
SETTINGS = """
[tool.scorecard]
company = "Acme"
timezone = "Europe/London"
currency = "EUR"
[tool.scorecard.mail]
from = "Scorecards <cards@example.org>"
"""
NOWHERE = "smtp://127.0.0.1:9?tls=none"
"""An address at which nothing listens."""


class Clock:
    """A clock that stands still until it is put forward."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, span: timedelta) -> None:
        self.at += span


@cache
def page() -> bytes:
    """The page as a PDF."""
    imprint = Imprint(1, "16 November 2026", "October 2026", "0123abcd", SOFTWARE)
    return Renderer(None, room("templates")).render(OWNER, imprint, {})


class Office:
    """A project with a ledger, a clock that the test moves, and pages that may be sent."""

    def __init__(self, folder, ledger, mail: str = f'operator = ["{OPS}"]') -> None:
        folder.mkdir()
        self.folder, self.ledger, self.now = folder, ledger, Clock()
        self.set(mail)

    def set(self, mail: str) -> None:
        """Write these lines into [tool.scorecard.mail]."""
        (self.folder / "pyproject.toml").write_text(SETTINGS + mail)
        self.project = Project.at(self.folder, {})

    @property
    def desk(self) -> NewDeliveries:
        return NewDeliveries(self.project, Formats("en_GB", "EUR"), self.now(), self.ledger.keyed)

    def edition(self, owner="head-of-support", pdf=None, name=OWNER.name):
        """A page that was frozen, read back, and lies in the output folder."""
        document = replace(OWNER, owner=owner, name=name)
        content = json.dumps(asdict(document), ensure_ascii=False, sort_keys=True)
        run = claim(self.ledger, now=MONDAY, as_of=MONDAY)
        edition = self.ledger.freeze("owner-scorecard", owner, content, run, MONDAY)
        pdf = pdf or page()
        self.ledger.record_readings(
            [ReadBack(edition.id, sha256(pdf).hexdigest(), [], {}, SOFTWARE, MONDAY)]
        )
        path = self.project.output / edition.period / path_of(edition.document, owner)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pdf)
        return edition, document

    def queue(self, *readers, subscriber=False, edition=None):
        """Queue the page for these addresses."""
        edition, document = edition or self.edition()
        parcels = [
            self.desk.enclosing(
                edition,
                document,
                Recipient(edition.document, edition.scope, "Reader", each, "Why.", subscriber),
                SCHEDULE,
            )
            for each in readers
        ]
        assert self.ledger.queue(parcels, self.now()) == len(parcels)
        return parcels

    def file(self, edition):
        """Queue the page for the schedule's folder."""
        parcel = self.desk.filing(*edition, SCHEDULE)
        assert self.ledger.queue([parcel], self.now()) == 1
        return parcel

    def post(self, url="", *, holder="sender", stopped=lambda: False):
        """Work the outbox off, as a process does that has just begun."""
        env = {"SCORECARD_SMTP": url} if url else {}
        return post(self.project, self.ledger, env, self.now, holder, stopped, timeout=20.0)

    def of(self, recipient):
        """The document's delivery to that address."""
        (found,) = self.ledger.deliveries(recipient=recipient, kind="document")
        return found

    def states(self):
        """State of each document by address."""
        return {d.recipient: d.state for d in self.ledger.deliveries(kind="document")}


def read(message: bytes):
    return message_from_bytes(message, policy=policy.default)


def text_of(message: bytes) -> str:
    """What a reader sees in plain text, on one line."""
    return " ".join(read(message).get_body(("plain",)).get_content().split())


def enclosed(message: bytes) -> dict[str, bytes]:
    """Files by name."""
    return {a.get_filename(): a.get_content() for a in read(message).iter_attachments()}
