"""The commands of schedules and deliveries, as a person or a script meets them.

The example company is moved four years back, so that whatever the clock says
its periods are long over; a schedule's job that is asked for by hand may be late.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from command import refused, scorecard
from mail_server import Behaviour, MailServer
from sample_mail import NOWHERE, enclosed, read, text_of
from sample_project import answered_a_day_later, small

from scorecard.base.periods import Period
from scorecard.documents.kinds import read_document
from scorecard.documents.said import said_in
from scorecard.ledger import Ledger, Owed
from scorecard.printing import pdf_text

PERIOD = "2022-06"
ADA, GRACE, NOOR = "ada@example.com", "grace@example.com", "noor@example.com"
OPS = "operator@example.com"
MAIL = f"""
[tool.scorecard.mail]
from = "Scorecards <cards@example.org>"
operator = ["{OPS}"]
"""
WHEN = """
[when]
business_day = 3
at   = "07:00"
zone = "Europe/London"
"""
REVIEWS = f"""
title     = "Reviews"
documents = ["team-review"]
to        = ["teams"]
folder    = "shelf"
{WHEN}
[[subscriber]]
name  = "Noor Haddad"
email = "{NOOR}"
"""
STRICT = f"""
title     = "Strict pages"
documents = ["owner-scorecard"]
to        = ["owners"]
{WHEN}
[hold]
complete = ["transactions"]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A mail server that knows neither Noor nor how to keep a secret."""
    manners = Behaviour(keep=True, refuse=(NOOR,), user="cards", password="sesame")
    with MailServer.start(tmp_path_factory.mktemp("server"), manners) as started:
        yield started


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    """The small company of 2022, with two schedules."""
    folder = small(tmp_path_factory.mktemp("cli") / "acme").root
    for file in (*(folder / "facts").glob("*.csv"), folder / "strategy.toml"):
        text = file.read_text()
        file.write_text(re.sub(r"\b20(\d\d)-", lambda m: f"20{int(m[1]) - 4:02}-", text))
    shutil.rmtree(folder / "schedules")
    (folder / "schedules").mkdir()
    (folder / "schedules" / "reviews.toml").write_text(REVIEWS)
    (folder / "schedules" / "strict.toml").write_text(STRICT)
    mail(folder, MAIL)
    return folder


def mail(folder, section):
    """Write the section [tool.scorecard.mail] anew."""
    file = folder / "pyproject.toml"
    file.write_text(file.read_text().partition("[tool.scorecard.mail]")[0] + section)


@pytest.fixture(scope="module")
def pipeline(starter, server, tmp_path_factory):
    """A dry run, the run, and the run again: the folder, and what was said and done each time."""
    folder = tmp_path_factory.mktemp("pipeline") / "acme"
    shutil.copytree(starter, folder)
    said = []
    for words in (["--dry-run"], [], []):
        before = len(server.messages())
        said.append(
            (
                scorecard(
                    "run",
                    "reviews",
                    "--period",
                    PERIOD,
                    *words,
                    cwd=folder,
                    SCORECARD_SMTP=server.url(),
                ),
                server.messages()[before:],
            )
        )
        if words:
            with ledger(folder) as opened:
                assert list(opened.deliveries()) == [] == opened.runs()
            assert not list((folder / "output").glob("*/teams/*.pdf"))
    return folder, said


@pytest.fixture
def fresh(starter, tmp_path):
    """A copy of the project in which nothing was done yet."""
    shutil.copytree(starter, tmp_path / "acme")
    return tmp_path / "acme"


@pytest.fixture
def acme(pipeline, tmp_path):
    """A copy of the project after its run; the two are one copy to everything that it does."""
    shutil.copytree(pipeline[0], tmp_path / "acme")
    return tmp_path / "acme"


def ledger(folder):
    return Ledger.open("sqlite:///.scorecard/ledger.db", folder)


def listed(folder, *words):
    code, said, _ = scorecard("deliveries", *words, "--json", cwd=folder)
    assert code == 0
    return json.loads(said)


# run NAME


def test_a_dry_run_says_who_would_get_what_and_sends_nothing(pipeline):
    folder, [((code, said, wrong), messages), *_] = pipeline
    assert (code, wrong, messages) == (0, "", [])
    rows = [line.split() for line in said.splitlines()]
    assert rows[0] == ["to", "name", "document", "of", "bytes"]
    assert {row[0] for row in rows[1:5]} == {"shelf", ADA, GRACE, NOOR}
    assert "4 of 4 would be sent; nothing was." in said
    dry = folder / "output" / PERIOD / "dry-run"
    assert f"See output/{PERIOD}/dry-run" in said
    assert len(list(dry.glob("*.eml"))) == 3
    assert [f.name for f in dry.rglob("*.pdf")] == ["service.pdf"]
    # The folder was filled only by the run after it.
    assert (folder / "shelf" / PERIOD).is_dir()


def test_a_run_makes_documents_sends_them_and_says_what_did_not_arrive(pipeline):
    folder, [_, ((code, said, wrong), messages), _] = pipeline
    assert code == 1  # because Noor's was refused
    assert said.splitlines() == [
        f"Reviews for {PERIOD}: done",
        "Mails and files so far: 1 refused, 3 sent",
    ]
    late, refusal = wrong.splitlines()
    assert re.fullmatch(
        rf"note: {PERIOD} was due on 2022-07-05, [\d,]+ days ago; it is issued because you ask\.",
        late,
    )
    assert refusal.startswith(f"note: {NOOR}: refused: localhost, port ")
    assert "550 5.1.1" in refusal
    to = [str(read(m)["To"].addresses[0].addr_spec) for m in messages]
    assert sorted(to) == [ADA, GRACE, OPS]
    ((name, pdf),) = enclosed(messages[to.index(ADA)]).items()
    assert name == f"Team review Service {PERIOD}.pdf"
    assert (folder / "shelf" / PERIOD / name).read_bytes() == pdf


def test_a_dry_run_of_what_is_done_says_that_nothing_would_be_sent(acme):
    words = ("run", "reviews", "--period", PERIOD, "--dry-run")
    code, _said, wrong = scorecard(*words, cwd=acme, SCORECARD_SMTP=f"folder:{acme / 'box'}")
    assert code == 0
    assert f"Reviews for {PERIOD}: done already on " in wrong
    assert wrong.rstrip().endswith("nothing is done twice.")


def test_check_finds_a_ledger_that_is_gone_or_restored(acme):
    state = acme / ".scorecard"
    (state / "ledger.db").unlink()
    code, said, _ = scorecard("check", "--json", cwd=acme)
    (found,) = [f for f in json.loads(said) if f["id"] == "ledger.doubtful"]
    assert (code, found["severity"]) == (1, "blocking")
    assert "There is no ledger, and " in found["message"]
    assert not (state / "ledger.db").exists()
    ledger(acme).close()
    code, said, _ = scorecard("check", "--json", cwd=acme)
    (found,) = [f for f in json.loads(said) if f["id"] == "ledger.doubtful"]
    assert code == 1 and "is new or another one" in found["message"]


def test_the_same_again_repeats_nothing(pipeline):
    _folder, [_, _, ((code, said, _), messages)] = pipeline
    assert (code, messages) == (1, [])
    first, second = said.splitlines()
    assert re.fullmatch(
        rf"Reviews for {PERIOD}: done already on [-\d]+ [:\d]+; nothing is done twice", first
    )
    assert second == "Mails and files so far: 1 refused, 3 sent"


def test_facts_that_are_not_ready_by_the_last_try_are_not_issued_and_all_are_told(fresh, server):
    """Transactions end on 23 June; its period's last try was years ago."""
    before = len(server.messages())
    words = ("run", "strict", "--period", PERIOD)
    code, said, _ = scorecard(*words, cwd=fresh, SCORECARD_SMTP=server.url())
    assert code == 1
    assert said.splitlines() == [
        f"Strict pages for {PERIOD}: not issued: transactions end on 23 Jun 2022",
        "Mails and files so far: 2 sent",
    ]
    told = {str(read(m)["To"].addresses[0].addr_spec): m for m in server.messages()[before:]}
    assert set(told) == {ADA, OPS} and not any(map(enclosed, told.values()))
    assert "The owner scorecard for June 2022 is not issued." in text_of(told[ADA])


