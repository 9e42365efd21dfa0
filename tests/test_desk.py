"""The desk as an owner's browser meets it, over a real server on loopback, on both databases."""

from __future__ import annotations

import re
import socket
from datetime import date, timedelta
from gzip import decompress
from html import escape, unescape
from threading import Barrier, Thread

import pytest
from sample_desk import (
    DEADLINE,
    NOW,
    Browser,
    document,
    form_of,
    frozen,
    made,
    question,
    served,
)
from test_ledger import claim

from scorecard.base.periods import Period
from scorecard.desk.guards import HEADERS
from scorecard.documents.asked_model import QuestionLine
from scorecard.documents.kinds import KINDS
from scorecard.documents.preread_model import PreRead
from scorecard.errors import ProjectError
from scorecard.ledger import NewDelivery
from scorecard.mail.message import message_id

OCTOBER = "2026-10"
FIRST, SECOND = "answer-aaaaaaaaaaa1", "answer-aaaaaaaaaaa2"
PROMISE = {
    "promise-text": "bring Gold first reply to 4 h or less",
    "promise-stance": "first_reply_p90/gold",
    "promise-due": "2026-12",
}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def desk(tmp_path, ledger):
    return made(tmp_path / "acme", ledger)


@pytest.fixture
def browser(desk):
    with served(desk) as base:
        yield Browser(base)


@pytest.fixture
def path(desk):
    return desk.paths["support"]


def answers(desk):
    period = desk.project.period(OCTOBER)
    return {
        id: [(a.text, a.person, a.source) for a in given]
        for id, given in desk.ledger.answers(period).items()
    }


def uses(desk, owner="support"):
    return [use.event for use in desk.ledger.link_uses(desk.links[owner].id)]


def test_the_page_has_the_heading_figures_and_questions_as_printed(browser, path):
    page = browser.get(path)
    assert page.status == 200
    for said in (
        "Mikael Lindqvist",
        "Head of Support · questions until Fri 13 Nov, 18:00",
        "October 2026",
        "Two questions to expect",
        "First human reply · Gold",
        "5.5 h (5.1–5.9), n 1,028",
        "not delivered · promised: 4 h or less",
        "over-served · accepted: 65 % to 85 %",
        "which strength loses the effort?",
        "0 of 60 words",
        "0 of 5 open",
        "This link opens this one page only, until Tue 24 Nov, 16:20 (Europe/London).",
    ):
        assert said in page.said, said
    assert re.search(
        r"I have read my owner scorecard of October 2026 \(edition 1, [0-9a-f]{8}\)", page.said
    )
    # Of the other owner's page nothing, not even that there is one.
    assert "Bo Carr" not in page.text and "two attempts" not in page.text
    spoken = re.findall(r'aria-label="([^"]+)"', page.text)
    assert spoken == [
        "deliberate strength",
        "below the limit",
        "accepted weakness",
        "above what we chose to pay for",
    ]


def test_what_is_sent_is_recorded_and_the_way_back_shows_a_receipt(desk, browser, path):
    sent = browser.send(path, **{FIRST: "It  rained.", "read": "yes", **PROMISE})
    assert sent.status == 303
    back = browser.get(sent.headers["location"].partition("#")[0])
    assert (
        "Recorded Tue 10 Nov, 16:20: your answer to question 1, commitment 1 and that you have read "
        "this edition."
    ) in back.said
    assert answers(desk) == {"aaaaaaaaaaa1": [("It rained.", "Mikael Lindqvist", "desk")]}
    (commitment,) = desk.ledger.commitments("support")
    assert (commitment.due, commitment.goal.key, commitment.goal.at_worst) == (
        "2026-12",
        "first_reply_p90/gold",
        4.0,
    )
    (read,) = desk.ledger.acknowledgements(desk.project.period(OCTOBER))
    assert (read.person, read.edition_id) == ("Mikael Lindqvist", desk.editions["support"].id)
    for said in ("2 of 60 words", "recorded: Mikael Lindqvist, Tue 10 Nov, 16:20", "1 of 5 open"):
        assert said in back.said
    assert "You said on Tue 10 Nov, 16:20 that you have read" in back.said
    assert uses(desk) == ["opened", "answered"]
    # Without the receipt's own address the page shows none.
    assert "Thank you" not in browser.get(path).said


