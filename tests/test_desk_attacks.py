"""What could be done to the desk: links that are not one's own, forms from elsewhere, floods.

Each is answered with a sentence, shows nothing of anybody, and leaves nothing in the ledger.
"""

from __future__ import annotations

import logging
import re
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_desk import NOW, Browser, form_of, made, served

from scorecard.delivery.links import LinkSigner
from scorecard.desk.access import NOTHING
from scorecard.desk.guards import MOST_BYTES, TOO_LARGE, TOO_OFTEN
from scorecard.desk.rates import Rates, address_key
from scorecard.ledger import Ledger

FIRST = "answer-aaaaaaaaaaa1"
NAMES = ("Lindqvist", "Carr", "129 customers", "two attempts", "5.5 h", "not delivered")
URLSAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.fixture
def desk(tmp_path, local):
    return made(tmp_path / "acme", local)


@pytest.fixture
def browser(desk):
    with served(desk) as base:
        yield Browser(base)


@pytest.fixture
def path(desk):
    return desk.paths["support"]


def recorded(desk):
    period = desk.project.period("2026-10")
    ledger = desk.ledger
    return ledger.answers(period), ledger.commitments(), ledger.acknowledgements(period)


NOTHING_RECORDED = ({}, [], [])


def shows_nothing(answer, *statuses):
    assert answer.status in statuses, answer.said
    assert [name for name in NAMES if name in answer.text] == []
    assert len(re.findall(r"<h1", answer.text)) == 1


def test_no_guessed_or_altered_link_opens_anything_and_all_read_the_same(desk, browser, path):
    token = path.removeprefix("/r/")
    id, _, signature = token.partition(".")
    other = desk.paths["field"].removeprefix("/r/").partition(".")
    guesses = [
        id,
        f"{id}.",
        f".{signature}",
        f"{other[0]}.{signature}",
        f"{id}.{other[2]}",
        token.upper(),
        token + "A",
        token[:-1],
        token + "=",
        f"{token}%00",
        "0" * 24,
        "%2e%2e%2fetc%2fpasswd",
        "x" * 5000,
        "é.ü",
    ]
    # The last sign of a signature in base64 has bits that count for nothing: they count here.
    guesses += [token[:-1] + sign for sign in URLSAFE if sign != token[-1]]
    said = set()
    for guess in guesses:
        desk.seconds += 1
        answer = browser.get(
            "/r/" + guess.encode().decode("latin-1") if guess.isascii() else "/r/" + "%C3%A9"
        )
        shows_nothing(answer, 404)
        said.add(answer.body)
    assert len(said) == 1 and NOTHING.split(";")[0] in answer.said
    assert desk.ledger.link_uses(desk.links["support"].id) == []


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_whatever_is_read_as_a_token_was_signed_here(text):
    signer = LinkSigner(lambda *parts: "/".join(parts))
    id = signer.read(text)
    assert id is None or signer.token(id) == text


def test_another_ledger_signs_other_links(tmp_path, local):
    with Ledger.open("sqlite:///other.db", tmp_path) as other:
        token = LinkSigner(other.keyed).token("l0")
    assert LinkSigner(local.keyed).read(token) is None
    assert LinkSigner(local.keyed).read(LinkSigner(local.keyed).token("l0")) == "l0"


def test_expired_and_revoked_links_show_nothing_take_nothing_and_are_recorded(desk, browser):
    over = desk.link(id="over", expires_at=NOW)
    gone = desk.link(id="gone")
    fields = form_of(browser.get(desk.path(gone)))
    desk.ledger.note_link("gone", "revoked", NOW)
    for link, status in ((over, 410), (gone, 404)):
        path = desk.path(link)
        shows_nothing(browser.get(path), status)
        shows_nothing(browser.get(f"{path}/page.pdf"), status)
        # What was typed is given back to whoever typed it.
        typed = browser.post(path, {**fields, FIRST: "After all."})
        assert (typed.status, "After all." in typed.text) == (status, True)
        shows_nothing(typed, status)
    assert "was open until 10 Nov 2026 16:20" in browser.get(desk.path(over)).said
    assert browser.get(desk.path(gone)).body == browser.get("/r/guessed").body
    events = Counter(use.event for use in desk.ledger.link_uses("gone"))
    assert events == {"opened": 1, "revoked": 1, "refused": 4}
    assert recorded(desk) == NOTHING_RECORDED