def test_a_period_of_which_nothing_is_known_tells_nobody(acme, tmp_path):
    box = {"SCORECARD_SMTP": f"folder:{tmp_path / 'box'}"}
    code, said, _ = scorecard("run", "reviews", "--period", "2019-01", cwd=acme, **box)
    assert code == 1
    assert "2019-01: not issued: 2019-01 ends before the first fact" in " ".join(said.split())
    assert not (tmp_path / "box").exists()
    assert 'Period "" is not one' in refused("run", "reviews", "--period", "", cwd=acme, **box)


def test_what_would_be_blank_is_not_issued_even_as_provisional(fresh, tmp_path):
    """Facts end in July 2022; the last try for any later month was long ago."""
    file = fresh / "schedules" / "strict.toml"
    file.write_text(file.read_text() + 'then = "provisional"\n')
    box = tmp_path / "box"
    words = ("run", "strict", "--period", "2022-12")
    env = {"SCORECARD_SMTP": f"folder:{box}"}
    assert "would be not issued: No fact of 2022-12" in refused(*words, "--dry-run", cwd=fresh)
    code, said, _ = scorecard(*words, cwd=fresh, **env)
    assert code == 1 and "not issued: No fact of 2022-12 is there" in said
    told = [file.read_bytes() for file in box.glob("*.eml")]
    assert len(told) == 2 and not any(map(enclosed, told))


def test_a_provisional_dry_run_says_so_and_the_real_one_is_the_first_edition(fresh, tmp_path):
    file = fresh / "schedules" / "strict.toml"
    file.write_text(file.read_text() + 'then = "provisional"\n')
    words = ("run", "strict", "--period", PERIOD)
    code, _said, wrong = scorecard(*words, "--dry-run", cwd=fresh)
    assert (code, wrong) == (0, "note: provisional: transactions end on 23 Jun 2022\n")
    file.write_text(file.read_text().replace('complete = ["transactions"]', ""))
    box = tmp_path / "box"
    assert scorecard(*words, cwd=fresh, SCORECARD_SMTP=f"folder:{box}")[0] == 0
    (message,) = (file.read_bytes() for file in box.glob("*.eml"))
    assert "edition" not in read(message)["Subject"] and "edition" not in text_of(message)


def test_mail_that_the_server_put_off_is_not_done(fresh, tmp_path):
    with MailServer.start(tmp_path / "slow", Behaviour(greylist=True)) as slow:
        words = ("run", "reviews", "--period", PERIOD)
        for _ in range(2):
            code, said, _ = scorecard(*words, cwd=fresh, SCORECARD_SMTP=slow.url())
            assert (code, "3 deferred, 1 sent" in said) == (1, True)


def test_a_dry_run_of_what_is_not_ready_says_so_and_tells_nobody(fresh, server):
    before = len(server.messages())
    said = refused("run", "strict", "--period", PERIOD, "--dry-run", cwd=fresh)
    assert said == (
        f"error: Strict pages for {PERIOD} would be not issued: transactions end on 23 Jun 2022"
    )
    assert len(server.messages()) == before
    assert listed(fresh) == []


# run NAME --correct


def test_a_correction_sends_what_differs_to_those_who_had_it(acme):
    box = acme / "box"
    env = {"SCORECARD_SMTP": f"folder:{box}"}
    words = ["run", "reviews", "--period", PERIOD, "--correct", "Replies were logged\na day late."]
    code, said, _ = scorecard(*words, cwd=acme, **env)
    assert said.splitlines()[0] == (
        f"Reviews for {PERIOD}: 0 of 1 differ from what was issued; 0 to be sent"
    )
    assert not list(box.glob("*.eml"))  # the same facts, so nothing goes out
    answered_a_day_later(acme, PERIOD)
    code, said, wrong = scorecard(*words, cwd=acme, **env)
    assert said.splitlines()[0].endswith("1 of 1 differ from what was issued; 4 to be sent")
    assert code == 1 and "550 5.1.1" in wrong  # what the server had refused the first time
    messages = [file.read_bytes() for file in sorted(box.glob("*.eml"))]
    assert sorted(str(read(m)["To"].addresses[0].addr_spec) for m in messages) == [ADA, GRACE, NOOR]
    for message in messages:
        assert read(message)["Subject"] == "Team review, Service, June 2022, edition 2"
        assert (
            "This is edition 2. If you were sent an earlier one, it is replaced. Why: Replies were "
            "logged a day late."
        ) in " ".join(text_of(message).split())
        assert list(enclosed(message)) == [f"Team review Service {PERIOD} edition 2.pdf"]
    assert {f.name for f in (acme / "shelf" / PERIOD).iterdir()} == {
        f"Team review Service {PERIOD}.pdf",
        f"Team review Service {PERIOD} edition 2.pdf",
    }
    assert scorecard(*words, cwd=acme, **env)[1].splitlines()[0].endswith("; 0 to be sent")
    assert len(list(box.glob("*.eml"))) == 3