def test_all_that_is_wrong_stands_beside_what_was_typed_and_nothing_is_lost(desk, browser, path):
    browser.send(path, **PROMISE)
    long = "word " * 60 + "more"
    sent = browser.send(
        path,
        **{
            FIRST: long,
            SECOND: "Fine <b>here</b>.",
            "step-1": "renegotiate",
            "why-1": "Hired in “January”",
            "promise-text": "x" * 161,
            "promise-due": "2027-01",
            "read": "yes",
        },
    )
    assert sent.status == 422
    faults = re.search(r'(?s)id="faults".*?</section>', sent.text)[0]
    assert re.findall(r'<a href="#([^"]+)">([^<;]+)', faults) == [
        ("answer-aaaaaaaaaaa1", "Question 1: the answer has 61 words, and 60 are the most"),
        ("commitment-1", "Commitment 1 has no reason yet"),
        ("commitment-1", "Commitment 1 has no new end yet"),
        ("promise-text", "The commitment moves no stance yet"),
    ]
    fields = form_of(sent)
    assert (fields[FIRST], fields[SECOND]) == (long, "Fine <b>here</b>.")
    assert 'value="Hired in “January”"' in sent.text and "x" * 161 in sent.text
    assert re.search(r'<option value="renegotiate" selected>', sent.text)
    assert re.search(r'<option value="2027-01" selected>', sent.text)
    assert 'value="yes" checked' in sent.text
    # Nothing of it was recorded, not even what was right.
    assert answers(desk) == {} and len(desk.ledger.commitments()) == 1
    # Mended in the very form, it goes through.
    mended = {**fields, FIRST: "Shorter.", SECOND: fields[SECOND]}
    assert browser.post(path, mended).status == 303
    assert set(answers(desk)) == {"aaaaaaaaaaa1", "aaaaaaaaaaa2"}


def test_commitments_are_renegotiated_and_withdrawn(desk, browser, path):
    browser.send(path, **PROMISE)
    browser.send(path, **{**PROMISE, "promise-text": "train two people"})
    sent = browser.send(
        path,
        **{
            "step-1": "renegotiate",
            "due-1": "2027-02",
            "reason-1": "staffing",
            "why-1": "Hired in January",
            "step-2": "withdraw",
            "reason-2": "scope",
        },
    )
    assert sent.status == 303
    first, second = desk.ledger.commitments("support")
    assert (first.due_now, first.is_open, first.steps[0].text) == (
        "2027-02",
        True,
        "Hired in January",
    )
    assert second.last.step == "withdrawn"
    page = browser.get(path).said
    assert "February 2027" in page and "train two people" not in page and "1 of 5 open" in page


def test_a_form_sent_twice_is_recorded_once_and_answered_twice(desk, browser, path):
    browser.send(path, **PROMISE)
    fields = {**form_of(browser.get(path)), "step-1": "withdraw", "reason-1": "money"}
    start, got = Barrier(2), []

    def click():
        start.wait()
        got.append(browser.post(path, fields))

    clicks = [Thread(target=click) for _ in range(2)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()
    assert [each.status for each in got] == [303, 303]
    assert got[0].headers["location"] == got[1].headers["location"]
    (commitment,) = desk.ledger.commitments()
    assert [step.step for step in commitment.steps] == ["withdrawn"]


def test_a_commitment_may_have_a_goal_that_is_better_than_the_limit(desk, browser, path):
    assert browser.send(path, **PROMISE, **{"promise-to": " 150 min "}).status == 303
    (commitment,) = desk.ledger.commitments("support")
    assert (commitment.goal.at_worst, commitment.goal.at_best) == (2.5, None)
    page = browser.get(path).said
    assert "moves First human reply · Gold to 2.5 h · Mikael Lindqvist" in page
    # Without one the limit is the goal, and is not said again.
    browser.send(path, **{**PROMISE, "promise-text": "train two people"})
    assert desk.ledger.commitments("support")[1].goal.at_worst == 4.0
    assert "moves First human reply · Gold · Mikael Lindqvist" in browser.get(path).said


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("9 h", 'The goal "9 h" is worse than the limit that was chosen, 4 h;'),
        ("3", 'The goal "3" does not say its unit as hours is written;'),
        ("85 %", 'The goal "85 %" does not say its unit as hours is written;'),
        ("<b>3</b>", 'The goal "<b>3</b>" is not a number with a unit;'),
    ],
)
def test_a_goal_that_is_none_is_said_beside_its_field(desk, browser, path, to, said):
    sent = browser.send(path, **PROMISE, **{"promise-to": to})
    assert (sent.status, desk.ledger.commitments()) == (422, [])
    faults = re.search(r'(?s)id="faults".*?</section>', sent.text)[0]
    assert re.findall(r'href="#([^"]+)"', faults) == ["promise-to"]
    assert said in unescape(faults)
    (field,) = re.findall(r'<input id="promise-to"[^>]*>', sent.text)
    assert f'value="{escape(to)}"' in field and 'aria-invalid="true"' in field
    assert 'aria-describedby="wrong-promise hint-goal"' in field


