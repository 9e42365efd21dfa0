"""Composing: what a letter becomes, byte by byte, and what it can never become."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from email.utils import getaddresses
from hashlib import sha256
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from scorecard.base.address import has_controls
from scorecard.base.limits import GB, Limits
from scorecard.documents.model import Table
from scorecard.errors import MailError, RenderError
from scorecard.mail.content import Attachment, MailContent, MailKind
from scorecard.mail.message import compose, encoded_size, message_id
from scorecard.mail.template_check import unfillable
from scorecard.mail.templates import MailTemplates

SHIPPED = Path(__file__).parents[2] / "templates"
TEMPLATES = MailTemplates(None, SHIPPED)
KINDS = get_args(MailKind)
TABLE = Table(
    "Choices kept",
    ("Tier", "Customers", "Kept"),
    (("Gold", "412", "7 of 9"), ("All", "5,000", "12 of 15")),
    (False, True, True),
    True,
)
LETTER = MailContent(
    kind="document",
    recipient="ada@example.org",
    name="Ada Lovelace",
    sender="cards@example.com",
    sender_name="Acme scorecard",
    company="Acme",
    title="Executive packet",
    sentence="Gold got what it was promised.",
    message_id="<1@example.com>",
    date=datetime(2026, 11, 16, 6, 5, tzinfo=timezone(timedelta(hours=1))),
    period="October 2026",
    period_key="2026-10",
    edition=1,
    why="You answer for 7 stances.",
)
PDF = Attachment("Executive packet 2026-10.pdf", b"%PDF-1.7" * 1000, "application/pdf")


def composed(letter=LETTER, attachments=(), templates=TEMPLATES):
    return compose(letter, attachments, templates)


def heads(message):
    """The lines of the head, folded ones kept folded."""
    return message.partition(b"\r\n\r\n")[0].decode().split("\r\n")


def names_of(message):
    """The names of all heads, in order."""
    return [line.partition(":")[0] for line in heads(message) if not line.startswith(" ")]


def head(message, name):
    """One head, as a mail program reads it."""
    raw = message_from_bytes(message)[name].replace("\r\n", "")
    return str(make_header(decode_header(raw)))


def parts(message):
    """Text and HTML of a message, and its enclosures by name."""
    read = message_from_bytes(message, policy=default)
    text, html = (read.get_body((kind,)).get_content() for kind in ("plain", "html"))
    return text, html, {p.get_filename(): p.get_content() for p in read.iter_attachments()}


def person(message, name):
    """The only person in a head that lists people: name and address."""
    raw = message_from_bytes(message)[name].replace("\r\n", "")
    ((called, address),) = getaddresses([raw])
    return str(make_header(decode_header(called))), address


# The head


def test_the_head_says_who_when_and_that_nobody_need_answer_by_machine():
    assert heads(composed())[:9] == [
        'From: "Acme scorecard" <cards@example.com>',
        'To: "Ada Lovelace" <ada@example.org>',
        "Subject: Executive packet, October 2026",
        "Date: Mon, 16 Nov 2026 06:05:00 +0100",
        "Message-ID: <1@example.com>",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply",
        "Content-Language: en-GB",
        "MIME-Version: 1.0",
    ]


def test_no_head_ties_one_month_to_another():
    names = {line.partition(":")[0].lower() for line in heads(composed(attachments=[PDF]))}
    assert names & {"in-reply-to", "references", "thread-index", "thread-topic"} == set()


def test_without_a_name_of_its_own_the_sender_is_the_company():
    assert person(composed(replace(LETTER, sender_name="")), "From")[0] == "Acme"


def test_a_recipient_without_a_name_is_an_address():
    assert "To: ada@example.org" in heads(composed(replace(LETTER, name="")))


def test_answers_go_where_the_letter_says():
    message = composed(replace(LETTER, reply_to="ops@example.com"))
    assert "Reply-To: ops@example.com" in heads(message)


@pytest.mark.parametrize("name", ["Support", "Support, Inc.", "Büro"])
def test_answers_go_to_somebody_who_may_have_a_name(name):
    message = composed(replace(LETTER, reply_to=f'"{name}" <ops@bücher.example>'))
    assert person(message, "Reply-To") == (name, "ops@xn--bcher-kva.example")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", []),
        (
            "mailto:off@example.com?subject=unsubscribe%20abc",
            ["List-Unsubscribe: <mailto:off@example.com?subject=unsubscribe%20abc>"],
        ),
        (
            "https://example.com/off?t=abc",
            [
                "List-Unsubscribe: <https://example.com/off?t=abc>",
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            ],
        ),
    ],
)
def test_only_those_who_may_opt_out_are_told_how(url, expected):
    message = composed(replace(LETTER, unsubscribe=url))
    assert [line for line in heads(message) if line.startswith("List-")] == expected
    text, html, _ = parts(message)
    assert ("To get no more of these" in text, "Get no more of these" in html) == (
        (True, True) if url else (False, False)
    )


def test_a_long_address_for_opting_out_is_not_broken():
    url = f"https://example.com/off?t={'a' * 400}"
    assert f"List-Unsubscribe: <{url}>" in heads(composed(replace(LETTER, unsubscribe=url)))


@pytest.mark.parametrize(
    "name",
    [
        "Ada",
        "Lovelace, Ada",
        'Ada "the first" Lovelace',
        "back\\slash",
        "José Ñandú",
        "Doe, John " * 12,
        "Müller-" * 30,
        "日本 太郎" * 20,
        "a" * 300,
        "=?utf-8?q?hi?=",
        "a  b",
        "<eve@example.org>",
        "eve@example.org,",
        "(comment)",
        "x;y:z",
    ],
)
def test_a_name_stays_one_person_whatever_is_in_it(name):
    message = composed(replace(LETTER, name=name, sender_name=name))
    assert person(message, "To") == (name, "ada@example.org")
    assert person(message, "From") == (name, "cards@example.com")


@pytest.mark.parametrize(
    "title", ["x" * 10_000, "ab cd " * 1_600, "wörd " * 2_000, "日本" * 3_000, "=?utf-8?q?no?="]
)
def test_a_subject_of_any_length_comes_out_as_it_went_in(title):
    message = composed(replace(LETTER, title=title))
    assert head(message, "Subject") == " ".join(f"{title}, October 2026".split())
    assert max(map(len, message.split(b"\r\n"))) <= 78


def test_white_space_in_a_subject_is_collapsed():
    message = composed(replace(LETTER, title="Executive\r\n\tpacket  "))
    assert head(message, "Subject") == "Executive packet , October 2026"
    assert len(heads(message)) == len(heads(composed()))


NAMES = st.text(st.characters(codec="utf-8"), max_size=120)


@given(name=NAMES, title=NAMES, sentence=NAMES)
def test_no_text_can_add_a_head_a_recipient_or_a_raw_byte(name, title, sentence):
    letter = replace(LETTER, name=name, title=title, sentence=sentence)
    try:
        message = composed(letter)
    except MailError:
        assert has_controls(name) or has_controls(" ".join(title.split()))
        return
    assert names_of(message) == names_of(composed())
    assert person(message, "To") == (name, "ada@example.org")
    subject = ", ".join(filter(None, (title, "October 2026")))
    assert head(message, "Subject") == " ".join(subject.split())
    assert message.isascii()
    assert message.count(b"\r") == message.count(b"\n") == message.count(b"\r\n")
    assert max(map(len, message.split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"recipient": "ada@example.org\r\nBcc: eve@example.org"}, "is not an e-mail address"),
        ({"recipient": ""}, '"" is not an e-mail address'),
        ({"sender": "cards@example.com>"}, "is not an e-mail address"),
        ({"reply_to": "Ops <ops@example.com>, a@b.example"}, "is not an e-mail address"),
        ({"reply_to": "Ops"}, "is not an e-mail address"),
        ({"reply_to": "ops@example.com\r\nBcc: eve@example.org"}, "address|control character"),
        ({"reply_to": "Ops\0 <ops@example.com>"}, "has a control character"),
        ({"name": "Ada\r\nBcc: eve@example.org"}, r"has a control character; correct it"),
        ({"sender_name": "Acme\0"}, "has a control character"),
        ({"sender_name": "", "company": "Acme\u2028"}, "has a control character"),
        ({"name": "Ada\u202e"}, "has a control character"),
        ({"title": "Packet\0"}, "The subject of the document mail is empty, or no single line"),
        ({"title": "", "period": ""}, "The subject of the document mail is empty"),
        ({"message_id": "1@example.com"}, "is not a Message-ID"),
        ({"message_id": "<1@example.com>\r\nBcc: eve@example.org"}, "is not a Message-ID"),
        ({"language": "en\r\nX: y"}, "is not a language tag"),
        ({"unsubscribe": "mailto:a@b.example>\r\nBcc: eve@example.org"}, "is neither a mailto:"),
        ({"unsubscribe": "http://example.com"}, "is neither a mailto: nor an https: address"),
        ({"date": datetime(2026, 11, 16)}, "has no time zone"),  # noqa: DTZ001
        ({"sentence": "\ud83d"}, "half a character"),
    ],
)
def test_what_is_not_fit_to_be_sent_is_refused_in_one_line(change, said):
    with pytest.raises(MailError, match=said) as caught:
        composed(replace(LETTER, **change))
    assert not has_controls(str(caught.value))


@pytest.mark.parametrize(
    ("attachment", "said"),
    [
        (replace(PDF, name="a\r\nb.pdf"), "is not a name for an enclosed file"),
        (replace(PDF, name="../a.pdf"), "is not a name for an enclosed file"),
        (replace(PDF, name=" "), "is not a name for an enclosed file"),
        (replace(PDF, media_type="pdf"), "is not a media type"),
        (replace(PDF, media_type="application/pdf\r\nX: y"), "is not a media type"),
    ],
)
def test_an_enclosure_without_a_proper_name_is_refused(attachment, said):
    with pytest.raises(MailError, match=said):
        composed(attachments=[attachment])


# The body


def test_the_finding_comes_first_then_the_figures_then_why():
    text, html, _ = parts(composed(replace(LETTER, table=TABLE, lines=("Two fell due.",))))
    assert text.splitlines() == [
        "Gold got what it was promised.",
        "",
        "Choices kept",
        "",
        "Tier  Customers      Kept",
        "Gold        412    7 of 9",
        "All       5,000  12 of 15",
        "",
        "Two fell due.",
        "",
        "You answer for 7 stances.",
        "",
        "-- ",
        "Acme",
        "Executive packet, October 2026",
    ]
    places = [html.index(t) for t in (LETTER.sentence, "7 of 9", "Two fell due.", LETTER.why)]
    assert places == sorted(places)


def test_a_later_edition_and_a_provisional_one_say_so():
    message = composed(replace(LETTER, edition=2, stamp="costs are complete to 28 October."))
    assert head(message, "Subject") == "Executive packet, October 2026, edition 2 (provisional)"
    for body in parts(message)[:2]:
        assert "edition 2" in body
        assert "Provisional:" in body and "costs are complete to 28 October." in body


def test_an_owners_letter_names_the_owner():
    message = composed(replace(LETTER, title="Owner scorecard", about="Ada Lovelace"))
    assert head(message, "Subject") == "Owner scorecard, Ada Lovelace, October 2026"


def test_what_is_not_enclosed_is_linked():
    for body in parts(composed(replace(LETTER, link="https://example.com/a?b=1&c=2")))[:2]:
        assert "too large to be enclosed" in body
    assert "too large" not in parts(composed(attachments=[PDF]))[0]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_letter_says_its_sentence_to_people_and_programs(kind):
    letter = replace(LETTER, kind=kind, lines=("The next try is on Monday.",), table=TABLE)
    text, html, _ = parts(composed(letter))
    for said in (letter.sentence, *letter.lines, letter.why, letter.company):
        assert said in text and said in html
    assert '<html lang="en-GB">' in html


@pytest.mark.parametrize("kind", KINDS)
def test_the_html_is_what_outlook_can_show(kind):
    _, html, _ = parts(composed(replace(LETTER, kind=kind, table=TABLE)))
    for absent in ("<img", "<style", "<script", "<link", "background", "http-equiv", "src="):
        assert absent not in html
    assert {c for c in html.split("#")[1:] if c[:6] not in ("555555", "cccccc")} == set()
    assert html.count('scope="col"') == 3 and html.count('scope="row"') == 2


def test_text_is_never_taken_for_html():
    letter = replace(LETTER, sentence="Bronze < Gold & <b>so on</b>", name="<script>")
    text, html, _ = parts(composed(letter))
    assert letter.sentence in text
    assert "Bronze &lt; Gold &amp; &lt;b&gt;so on&lt;/b&gt;" in html


def test_lines_with_dots_and_very_long_ones_come_through():
    lines = (".", "..x", "From here", "y" * 5_000, "trailing ", "Ω" * 400)
    text, _, _ = parts(composed(replace(LETTER, lines=lines)))
    for line in lines:
        assert line in text


# What is enclosed


@pytest.mark.parametrize(
    "name",
    [
        "packet.pdf",
        "Übersicht – Oktober.pdf",
        "日本語のとても長い名前" * 6 + ".pdf",
        'a "b"; c=d.pdf',
        "x" * 120 + ".pdf",
        "naïve.pdf",
    ],
)
def test_a_file_keeps_its_name_and_every_byte(name):
    content = bytes(range(256)) * 50
    message = composed(attachments=[replace(PDF, name=name, content=content)])
    assert parts(message)[2] == {name: content}
    assert message.isascii()


def test_several_files_are_enclosed_in_order_and_named_in_the_text():
    files = [PDF, Attachment("figures.json", b"{}", "application/json")]
    text, html, enclosed = parts(composed(attachments=files))
    assert list(enclosed) == [PDF.name, "figures.json"]
    assert "Enclosed: Executive packet 2026-10.pdf, figures.json" in text
    assert "figures.json" in html


def test_a_file_name_tells_the_document_from_all_others():
    letter = replace(LETTER, title="Owner scorecard", about="Ada Lovelace")
    assert TEMPLATES.file_name(letter) == "Owner scorecard Ada Lovelace 2026-10.pdf"
    later = replace(letter, edition=2, stamp="costs are late")
    assert TEMPLATES.file_name(later) == (
        "Owner scorecard Ada Lovelace 2026-10 edition 2 provisional.pdf"
    )


def test_a_file_name_is_one_that_every_system_takes():
    letter = replace(LETTER, title='../R&D: "a/b"\\c*?', about="é" * 200)
    name = TEMPLATES.file_name(letter)
    assert not set(name) & set('\\/:*?"<>|') and len(name) <= 104
    assert name.startswith("R&D- -a-b-c- é") and "é 2026-10 " in name


LONG = "The regional service teams of all harbours, rivers and canals between the North Sea and "
"""88 letters with which the names of several teams begin."""


def named(about, **changed):
    return TEMPLATES.file_name(replace(LETTER, title="Team review", about=about, **changed))


def test_a_long_file_name_keeps_all_that_tells_it_from_others():
    about, twin = f"{LONG}the Baltic", f"{LONG}the Adriatic"
    letters = [{}, {"edition": 2}, {"edition": 2, "stamp": "late"}, {"period_key": "2026-11"}]
    names = [named(a, **changed) for a in (about, twin) for changed in letters]
    assert len({n.casefold() for n in names}) == 8 and max(map(len, names)) <= 104
    assert names == [named(a, **changed) for a in (about, twin) for changed in letters]
    whole = f"Team review {about} 2026-10 edition 2 provisional"
    begins, ends = names[2].removesuffix(".pdf").split("~")
    ends, _, mark = ends.rpartition(" ")
    assert whole.startswith(begins) and begins.startswith("Team review The regional")
    assert whole.endswith(ends) and ends.endswith("the Baltic 2026-10 edition 2 provisional")
    assert mark == sha256(whole.encode()).hexdigest()[:6]


def test_long_names_that_differ_only_in_the_middle_stay_apart():
    names = {named(f"{LONG}{n} and {LONG}") for n in range(20)}
    assert len(names) == 20


def test_a_file_name_of_exactly_a_hundred_letters_is_left_whole():
    about = "x" * (100 - len("Team review  2026-10"))
    assert named(about) == f"Team review {about} 2026-10.pdf"
    assert "~" in named(f"{about}x")


@pytest.mark.parametrize("sign", ["白", "\U0001f6e0", "\u0301"])
def test_a_long_file_name_can_be_written_to_any_disk(tmp_path, sign):
    name = named(sign * 90, edition=2, stamp="late")
    (tmp_path / name).touch()
    assert " 2026-10 edition 2 provisional " in name and len(name.encode()) <= 204


@pytest.mark.parametrize("size", [0, 1, 2, 3, 56, 57, 58, 113, 114, 115, 10_000])
def test_the_size_of_a_file_within_a_message_is_known_beforehand(size):
    message = composed(attachments=[replace(PDF, content=b"x" * size)])
    part = message.split(b"Content-Transfer-Encoding: base64")[1]
    encoded = part.split(b"\r\n\r\n", 1)[1].split(b"\r\n--=_")[0]
    coded = encoded + b"\r\n" if encoded and not encoded.endswith(b"\r\n") else encoded
    assert len(coded) == encoded_size(size)


# The same letter, the same bytes


def test_the_same_letter_is_the_same_message_in_another_process():
    code = (
        "import sys; from pathlib import Path; from pydantic import TypeAdapter\n"
        "from scorecard.mail.content import *; from scorecard.mail.message import compose\n"
        "from scorecard.mail.templates import MailTemplates\n"
        "letter = TypeAdapter(MailContent).validate_json(sys.argv[1])\n"
        f"files = [Attachment({PDF.name!r}, b'%PDF-1.7' * 1000, 'application/pdf')]\n"
        "message = compose(letter, files, MailTemplates(None, Path(sys.argv[2])))\n"
        "sys.stdout.buffer.write(message)\n"
    )
    stored = TypeAdapter(MailContent).dump_json(LETTER).decode()
    done = subprocess.run(
        [sys.executable, "-c", code, stored, str(SHIPPED)], capture_output=True, check=True
    )
    assert done.stdout == composed(attachments=[PDF])


def test_a_message_id_is_the_secret_at_the_senders_domain():
    secret = "0123456789abcdef" * 4
    made = message_id(secret, "example.com")
    assert made == f"<{secret[:40]}@example.com>"
    assert composed(replace(LETTER, message_id=made))


def test_a_message_id_of_a_domain_beyond_ascii_is_ascii():
    assert message_id("x", "bücher.example").endswith("@xn--bcher-kva.example>")
    assert message_id("x", "straße.example").endswith("@xn--strae-oqa.example>")


@pytest.mark.parametrize("domain", [f"{'long.' * 40}example", f"{'ü' * 70}.example"])
def test_a_domain_that_a_message_id_cannot_have_is_there_by_its_hash(domain):
    made = message_id("x", domain)
    assert composed(replace(LETTER, message_id=made, sender=f"cards@{domain}"))
    assert len(made) < 120
    assert made != message_id("x", f"a.{domain}")


def test_an_address_beyond_ascii_stays_itself():
    message = composed(replace(LETTER, recipient="jörg@bücher.example"))
    assert 'To: "Ada Lovelace" <jörg@xn--bcher-kva.example>' in heads(message)
    assert message.count("ö".encode()) == 1


def test_utc_is_a_time_zone():
    message = composed(replace(LETTER, date=datetime(2026, 1, 2, tzinfo=UTC)))
    assert "Date: Fri, 02 Jan 2026 00:00:00 +0000" in heads(message)


# Templates


def test_a_table_too_wide_for_columns_is_written_row_by_row():
    wide = replace(TABLE, rows=(("Gold", "4" * 70, "7 of 9"),))
    text, _, _ = parts(composed(replace(LETTER, table=wide)))
    assert f"Gold: Customers {'4' * 70}; Kept 7 of 9" in text


def test_long_column_heads_are_broken_and_ideographs_are_two_wide():
    table = Table(
        "", ("Tier", "Weaknesses as accepted"), (("日本", "3 of 3"), ("B", "–")), (False, True)
    )
    text, _, _ = parts(composed(replace(LETTER, table=table)))
    assert text.splitlines()[2:7] == [
        "      Weaknesses",
        "              as",
        "Tier    accepted",
        "日本      3 of 3",
        "B              –",
    ]


def test_a_projects_template_stands_in_for_the_shipped_one(tmp_path):
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "document.subject.j2").write_text("{{ letter.company }} news\n")
    (tmp_path / "mail" / "document.txt.j2").write_text(
        '{% extends "default:mail/document.txt.j2" %}{% block opening %}Mine.{% endblock %}'
    )
    message = composed(templates=MailTemplates(tmp_path, SHIPPED))
    assert head(message, "Subject") == "Acme news"
    text, html, _ = parts(message)
    assert text.splitlines()[0] == "Mine." and "You answer for 7 stances." in text
    assert LETTER.sentence in html


@pytest.mark.parametrize(
    ("name", "template", "said"),
    [
        ("document.subject.j2", "a\n{{ letter.titel }}", r"mail/document\.subject\.j2:2 cannot be"),
        ("document.txt.j2", "\n\n{% if %}", r"mail/document\.txt\.j2:3 cannot be filled"),
        ("document.txt.j2", "{{ 1 // 0 }}", r"mail/document\.txt\.j2:1 cannot be filled: .*zero"),
        (
            "document.html.j2",
            '{% include "mail/none.j2" %}',
            r"mail/document\.html\.j2:1 .*none\.j2",
        ),
        ("_letter.html.j2", "<p>\n{{ nobody }}", r"mail/_letter\.html\.j2:2 .*nobody"),
    ],
)
def test_a_template_that_cannot_be_filled_is_named_with_its_line(tmp_path, name, template, said):
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / name).write_text(template)
    with pytest.raises(RenderError, match=said):
        composed(templates=MailTemplates(tmp_path, SHIPPED))


def test_the_shipped_templates_can_be_filled_with_any_letter():
    assert unfillable(TEMPLATES) == []


def test_a_fault_that_only_some_letters_meet_is_found_beforehand(tmp_path):
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "held.txt.j2").write_text("{% if letter.table %}{{ oops }}{% endif %}")
    (tmp_path / "mail" / "file_name.j2").write_text("{{ letter.nmae }}")
    one, other = sorted(unfillable(MailTemplates(tmp_path, SHIPPED)))
    assert one.startswith("Template mail/file_name.j2:1 cannot be filled: ") and "nmae" in one
    assert other == "Template mail/held.txt.j2:1 cannot be filled: 'oops' is undefined."


def test_a_template_without_end_or_bounds_is_ended_and_the_next_is_filled(tmp_path, monkeypatch):
    monkeypatch.setattr("scorecard.mail.filling.FILLING", Limits(2, GB // 2))
    (tmp_path / "mail").mkdir()
    file = tmp_path / "mail" / "document.subject.j2"
    templates = MailTemplates(tmp_path, SHIPPED)
    for text, said in (
        ("{{ 7 ** (10 ** 9) % 3 }}", "was not done after 2 seconds and was given up"),
        ("{{ 'x' * 10 ** 10 }}", r"needs more memory than the 0\.5 GB|may have 0\.5 GB"),
    ):
        file.write_text(text)
        with pytest.raises(
            RenderError, match=f"^Filling template mail/document.subject.j2 .*{said}"
        ):
            templates.subject(LETTER)
        file.write_text("Mine")
        assert templates.subject(LETTER) == "Mine"


def test_templates_as_shipped_are_filled_by_this_process(tmp_path, monkeypatch):
    shutil.copytree(SHIPPED / "mail", tmp_path / "mail")
    templates = MailTemplates(tmp_path, SHIPPED)
    assert templates.subject(LETTER) == TEMPLATES.subject(LETTER)
    assert templates._filler._worker is None
    (tmp_path / "mail" / "_letter.txt.j2").write_text("Mine")
    assert templates.text(LETTER, ()) == "Mine\n"
    assert templates._filler._worker is not None


def test_mail_is_imported_without_the_drawing_engine_and_the_facts():
    code = (
        "import sys, scorecard.mail, scorecard.mail.mailbox, scorecard.mail.bounces\n"
        "print(*{'weasyprint', 'ibis', 'duckdb', 'numpy', 'pypdf', 'sqlalchemy'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
