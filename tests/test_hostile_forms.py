"""Forms and mails that were made to harm, that are odd, or that come twice."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from io import BytesIO

import pytest
import test_forms
from command import scorecard
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    NameObject,
    NullObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from sample_forms import filled_by_chrome, letter, options_of
from sample_project import small
from test_answering import ASKED_ON, JUNE, PRE_READ, issue
from test_forms import ADA, ADA_EXAMPLE, STRANGER

from scorecard.delivery.form_box import READING
from scorecard.delivery.form_collecting import NO_FORM, TWO
from scorecard.errors import ProjectError
from scorecard.mail.form_mail import MOST_FILES
from scorecard.mail.imap_mailbox import WHOLE
from scorecard.mail.pdf_password import seal
from scorecard.printing.filled_form import DAMAGED, NO_PDF, read_form
from scorecard.project.settings import Project

made, lone, acme = test_forms.made, test_forms.lone, test_forms.acme
NOTHING_NEW = "Nothing new was recorded."


def with_value(pdf, name, value):
    """The PDF with another object as the value of a field: `value` is made from the file."""
    writer = PdfWriter(clone_from=BytesIO(pdf))
    for annotation in writer.pages[0]["/Annots"]:
        if annotation.get_object().get("/T") == name:
            annotation.get_object()[NameObject("/V")] = value(writer, annotation)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def in_stream(content):
    def value(writer, _field):
        stream = StreamObject()
        stream.set_data(content)
        return writer._add_object(stream)

    return value


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (in_stream("Zwei gingen, Öl fehlt.".encode()), "Zwei gingen, Öl fehlt."),
        (in_stream(b"\xfe\xff" + "Zwei, Öl".encode("utf-16-be")), "Zwei, Öl"),
        (lambda *_: NullObject(), ""),
        (lambda *_: NumberObject(5), "5"),
        (lambda *_: ArrayObject([TextStringObject("one"), TextStringObject("two")]), "one"),
        (lambda *_: TextStringObject("a\0b\x1b[31m\nc"), "a b [31m\nc"),
        (lambda *_: ByteStringObject(b"\xef\xbb\xbf" + "Grüße".encode()), "Grüße"),
    ],
    ids=["stream", "UTF-16 stream", "null", "number", "list", "controls", "UTF-8"],
)
def test_a_value_is_read_in_each_way_in_which_it_may_be_written(lone, value, read):
    name = lone.answer.replace("_", "-")
    assert read_form(with_value(lone.pdf, name, value)).fields[name] == read


@pytest.mark.parametrize(
    "value",
    [
        lambda _, field: field,
        lambda *_: DictionaryObject({NameObject("/A"): TextStringObject("x")}),
        lambda *_: ArrayObject([ArrayObject([TextStringObject("x")])]),
    ],
    ids=["itself", "dictionary", "list of lists"],
)
def test_what_is_no_value_is_never_recorded_as_an_answer(lone, value):
    form = with_value(lone.pdf, lone.answer.replace("_", "-"), value)
    assert lone.back(("f.pdf", form)).refused == (DAMAGED,)
    assert lone.answers() == []


def test_what_a_mail_server_adds_behind_the_end_of_a_form_changes_nothing(lone):
    form = filled_by_chrome(lone.pdf, **{lone.answer: "Two people left."})
    for junk in (b"\r\n\0\0\0", b"\n-- scanned for viruses --\n"):
        assert read_form(form + junk) == read_form(form)
    assert read_form(form + bytes(2000)).problem == DAMAGED


def test_reading_a_form_gives_back_and_logs_little(lone, capfd):
    """However much a page says, and however often the reader of PDFs complains of it."""
    form = read_form(lone.pdf)
    assert [len(page) for page in form.pages] == [64]
    writer = PdfWriter(clone_from=BytesIO(lone.pdf))
    long = {"/FT": NameObject("/Tx"), "/T": TextStringObject("n" * 100_000)}
    field = writer._add_object(DictionaryObject({NameObject(k): v for k, v in long.items()}))
    writer._root_object["/AcroForm"]["/Fields"].append(field)
    made = BytesIO()
    writer.write(made)
    assert read_form(made.getvalue()) == form
    capfd.readouterr()
    broken = b"%PDF-1.7\n1 0 obj\n" + b"<</A " * 2000 + b"\nendobj\nstartxref\n0\n%%EOF"
    assert lone.back(("f.pdf", broken)).refused == (DAMAGED,)
    assert capfd.readouterr().err == ""


def test_a_form_that_comes_again_is_recorded_once_whatever_is_in_it(lone):
    """After a crash between recording and marking, for one; and after the deadline, too."""
    shown = options_of(lone.pdf, "promise-stance")[1][1]
    typed = {"promise_text": "bring Gold to 4 h", "promise_due": "July 2026"}
    lone.back(("f.pdf", filled_by_chrome(lone.pdf, promise_stance=shown, **typed)))
    answer = filled_by_chrome(lone.pdf, **{lone.answer: "Two people left."})
    assert lone.back(("f.pdf", answer)).recorded
    lone.now = test_forms.DEADLINE + timedelta(days=1)
    said_before = "Question 1 was answered in these words before."
    assert lone.back(("f.pdf", answer)).recorded == (NOTHING_NEW, said_before)
    lone.now = ASKED_ON + timedelta(days=30)
    issue(lone.project, lone.ledger, PRE_READ, JUNE, lone.now)
    june = lone.project.output / "2026-06" / "pre-reads" / "head-of-service.pdf"
    pdf = june.read_bytes()
    moved = filled_by_chrome(
        pdf, step_1="renegotiate it", due_1="August 2026", reason_1="staffing", why_1="one is ill"
    )
    dropped = filled_by_chrome(pdf, step_1="withdraw it", reason_1="scope")
    for form, step in ((moved, "renegotiated"), (dropped, "withdrawn")):
        assert lone.back(("f.pdf", form)).recorded[0].startswith("Recorded ")
        again = lone.back(("f.pdf", form))
        assert again.recorded == (
            NOTHING_NEW,
            f"Commitment 1 was {step} in these words before.",
        )
    (commitment,) = lone.ledger.commitments("head-of-service")
    assert [step.step for step in commitment.steps] == ["renegotiated", "withdrawn"]
    assert "is closed (withdrawn)" in lone.back(("f.pdf", moved)).refused[0]


def test_files_of_any_name_are_read_and_answered(acme):
    """On PostgreSQL as well, whose indexes take no long keys, and whose texts no odd letters."""
    form = filled_by_chrome(acme.pdf, **{acme.answer: "Two people left."})
    sent = letter(ADA, ("f.pdf", form))
    long = sent.replace(b'filename="f.pdf"', b"filename*=utf-8''" + b"x%E2%80%AE" * 9000 + b".pdf")
    assert long != sent
    odd = os.fsdecode(b"a\nb\xff\xe9.eml")
    for name, mail in (("1.eml", long), (odd, sent)):
        acme.lay(mail, name)
    found = acme.collect()
    assert [each.refused for each in found] == [(), ()]
    assert {len(each.source) < 200 and each.source.isprintable() for each in found} == {True}
    assert [to for to, _, _ in acme.mails()] == [ADA, ADA]
    acme.lay(form, os.fsdecode(b"c\xff.pdf"))
    assert [each.source for each in acme.collect()] == ["c?.pdf"]
    assert sorted(f.name for f in (acme.folder / "back" / "done").iterdir()) == sorted(
        ["1.eml", odd, os.fsdecode(b"c\xff.pdf")]
    )


def test_a_form_among_many_files_is_found_and_junk_is_answered_once(lone):
    form = filled_by_chrome(lone.pdf, **{lone.answer: "Two people left."})
    junk = [(f"{n}.jpg", b"\xff\xd8 a photo") for n in range(30)]
    assert lone.back(*junk).refused == (NO_PDF,)
    assert lone.back(*junk, ("f.pdf", form)).recorded


@pytest.mark.parametrize("first", [True, False])
def test_the_empty_form_that_comes_back_beside_the_filled_one_does_not_count(lone, first):
    form = filled_by_chrome(lone.pdf, **{lone.answer: "Two people left."})
    files = [("as mailed.pdf", lone.pdf), ("filled in.pdf", form)]
    found = lone.back(*files if first else reversed(files))
    assert found.recorded and found.source.endswith("filled in.pdf")
    other = filled_by_chrome(lone.pdf, **{lone.answer: "Nobody left."})
    assert lone.back(*files, ("another.pdf", other)).refused == (TWO,)


def test_mails_without_a_form_are_answered_once_a_day(lone):
    """Else a machine that answers its mail, and does not say that it is one, does so for ever."""
    for text in ("Hello!", "Re: Nothing of your form was recorded", "And again"):
        lone.lay(letter(ADA, text=text))
        assert lone.collect()[0].refused == (NO_FORM,)
    assert [to for to, _, _ in lone.mails()] == [ADA]
    lone.now += timedelta(days=1)
    lone.back()
    assert [to for to, _, _ in lone.mails()] == [ADA, ADA]


def test_a_file_with_the_password_of_its_owner_is_read_from_a_folder(lone):
    settings = lone.folder / "pyproject.toml"
    own = f'passwords = {{ "{ADA}" = "hers", "{STRANGER}" = "theirs" }}\n'
    settings.write_text(settings.read_text() + own)
    lone.project = Project.at(lone.folder, {})
    form = filled_by_chrome(lone.pdf, **{lone.answer: "Two people left."})
    lone.lay(seal(form, "hers"), "1.pdf")
    (found,) = lone.collect()
    assert (found.person, found.refused) == (ADA_EXAMPLE, ())


def settings_of(company, more):
    settings = company.folder / "pyproject.toml"
    settings.write_text(settings.read_text().replace('forms = "folder:back"', more))
    company.project = Project.at(company.folder, {})


@pytest.mark.parametrize(
    ("bounces", "forms", "one"),
    [
        ("folder:back", "folder:./back/", True),
        ("imaps://a:x@h.example/INBOX", "imaps://a:y@H.example:993/?ca=c.pem", True),
        ("imaps://a:x@h.example/INBOX", "imaps://a:x@h.example/Forms", False),
        ("imaps://a:x@h.example", "imaps://b:x@h.example", False),
        ("folder:bounces", "folder:back", False),
        ("", "", False),
    ],
)
def test_one_box_for_bounces_and_forms_is_refused(lone, bounces, forms, one):
    settings_of(lone, f'bounces = "${{BOUNCES}}"\nforms = "{forms}"')
    if not one:
        assert lone.project.boxes({"BOUNCES": bounces}) == (bounces, forms)
        return
    with pytest.raises(ProjectError, match="are one box"):
        lone.project.boxes({"BOUNCES": bounces})


def test_a_box_of_bounces_that_cannot_be_read_keeps_no_form_waiting(tmp_path):
    company = small(tmp_path / "acme")
    text = company.file.read_text()
    boxes = 'bounces = "folder:nowhere"\nforms = "folder:back"\nfrom ='
    company.file.write_text(re.sub(r"(?m)^from =", boxes, text, count=1))
    (company.root / "back").mkdir()
    (company.root / "back" / "note.pdf").write_bytes(b"a note")
    code, _, said = scorecard("serve", "--once", cwd=company.root)
    assert code == 1 and "nowhere is not a folder" in said
    assert (company.root / "back" / "unclear" / "note.pdf").exists()


def test_check_names_an_own_template_without_fields(lone):
    from scorecard.check import check

    def found():
        said = check(lone.project, period=None, as_of=lone.now)
        return [f.place for f in said if f.id == "templates.no_form"]

    assert found() == []
    own = lone.project.templates / "pre-read.html"
    own.parent.mkdir(exist_ok=True)
    for text, places in (
        ("<h1>{{ doc.name }}</h1>", ["templates/pre-read.html"]),
        ('{% extends "default:pre-read.html" %}', []),
    ):
        own.write_text(text)
        assert found() == places


def test_a_look_ends_in_time_to_mark_what_it_read():
    """However long each file of a mail takes: else the same mail would be read again for ever."""
    assert MOST_FILES * READING.seconds <= WHOLE / 2