def test_a_goal_alone_is_no_commitment(desk, browser, path):
    sent = browser.send(path, **{"promise-to": "3 h"})
    assert sent.status == 422 and "The commitment moves no stance yet" in sent.said
    assert 'value="3 h"' in sent.text


def test_the_page_of_a_span_takes_no_commitment_and_moves_what_is_open(desk, browser, path):
    browser.send(path, **PROMISE)
    span = desk.project.period("2026-05/2026-10")
    run = claim(desk.ledger, span)
    edition = frozen(desk.ledger, run)
    spans = desk.path(desk.link(id="span", edition_id=edition.id))
    page = browser.get(spans)
    assert "commitments are judged by regular periods" in page.said
    assert "promise-text" not in page.text and 'name="due-1"' in page.text
    # Who sends one nevertheless reads why not.
    more = {**PROMISE, "promise-text": "train two people"}
    sent = browser.post(spans, {**form_of(page), **more})
    assert sent.status == 422 and "is a span" in sent.said
    moved = {"step-1": "renegotiate", "due-1": "2027-02", "reason-1": "staffing"}
    assert '<option value="2027-02">February 2027</option>' in page.text
    assert browser.post(spans, {**form_of(page), **moved}).status == 303
    assert desk.ledger.commitments("support")[0].due_now == "2027-02"


def test_a_company_of_quarters_commits_to_quarters(desk, browser):
    run = claim(desk.ledger, Period.containing(date(2026, 7, 1), "quarter", "Europe/London"))
    edition = frozen(desk.ledger, run)
    path = desk.path(desk.link(id="quarter", edition_id=edition.id))
    page = browser.get(path)
    due = re.search(r'(?s)id="promise-due".*?</select>', page.text)[0]
    assert re.findall(r'value="([^"]+)"', due) == ["2026-Q4", "2027-Q1", "2027-Q2", "2027-Q3"]
    sent = browser.post(path, {**form_of(page), **PROMISE})
    assert sent.status == 422 and "name a quarter, such as 2027-Q2" in sent.said
    made_one = browser.post(path, {**form_of(page), **PROMISE, "promise-due": "2026-Q4"})
    assert made_one.status == 303
    assert desk.ledger.commitments("support")[0].due == "2026-Q4"


FORMS = {
    "a withdrawal": {"step-1": "withdraw", "reason-1": "money"},
    "a renegotiation": {"step-1": "renegotiate", "due-1": "2027-02", "reason-1": "staffing"},
    "a commitment": {**PROMISE, "promise-text": "train two people", "promise-to": "3 h"},
    "an answer": {FIRST: "It rained."},
    "an acknowledgement": {"read": "yes"},
    "all at once": {
        FIRST: "It rained.",
        "step-1": "withdraw",
        "reason-1": "scope",
        "read": "yes",
        **PROMISE,
        "promise-text": "train two people",
    },
}


@pytest.mark.parametrize("typed", FORMS.values(), ids=list(FORMS))
def test_a_form_sent_to_two_desks_is_recorded_once_and_both_say_so(desk, browser, path, typed):
    """Two processes behind one proxy, or one that was begun again: neither remembers the other's
    forms, and the ledger is all that they have in common."""
    browser.send(path, **PROMISE)
    fields = {**form_of(browser.get(path)), **typed}
    assert browser.post(path, fields).status == 303
    before = [*answers(desk).values(), desk.ledger.commitments()], desk.ledger.head()
    # Also after the deadline, for it was said before.
    desk.now = DEADLINE + MINUTE
    with served(desk) as other:
        again = browser.post(f"{other}{path}", fields)
        assert again.status == 303, again.said
        shown = browser.get(other + again.headers["location"].partition("#")[0])
    assert "Thank you Nothing new was recorded." in shown.said
    assert re.search("before|says the same and is open", shown.said)
    assert [*answers(desk).values(), desk.ledger.commitments()] == before[0]


