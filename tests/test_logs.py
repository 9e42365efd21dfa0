"""Logs: a line for each thing, for people or programs, and no secrets in either."""

from __future__ import annotations

import json
import logging

import pytest

from scorecard.base.address import passwords_in
from scorecard.cli.logs import begin
from scorecard.secrets import learn

LOG = logging.getLogger("scorecard.delivery.sending")


@pytest.fixture(autouse=True)
def afterwards():
    """Leave logging as it was found."""
    root = logging.getLogger("scorecard")
    before = root.handlers[:], root.level, root.propagate
    yield
    root.handlers[:], root.level, root.propagate = before


@pytest.fixture
def logged(capsys):
    """Begin to log; afterwards, the lines that were written to standard error."""

    def begun(*, as_json, secrets=()):
        learn(*secrets)
        begin(as_json=as_json)

        def lines():
            said = capsys.readouterr()
            assert said.out == ""
            return said.err.splitlines()

        return lines

    return begun


IDS = {
    "delivery": "4f1a",
    "run": "9c20",
    "schedule": "packet",
    "period": "2026-10",
    "recipient": "ada@example.com",
    "state": "sent",
    "code": 250,
}


def test_a_line_of_json_has_message_level_logger_moment_and_ids(logged):
    lines = logged(as_json=True)
    LOG.warning("%s: %s", "sent", "2.0.0 Größe\nok", extra=IDS)
    (line,) = lines()
    said = json.loads(line)
    assert said.pop("at").count(":") >= 2
    assert said == {
        "level": "WARNING",
        "logger": "scorecard.delivery.sending",
        "message": "sent: 2.0.0 Größe\nok",
        **IDS,
    }


def test_a_line_of_text_ends_with_the_ids_that_are_known(logged):
    lines = logged(as_json=False)
    LOG.info("sent", extra={"delivery": "4f1a", "schedule": "packet", "period": "", "tries": 0})
    (line,) = lines()
    assert line.endswith("INFO sent [delivery=4f1a schedule=packet]")
    LOG.info("nothing to add")
    (line,) = lines()
    assert line.endswith("INFO nothing to add")


def test_what_goes_on_below_is_not_logged(logged):
    lines = logged(as_json=False)
    LOG.debug("each byte")
    logging.getLogger("apscheduler").info("tick")
    assert lines() == []


def test_beginning_twice_does_not_say_everything_twice(logged):
    logged(as_json=False)
    lines = logged(as_json=True)
    LOG.info("once")
    assert len(lines()) == 1


@pytest.mark.parametrize("as_json", [True, False])
def test_a_secret_is_masked_in_messages_arguments_and_beside_them(logged, as_json):
    lines = logged(as_json=as_json, secrets=["sesame", "sesame street", ""])
    LOG.error("with sesame street: %s", "sesame", extra={"recipient": "sesame@example.com"})
    (line,) = lines()
    assert "sesame" not in line
    assert "with ***: ***" in line and "***@example.com" in line


@pytest.mark.parametrize("as_json", [True, False])
def test_a_secret_is_masked_in_a_traceback_and_in_its_causes(logged, as_json):
    lines = logged(as_json=as_json, secrets=["sesame"])
    try:
        try:
            raise ValueError("postgresql://me:sesame@host")
        except ValueError as error:
            raise LookupError("sesame does not open") from error
    except LookupError:
        LOG.exception("broke", extra={"delivery": "4f1a"})
    said = "\n".join(lines())
    assert "sesame" not in said
    assert "postgresql://me:***@host" in said and "*** does not open" in said
    assert "Traceback" in said and "test_logs.py" in said
    if as_json:
        assert json.loads(said)["delivery"] == "4f1a"


def test_a_secret_with_quotes_is_masked_in_json_too(logged):
    lines = logged(as_json=True, secrets=['pä"ss\\word'])
    LOG.error('login with pä"ss\\word failed')
    (line,) = lines()
    assert json.loads(line)["message"] == "login with *** failed"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("smtp://ann:sesame@host:587", {"sesame"}),
        ("smtp://ann:p%40ss@host", {"p%40ss", "p@ss"}),
        ("smtp://ann:pa[ss@host", {"pa[ss"}),
        ("smtp://ann:pa/ss@word@host", {"pa/ss@word", "word"}),
        ("postgresql+psycopg://u:p1@h/db?password=p2&x=1", {"p1", "p2"}),
        ("sqlite:///.scorecard/ledger.db", set()),
        ("folder:output/mail", set()),
        ("", set()),
    ],
)
def test_the_password_in_an_address_is_found_however_it_is_written(url, found):
    assert set(passwords_in(url)) == found
