"""Edition letter: what a mail says of the edition that it encloses, whoever gets it."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scorecard.documents.kinds import KINDS, Document
from scorecard.documents.owner_model import OwnerScorecard
from scorecard.documents.preread_model import PreRead
from scorecard.mail.content import MailContent
from scorecard.mail.templates import MailTemplates
from scorecard.strategy.model import Owner

if TYPE_CHECKING:  # the ledger takes long to load, and checking a project needs none
    from scorecard.ledger import Edition

FILL_IN = (
    "The enclosed PDF is a form: fill in its fields, save it, and send it back with an answer to "
    "this mail."
)
_LONGEST_ABOUT = 50
"""Characters; a longer text would be shortened in the name of a file."""
_TAG = re.compile(r"<style.*?</style>|<[^>]*>", re.DOTALL)


def said_of(edition: Edition, document: Document, about: str) -> dict[str, Any]:
    """The parts of a `MailContent` that follow from the edition; `about` is whose it is."""
    heading = document.heading
    return {
        "title": KINDS[edition.document].title,
        "about": about,
        "period": heading.period,
        "period_key": edition.period,
        "edition": edition.number,
        "correction": edition.reason,
        "stamp": heading.stamp,
        "sentence": document.sentence,
        "table": KINDS[edition.document].summary(document),
        "lines": (FILL_IN,) if isinstance(document, PreRead) else (),
    }


def whose(document: Document, roles: Mapping[str, str]) -> str:
    """Whose page it is: "Ada Lindqvist, Head of support", a team, or empty for the packet.

    The role is part of it, since one person may have several posts, each with a page,
    and their files need different names. The post's id replaces a role that is long or
    that another post has, too; `roles` are those that only one has, see `own_roles`.
    """
    if not isinstance(document, OwnerScorecard | PreRead):
        return document.about
    said = document.about
    role = roles.get(document.owner, "")
    if role and said.endswith(role) and len(said) <= _LONGEST_ABOUT:
        return said
    return f"{document.name} ({document.owner})"


def own_roles(owners: Iterable[Owner]) -> dict[str, str]:
    """The roles that only one owner has, by the owner's id."""
    known = list(owners)
    count = Counter(o.role.casefold() for o in known)
    return {o.id: o.role for o in known if count[o.role.casefold()] == 1}


def words_of(
    edition: Edition,
    document: Document,
    about: str,
    templates: MailTemplates,
    company: str,
    notice: str,
    language: str,
) -> list[tuple[str, str]]:
    """(where, text) of all that the edition's mail says to any reader: its subject, its texts and
    the name of the file. RenderError where a template cannot be filled."""
    said = said_of(edition, document, about)
    content = MailContent(
        kind="document",
        recipient="",
        name="",
        sender="",
        company=company,
        notice=notice,
        language=language,
        message_id="",
        date=datetime.min.replace(tzinfo=UTC),
        **said,
    )
    name = templates.file_name(content)
    return [
        ("the subject of its mail", templates.subject(content)),
        ("its mail", templates.text(content, [name])),
        ("its mail", html.unescape(_TAG.sub(" ", templates.html(content, [name])))),
        ("the name of its file", name),
    ]