def test_a_form_sent_to_two_desks_at_once_is_recorded_once(desk, browser, path):
    browser.send(path, **PROMISE)
    fields = {**form_of(browser.get(path)), **FORMS["all at once"]}
    start, got = Barrier(2), []

    def click(base):
        start.wait()
        got.append(browser.post(f"{base}{path}", fields).status)

    with served(desk) as other:
        clicks = [Thread(target=click, args=(base,)) for base in (browser.base, other)]
        for each in clicks:
            each.start()
        for each in clicks:
            each.join()
    assert got == [303, 303]
    first, second = desk.ledger.commitments()
    assert ([s.step for s in first.steps], second.text) == (["withdrawn"], "train two people")
    assert [len(said) for said in answers(desk).values()] == [1]


def test_an_answer_can_be_added_to_and_not_taken_back(desk, browser, path):
    browser.send(path, **{FIRST: "It rained."})
    assert browser.send(path).status == 303  # the same again says nothing new, and is no fault
    again = browser.send(path, **{FIRST: ""})
    assert (again.status, "the answer is empty" in again.said) == (422, True)
    browser.send(path, **{FIRST: "It rained, and the roof leaked."})
    assert [text for text, *_ in answers(desk)["aaaaaaaaaaa1"]] == [
        "It rained.",
        "It rained, and the roof leaked.",
    ]


def test_an_empty_form_is_said_to_be_empty(browser, path):
    sent = browser.send(path)
    assert (sent.status, "The reply says nothing" in sent.said) == (422, True)


def test_after_the_deadline_the_page_shows_what_was_said_and_takes_no_answer(desk, browser, path):
    browser.send(path, **{FIRST: "In time."})
    fields = form_of(browser.get(path))
    desk.now = DEADLINE + MINUTE
    page = browser.get(path)
    assert "textarea" not in page.text and "questions until" not in page.said
    assert "In time." in page.said and "No answer by Fri 13 Nov, 18:00." in page.said
    late = browser.post(path, {**fields, SECOND: "Too late, but typed."})
    assert late.status == 422 and "answers were taken until" in late.said
    assert form_of(late)[SECOND] == "Too late, but typed."
    assert browser.send(path, **PROMISE).status == 303


def test_a_replaced_edition_can_be_read_and_not_answered(desk, browser, path):
    fields = form_of(browser.get(path))
    newer = frozen(desk.ledger, desk.run, role="Head of Support and Returns")
    page = browser.get(path)
    assert "Edition 1 was replaced by edition 2" in page.said
    assert "<button" not in page.text and "textarea" not in page.text and "page.pdf" in page.text
    sent = browser.post(path, {**fields, FIRST: "Typed meanwhile."})
    assert (sent.status, answers(desk)) == (422, {})
    assert "Typed meanwhile." in sent.text
    other = desk.path(desk.link(id="newer", edition_id=newer.id))
    assert browser.send(other, **{FIRST: "Now."}).status == 303


def test_two_owners_answer_at_once_in_one_browser_and_in_two(desk, browser):
    texts = {"support": ("aaaaaaaaaaa1", "Mine."), "field": ("bbbbbbbbbbb1", "Yours.")}
    # In one browser, with both pages open before either is sent.
    forms = {owner: form_of(browser.get(desk.paths[owner])) for owner in texts}
    for owner, (id, text) in texts.items():
        assert browser.post(desk.paths[owner], {**forms[owner], f"answer-{id}": text}).status == 303
    got, start = [], Barrier(2)

    def answer(owner, id):
        own = Browser(browser.base)
        fields = form_of(own.get(desk.paths[owner]))
        start.wait()
        got.append(own.post(desk.paths[owner], {**fields, f"answer-{id}": "Again."}).status)

    threads = [Thread(target=answer, args=(owner, id)) for owner, (id, _) in texts.items()]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert got == [303, 303]
    assert answers(desk) == {
        "aaaaaaaaaaa1": [
            ("Mine.", "Mikael Lindqvist", "desk"),
            ("Again.", "Mikael Lindqvist", "desk"),
        ],
        "bbbbbbbbbbb1": [("Yours.", "Bo Carr", "desk"), ("Again.", "Bo Carr", "desk")],
    }