def test_a_form_of_another_page_or_browser_or_site_is_not_taken(desk, browser, path):
    own = form_of(browser.get(path))
    other = form_of(browser.get(desk.paths["field"]))
    stranger = Browser(browser.base)
    attacks = [
        (browser, {FIRST: "x"}, {}),
        (browser, {**own, "token": other["token"], FIRST: "x"}, {}),
        (browser, {**own, "token": "", FIRST: "x"}, {}),
        (browser, {**own, "token": "é", FIRST: "x"}, {}),
        (stranger, {**own, FIRST: "x"}, {}),
        (stranger, {**own, FIRST: "x"}, {"Cookie": "desk=forged.signature"}),
        (browser, {**own, FIRST: "x"}, {"Origin": "https://evil.example"}),
        (browser, {**own, FIRST: "x"}, {"Sec_Fetch_Site": "cross-site"}),
        (browser, {**own, FIRST: "x"}, {"Sec_Fetch_Site": "same-site"}),
    ]
    for sender, fields, headers in attacks:
        answer = sender.post(path, fields, **headers)
        assert answer.status == 403, (fields, headers)
        assert "nothing" in answer.said
    # What another site sends is not even repeated.
    elsewhere = browser.post(path, {**own, FIRST: "planted"}, Origin="https://evil.example")
    assert "planted" not in elsewhere.text and "Lindqvist" not in elsewhere.text
    assert recorded(desk) == NOTHING_RECORDED
    assert browser.post(path, {**own, FIRST: "x"}, Origin=browser.base).status == 303


def test_an_old_form_is_given_back_with_what_was_typed(desk, browser, path):
    old = form_of(browser.get(path))
    browser.jar.clear()
    new = browser.post(path, {**old, FIRST: "Typed before lunch."})
    assert (new.status, form_of(new)[FIRST]) == (403, "Typed before lunch.")
    assert browser.post(path, form_of(new)).status == 303


def test_answers_of_another_post_and_fields_that_no_form_has_are_not_recorded(desk, browser, path):
    sent = browser.send(
        path,
        **{
            "answer-bbbbbbbbbbb1": "Not mine to say.",
            "owner": "field",
            "person": "Bo Carr",
            "edition_id": desk.editions["field"].id,
            "step-1": "withdraw",
            "reason-1": "other",
            "promise-text": "x",
            "promise-stance": "first_reply_p90/platinum",
            "promise-due": "2026-12",
        },
    )
    assert sent.status == 422 and "first_reply_p90/platinum" in sent.said
    assert "Not mine to say." not in sent.text
    assert recorded(desk) == NOTHING_RECORDED


def test_markup_in_what_is_typed_is_text_wherever_it_is_shown(desk, browser, path):
    evil = '</textarea><script>alert(1)</script><img src=x onerror="alert(1)">\x00\x1b[2J‮'
    wrong = browser.send(path, **{FIRST: evil * 20, "promise-text": evil, "read": evil})
    right = browser.send(path, **{FIRST: evil})
    shown = browser.get(path)
    packed = browser.get(f"{path}?sent=<script>alert(1)</script>")
    assert (wrong.status, right.status, shown.status) == (422, 303, 200)
    for page in (wrong, shown, packed):
        assert "<script" not in page.text and "<img" not in page.text
    assert "&lt;/textarea&gt;&lt;script&gt;" in shown.text
    (answer,) = desk.ledger.answers(desk.project.period("2026-10"))["aaaaaaaaaaa1"]
    assert "\x00" not in answer.text and "\x1b" not in answer.text


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 1_000_000, 10_000_000])
def test_what_is_too_large_is_refused_in_a_sentence_and_read_by_nobody(desk, browser, path, size):
    fields = form_of(browser.get(path))
    body = "&".join(f"{k}={v}" for k, v in fields.items() if not k.startswith("answer-"))
    sent = browser.post(path, f"{body}&{FIRST}=".encode() + b"x" * size)
    assert (sent.status, TOO_LARGE.split(".")[0] in sent.said) == (413, True)
    assert recorded(desk) == NOTHING_RECORDED
    assert browser.post(path, {**fields, FIRST: "Short."}).status == 303


def test_a_body_that_never_ends_or_lies_about_its_length_costs_little(desk, browser, path):
    host, port = browser.base.removeprefix("http://").split(":")
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
    )
    # Far more than is ever read: refused at once, before a byte of it came.
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(f"{head}Content-Length: 99999999999\r\n\r\n".encode())
        assert line.recv(100).startswith(b"HTTP/1.1 413")
    # In pieces without any length.
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        # It is cut after sixteen megabytes, perhaps before its answer was read.
        with suppress(OSError):
            for _ in range(400):
                line.sendall(piece)
        with suppress(ConnectionResetError):
            assert line.recv(100).startswith(b"HTTP/1.1 413")
    # Headers without end.
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000)
        with suppress(ConnectionResetError):
            assert line.recv(100).startswith(b"HTTP/1.1 4")
    assert browser.get(path).status == 200


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"&&&==&%&%zz", "application/x-www-form-urlencoded"),
        (b"&".join(b"f%d=1" % n for n in range(5000)), "application/x-www-form-urlencoded"),
        (b"answer-aaaaaaaaaaa1=%ff%fe%ed%a0%80", "application/x-www-form-urlencoded"),
        (b"\xff\xfe=\x00", "application/x-www-form-urlencoded; charset=utf-7"),
        (b"--b\r\n\r\nx", "multipart/form-data; boundary=b"),
        (b"{}", "application/json"),
        (b"x", ""),
    ],
)
def test_what_is_no_form_is_a_sentence(desk, browser, path, body, kind):
    browser.get(path)
    answer = browser.post(path, body or b"=", Content_Type=kind)
    assert answer.status in (400, 403, 415)
    assert recorded(desk) == NOTHING_RECORDED


