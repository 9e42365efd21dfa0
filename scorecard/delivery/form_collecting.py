"""Form collecting: pre-reads that came back filled in are read, recorded, and answered.

Whom a mail says it is from proves nothing. What is believed is the token inside of the form, which
only this ledger can work out, and which only those have who were mailed the form; it has to be
sent by whoever answers for the post today, from the address that the strategy has, and its pages
have to say what the edition says. All of a form is recorded, or nothing; whoever sent it is told
which, and a machine or a stranger without a form of ours is told nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice

from scorecard.answering.rules import is_empty
from scorecard.base.address import same_mailbox
from scorecard.base.periods import Period
from scorecard.delivery.archive import Archive
from scorecard.delivery.new_deliveries import NewDeliveries
from scorecard.delivery.receipt import lines_of
from scorecard.documents.kinds import KINDS, PREREAD
from scorecard.errors import (
    AlteredError,
    BusyError,
    LedgerError,
    MailError,
    RenderError,
    ReplyError,
)
from scorecard.ledger import Edition, Ledger
from scorecard.mail.form_mail import MOST_FILES, EnclosedFile, FormMail, read_form_mail
from scorecard.mail.incoming import Mail, Mailbox
from scorecard.printing.filled_form import DAMAGED, FilledForm, page_digests
from scorecard.project.settings import Project
from scorecard.replies.door import Door
from scorecard.replies.form import Addressed, known, reply_of
from scorecard.replies.form_token import edition_in
from scorecard.strategy.model import Person

MOST_MAILS = 200
"""Mails read in one look; the others wait for the next."""
LARGEST_MAIL = 20_000_000
"""Bytes of a mail that are read: a form has a quarter of a megabyte."""
FILE = ".pdf"
"""How files in a folder end that are forms themselves, and no mails."""
NOT_OURS = (
    "The form is none of this scorecard, or its number was altered; fill in the PDF that you were "
    "mailed, and send that file."
)
NO_FORM = (
    "The mail has no form in it, and what is written in a mail is not read; fill in the PDF that "
    "you were mailed, save it, and send that file."
)
TWO = (
    "The mail has this form twice, filled in differently; send the one that counts, alone in a "
    "mail."
)
TOO_MANY = (
    f"The mail has more than {MOST_FILES} PDFs, and none of them was read; send the forms in "
    "several mails."
)
TOO_LARGE = f"It has more than {LARGEST_MAIL // 1_000_000} MB; send the form alone."
LATER = "The form cannot be compared with what was mailed just now; send it again later."
EMPTY = (
    "The form came back with nothing in its fields. Some readers of PDFs show fields and do not "
    "save them: open it in another one, fill it in, save it, look into that file, and send it."
)
AGAIN = "Mend what is said here, and send the form again."
RECORDED, REFUSED = "Your form was recorded.", "Nothing of your form was recorded."
_LOG = logging.getLogger("scorecard.delivery.form_collecting")


@dataclass(frozen=True)
class Collected:
    """What became of one form, or of a mail that has none.

    source    the mail or file, and the form's name in it
    sender    the address that it came from; empty of a file
    owner     the post; empty where it is not known whose form it is, and so are the next
    recorded  what was recorded, in lines; empty where nothing was
    refused   why nothing was, each a sentence
    told      whether its sender is answered
    """

    source: str
    sender: str = ""
    owner: str = ""
    person: str = ""
    period: str = ""
    edition: int = 0
    recorded: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    told: bool = False


@dataclass(frozen=True)
class FormCollector:
    """Reads forms of one project. `read` is what reads a PDF with the passwords it may have, and
    `passwords` are those of an address, or all where it is empty."""

    project: Project
    ledger: Ledger
    door: Door
    archive: Archive
    read: Callable[[bytes, tuple[str, ...]], FilledForm]
    passwords: Callable[[str], tuple[str, ...]]
    now: datetime
    person: str = ""

    def collect(self, box: Mailbox) -> Iterator[Collected]:
        """What waits in a box, each recorded or refused, answered, and then marked as done."""
        for mail in islice(box.waiting(), MOST_MAILS):
            found = self._of_file(mail) if mail.key.lower().endswith(FILE) else self._of_mail(mail)
            for each in found:
                _LOG.info("%s: %s", each.source, " ".join(each.recorded or each.refused))
            if any(each.refused for each in found):
                box.set_aside(mail)
            else:
                box.done(mail)
            yield from found

    def _of_file(self, mail: Mail) -> list[Collected]:
        """A PDF that somebody put into the folder, who vouches for whose it is."""
        plain = Collected(_named(mail))
        if len(mail.raw) >= LARGEST_MAIL:
            return [replace(plain, refused=(TOO_LARGE,))]
        return [self._taken(plain, self._read(mail.raw, ""), self._by_hand)]

    def _of_mail(self, mail: Mail) -> list[Collected]:
        try:
            letter = read_form_mail(mail.raw)
        except MailError as error:
            return [Collected(_named(mail), refused=(str(error),))]
        if letter.automatic:
            _LOG.info("%s: passed over, a machine or a list sent it", _named(mail))
            return []
        found = self._forms(mail, letter)
        return [self._told(mail, letter, each) for each in found]

    def _forms(self, mail: Mail, letter: FormMail) -> list[Collected]:
        plain = Collected(_named(mail), letter.sender)
        if len(mail.raw) >= LARGEST_MAIL:
            return [replace(plain, refused=(TOO_LARGE,))]
        if letter.pdfs > MOST_FILES:
            return [replace(plain, refused=(TOO_MANY,))]
        if not letter.files:
            return [replace(plain, refused=(NO_FORM,))]
        forms = [(file, self._read(file.content, letter.sender)) for file in letter.files]
        # Logos, signatures and visiting cards come with forms; alone one is what was sent.
        wanted = [each for each in forms if each[1].token] or forms[:1]
        return [
            self._taken(replace(plain, source=_source(mail, file)), form, self._sent_by(letter))
            if not differing
            else replace(plain, source=_source(mail, file), refused=(TWO,))
            for file, form, differing in _once(wanted)
        ]

    def _read(self, pdf: bytes, address: str) -> FilledForm:
        """A form that was mailed to an address, whose password may be on it."""
        try:
            return self.read(pdf, self.passwords(address))
        except RenderError as error:  # it took more time or memory than a form may
            _LOG.warning("a form could not be read: %s", error)
            return FilledForm(problem=DAMAGED)

    def _taken(
        self, so_far: Collected, form: FilledForm, who: Callable[[str], Person | str]
    ) -> Collected:
        """A form recorded, or refused with all that is wrong."""
        if form.problem:
            return replace(so_far, refused=(form.problem,))
        try:
            edition = self._edition(form.token)
        except AlteredError as error:
            _LOG.error("an edition whose form came back: %s", error)
            return replace(so_far, refused=(LATER,))
        if edition is None:
            return replace(so_far, refused=(NOT_OURS,))
        so_far = replace(so_far, owner=edition.scope, period=edition.period, edition=edition.number)
        person = who(edition.scope)
        if isinstance(person, str):
            return replace(so_far, refused=(person,))
        so_far = replace(so_far, person=person.name)
        if altered := self._altered(edition, form):
            return replace(so_far, refused=(altered,))
        try:
            return replace(so_far, recorded=self._recorded(edition, form, person))
        except ReplyError as error:
            return replace(so_far, refused=error.said)

    def _recorded(self, edition: Edition, form: FilledForm, person: Person) -> tuple[str, ...]:
        """What was recorded, in lines; ReplyError with all that is wrong."""
        zone = self.project.settings.timezone
        period = Period.parse(edition.period, zone)
        asked = self.ledger.asked(period, edition.scope)
        to = Addressed(
            edition.scope,
            person.name,
            edition.id,
            "form",
            asked,
            self.ledger.answers(period),
            self.ledger.commitments(edition.scope),
            self.door,
            self.now,
        )
        written = _written(form)
        reply, wrong = reply_of(known(written), to)
        own = {f"answer-{each.question.id}" for each in asked}
        foreign = sorted(n for n in written if n.startswith("answer-") and n not in own)
        if foreign:
            wrong.append(
                "The form has an answer to a question that it does not ask; fill in the PDF that "
                "you were mailed."
            )
        if not wrong and is_empty(reply):
            raise ReplyError([EMPTY])
        receipt = self.door.receive(reply, self.now, wrong)
        return tuple(lines_of(receipt, self.project.formats.moment(self.now, zone)))

    def _edition(self, token: str) -> Edition | None:
        """The edition whose form it is; None where the token is none of this ledger's."""
        id = edition_in(self.ledger.keyed, token)
        if id is None:
            return None
        try:
            edition = self.ledger.edition(id)
        except (AlteredError, BusyError):
            raise
        except LedgerError:  # its row is gone, as in a ledger that was restored
            return None
        return edition if edition.document == PREREAD else None

    def _altered(self, edition: Edition, form: FilledForm) -> str:
        """Why the pages of a form are not those of its edition; empty where they are."""
        about = f"{KINDS[PREREAD].title.lower()} of {edition.period}, edition {edition.number}"
        try:
            pdf, _hash = self.archive.pdf_of(edition.id)
            pages = page_digests(pdf)
        except RenderError as error:
            _LOG.error("the pages of the %s cannot be compared: %s", about, error)
            return LATER
        if pages == form.pages:
            return ""
        which = next(
            (
                n
                for n, both in enumerate(zip(pages, form.pages, strict=False), 1)
                if both[0] != both[1]
            ),
            min(len(pages), len(form.pages)) + 1,
        )
        return (
            f"Page {which} of the form does not say what the {about}, says; fill in the PDF that "
            "you were mailed, and change nothing but its fields."
        )

    def _by_hand(self, owner: str) -> Person | str:
        """Who a file is from: whom the command names, or the one who answers for the post."""
        speakers = self.door.speakers(owner, self.now)
        wanted = [p for p in speakers if self.person in ("", p.name)]
        if len(wanted) == 1:
            return wanted[0]
        names = " or ".join(p.name for p in speakers) or "nobody"
        return (
            f'It is not known who filled in the form of "{owner}"; say who by --by: today '
            f"{names} answers for it."
        )

    def _sent_by(self, letter: FormMail) -> Callable[[str], Person | str]:
        def sender(owner: str) -> Person | str:
            speakers = self.door.speakers(owner, self.now)
            own = [p for p in speakers if p.email and _same(p.email, letter.sender)]
            if own:
                return own[0]
            names = " or ".join(p.name for p in speakers) or "nobody"
            return (
                f"The form came from {letter.sender or 'no address'}, and today {names} answers "
                "for it: whoever answers sends it, from the address that their scorecards go to."
            )

        return sender

    def _told(self, mail: Mail, letter: FormMail, one: Collected) -> Collected:
        """The same, with an answer to its sender in the outbox; strangers without a form of ours
        get none."""
        strategy = self.door.strategy
        people: list[Person] = [*strategy.owners, *strategy.executives]
        by_us = any(p.email and _same(p.email, letter.sender) for p in people)
        if not letter.sender or not self.project.mail.sender or not (one.owner or by_us):
            return one
        zone = self.project.settings.timezone
        new = NewDeliveries(self.project, self.project.formats, self.now, self.ledger.keyed)
        period = self.project.formats.period(Period.parse(one.period, zone)) if one.period else ""
        # A mail without a form of ours is answered once a day: what wrote it may answer that.
        about = sha256(f"{one.source}\n".encode() + mail.raw).hexdigest()[:32]
        answer = new.form(
            about if one.owner else f"no form, {self.now.date()}",
            (letter.sender, one.person),
            RECORDED if one.recorded else REFUSED,
            one.recorded or (*one.refused, AGAIN),
            (period, one.period),
            letter.message_id,
        )
        self.ledger.queue([answer], self.now)
        return replace(one, told=True)