def test_who_left_is_out_at_once_and_who_stands_in_is_named(desk, browser, path):
    assert browser.get(path).status == 200
    file = desk.project.strategy
    text = file.read_text(encoding="utf-8")
    gone = 'email = "mikael@example.com"\ndeputy = "field"\nuntil = 2026-11-01'
    file.write_text(text.replace('email = "mikael@example.com"', gone), encoding="utf-8")
    assert browser.get(path).status == 404
    deputy = desk.path(desk.link(id="deputy", person="Bo Carr"))
    page = browser.get(deputy)
    assert "Mikael Lindqvist" in page.said and "Bo Carr answers here today" in page.said
    assert browser.send(deputy, **{FIRST: "For Mikael."}).status == 303
    assert answers(desk)["aaaaaaaaaaa1"] == [("For Mikael.", "Bo Carr", "desk")]
    file.write_text(text, encoding="utf-8")
    assert (browser.get(path).status, browser.get(deputy).status) == (200, 404)


def test_a_strategy_that_cannot_be_read_shows_nothing_and_keeps_what_was_typed(desk, browser, path):
    fields = form_of(browser.get(path))
    text = desk.project.strategy.read_text(encoding="utf-8")
    desk.project.strategy.write_text("[tiers", encoding="utf-8")
    sent = browser.post(path, {**fields, FIRST: "Written with care."})
    assert (sent.status, "Written with care." in sent.said) == (503, True)
    assert "[tiers" not in sent.text and "strategy" not in sent.text
    desk.project.strategy.write_text(text, encoding="utf-8")
    assert browser.post(path, {**fields, FIRST: "Written with care."}).status == 303


def test_an_altered_record_is_shown_to_nobody(desk, browser, path):
    with desk.ledger._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE question SET text = 'Why are you late?'")
    page = browser.get(path)
    assert (page.status, "late" in page.text, "altered" in page.text) == (503, False, False)
    with desk.ledger._engine.begin() as connection:
        original = "UPDATE question SET text = '{}' WHERE id = '{}'"
        from sample_desk import QUESTIONS

        for each in QUESTIONS:
            connection.exec_driver_sql(original.format(each.text, each.id))
    assert browser.get(path).status == 200


def test_a_link_whose_row_was_prolonged_opens_nothing(desk, browser, path):
    link = desk.links["support"]
    later, before = "2030-01-01 00:00:00+00:00", link.expires_at.isoformat(sep=" ")
    with desk.ledger._engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE reply_link SET expires_at = '{later}'")
    assert browser.get(path).status == 503
    with desk.ledger._engine.begin() as connection:
        stored = (
            before if desk.ledger._engine.dialect.name == "postgresql" else before[:19] + ".000000"
        )
        for each in desk.links.values():
            connection.exec_driver_sql(
                f"UPDATE reply_link SET expires_at = '{stored}' WHERE id = '{each.id}'"
            )


def test_every_response_forbids_scripts_frames_and_keeping(browser, path):
    for each in (
        browser.get(path),
        browser.get("/r/guessed"),
        browser.get("/"),
        browser.send(path),
    ):
        assert {name: each.headers.get(name) for name in HEADERS} == HEADERS
        assert "script" not in each.text.casefold()
    page = browser.get(path)
    assets = re.findall(r'(?:href|src)="([^"]+)"', page.text)
    assert [a for a in assets if not a.startswith(("/static/", "#", path))] == []
    (sheet,) = [a for a in assets if a.endswith(".css")]
    css = browser.get(sheet)
    assert "immutable" in css.headers["cache-control"] and "http" not in css.text
    for font in re.findall(r"url\(([^)]+)\)", css.text):
        found = browser.get(f"{sheet.rpartition('/')[0]}/{font}")
        assert (found.status, found.headers["content-type"]) == (200, "font/ttf")
        packed = browser.get(f"{sheet.rpartition('/')[0]}/{font}", Accept_Encoding="gzip, br")
        assert packed.headers["content-encoding"] == "gzip"
        assert decompress(packed.body) == found.body


def test_the_cookie_is_for_this_page_only_and_for_no_script(desk, browser, path):
    (cookie,) = [browser.get(path).headers["set-cookie"]]
    assert cookie.startswith("desk=") and f"Path={path};" in cookie
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Secure" not in cookie


def test_behind_https_cookies_are_secure_and_addresses_begin_with_the_prefix(tmp_path, ledger):
    desk = made(tmp_path / "acme", ledger, address="https://cards.example.com/desk")
    with served(desk) as base:
        page = Browser(base).get(desk.paths["support"])
    assert "Secure" in page.headers["set-cookie"]
    assert "strict-transport-security" in page.headers
    assert f'action="/desk{desk.paths["support"]}"' in page.text
    assert 'href="/desk/static/' in page.text


