"""What reaches a terminal: nothing that it would obey, no line that only looks like one, no secret."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_console import JULY, LONDON

from scorecard import secrets
from scorecard.base.findings import Finding
from scorecard.cli import console, console_delivery, terminal
from scorecard.cli.terminal import Outlet, fit, one_line
from scorecard.delivery.health import Health, Standing
from scorecard.ledger import AddressEvent, Run

EVIL = (
    "\x1b[2J\x1b]8;;http://evil.example\x1b\\Ada\x1b]8;;\x1b\\ \x9b31m \u202eadA\u202c\u2066x\u2069 "
    "\r\nerror: all is well\n\x07\x00\x85\u2028end\ud800"
)
OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def harmless(text: str) -> bool:
    return OBEYED.search(text) is None


@given(st.text(alphabet=st.characters(), max_size=60))
def test_text_that_is_fit_has_nothing_that_is_obeyed_and_keeps_the_rest(text):
    made = fit(text)
    assert harmless(made)
    assert re.sub(r"\\u[0-9a-f]{4}", "", made) == re.sub(
        r"\\u[0-9a-f]{4}", "", OBEYED.sub("", text)
    )
    assert "\n" not in one_line(text) and fit(made) == made


@given(st.recursive(st.text(max_size=9) | st.integers() | st.none(), st.lists))
def test_json_stays_json_and_says_the_same(value):
    made = terminal._json(value)
    assert harmless(made)
    assert json.loads(made) == value


def test_a_password_of_digits_is_looked_for_in_texts_and_not_in_numbers():
    secrets.learn("123456")
    assert json.loads(terminal._json({"n": 123456, "said": "login 123456"})) == {
        "n": 123456,
        "said": "login ***",
    }


def test_whatever_is_written_to_an_outlet_is_fit():
    behind = io.StringIO()
    outlet = Outlet(behind)
    secrets.learn("sesame")
    outlet.write(f"open sesame {EVIL}")
    assert harmless(behind.getvalue())
    assert behind.getvalue().startswith("open *** \\u001b[2J")


def test_letters_that_the_encoding_lacks_are_written_as_numbers():
    raw = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Outlet(raw).write("Größe – 4")
    raw.flush()
    assert raw.buffer.getvalue() == b"Gr\\xf6\\xdfe \\u2013 4"


def evil_delivery():
    names = (
        "id",
        "kind",
        "recipient",
        "name",
        "schedule",
        "period",
        "channel",
        "message_id",
        "reply",
    )
    return SimpleNamespace(
        **dict.fromkeys(names, EVIL), state="failed", sha256="", size=0,
        finished_at=JULY, queued_at=JULY, next_try_at=JULY,
    )  # fmt: skip


SHOWN = {
    "findings": lambda: console.show_findings(
        [Finding("a.b", "warning", EVIL, EVIL, EVIL)], as_json=False
    ),
    "health": lambda: console_delivery.show_health(
        Health(JULY, (Standing(EVIL, EVIL, EVIL, None, None),), None, {}, (EVIL,)), LONDON, as_json=False
    ),
    "runs": lambda: console_delivery.show_runs(
        [
            Run(
                EVIL, EVIL, "month", date(2026, 6, 1), 1, JULY, EVIL, EVIL, "failed",
                {"error": EVIL, "findings": [{"message": EVIL}]}, JULY, JULY,
            )
        ],
        LONDON,
        as_json=False,
    ),
    "deliveries": lambda: console_delivery.show_deliveries(
        [evil_delivery()], LONDON, as_json=False
    ),
    "delivery": lambda: console_delivery.show_delivery(
        evil_delivery(), [SimpleNamespace(number=1, at=JULY, outcome=EVIL, code=0, reply=EVIL)],
        LONDON, as_json=False,
    ),
    "addresses": lambda: console_delivery.show_addresses(
        [AddressEvent(EVIL, EVIL, EVIL, JULY)], LONDON, as_json=False
    ),
    "warn": lambda: terminal.warn(EVIL),
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_no_name_of_any_command_reaches_the_terminal_as_it_is(name, capsys):
    SHOWN[name]()
    said = "".join(capsys.readouterr())
    assert "evil.example" in said and harmless(said)
    assert not any(line.startswith(("error:", "end")) for line in said.splitlines())
