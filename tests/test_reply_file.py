"""A reply as a file: printed as a template, filled in, read, and recorded whole or not at all."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from command import refused, scorecard
from sample_project import small
from test_answering import ASKED_ON, DAY, MAY, PRE_READ, issue
from test_ledger import claim

from scorecard.answering.model import Goal, Promised, Renegotiated, Withdrawn
from scorecard.base.toml_top import TopFile
from scorecard.ledger import Ledger
from scorecard.project.declared import declared
from scorecard.project.entrance import door_of
from scorecard.replies.reply_file import TABLES, read_reply

ROOT = Path(__file__).parents[1]
OWNER, PERSON = "head-of-service", "Ada Example"
GOLD = "first_reply_p90/gold"
ANY_TIME = replace(PRE_READ, answers=None)
"""The commands go by the machine's clock, which is long after any deadline in these facts."""


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """The small company with one pre-read of May, whose question may be answered at any time."""
    acme = small(tmp_path_factory.mktemp("reply") / "acme")
    with Ledger.open(acme.ledger, acme.root) as ledger:
        issue(acme, ledger, ANY_TIME, MAY, ASKED_ON)
    return acme


@pytest.fixture
def acme(asked, tmp_path):
    """A copy of it for one test."""
    shutil.copytree(asked.root, tmp_path / "acme")
    return type(asked).at(tmp_path / "acme", {})


@pytest.fixture
def template(acme):
    ended, said, wrong = scorecard("questions", OWNER, "--as-reply", cwd=acme.root)
    assert (ended, wrong) == (0, "")
    return said


def handed_in(acme, text, *more):
    """What `reply` does with a file of that text: (exit code, stdout, stderr)."""
    (acme.root / "reply.toml").write_text(text, encoding="utf-8")
    return scorecard("reply", "reply.toml", *more, cwd=acme.root)


def recorded(acme):
    with Ledger.open(acme.ledger, acme.root) as ledger:
        answers = {id: [a.text for a in of] for id, of in ledger.answers(MAY).items()}
        return answers, ledger.commitments(), ledger.acknowledgements(MAY)


def question_in(template):
    """The id of the only question."""
    (id,) = re.findall(r'(?m)^([0-9a-f]{12}) = ""$', template)
    return id


def test_a_template_that_is_filled_in_is_recorded_whole(acme, template):
    id = question_in(template)
    filled = template.replace(f'{id} = ""', f'{id} = """It rained,\nand the roof leaked."""')
    filled = filled.replace("acknowledge = false", "acknowledge = true")
    filled = re.sub(r"(?m)^# (\[\[commitment\]\]|(?:text|moves|due|to) =)", r"\1", filled)
    filled = filled.replace('text = ""', 'text = "fill the night shift"')
    filled = filled.replace('to = ""', 'to = "3 h"')
    ended, said, wrong = handed_in(acme, filled)
    assert (ended, wrong) == (0, "")
    of = f"({PERSON}, edition 1 of 2026-05)."
    assert said.splitlines() == [
        f"Question 1: answer recorded {of}",
        f"Commitment 1 recorded {of}",
        f"Recorded that it was read {of}",
    ]
    answers, (commitment,), (read,) = recorded(acme)
    assert answers == {id: ["It rained, and the roof leaked."]}
    assert (commitment.text, commitment.goal.key, commitment.goal.at_worst, commitment.source) == (
        "fill the night shift",
        GOLD,
        3.0,
        "command",
    )
    assert (read.person, read.edition_id) == (PERSON, commitment.made_in)
    # The same file again says nothing new, and is no fault.
    ended, said, wrong = handed_in(acme, filled)
    assert (ended, wrong) == (0, "")
    assert said.splitlines() == [
        "Question 1 was answered in these words before.",
        "Commitment 1 says the same and is open.",
        "That you have read it was recorded before.",
    ]
    # The next template shows what was said, and how the open one is moved.
    _, again, _ = scorecard("questions", OWNER, "--as-reply", cwd=acme.root)
    assert f"# recorded, {PERSON}, " in again and "It rained, and the roof leaked." in again
    assert "#   1. fill the night shift [first_reply_p90/gold], due " in again


def test_the_template_says_who_what_and_what_was_asked(template):
    assert f'owner = "{OWNER}"\nperson = "{PERSON}"\nedition = "' in template
    assert "# 1. The process gives 5.0 h; we promised 4 h or less." in template
    assert "#   first_reply_p90/gold (strength: 4 h)" in template
    assert all(len(line) <= 100 for line in template.splitlines())


def test_a_template_that_says_nothing_is_refused_and_nothing_is_recorded(acme, template):
    ended, said, wrong = handed_in(acme, template)
    assert (ended, said) == (1, "")
    assert wrong.startswith("error: The reply says nothing")
    assert recorded(acme) == ({}, [], [])