def test_two_hundred_requests_a_second_from_one_address_are_limited_and_harm_nobody(
    desk, browser, path
):
    fields = form_of(browser.get(path))
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda n: browser.get("/r/guess" if n % 2 else path), range(600)))
    statuses = Counter(answer.status for answer in got)
    assert set(statuses) <= {200, 404, 429} and statuses[429] > 100
    for answer in got:
        if answer.status == 429:
            shows_nothing(answer, 429)
            assert "wait a minute" in answer.said
    refused = next(a for a in got if a.status == 429 and TOO_OFTEN.split(";")[0] in a.said)
    assert refused.headers["retry-after"] == "60"
    # Time passes on the clock of the limits, and it goes on as before.
    desk.seconds += 60
    assert browser.post(path, {**fields, FIRST: "Still here."}).status == 303


def test_a_link_has_a_limit_of_its_own_whatever_the_address(desk, path):
    desk.project = desk.project.__class__(
        **{
            **vars(desk.project),
            "desk": desk.project.desk.model_copy(update={"proxies": ("127.0.0.1",)}),
        }
    )
    with served(desk) as base:
        statuses = [
            Browser(base).get(path, X_Forwarded_For=f"203.0.113.{n}").status for n in range(60)
        ]
        assert Counter(statuses) == {200: 40, 429: 20}
        assert Browser(base).get(desk.paths["field"], X_Forwarded_For="203.0.113.1").status == 200


def test_only_a_proxy_that_is_named_says_where_a_request_comes_from(desk, browser, path, caplog):
    caplog.set_level(logging.INFO, "scorecard.desk")
    browser.get(path, X_Forwarded_For="203.0.113.7")
    assert "from 127.0.0.1" in caplog.messages[-1]


def test_no_log_has_a_link_in_full(desk, browser, path, caplog):
    caplog.set_level(logging.DEBUG)
    token = path.removeprefix("/r/")
    browser.send(path, **{FIRST: "x"})
    browser.get(f"{path}/nothing")
    browser.get(path[:-1])
    desk.ledger.note_link(desk.links["support"].id, "revoked", NOW)
    browser.get(path)
    assert desk.links["support"].id in caplog.text
    assert token.partition(".")[2] not in caplog.text and token[:-1] not in caplog.text


def test_other_ways_of_asking_are_answered_with_a_sentence(browser, path):
    for wanted in (
        "/",
        "/r/",
        "/static/x/../../../etc/passwd",
        "/static/x/page.html",
        "/robots.txt",
    ):
        shows_nothing(browser.get(wanted), 404)
    assert browser.get("/health").said == "ok"
    answer = browser.get(path, X_HTTP_Method_Override="DELETE")
    assert answer.status == 200


def test_rates_refill_with_time_and_forget_the_longest_silent():
    seconds = [0.0]
    rates = Rates(3, 0.5, lambda: seconds[0], most=100)
    assert [rates.allows("a") for _ in range(5)] == [True, True, True, False, False]
    seconds[0] = 2
    assert [rates.allows("a") for _ in range(2)] == [True, False]
    seconds[0] = 1000
    assert [rates.allows("a") for _ in range(4)] == [True, True, True, False]
    for n in range(5000):
        rates.allows(f"b{n}")
    assert len(rates) == 100


def test_one_machine_with_many_addresses_is_one():
    assert address_key("2001:db8::1") == address_key("2001:db8::ffff:1") == "2001:db8::/64"
    assert address_key("2001:db8:0:1::1") != address_key("2001:db8::1")
    assert address_key("::ffff:192.0.2.1") == address_key("192.0.2.1") == "192.0.2.1"
    assert len(address_key("x" * 999)) == 64


def test_uses_of_a_link_that_are_recorded_have_an_end(desk, monkeypatch):
    from scorecard.ledger import reply_links

    monkeypatch.setattr(reply_links, "MOST_EVENTS", 5)
    id = desk.links["support"].id
    noted = [desk.ledger.note_link(id, "opened", NOW + timedelta(seconds=n)) for n in range(8)]
    assert noted == [True] * 5 + [False] * 3
    assert [desk.ledger.note_link(id, "revoked", NOW) for _ in range(2)] == [True, False]