def test_a_correction_of_nothing_and_from_unsound_facts_sends_nothing(acme):
    again = ["--period", PERIOD, "--correct", "Why not."]
    box = {"SCORECARD_SMTP": f"folder:{acme / 'box'}"}
    assert refused("run", "strict", *again, cwd=acme, **box) == (
        f"error: strict has not issued {PERIOD}, so there is nothing to correct; "
        f'"scorecard run strict --period {PERIOD}" issues it.'
    )
    file = acme / "facts" / "customers.csv"
    file.write_text(file.read_text() + file.read_text().splitlines()[1] + "\n")
    assert "The run is held, nothing was published" in refused(
        "run", "reviews", *again, cwd=acme, **box
    )
    assert "name the schedule" in refused("run", *again, cwd=acme, code=2)
    assert "a correction cannot be tried" in refused(
        "run", "reviews", *again, "--dry-run", cwd=acme, code=2
    )
    assert not (acme / "box").exists()


# restate


def addressed(box) -> list[str]:
    found = [read(file.read_bytes()) for file in sorted(box.glob("*.eml"))]
    return sorted(str(message["To"].addresses[0].addr_spec) for message in found)


def test_what_is_restated_goes_to_exactly_those_who_had_it_and_says_what_it_replaces(acme):
    """Noor was refused the first edition, so there is nothing to correct for her; Ada's post goes
    to Cy, who was sent nothing that could be wrong."""
    env = {"SCORECARD_SMTP": f"folder:{acme / 'box'}"}
    words = ["restate", PERIOD, "--because", "Replies were logged\na day late."]
    said = scorecard(*words, cwd=acme, **env)[1]
    assert said.splitlines() == [
        f"{PERIOD}: 0 of 1 documents say something else.",
        "0 to be sent to those who had an earlier edition.",
    ]
    answered_a_day_later(acme, PERIOD)
    said = scorecard(*words, cwd=acme, **env)[1]
    assert said.splitlines()[:3] == [
        f"{PERIOD}: 1 of 1 documents says something else.",
        f"  team-review/service/{PERIOD}/2",
        "3 to be sent to those who had an earlier edition.",
    ]
    assert addressed(acme / "box") == [ADA, GRACE]
    file = acme / "shelf" / PERIOD / f"Team review Service {PERIOD} edition 2.pdf"
    printed = " ".join(" ".join(pdf_text.read(file.read_bytes()).pages).split())
    assert "This replaces edition 1, because: Replies were logged a day late." in printed
    lines = re.findall(
        r"First human reply[^:]* · Gold: previously (.+?); now (.+?)\.(?= )", printed
    )
    with ledger(acme) as opened:
        first, second = (said_in(_document(e)) for e in opened.editions(_JUNE))
    key = ("first_reply_p90", "gold")
    assert lines == [(first[key].spoken, second[key].spoken)]
    assert first[key].figure != second[key].figure
    assert scorecard(*words, cwd=acme, **env)[1].splitlines()[1].startswith("0 to be sent")
    assert scorecard("diff", f"{PERIOD}", "1", cwd=acme)[0] == 1  # no packet was made
    review = f"team-review/service/{PERIOD}"
    code, said, _ = scorecard("diff", f"{review}/1", "2", cwd=acme)
    assert code == 3 and "restated  First human reply" in said
    assert "because Replies were logged a day late." in said
    assert "Made of other things: facts: interactions." in said
    assert scorecard("diff", review, f"{review}/2", cwd=acme)[0] == 0
    strategy = acme / "strategy.toml"
    strategy.write_text(strategy.read_text().replace(ADA, "cy@example.com"))
    answered_a_day_later(acme, PERIOD)
    said = scorecard(*words, cwd=acme, **env)[1]
    assert f"  team-review/service/{PERIOD}/3" in said
    assert f"  {ADA} had team-review service, and gets it no more" in said
    assert addressed(acme / "box") == [ADA, GRACE, GRACE]


def test_a_document_that_a_schedule_laid_out_is_held_against_its_edition(acme):
    file = acme / "shelf" / PERIOD / f"Team review Service {PERIOD}.pdf"
    held = bytearray(file.read_bytes())
    held[776] ^= 1
    file.write_bytes(held)
    assert scorecard("verify", cwd=acme)[0] == 0  # which does not look into folders of schedules
    code, said, _ = scorecard("verify", f"team-review/service/{PERIOD}", cwd=acme)
    assert code == 1
    assert said.splitlines()[:3] == [
        f"team-review/service/{PERIOD}/1 is not what was recorded.",
        f"  First: shelf/{PERIOD}/Team review Service {PERIOD}.pdf is not what was drawn: byte 777 "
        f"of {len(held):,} differs first",
        "  By its bytes: drawn again to the same bytes.",
    ]


def test_a_period_without_an_edition_cannot_be_restated(acme):
    assert refused("restate", "2022-05", "--because", "Why not.", cwd=acme) == (
        "error: Nothing was made for 2022-05, so there is nothing to restate; "
        '"scorecard run --period 2022-05" makes it.'
    )
    assert "say why" in refused("restate", PERIOD, "--because", " ", cwd=acme, code=2)


def _document(edition):
    return read_document(edition.document, edition.content)


_JUNE = Period.parse(PERIOD, "Europe/London")


# What cannot be done is one sentence, and nothing is sent