def test_a_page_without_questions_can_be_acknowledged(desk, browser):
    content = document("field", "Bo Carr", "Field service")
    json = KINDS["owner-scorecard"].model.dump_json(content).decode()
    run = desk.run
    desk.ledger.ask(
        [question("q0", 2, "field", "discretionary", "Why?", "Discretionary", "€400")],
        desk.editions["field"].id,
        None,
        NOW,
    )
    assert desk.ledger.freeze("owner-scorecard", "field", json, run, NOW).number == 1
    page = browser.get(desk.paths["field"])
    # Of what is no stance there is no mark; what raised it stands in its place.
    assert "Discretionary" in page.said and "not delivered, routine" in page.said
    assert browser.send(desk.paths["field"], read="yes").status == 303


def test_an_executive_finds_what_was_sent_to_them_and_nothing_else(desk, browser):
    ledger, run = desk.ledger, desk.run
    mine, other = desk.editions["support"], desk.editions["field"]
    for to, edition in (("grace@example.com", mine), ("bo@example.com", other)):
        own = message_id(ledger.keyed("test", to), "example.com")
        ledger.queue(
            [
                NewDelivery(
                    "document", edition.id, "mail", to, "", "{}", own, "s", OCTOBER, edition.id
                )
            ],
            NOW,
        )
    for taken in ledger.take_out("me", NOW, MINUTE, 9):
        ledger.hand_over(taken, NOW)
        ledger.settle(taken, "sent", NOW + MINUTE, code=250)
    link = desk.link(
        "managing-director", "Grace Example", opens="archive", email="grace@example.com"
    )
    path = desk.path(link)
    page = browser.get(path)
    assert (page.status, "Owner scorecard, Head of service" in page.said) == (200, True)
    assert mine.id in page.text and other.id not in page.text
    assert browser.get(f"{path}/{other.id}.pdf").status == 404
    assert browser.get(f"{path}/nothing.pdf").status == 404
    # The same link opens no owner's page, and an owner's no archive.
    assert browser.get(path.replace("/a/", "/r/")).status == 404
    assert browser.get(desk.paths["support"].replace("/r/", "/a/")).status == 404
    file = desk.project.strategy
    text = file.read_text(encoding="utf-8")
    left = 'email = "grace@example.com"\nuntil = 2026-11-01'
    file.write_text(text.replace('email = "grace@example.com"', left), encoding="utf-8")
    assert browser.get(path).status == 404
    assert run.period == OCTOBER


def test_a_port_that_is_taken_is_a_sentence(tmp_path, local):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        desk = made(tmp_path / "acme", local, port=taken.getsockname()[1])
        with (
            pytest.raises(ProjectError, match=r"cannot listen at 127\.0\.0\.1, port"),
            served(desk),
        ):
            pass


def test_a_pre_read_is_answered_like_a_page(desk, browser):
    """What schedules send before the packet: its choices, questions and commitments."""
    page = document()
    asked = tuple(
        QuestionLine(q, "strength", "below", "not delivered")
        for q in (a.question for a in desk.ledger.asked(desk.project.period(OCTOBER), "support"))
    )
    given = {
        name: getattr(page, name)
        for name in ("heading", "owner", "name", "role", "team", "purpose", "sentence", "stances")
    }
    pre_read = PreRead(
        **given, answer_by="13 Nov 2026 18:00", questions=asked, commitments=(), record=""
    )
    content = KINDS["pre-read"].model.dump_json(pre_read).decode()
    edition = desk.ledger.freeze("pre-read", "support", content, desk.run, NOW)
    path = desk.path(desk.link(edition_id=edition.id))
    shown = browser.get(path)
    assert shown.status == 200 and "Two questions to expect" in shown.said
    sent = browser.send(path, **{FIRST: "Two posts were vacant.", "read": "yes", **PROMISE})
    assert sent.status == 303
    ((text, person, source),) = answers(desk)["aaaaaaaaaaa1"]
    assert (text, person, source) == ("Two posts were vacant.", "Mikael Lindqvist", "desk")
    (made_one,) = desk.ledger.commitments("support")
    assert (made_one.made_in, made_one.goal.key) == (edition.id, "first_reply_p90/gold")