def test_a_commitment_is_moved_and_another_withdrawn_by_a_file(acme, template):
    edition = re.search(r'edition = "(\w+)"', template)[1]
    for what in ("train two people", "fill the night shift"):
        words = ("commit", OWNER, what, "--moves", GOLD, "--due", "2099-01")
        assert scorecard(*words, cwd=acme.root)[0] == 0
    text = f"""
owner = "{OWNER}"
edition = "{edition}"

[[renegotiate]]
commitment = 1
due = "2099-03"
because = "staffing"
words = "Hired in January"

[[withdraw]]
commitment = 2
because = "scope"
"""
    ended, said, _ = handed_in(acme, text, "--json")
    found = json.loads(said)
    assert (ended, found["person"], found["renegotiated"], found["withdrawn"]) == (
        0,
        PERSON,
        [1],
        [2],
    )
    _, (first, second), _ = recorded(acme)
    assert (first.due_now, first.steps[0].text) == ("2099-03", "Hired in January")
    assert second.last.reason == "scope"


FAULTY = """
owner = "{owner}"
edition = "{edition}"
acknowledge = "yes"
persn = "Ada Example"

[answers]
{id} = "{long}"
1 = "By its number."

[[commitment]]
text = "bring it to 9 h"
moves = "first_reply_p90/gold"
due = "2099-13"
to = "9 h"

[[commitment]]
text = "bring it to 3"
moves = "first_reply_p90/golt"
due = "2099-01"

[[commitments]]
text = "x"

[[withdraw]]
commitment = 7
because = "scop"
"""


def test_all_that_is_wrong_is_said_at_once_with_its_line(acme, template):
    edition, id = re.search(r'edition = "(\w+)"', template)[1], question_in(template)
    text = FAULTY.format(owner=OWNER, edition=edition, id=id, long="word " * 61)
    ended, said, wrong = handed_in(acme, text)
    assert (ended, said) == (1, "")
    sentences = [line.removeprefix("error: ") for line in wrong.splitlines()]
    for place, words in (
        ("reply.toml:4", 'acknowledge is "yes"; write acknowledge = true'),
        ("reply.toml:5", 'Key "persn" does not belong in the file'),
        ("reply.toml:5", 'Did you mean "person"?'),
        ("reply.toml:14 (commitment first_reply_p90/gold)", 'Period "2099-13" is not one'),
        ("reply.toml:15 (commitment first_reply_p90/gold)", 'The goal "9 h" is worse than'),
        ("reply.toml:19 (commitment first_reply_p90/golt)", f'Did you mean "{GOLD}"?'),
        ("reply.toml:22", 'Did you mean "commitment"?'),
        ("reply.toml:27 (withdraw 7)", 'Did you mean "scope"?'),
        ("Question 1", "the answer has 61 words"),
        ('Question "1"', f'Its question 1 is "{id}".'),
    ):
        assert [s for s in sentences if s.startswith(place) and words in s], (place, words, wrong)
    assert len(sentences) == 9
    assert recorded(acme) == ({}, [], [])
    ended, said, wrong = handed_in(acme, text, "--json")
    assert (ended, wrong) == (1, "")
    assert json.loads(said) == {"recorded": False, "wrong": sentences}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("owner = ", "reply.toml:1: Is not TOML"),
        ("", '"owner" is missing'),
        ('owner = "head-of-servise"\nedition = "x"\n', 'Did you mean "head-of-service"?'),
        (f'owner = "{OWNER}"\n', '"edition" is missing'),
        (f'owner = "{OWNER}"\nedition = "x"\nacknowledge = true\n', '"x" is no edition'),
        (
            f'owner = "{OWNER}"\nperson = "Bo Carr"\nedition = "x"\nacknowledge = true\n',
            "Bo Carr does not answer for",
        ),
    ],
)
def test_what_is_no_reply_is_said_in_sentences(acme, text, said):
    ended, out, wrong = handed_in(acme, text)
    assert (ended, out) == (1, "") and said in wrong
    assert all(line.startswith("error: ") for line in wrong.splitlines())


def test_a_file_that_is_not_there_is_one_sentence(acme):
    ended, _, wrong = scorecard("reply", "nothing.toml", cwd=acme.root)
    assert ended == 1 and "nothing.toml: Cannot be opened" in wrong


def test_a_dry_run_says_what_would_be_recorded_and_records_nothing(acme, template):
    id = question_in(template)
    filled = template.replace(f'{id} = ""', f'{id} = "It rained."')
    filled += f'\n[[commitment]]\ntext = "do it"\nmoves = "{GOLD}"\ndue = "2099-01"\n'
    ended, said, _ = handed_in(acme, filled, "--dry-run")
    of = f"({PERSON}, edition 1 of 2026-05)."
    assert (ended, said.splitlines()) == (
        0,
        [
            f"Question 1: answer would be recorded {of}",
            f"Commitment 1 would be recorded {of}",
            "Nothing was recorded: this was tried only.",
        ],
    )
    assert recorded(acme) == ({}, [], [])
    _, said, _ = handed_in(acme, filled, "--dry-run", "--json")
    found = json.loads(said)
    assert (found["recorded"], found["answered"], found["promised"]) == (False, [1], [1])
    # What is wrong is said as it would be otherwise.
    ended, _, wrong = handed_in(acme, template, "--dry-run")
    assert ended == 1 and "The reply says nothing" in wrong
    assert handed_in(acme, filled)[0] == 0 and len(recorded(acme)[1]) == 1


