"""A check of mail templates: each is filled with sample contents of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

from scorecard.documents.model import Table
from scorecard.errors import MailError, RenderError
from scorecard.mail.content import Attachment, MailContent, MailKind
from scorecard.mail.message import compose
from scorecard.mail.templates import MailTemplates

_FILE = Attachment("document.pdf", b"%PDF-1.7", "application/pdf")
_BARE = MailContent(
    kind="test",
    recipient="reader@example.com",
    name="",
    sender="scorecard@example.com",
    company="Company",
    title="Title",
    sentence="What is found.",
    message_id="<specimen@example.com>",
    date=datetime(2026, 1, 5, 6, tzinfo=UTC),
)
_FULL = replace(
    _BARE,
    name="Reader",
    sender_name="Company scorecard",
    reply_to="operator@example.com",
    notice="Notice",
    about="Owner",
    period="December 2025",
    period_key="2025-12",
    edition=2,
    stamp="a table is late.",
    table=Table("Caption", ("Tier", "Kept"), (("Gold", "7 of 9"),), (False, True), True),
    why="Why it is sent.",
    lines=("Another paragraph.",),
    link="https://example.com/document.pdf",
    answer="https://example.com/r/token",
    archive="https://example.com/a/token",
    unsubscribe="https://example.com/off",
)


def specimens() -> Iterator[tuple[MailContent, tuple[Attachment, ...]]]:
    """Sample contents: of each kind one with every field filled, and one with the fewest."""
    for kind in get_args(MailKind):
        yield replace(_FULL, kind=kind), (_FILE,)
        yield replace(_FULL, kind=kind), ()
        yield replace(_BARE, kind=kind), ()


def unfillable(templates: MailTemplates) -> list[str]:
    """The faults of mail templates, each once and in one sentence; empty where there are none."""
    faults = []
    for content, files in specimens():
        try:
            compose(content, files, templates)
            templates.file_name(content)
        except (MailError, RenderError) as error:
            faults.append(str(error))
    return list(dict.fromkeys(faults))