def _once(
    forms: Sequence[tuple[EnclosedFile, FilledForm]],
) -> Iterator[tuple[EnclosedFile, FilledForm, bool]]:
    """Each form once, however often it is enclosed, and whether its copies differ.

    An empty copy is the one that was mailed, which comes back inside of answers.
    """
    seen: dict[str, tuple[EnclosedFile, FilledForm, bool]] = {}
    for number, (file, form) in enumerate(forms):
        key = form.token or f"no form {number}"
        if key not in seen or not _written(seen[key][1]):
            seen[key] = file, form, False
        elif _written(form) and _written(form) != _written(seen[key][1]):
            seen[key] = *seen[key][:2], True
    yield from seen.values()


def _written(form: FilledForm) -> dict[str, str]:
    """What somebody wrote: a form is printed with empty fields, whatever was answered since."""
    return {name: text for name, text in form.fields.items() if text.strip()}


def _source(mail: Mail, file: EnclosedFile) -> str:
    return f"{_named(mail)}: {file.name}" if file.name else _named(mail)


def _named(mail: Mail) -> str:
    """What a mail or file is called, in letters that can be printed and kept."""
    return "".join(c if c.isprintable() else "?" for c in mail.key)


def _same(left: str, right: str) -> bool:
    return same_mailbox(left) == same_mailbox(right)