def test_a_reply_comes_by_standard_input(acme, template, monkeypatch):
    id = question_in(template)
    filled = template.replace(f'{id} = ""', f'{id} = "Es regnete, 夜も."')

    def piped(content):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        return scorecard("reply", "-", cwd=acme.root)

    ended, said, _ = piped(filled.replace("\n", "\r\n").encode())
    assert ended == 0 and said.startswith("Question 1: answer recorded")
    assert recorded(acme)[0] == {id: ["Es regnete, 夜も."]}
    assert "standard input: Is not text in UTF-8" in piped(b'owner = "\xff"')[2]
    assert "which is no reply" in piped(b"#" * 1_000_001)[2]


def test_by_command_too_what_is_promised_is_judged_by_periods_and_not_by_spans(acme, template):
    """The newest page is about a span that somebody computed by hand."""
    with Ledger.open(acme.ledger, acme.root) as ledger:
        run = claim(ledger, acme.period("2026-01/2026-05"), now=ASKED_ON + DAY)
        ledger.freeze("owner-scorecard", OWNER, "{}", run, ASKED_ON + DAY)
    words = ("commit", OWNER, "do it", "--moves", GOLD, "--due")
    assert "about 2026-01/2026-05, which is a span" in refused(*words, "2099-01", cwd=acme.root)
    _, printed, _ = scorecard("questions", OWNER, "--as-reply", cwd=acme.root)
    assert "# No commitment can be made here: this page is about a span." in printed
    of_may = ("--period", "2026-05")
    for due, said in (
        ("2098-11/2099-04", "2098-11/2099-04 is a span, and the figure is made by the month;"),
        ("2099-Q1", 'Period "2099-Q1" is a quarter, but this project works by month;'),
    ):
        assert said in refused(*words, due, *of_may, cwd=acme.root)
    assert scorecard(*words, "2099-01", *of_may, cwd=acme.root)[0] == 0
    # Of a file, the door says the same.
    text = template + f'\n[[commitment]]\ntext = "x"\nmoves = "{GOLD}"\ndue = "2099-Q1"\n'
    assert "2099-Q1 is a quarter, and the figure is made by the month" in handed_in(acme, text)[2]
    # What is open can be moved and withdrawn, though the newest page is about a span.
    moved = ("renegotiate", OWNER, "1", "--due", "2099-03", "--because", "staffing")
    assert scorecard(*moved, cwd=acme.root)[0] == 0
    assert scorecard("withdraw", OWNER, "1", "--because", "scope", cwd=acme.root)[0] == 0


def test_a_template_is_of_one_owner(acme):
    for words in (("--as-reply",), (OWNER, "--as-reply", "--json")):
        ended, said, wrong = scorecard("questions", *words, cwd=acme.root)
        assert (ended, said) == (2, "") and "--as-reply" in wrong
    assert "There is no page of" in scorecard("questions", "nobody", "--as-reply", cwd=acme.root)[2]


def test_a_texts_signs_cannot_leave_their_comment(acme, template):
    """A commitment's words may hold what would begin a table, were it not in a comment."""
    evil = 'x\n[[withdraw]]\ncommitment = 1\nbecause = "scope"'
    words = ("commit", OWNER, evil, "--moves", GOLD, "--due", "2099-01")
    assert scorecard(*words, cwd=acme.root)[0] == 0
    _, again, _ = scorecard("questions", OWNER, "--as-reply", cwd=acme.root)
    ended, _, wrong = handed_in(acme, again)
    assert ended == 1 and "The reply says nothing" in wrong
    (commitment,) = recorded(acme)[1]
    assert commitment.is_open and commitment.steps == ()


def test_the_file_that_the_docs_show_reads_as_it_stands(acme, tmp_path):
    text = (ROOT / "docs/replies.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "reply.toml").write_text(shown, encoding="utf-8")
    read = read_reply(TopFile(tmp_path / "reply.toml"), door_at(acme), ASKED_ON)
    assert read.findings == ()
    said = read.reply
    assert (said.owner, said.person, said.read, len(said.answers)) == (OWNER, PERSON, True, 1)
    assert said.promised == (
        Promised(
            "bring Gold's first reply to 3 h",
            Goal("first_reply_p90", "gold", 3.0, None),
            "2027-02",
        ),
    )
    assert said.renegotiated == (
        Renegotiated(3, "2027-03", "staffing", "Both start a month later."),
    )
    assert said.withdrawn == (Withdrawn(4, "scope"),)
    # Each table and key of it is in the page's list.
    keys = {
        key
        for table in tomllib.loads(shown).values()
        if isinstance(table, list)
        for key in table[0]
    }
    for named in (*TABLES, *keys - {"text"}):
        assert f"`{named}`" in text or f"`[{named}]`" in text or f"`[[{named}]]`" in text


def door_at(acme):
    """The door of that project; reading a file needs no ledger."""
    read = declared(acme)
    return door_of(acme, None, read.strategy, read.metrics)