WRONG = {
    "an unknown time zone": (
        "schedules/reviews.toml",
        "Europe/London",
        "Europe/Lodnon",
        'error: reviews.toml:10 (when): Time zone "Europe/Lodnon" is not an IANA zone; write one '
        'such as "Europe/London". Did you mean "Europe/London"?',
    ),
    "February 30 by cron": (
        "schedules/reviews.toml",
        'business_day = 3\nat   = "07:00"',
        'cron = "0 7 30 2 *"',
        'error: reviews.toml:8 (when): cron "0 7 30 2 *" never happens: no such month has that '
        "day; correct day or month.",
    ),
    "February 30 by day": (
        "schedules/reviews.toml",
        "business_day = 3",
        "day = 30\nmonths = [2]",
        "error: reviews.toml:8 (when): Never happens: these months have no day 30, only 29; "
        "correct day or months.",
    ),
    "a line break in a subscriber's address": (
        "schedules/reviews.toml",
        NOOR,
        r"noor@example.com\nBcc: eve@example.com",
        "email has a line break, or another control character or mark of direction, in it",
    ),
    "a line break in an owner's address": (
        "strategy.toml",
        ADA,
        r"ada@example.com\nBcc: eve@example.com",
        "email has a line break, or another control character or mark of direction, in it",
    ),
    "no sender": (
        "pyproject.toml",
        'from = "Scorecards <cards@example.org>"',
        "",
        "mail cannot be sent without a sender; add from = ",
    ),
    "a secret that the environment lacks": (
        "pyproject.toml",
        'from = "Sc',
        'password = "${PDFS}"\nfrom = "Sc',
        "mail.password refers to ${PDFS}, which the environment does not have; set that variable.",
    ),
    "a setting that is none": (
        "pyproject.toml",
        'from = "Sc',
        'frm = "a@b.eu"\nfrom = "Sc',
        'mail] has "frm", which is not a setting. Did you mean "from"?',
    ),
}


@pytest.mark.parametrize("what", list(WRONG))
def test_a_wrong_file_is_one_sentence_and_nothing_is_sent(fresh, server, what):
    file, old, new, sentence = WRONG[what]
    text = (fresh / file).read_text()
    assert old in text
    (fresh / file).write_text(text.replace(old, new, 1))
    before = len(server.messages())
    said = refused("run", "reviews", "--period", PERIOD, cwd=fresh, SCORECARD_SMTP=server.url())
    assert sentence in said and "\nBcc" not in said
    assert len(server.messages()) == before
    assert not list((fresh / "output").rglob("*.pdf"))


def test_an_unknown_schedule_has_a_near_name(fresh):
    said = refused("run", "review", cwd=fresh)
    assert said.endswith('schedules has no schedule "review". Did you mean "reviews"?')


def test_a_period_that_is_not_due_yet_says_when_it_is(fresh):
    """This month's is due on the third business day of the next."""
    said = refused("run", "reviews", "--period", f"{datetime.now(UTC):%Y-%m}", cwd=fresh)
    assert re.search(r"Reviews \(reviews\) for \d{4}-\d\d is due on [-\d]+ 07:00, not before", said)


BAD_SERVERS = {
    "http://cards:sesame@mail.example.com": "does not begin with smtp:, smtps: or folder:",
    "smtp://cards:ses[ame@mail.example.com": "cannot be taken apart",
    "smtp://cards:sesame@mail.example.com:port": "cannot be taken apart",
    "smtp://cards:sesame@mail.example.com?tls=none": "mail goes unencrypted to this machine",
    "smtp://cards:sesame@mail.example.com?cafile=x": 'the option "cafile". Known: ca, name, tls.',
    "smtp://cards@mail.example.com": "gives no password",
    "folder:": "names no folder",
}


@pytest.mark.parametrize("url", list(BAD_SERVERS))
def test_a_malformed_server_is_one_sentence_without_its_password(acme, url):
    assert scorecard("resend", "--failed", cwd=acme)[0] == 0
    for words in (["run", "reviews"], ["send"], ["test-send", OPS]):
        said = refused(*words, cwd=acme, SCORECARD_SMTP=url)
        assert said.startswith("error: SCORECARD_SMTP ") and BAD_SERVERS[url] in said
        assert "sesame" not in said and "ses[ame" not in said
    assert [d["state"] for d in listed(acme, "--recipient", NOOR)] == ["queued"]


# send, and what it finds wrong


def queued_again(folder):
    """Queue the one mail that was refused."""
    code, said, wrong = scorecard("resend", "--failed", cwd=folder)
    assert (code, wrong) == (0, "")
    assert said == '1 queued again; "scorecard send" or "scorecard serve" sends them.\n'


def test_resend_queues_only_what_failed_and_send_sends_it(acme, tmp_path):
    queued_again(acme)
    with MailServer.start(tmp_path / "server") as kinder:
        code, said, _ = scorecard("send", cwd=acme, SCORECARD_SMTP=kinder.url())
        assert (code, said) == (0, "1 sent, 0 deferred, 0 failed.\n")
        assert [m.recipient for m in kinder.accepted()] == [NOOR]
    code, said, _ = scorecard("resend", "--failed", cwd=acme)
    assert (code, said) == (0, "Nothing of that failed, so nothing was queued again.\n")


def test_resend_names_what_it_will_not_send(acme):
    (sent,) = listed(acme, "--recipient", ADA)
    said = refused("resend", "--id", sent["id"], cwd=acme)
    assert said.endswith(f"to {ADA} is sent; only what failed is sent again.")
    assert 'There is no delivery "x"' in refused("resend", "--id", "x", cwd=acme)
    assert "say which: --failed, or --id ID." in refused("resend", cwd=acme, code=2)


