"""Pre-reads that are filled in and sent back: what is recorded, what is refused, and what their
senders are told."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from email import message_from_bytes, policy
from io import BytesIO

import pytest
from command import refused, scorecard
from conftest import assert_sealed
from imap_server import ImapServer
from mail_server import Behaviour, MailServer
from pypdf import PdfReader
from sample_forms import (
    fields_of,
    filled_by_chrome,
    filled_by_pypdf,
    flattened,
    letter,
    options_of,
    printed,
    with_field,
    with_text,
)
from sample_project import small
from test_answering import ASKED_ON, DEADLINE, JUNE, MAY, PRE_READ, issue

from scorecard.delivery.form_box import collect_forms
from scorecard.delivery.form_collecting import AGAIN, EMPTY, NO_FORM, NOT_OURS, TOO_MANY, TWO
from scorecard.delivery.post import post
from scorecard.documents.kinds import read_document
from scorecard.errors import LedgerError
from scorecard.ledger import Ledger
from scorecard.mail.form_mail import MOST_FILES
from scorecard.mail.pdf_password import seal
from scorecard.printing.filled_form import DAMAGED, LOCKED, NO_FIELDS, NO_PDF
from scorecard.project.settings import Project
from scorecard.replies.form_token import edition_in, form_token

ADA, STRANGER = "ada@example.com", "someone@example.org"
ADA_EXAMPLE = "Ada Example"
ANSWERED_ON = ASKED_ON + timedelta(days=1)
MAIL = 'from = "Scorecards <cards@example.com>"\nforms = "folder:back"\n'


class Acme:
    """A company whose one owner was mailed a pre-read of May, and a folder for what comes back."""

    def __init__(self, folder, ledger, edition):
        self.folder, self.ledger = folder, ledger
        self.project = Project.at(folder, {})
        self.edition = edition
        self.document = read_document("pre-read", edition.content)
        page = self.project.output / "2026-05" / "pre-reads" / "head-of-service.pdf"
        self.pdf = page.read_bytes()
        self.question = self.document.questions[0].question
        self.answer = f"answer_{self.question.id}"
        self.now = ANSWERED_ON

    def lay(self, content, name="1.eml"):
        (self.folder / "back" / name).write_bytes(content)

    def collect(self, person="", url="folder:back"):
        return collect_forms(self.project, self.ledger, url, lambda: self.now, person, {})

    def back(self, *files, sender=ADA, **heads):
        """What becomes of a mail with these files."""
        self.lay(letter(sender, *files, **heads))
        found = self.collect()
        return found[0] if len(found) == 1 else found

    def answers(self):
        given = self.ledger.answers(MAY).get(self.question.id, ())
        return [(a.person, a.text, a.source) for a in given]

    def mails(self):
        """The answers in the outbox: to whom, and what they say."""
        import json

        queued = [json.loads(d.letter) for d in self.ledger.deliveries(kind="form")]
        return [(each["recipient"], each["sentence"], each["lines"]) for each in queued]


def asked(folder, ledger):
    """Ada is asked about May."""
    small(folder)
    settings = folder / "pyproject.toml"
    text, count = re.subn(r"(?m)^from = .*\n", MAIL, settings.read_text())
    assert count == 1
    settings.write_text(text)
    (folder / "back").mkdir()
    ((edition, _),) = issue(Project.at(folder, {}), ledger, PRE_READ, MAY, ASKED_ON).values()
    return edition


@pytest.fixture
def acme(ledger, tmp_path):
    return Acme(tmp_path / "acme", ledger, asked(tmp_path / "acme", ledger))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "acme"
    with Ledger.open("sqlite:///ledger.db", folder.parent) as ledger:
        edition = asked(folder, ledger)
    return folder.parent, edition


@pytest.fixture
def lone(made, tmp_path):
    """The same in SQLite only, for what does not depend on the ledger."""
    folder, edition = made
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with Ledger.open("sqlite:///ledger.db", tmp_path) as ledger:
        yield Acme(tmp_path / "acme", ledger, edition)
        assert_sealed(ledger)


def test_a_form_filled_in_chrome_is_recorded_and_confirmed(acme):
    stance, shown = options_of(acme.pdf, "promise-stance")[1]
    due = options_of(acme.pdf, "promise-due")[2]
    assert due == ("2026-07", "July 2026")
    form = filled_by_chrome(
        acme.pdf,
        **{acme.answer: "Two people left; “we” hired one.\nGrüße"},
        promise_text="bring Gold to 4 h",
        promise_stance=shown,
        promise_due="July 2026",
        read="on",
    )
    found = acme.back(("pre-read.pdf", form))
    assert (found.owner, found.person, found.period, found.edition, found.refused) == (
        "head-of-service",
        ADA_EXAMPLE,
        "2026-05",
        1,
        (),
    )
    assert found.recorded == (
        "Recorded 16 Jun 2026 07:00 Europe/London: your answer to question 1, commitment 1 and "
        "that you have read this edition.",
    )
    assert acme.answers() == [(ADA_EXAMPLE, "Two people left; “we” hired one. Grüße", "form")]
    (made,) = acme.ledger.commitments("head-of-service")
    assert (made.text, made.goal.key, made.due, made.source) == (
        "bring Gold to 4 h",
        stance,
        "2026-07",
        "form",
    )
    (read,) = acme.ledger.acknowledgements(MAY)
    assert (read.edition_id, read.person, read.source) == (acme.edition.id, ADA_EXAMPLE, "form")
    assert acme.mails() == [(ADA, "Your form was recorded.", list(found.recorded))]
    assert sorted(f.name for f in (acme.folder / "back" / "done").iterdir()) == ["1.eml"]


def test_the_same_form_filled_in_by_a_script_says_the_same(lone):
    typed = {lone.answer: "Two people left.", "read": "on"}
    by_chrome, by_script = filled_by_chrome(lone.pdf, **typed), filled_by_pypdf(lone.pdf, **typed)
    assert fields_of(by_chrome) == fields_of(by_script) != fields_of(lone.pdf)
    assert lone.back(("by a script.pdf", by_script)).recorded
    again = lone.back(("by chrome.pdf", by_chrome))
    assert again.recorded[0] == "Nothing new was recorded."
    assert len(lone.answers()) == 1


def test_a_better_goal_than_the_limit_is_taken_and_a_worse_one_refused(lone):
    shown = options_of(lone.pdf, "promise-stance")[1][1]
    typed = {
        "promise_text": "bring Gold to 3 h",
        "promise_stance": shown,
        "promise_due": "July 2026",
    }
    worse = lone.back(("f.pdf", filled_by_chrome(lone.pdf, promise_to="9 h", **typed)))
    assert len(worse.refused) == 1 and worse.refused[0].startswith("The goal")
    assert lone.back(("f.pdf", filled_by_chrome(lone.pdf, promise_to="3 h", **typed))).recorded
    (made,) = lone.ledger.commitments("head-of-service")
    assert made.goal.at_worst == 3


def test_an_open_commitment_is_moved_and_withdrawn_by_the_form(lone):
    """June's pre-read has fields for what was promised in May's; July is its new end, then it is
    withdrawn by the form of the same edition."""
    typed = {"promise_text": "bring Gold to 4 h", "promise_due": "July 2026"}
    shown = options_of(lone.pdf, "promise-stance")[1][1]
    lone.back(("f.pdf", filled_by_chrome(lone.pdf, promise_stance=shown, **typed)))
    lone.now = ASKED_ON + timedelta(days=30)
    ((_edition, _),) = issue(lone.project, lone.ledger, PRE_READ, JUNE, lone.now).values()
    june = lone.project.output / "2026-06" / "pre-reads" / "head-of-service.pdf"
    pdf = june.read_bytes()
    assert [value for value, _ in options_of(pdf, "due-1")][:2] == ["", "2026-08"]
    moved = filled_by_chrome(
        pdf, step_1="renegotiate it", due_1="August 2026", reason_1="staffing", why_1="one is ill"
    )
    found = lone.back(("f.pdf", moved))
    assert found.recorded[0].endswith("the new end of commitment 1."), found
    (commitment,) = lone.ledger.commitments("head-of-service")
    assert (commitment.due_now, commitment.steps[0].reason) == ("2026-08", "staffing")
    dropped = filled_by_chrome(pdf, step_1="withdraw it", reason_1="scope")
    assert lone.back(("f.pdf", dropped)).recorded[0].endswith("that commitment 1 is withdrawn.")
    half = filled_by_chrome(pdf, step_1="withdraw it")
    assert "has no reason yet" in " ".join(lone.back(("f.pdf", half)).refused)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (lambda pdf, typed: flattened(pdf, **typed), NO_FIELDS),
        (lambda pdf, typed: printed(pdf, **typed), NO_FIELDS),
        (lambda pdf, typed: filled_by_chrome(pdf, **typed)[:-2000], DAMAGED),
        (lambda pdf, typed: b"%PDF-1.7\n%%EOF", DAMAGED),
        (lambda pdf, typed: seal(filled_by_chrome(pdf, **typed), "theirs"), LOCKED),
        (lambda pdf, typed: with_field(pdf, "token", "1a263d2c36d8." + "0" * 40), NOT_OURS),
        (lambda pdf, typed: with_field(pdf, "token", ""), NOT_OURS),
    ],
    ids=["flattened", "printed", "cut", "empty", "locked", "token", "no token"],
)
def test_what_is_no_form_any_more_is_refused_and_says_what_to_do(lone, file, said):
    found = lone.back(("form.pdf", file(lone.pdf, {lone.answer: "Two people left."})))
    assert found.refused == (said,)
    assert lone.answers() == []
    assert lone.mails() == [(ADA, "Nothing of your form was recorded.", [said, AGAIN])]
    assert sorted(f.name for f in (lone.folder / "back" / "unclear").iterdir()) == ["1.eml"]


def test_a_photo_and_a_mail_without_a_form_are_refused(lone):
    assert lone.back(("photo.jpg", b"\xff\xd8\xff\xe0 a photo")).refused == (NO_PDF,)
    assert lone.back().refused == (NO_FORM,)
    assert lone.answers() == []


def test_no_form_beyond_those_that_are_looked_at_is_passed_over_in_silence(lone):
    other = [(f"{n}.pdf", b"%PDF-1.7 another file") for n in range(MOST_FILES)]
    form = filled_by_chrome(lone.pdf, **{lone.answer: "Two people left."})
    assert lone.back(*other, ("form.pdf", form)).refused == (TOO_MANY,)
    assert lone.answers() == []
    assert lone.back(*other[1:], ("form.pdf", form)).recorded


def test_pages_that_were_changed_are_refused(lone):
    form = filled_by_pypdf(lone.pdf, **{lone.answer: "Two people left."})
    found = lone.back(("form.pdf", with_text(form, "", "another question")))
    assert found.refused == (
        "Page 1 of the form does not say what the pre-read of 2026-05, edition 1, says; fill in "
        "the PDF that you were mailed, and change nothing but its fields.",
    )
    assert lone.answers() == []


def test_a_comment_in_the_file_and_another_reader_change_nothing(lone):
    """What readers of PDFs add when they save is not what the pages say."""
    from pypdf import PdfWriter
    from pypdf.annotations import FreeText

    writer = PdfWriter(clone_from=BytesIO(filled_by_chrome(lone.pdf, **{lone.answer: "Two left."})))
    writer.add_annotation(0, FreeText(text="Please read!", rect=(50, 550, 200, 650)))
    writer.compress_identical_objects()
    made = BytesIO()
    writer.write(made)
    assert lone.back(("form.pdf", made.getvalue())).recorded


def test_a_form_attached_twice_counts_once_and_two_that_differ_not_at_all(lone):
    first = filled_by_chrome(lone.pdf, **{lone.answer: "Two people left."})
    other = filled_by_chrome(lone.pdf, **{lone.answer: "Nobody left."})
    found = lone.back(("a.pdf", first), ("b.pdf", other))
    assert found.refused == (TWO,) and lone.answers() == []
    assert lone.back(("a.pdf", first), ("b.pdf", first), ("logo.jpg", b"\xff\xd8")).recorded
    assert [text for _, text, _ in lone.answers()] == ["Two people left."]


def test_a_form_from_somebody_else_is_refused_and_says_who_may_send_it(lone):
    form = filled_by_chrome(lone.pdf, **{lone.answer: "I say so."})
    found = lone.back(("f.pdf", form), sender=f"Ada Example <{STRANGER}>")
    assert found.refused == (
        f"The form came from {STRANGER}, and today {ADA_EXAMPLE} answers for it: whoever answers "
        "sends it, from the address that their scorecards go to.",
    )
    assert lone.answers() == []
    assert lone.mails()[0][0] == STRANGER  # who holds the form is told
    mine = lone.back(("f.pdf", form), sender="Ada Example <ADA@Example.com>")
    assert mine.recorded


@pytest.mark.parametrize(
    "heads",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"Return_Path": "<>"},
        {"List_Id": "<all.example.com>"},
    ],
)
def test_machines_are_not_answered(lone, heads):
    assert lone.back(("f.pdf", b"%PDF-1.7"), **heads) == []
    assert lone.mails() == []


def test_a_stranger_without_a_form_of_ours_is_not_answered(lone):
    assert lone.back(sender=STRANGER).refused == (NO_FORM,)
    foreign = with_field(lone.pdf, "token", form_token(lambda *_: "ab" * 32, lone.edition.id))
    assert lone.back(("f.pdf", foreign), sender=STRANGER).refused == (NOT_OURS,)
    assert lone.mails() == []


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_recorded(lone):
    form = filled_by_pypdf(
        lone.pdf, **{lone.answer: "word " * 61, "promise_text": "something", "read": "on"}
    )
    found = lone.back(("f.pdf", form))
    assert found.refused == (
        "The commitment moves no stance yet; choose the one whose figure decides.",
        "The commitment has no end yet; choose the period at whose end it is due.",
        "Question 1: the answer has 61 words, and 60 are the most; say it shorter.",
    )
    assert lone.ledger.acknowledgements(MAY) == []
    empty = lone.back(("f.pdf", lone.pdf))
    assert empty.refused == (EMPTY,)


def test_a_form_that_comes_late_or_is_of_an_edition_that_was_replaced_is_refused(lone):
    form = filled_by_chrome(lone.pdf, **{lone.answer: "Two people left."})
    lone.now = DEADLINE + timedelta(minutes=1)
    assert "answers were taken until 18 Jun 2026 18:00" in lone.back(("f.pdf", form)).refused[0]
    lone.now = ANSWERED_ON
    run = lone.ledger.run(lone.edition.run_id)
    content = lone.edition.content.replace("3 of 4", "2 of 4")
    lone.ledger.freeze("pre-read", "head-of-service", content, run, ANSWERED_ON)
    assert "was replaced by edition 2" in lone.back(("f.pdf", form)).refused[0]


def test_an_answer_to_a_question_of_another_form_is_refused(lone):
    form = filled_by_pypdf(lone.pdf, **{lone.answer: "Two people left."})
    other = BytesIO(form)
    from pypdf import PdfWriter
    from pypdf.generic import NameObject, TextStringObject

    writer = PdfWriter(clone_from=other)
    for annotation in writer.pages[0]["/Annots"]:
        if annotation.get_object().get("/T") == f"answer-{lone.question.id}":
            annotation.get_object()[NameObject("/T")] = TextStringObject("answer-" + "0" * 12)
    made = BytesIO()
    writer.write(made)
    assert "a question that it does not ask" in lone.back(("f.pdf", made.getvalue())).refused[0]


def test_a_form_with_the_password_it_was_sent_with_is_read(lone):
    settings = lone.folder / "pyproject.toml"
    settings.write_text(settings.read_text() + 'password = "ours"\n')
    lone.project = Project.at(lone.folder, {})
    form = seal(filled_by_chrome(lone.pdf, **{lone.answer: "Two people left."}), "ours")
    assert lone.back(("f.pdf", form)).recorded


def test_pdfs_in_a_folder_are_whoever_answers_today(lone):
    form = filled_by_chrome(lone.pdf, **{lone.answer: "Two people left."})
    lone.lay(form, "from ada.PDF")
    (found,) = lone.collect()
    assert (found.source, found.person, found.told) == ("from ada.PDF", ADA_EXAMPLE, False)
    lone.lay(form, "2.pdf")
    (found,) = lone.collect(person="Bo")
    assert found.refused == (
        'It is not known who filled in the form of "head-of-service"; say who by --by: today '
        "Ada Example answers for it.",
    )


def test_forms_come_from_a_real_mailbox_and_are_answered_by_real_mail(lone, tmp_path):
    form = filled_by_chrome(lone.pdf, **{lone.answer: "Two people left."})
    with ImapServer.start(tmp_path / "imap") as box:
        box.put(letter(ADA, ("pre-read.pdf", form)))
        box.put(letter(ADA, ("photo.jpg", b"\xff\xd8" + bytes(3_000_000))))
        found = lone.collect(url=box.url())
        assert [bool(each.recorded) for each in found] == [True, False]
        assert [sorted(flags) for flags in box.flags()] == [["\\Seen"], ["\\Flagged"]]
        assert lone.collect(url=box.url()) == []
    with MailServer.start(tmp_path / "smtp", Behaviour(keep=True)) as server:
        env = {"SCORECARD_SMTP": server.url()}
        assert post(lone.project, lone.ledger, env, lambda: lone.now, "me", timeout=20.0).sent == 3
        mails = [message_from_bytes(m, policy=policy.default) for m in server.messages()]
    (asked,) = [m for m in mails if m["In-Reply-To"] is None]
    assert "The enclosed PDF is a form: fill in its fields" in asked.as_string()
    answers = [m for m in mails if m["In-Reply-To"]]
    assert {a["In-Reply-To"] for a in answers} == {"<from.reader.1@example.com>"}
    assert {a["Auto-Submitted"] for a in answers} == {"auto-replied"}
    assert sorted(a["Subject"] for a in answers) == [
        "Nothing of your form was recorded: Pre-read",
        "Your form was recorded: Pre-read, May 2026",
    ]


def test_the_command_says_what_became_of_each(tmp_path):
    folder = tmp_path / "acme"
    company = small(folder)
    with Ledger.open(company.ledger, folder) as ledger:
        issue(company, ledger, PRE_READ, MAY, ASKED_ON)
    assert "there is no box to read" in refused("collect", cwd=folder)
    (tmp_path / "back").mkdir()
    assert scorecard("collect", str(tmp_path / "back"), cwd=folder)[1] == "No form is waiting.\n"
    (tmp_path / "back" / "note.pdf").write_bytes(b"a note")
    code, said, _ = scorecard("collect", str(tmp_path / "back"), cwd=folder)
    assert (code, said) == (1, f"note.pdf: not known whose\n  refused: {NO_PDF}\n")


def test_a_ledger_that_was_restored_takes_no_form(lone, tmp_path):
    """The copy of before the pre-read knows neither its edition nor what was written since."""
    form = filled_by_chrome(lone.pdf, **{lone.answer: "Two people left."})
    kept = tmp_path / "kept.db"
    shutil.copy(tmp_path / "ledger.db", kept)
    assert lone.back(("f.pdf", form)).recorded
    lone.ledger.close()
    shutil.copy(kept, tmp_path / "ledger.db")
    for rest in tmp_path.glob("ledger.db-*"):
        rest.unlink()
    with Ledger.open("sqlite:///ledger.db", tmp_path) as restored:
        lone.lay(letter(ADA, ("f.pdf", form)), "2.eml")
        with pytest.raises(LedgerError, match="older than it was, as if restored"):
            collect_forms(lone.project, restored, "folder:back", lambda: lone.now, "", {})
    assert (lone.folder / "back" / "2.eml").exists()


def test_a_token_is_read_by_the_ledger_that_made_it_only(ledger):
    token = form_token(ledger.keyed, "1a263d2c36d8")
    assert edition_in(ledger.keyed, f" {token}\n") == "1a263d2c36d8"
    for wrong in (token[:-1], token + "0", token.upper(), "", "x" * 5000, token.replace(".", "")):
        assert edition_in(ledger.keyed, wrong) is None
    swapped = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert edition_in(ledger.keyed, swapped) is None


def test_the_form_is_accessible(lone):
    """Every field has a name for those who hear it, and is part of the document's structure."""
    page = PdfReader(BytesIO(lone.pdf)).pages[0]
    fields = [a.get_object() for a in page["/Annots"] if a.get_object()["/Subtype"] == "/Widget"]
    shown = [f for f in fields if f["/T"] != "token"]
    assert shown and all(len(f["/TU"]) > 5 and "/StructParent" in f for f in shown)
    assert all(f["/Rect"][1] < f["/Rect"][3] for f in fields)
    assert not any(" gs " in str(f.get("/DA", "")) for f in fields)
    assert fields_of(lone.pdf)["token"] == form_token(lone.ledger.keyed, lone.edition.id)