def test_without_a_server_mail_waits(acme):
    code, said, wrong = scorecard("send", cwd=acme)
    assert (code, said, wrong) == (0, "0 sent, 0 deferred, 0 failed.\n", "")
    queued_again(acme)
    code, said, wrong = scorecard("send", "--json", cwd=acme)
    assert code == 1
    waiting = (
        "SCORECARD_SMTP is not set, so mail stays queued; set it, as "
        "smtp://user:password@mail.example.com:587."
    )
    assert wrong == f"note: {waiting}\n"
    assert json.loads(said) == {"sent": 0, "deferred": 0, "failed": 0, "waiting": waiting}
    assert [d["state"] for d in listed(acme, "--recipient", NOOR)] == ["queued"]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (lambda _: NOWHERE, "127.0.0.1, port 9, cannot be reached: nothing listens there."),
        (
            lambda server: server.url().replace("sesame", "mellon"),
            "does not let cards in: 535",
        ),
        (lambda server: server.url(ca=False), "has a certificate that cannot be trusted"),
    ],
)
def test_a_server_that_does_not_let_us_in_is_one_sentence_and_mail_waits(
    acme, server, url, sentence
):
    queued_again(acme)
    before = len(server.messages())
    code, said, wrong = scorecard("send", cwd=acme, SCORECARD_SMTP=url(server))
    assert (code, said) == (1, "0 sent, 1 deferred, 0 failed.\n")
    (note,) = (line for line in wrong.splitlines() if line.startswith("note: "))
    assert sentence in note and "mellon" not in wrong
    assert [d["state"] for d in listed(acme, "--recipient", NOOR)] == ["deferred"]
    tried = refused("test-send", OPS, cwd=acme, SCORECARD_SMTP=url(server))
    assert tried.startswith("error: The test was not sent: ") and sentence in tried
    assert len(server.messages()) == before


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ('size_limit = "10 KB"', "MB after encoding, and 0.01 MB is the most; raise size_limit"),
        (f'allow = ["{ADA}"]', f"{NOOR} is not on the list of those who may be written to"),
    ],
)
def test_what_may_not_go_out_is_withheld_and_said(acme, server, setting, sentence):
    mail(acme, MAIL + setting)
    queued_again(acme)
    before = len(server.messages())
    code, said, wrong = scorecard("send", cwd=acme, SCORECARD_SMTP=server.url())
    assert (code, said) == (1, "1 sent, 0 deferred, 1 failed.\n")  # to the operator
    assert sentence in wrong
    (message,) = server.messages()[before:]
    assert sentence in text_of(message)
    code, said, wrong = scorecard("deliveries", "--failed", cwd=acme)
    assert (code, wrong) == (0, "") and sentence in said


def test_a_log_in_json_has_an_object_each_line(acme, server):
    queued_again(acme)
    _, _, wrong = scorecard("send", "--json-log", cwd=acme, SCORECARD_SMTP=server.url())
    said = [json.loads(line) for line in wrong.splitlines()]
    (line,) = (each for each in said if each.get("recipient") == NOOR)
    assert (line["level"], line["state"], line["code"]) == ("WARNING", "refused", 550)
    assert line["delivery"] == listed(acme, "--recipient", NOOR)[0]["id"]
    assert (line["schedule"], line["period"]) == ("reviews", PERIOD)


# test-send


def test_a_test_says_what_the_server_said(acme, server):
    code, said, _ = scorecard("test-send", OPS, cwd=acme, SCORECARD_SMTP=server.url())
    assert code == 0
    assert said == (f"Sent to {OPS}: localhost, port {server.port}, has it: 250 2.0.0 taken.\n")
    assert read(server.messages()[-1])["Subject"] == "Test: Does mail arrive?"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("ada@example.com\nBcc: eve@example.com", '"ada@example.com Bcc: eve@example.com" is not'),
        ("ada", '"ada" is not an e-mail address; write one such as "ada@example.com".'),
        (NOOR, "550 5.1.1"),
    ],
)
def test_a_test_to_nobody_is_one_sentence(acme, server, address, sentence):
    before = len(server.messages())
    said = refused("test-send", address, cwd=acme, SCORECARD_SMTP=server.url())
    assert sentence in said
    assert len(server.messages()) == before


def test_a_test_needs_a_server_a_sender_and_a_place_on_the_list(acme, server):
    assert "SCORECARD_SMTP is not set; name the mail" in refused("test-send", OPS, cwd=acme)
    mail(acme, MAIL + 'allow = ["@example.org"]')
    said = refused("test-send", ADA, cwd=acme, SCORECARD_SMTP=server.url())
    assert f"{ADA} is not on the list" in said
    mail(acme, "")
    said = refused("test-send", ADA, cwd=acme, SCORECARD_SMTP=server.url())
    assert "mail cannot be sent without a sender" in said


# deliveries, runs


def test_deliveries_say_what_went_to_whom_and_what_the_server_said(pipeline):
    folder, _ = pipeline
    code, said, wrong = scorecard("deliveries", cwd=folder)
    assert (code, wrong) == (0, "")
    lines = said.splitlines()
    head = "when (Europe/London) state to what schedule period id"
    assert " ".join(lines[0].split()) == head
    assert lines[-1] == "Deliveries: 1 refused, 4 sent."  # one of them to the operator
    (line,) = (n for n, each in enumerate(lines) if f" {ADA} " in each)
    state, to, what, schedule, period = lines[line].split()[2:-1]
    assert (state, to, what, schedule, period) == ("sent", ADA, "document", "reviews", PERIOD)
    pdf = listed(folder, "--recipient", ADA)[0]["sha256"]
    assert lines[line + 1].strip().startswith(f"PDF {pdf[:12]}; localhost, port ")
    assert lines[line + 1].endswith("has it: 250 2.0.0 taken")
    assert max(map(len, lines[:1] + lines[1:-1:2])) < 120


def test_deliveries_are_filtered(pipeline):
    folder, _ = pipeline
    assert len(listed(folder)) == 5
    assert len(listed(folder, "--schedule", "reviews")) == 4
    assert len(listed(folder, "--period", PERIOD, "--recipient", ADA)) == 1
    assert {d["recipient"] for d in listed(folder, "--failed")} == {NOOR}
    assert {d["recipient"] for d in listed(folder, "--state", "refused")} == {NOOR}
    assert len(listed(folder, "--state", "refused", "--state", "sent")) == 5
    assert listed(folder, "--schedule", "none") == []
    assert scorecard("deliveries", "--state", "expired", cwd=folder)[1] == "Deliveries: none.\n"
    said = refused("deliveries", "--state", "refusd", cwd=folder, code=2)
    assert 'there is no state "refusd". Did you mean "refused"?' in said


def test_one_delivery_is_told_with_every_try(pipeline):
    folder, _ = pipeline
    (delivery,) = listed(folder, "--failed")
    code, said, _ = scorecard("deliveries", delivery["id"], cwd=folder)
    assert code == 0
    told = dict(re.split(r" {2,}", line, maxsplit=1) for line in said.splitlines()[:7])
    assert (told["state"], told["what"]) == ("refused", f"document, reviews, {PERIOD}")
    assert told["to"] == f"Noor Haddad {NOOR}, by mail"
    assert delivery["message_id"] == told["message"]
    assert "1    2" in said and "550 5.1.1" in said
    code, said, _ = scorecard("deliveries", delivery["id"], "--json", cwd=folder)
    (attempt,) = json.loads(said)["attempts"]
    assert (attempt["number"], attempt["outcome"], attempt["code"]) == (1, "refused", 550)
    (sent,) = listed(folder, "--recipient", ADA)
    said = scorecard("deliveries", sent["id"], cwd=folder)[1]
    assert f"PDF       sha256 {sent['sha256']}\n" in said
    assert 'There is no delivery "x"' in refused("deliveries", "x", cwd=folder)


def test_runs_say_what_schedules_owed_and_what_became_of_it(pipeline):
    folder, _ = pipeline
    code, said, _ = scorecard("runs", cwd=folder)
    (_head, row) = said.splitlines()
    due, at, schedule, period, state, tries, *_ = row.split()
    # 1 July 2022 is a Friday, so that the third business day is the 5th
    assert (code, due, at) == (0, "2022-07-05", "07:00")
    assert (schedule, period, state, tries) == ("reviews", PERIOD, "done", "1")
    (owed,) = json.loads(scorecard("runs", "--json", cwd=folder)[1])
    assert owed["due_at"] == "2022-07-05T06:00:00+00:00"
    assert owed["run"]["detail"]["editions"] and "lineage" not in owed["run"]["detail"]
    made = json.loads(scorecard("runs", "--all", "--json", cwd=folder)[1])
    assert [r["run"]["step"] for r in made] == ["done"]  # the dry one left nothing
    assert owed["run"]["id"] == made[0]["run"]["id"]
    assert len(scorecard("runs", "--all", cwd=folder)[1].splitlines()) == 2
    assert json.loads(scorecard("runs", "--period", "2022-05", "--json", cwd=folder)[1]) == []


# status


@pytest.fixture
def watch():
    """A web server to which the state of things is told."""
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            length = int(self.headers.get("Content-Length", 0))
            heard.append((self.path, self.rfile.read(length).decode()))
            self.send_response(200)
            self.end_headers()

        do_GET = do_POST = answer

        def log_message(self, *_):
            pass

    web = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=web.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{web.server_port}/w", heard
    web.shutdown()
    thread.join()
    web.server_close()


def test_status_is_good_before_anything_was_owed(fresh, watch):
    url, heard = watch
    mail(fresh, MAIL + 'ping = "${WATCH}"')
    code, said, wrong = scorecard("status", "--ping", cwd=fresh, WATCH=url)
    assert (code, wrong, heard) == (0, "", [("/w", "")])
    lines = said.splitlines()
    assert " ".join(lines[0].split()) == ("schedule last was due (Europe/London) state next is due")
    assert [line.split()[:4] for line in lines[1:3]] == [
        ["reviews", "–", "–", "–"],
        ["strict", "–", "–", "–"],
    ]
    assert lines[3:5] == [
        "Deliveries: none.",
        "Clock: no serve is running (none is needed with cron).",
    ]
    assert re.fullmatch(r"Journal: entry \d+ · [0-9a-f]{16}\.", lines[5])
    assert lines[6:] == ["No trouble."]


def test_status_tells_a_failed_delivery_to_people_programs_and_a_watch(acme, watch):
    url, heard = watch
    mail(acme, MAIL + f'ping = "{url}"')
    code, said, _ = scorecard("status", "--ping", cwd=acme)
    assert code == 1
    trouble = '1 delivery of the last 40 days ended "refused"'
    assert f"trouble: {trouble}" in said and "No trouble" not in said
    ((path, body),) = heard
    assert path == "/w/fail" and body.startswith(trouble)
    code, said, _ = scorecard("status", "--json", cwd=acme)
    told = json.loads(said)
    assert (code, told["good"], told["deliveries"]) == (1, False, {"refused": 1, "sent": 4})
    assert told["troubles"][0].startswith(trouble)
    assert [s["schedule"] for s in told["schedules"]] == ["reviews", "strict"]
    assert told["schedules"][0]["last"]["state"] == "done"


def test_a_watch_without_an_address_or_an_answer_is_one_sentence(fresh):
    for setting, sentence in (
        ("", "There is no address to call; set ping"),
        ('ping = "http://127.0.0.1:9/w"', "The watch at 127.0.0.1 did not answer"),
        ('ping = "${WATCH}"', "mail.ping refers to ${WATCH}"),
    ):
        mail(fresh, MAIL + setting)
        code, _, wrong = scorecard("status", "--ping", cwd=fresh)
        assert code == 1 and wrong.count("\n") == 1 and sentence in wrong


# Addresses


def test_opting_out_is_recorded_shown_and_lifted(acme, server):
    words = ("opt-out", ADA, "--reason", "I look it up myself")
    assert scorecard(*words, cwd=acme) == (0, f"{ADA}: opted out\n", "")
    code, said, _ = scorecard("addresses", cwd=acme)
    assert said.splitlines()[1].split()[2:] == [ADA, "opted", "out"]
    assert said.splitlines()[2] == "    I look it up myself"
    (known,) = json.loads(scorecard("addresses", "--json", cwd=acme)[1])
    assert (known["address"], known["event"]) == (ADA, "opted out")
    said = refused("test-send", ADA, cwd=acme, SCORECARD_SMTP=server.url())
    assert f"{ADA}: opted out on " in said and f'"scorecard reinstate {ADA}" lifts that.' in said
    said = refused("reinstate", "adda@example.com", cwd=acme)
    assert said == (
        'error: adda@example.com is written to already. Did you mean "ada@example.com"?'
    )
    code, said, _ = scorecard("reinstate", ADA.upper(), cwd=acme)
    assert (code, said) == (0, f"{ADA.upper()}: no longer opted out\n")
    assert scorecard("addresses", cwd=acme)[1] == "Every address is written to.\n"
    assert refused("opt-out", ADA, cwd=acme, code=2)  # without a reason
    assert "is not an e-mail address" in refused("opt-out", "ada", "--reason", "?", cwd=acme)


def test_bounces_are_read_from_a_folder(acme):
    assert "there is no box to read; set bounces" in refused("bounces", cwd=acme)
    mail(acme, MAIL + 'bounces = "folder:box"')
    assert "box is not a folder; make it" in refused("bounces", cwd=acme)
    (sent,) = listed(acme, "--recipient", ADA)
    (acme / "box").mkdir()
    (acme / "box" / "1.eml").write_text(
        "From: MAILER-DAEMON@mx.example.net\nX-Failed-Recipients: ada@example.com\n"
        f"In-Reply-To: {sent['message_id']}\nSubject: Mail delivery failed\n\nSorry.\n"
    )
    assert scorecard("bounces", cwd=acme) == (
        0,
        "bounced: 1, addresses suspended: 0, unsubscribed: 0, other mails: 0, "
        "set aside as unclear: 0\n",
        "",
    )
    assert [d["state"] for d in listed(acme, "--recipient", ADA)] == ["bounced"]
    assert scorecard("addresses", cwd=acme)[1] == "Every address is written to.\n"
    assert scorecard("bounces", cwd=acme)[1].startswith("bounced: 0, addresses suspended: 0,")


# next


def test_next_says_when_of_which_period_and_who(starter):
    code, said, wrong = scorecard("next", "--count", "1", cwd=starter)
    assert (code, wrong) == (0, "")
    rows = said.splitlines()
    assert rows[0].split()[:3] == ["schedule", "due", "period"]
    (reviews,) = (row for row in rows if row.startswith("reviews"))
    assert "07:00 Europe/London" in reviews and "folder shelf" in said
    told = json.loads(scorecard("next", "--count", "2", "--json", cwd=starter)[1])
    assert [t["schedule"] for t in told] == ["reviews", "strict"] * 2
    now = datetime.now(UTC)
    assert all(now < datetime.fromisoformat(t["due"]) for t in told)
    assert set(told[0]["recipients"]) == {"Ada Example", "Grace Example", "Noor Haddad"}
    periods = [t["period"] for t in told if t["schedule"] == "reviews"]
    assert periods == sorted(set(periods)) and len(periods) == 2


def test_of_many_readers_a_few_are_named_and_all_in_json(fresh):
    more = "".join(
        f'[[subscriber]]\nname = "Reader {n:02}"\nemail = "r{n}@example.com"\n' for n in range(40)
    )
    (fresh / "schedules" / "reviews.toml").write_text(REVIEWS + more)
    said = scorecard("next", "--count", "1", cwd=fresh)[1]
    assert "43: Ada Example" in said and "37 more" in said and "Reader 03" not in said
    told = json.loads(scorecard("next", "--count", "1", "--json", cwd=fresh)[1])
    (reviews,) = (t for t in told if t["schedule"] == "reviews")
    assert len(reviews["recipients"]) == 43


def test_next_names_who_will_answer_and_not_who_does_today(fresh):
    """Ada's post ends with the year after next; then nobody answers, and Grace is told."""
    file, year = fresh / "strategy.toml", datetime.now(UTC).year + 1
    text = file.read_text()
    file.write_text(text.replace(f'email = "{ADA}"', f'email = "{ADA}"\nuntil = {year}-12-31'))
    told = json.loads(scorecard("next", "--count", "30", "--json", cwd=fresh)[1])
    strict = {t["due"][:7]: t["recipients"] for t in told if t["schedule"] == "strict"}
    assert strict[f"{year}-12"] == ["Ada Example"] and strict[f"{year + 1}-01"] == ["Grace Example"]
    assert not (fresh / ".scorecard" / "ledger.db").exists()


def test_next_knows_that_a_changed_stance_holds_from_the_period_after(acme):
    """The ledger knows Ada's stances. Bo is written in their place, and answers one month on."""
    file = acme / "strategy.toml"
    owner = (
        '[[owner]]\nid = "bo"\nname = "Bo Example"\nrole = "Deputy head"\nteam = "service"\n'
        'purpose = "All are answered."\nemail = "bo@example.com"\n[[stance]]'
    )
    text = file.read_text().replace('owner = "head-of-service"', 'owner = "bo"')
    file.write_text(text.replace("[[stance]]", owner, 1))
    told = json.loads(scorecard("next", "--count", "3", "--json", cwd=acme)[1])
    strict = [(t["due"], t["period"], t["recipients"]) for t in told if t["schedule"] == "strict"]
    # A run reports on the month before; the change is first seen by the first of these runs.
    assert [names for *_, names in strict] == [["Ada Example"], ["Ada Example"], ["Bo Example"]]


def test_next_says_what_blocks(fresh):
    file = fresh / "strategy.toml"
    file.write_text(file.read_text().replace('team = "service"', 'team = "servis"'))
    assert 'Did you mean "service"?' in refused("next", cwd=fresh)


# serve


def test_serve_once_begins_what_is_due_and_sends_what_waits(acme, server):
    """An hour ago a run fell due whose facts end too early: it is held, and people are told."""
    now = datetime.now(UTC)
    hour, day = timedelta(hours=1), timedelta(days=1)
    with ledger(acme) as opened:
        owed = Owed("strict", PERIOD, now - hour, now + day, now + 2 * day)
        assert opened.expect("strict", [owed], now) == 1
    queued_again(acme)
    before = len(server.messages())
    kept = {k: v for k, v in os.environ.items() if k != "SCORECARD_PROJECT"}
    done = subprocess.run(
        [sys.executable, "-m", "scorecard", "serve", "--once", "--json-log"],
        cwd=acme,
        env={**kept, "SCORECARD_SMTP": server.url()},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "sesame" not in done.stdout + done.stderr
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert any(t["message"].startswith("held: transactions end on 23 Jun 2022") for t in told)
    to = [str(read(m)["To"].addresses[0].addr_spec) for m in server.messages()[before:]]
    # Ada that it is held; the operator of that, and of Noor's refusal
    assert sorted(to) == [ADA, OPS, OPS]
    with ledger(acme) as opened:
        held = opened.expected_run("strict", PERIOD)
        assert (held.state, held.tries, opened.lease("clock")) == ("held", 1, None)
    said = scorecard("runs", cwd=acme)[1]
    assert "transactions end on 23 Jun 2022; next try " in said


# check

BAD_SCHEDULES = {
    "zone": ('zone = "Europe/London"', 'zone = "GMT+25"', "unknown_zone"),
    "cron": ('business_day = 3\nat   = "07:00"', 'cron = "0 7 30 2 *"', "never_happens"),
    "day": ("business_day = 3", "day = 30\nmonths = [2]", "never_happens"),
    "crontext": ('business_day = 3\nat   = "07:00"', 'cron = "every day"', "wrong_cron"),
    "tworules": ("business_day = 3", "business_day = 3\nday = 1", "two_rules"),
    "norule": ("business_day = 3", "", "missing_field"),
    "time": ('"07:00"', '"25:00"', "wrong_time"),
    "holidays": ("[when]", '[when]\nholidays = "XX"', "unknown_holidays"),
    "document": ('"team-review"', '"team-reviews"', "unknown_document"),
    "audience": ('"teams"', '"team"', "unknown_recipient"),
    "owner": ('"teams"', '"owner:nobody"', "unknown_owner"),
    "email": (NOOR, r"noor@example.com\r\nBcc: eve@example.com", "line_break"),
    "noemail": (NOOR, "noor at example.com", "email_malformed"),
    "twice": (
        "[[subscriber]]",
        f'[[subscriber]]\nname = "N"\nemail = "{NOOR}"\n[[subscriber]]',
        "duplicate_subscriber",
    ),
    "key": ("folder", "foldr", "unknown_key"),
    "until": ("[[subscriber]]", '[hold]\nuntil = "soon"\n[[subscriber]]', "wrong_duration"),
    "table": ("[[subscriber]]", '[hold]\ncomplete = ["sales"]\n[[subscriber]]', "unknown_table"),
    "late": ("[[subscriber]]", '[late]\nmissed = "ignore"\n[[subscriber]]', "unknown_value"),
    "toml": ("[when]", "[when", "syntax"),
}


def test_every_wrong_schedule_is_found_in_one_check(fresh):
    for name, (old, new, _id) in BAD_SCHEDULES.items():
        assert old in REVIEWS
        (fresh / "schedules" / f"bad-{name}.toml").write_text(REVIEWS.replace(old, new, 1))
    (fresh / "schedules" / "Monthly Packet.toml").write_text(REVIEWS)
    code, said, _ = scorecard("check", "--json", cwd=fresh)
    blocking = [f for f in json.loads(said) if f["severity"] == "blocking"]
    found = {(Path(f["place"].split(":")[0]).stem, f["id"]) for f in blocking}
    wanted = {(f"bad-{name}", id) for name, (_, _, id) in BAD_SCHEDULES.items()}
    assert code == 1
    assert found == wanted | {("Monthly Packet", "wrong_name")}
    assert all("\n" not in f["message"] + f["hint"] for f in blocking)


BAD_MAIL = {
    'from = "Scorecards"': "from = 'Scorecards': not an address",
    'from = "Scorecards <cards@localhost>"': "not an address",
    'reply_to = "a@b.eu\\r\\nBcc: eve@example.com"': "not an address",
    'operator = ["ops@localhost"]': '"ops@localhost" is not an address',
    'allow = ["example.com"]': "neither an address nor a domain",
    'size_limit = "ten"': "not a size",
    'give_up = "soon"': "is not a duration",
    'too_large = "zip"': "'link' or 'withhold'",
    'link = "https://host/"': "not an address with {file} in it",
    'unsubscribe = "http://host"': 'neither "mailto:…" nor "https://…"',
    'in_doubt = "maybe"': "'send again' or 'ask'",
    "pasword = 7": 'which is not a setting. Did you mean "password"?',
}


def test_every_wrong_mail_setting_is_found_in_one_check(fresh):
    lines = [line for line in BAD_MAIL if "localhost>" not in line]
    mail(fresh, "[tool.scorecard.mail]\n" + "\n".join(lines))
    code, said, wrong = scorecard("check", cwd=fresh)
    assert (code, said) == (1, "")
    assert len(wrong.splitlines()) == len(lines)
    assert all(BAD_MAIL[line] in wrong for line in lines)


def test_what_would_keep_mail_from_arriving_is_found(fresh):
    mail(
        fresh,
        '[tool.scorecard.mail]\ntoo_large = "link"\npassword = "${PDFS}"\n'
        f'allow = ["{ADA}", "{GRACE}"]\n',
    )
    (fresh / "templates" / "mail" / "document.txt.j2").write_text("{{ letter.sentense }}")
    code, said, _ = scorecard("check", "--json", cwd=fresh)
    found = {f["id"]: f for f in json.loads(said) if f["id"].startswith(("delivery", "templ"))}
    severities = {id: f["severity"] for id, f in found.items()}
    assert code == 1
    assert severities == {
        "delivery.no_sender": "warning",
        "delivery.no_operator": "warning",
        "delivery.no_link": "warning",
        "delivery.no_secret": "warning",
        "delivery.not_allowed": "warning",
        "delivery.no_unsubscribe": "note",
        "delivery.no_server": "note",
        "templates.mail": "blocking",
    }
    assert "${PDFS}" in found["delivery.no_secret"]["message"]
    assert NOOR in found["delivery.not_allowed"]["message"]
    assert "mail/document.txt.j2:1" in found["templates.mail"]["message"]


def test_a_post_for_which_nobody_answers_or_is_told_is_found(fresh):
    """Grace is the only executive, and leads the team; both leave."""
    file = fresh / "strategy.toml"
    text = file.read_text()
    for email in (ADA, GRACE):
        assert email in text
        text = text.replace(f'email = "{email}"', f'email = "{email}"\nuntil = 2024-01-31')
    file.write_text(text)
    _code, said, _ = scorecard("check", "--json", cwd=fresh)
    found = [f for f in json.loads(said) if f["id"].startswith("delivery.no_address")]
    (nobody,) = (f for f in json.loads(said) if f["id"] == "delivery.nobody")
    assert found == []
    assert (nobody["severity"], nobody["place"]) == ("warning", "strategy.toml (head-of-service)")
    assert nobody["message"].startswith("Nobody answers for Head of service today, and nobody is ")


def test_a_malformed_server_is_found_without_its_password(fresh):
    url = "smtp://cards:ses[ame@mail.example.com"
    code, said, wrong = scorecard("check", "--json", cwd=fresh, SCORECARD_SMTP=url)
    (found,) = (f for f in json.loads(said) if f["id"] == "delivery.server")
    assert (code, found["severity"]) == (1, "blocking")
    assert found["message"].startswith("It cannot be taken apart; write smtp://")
    assert "ses[ame" not in said + wrong


def test_a_sound_project_has_nothing_that_blocks(fresh, server):
    code, said, _ = scorecard("check", "--json", cwd=fresh, SCORECARD_SMTP=server.url())
    assert code == 0
    ids = {f["id"] for f in json.loads(said) if f["id"].startswith("delivery")}
    assert ids == {"delivery.no_unsubscribe"}
