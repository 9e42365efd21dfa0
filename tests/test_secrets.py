"""Secrets: hidden in whatever form they are written, and in whatever is printed, kept or sent."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import socket
import sqlite3
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest
from command import scorecard
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from sample_project import small

from scorecard import secrets
from scorecard.base.address import is_cut_short, masked, passwords_in
from scorecard.base.findings import Finding
from scorecard.base.limits import GB, Limits
from scorecard.base.workers import Nursery
from scorecard.errors import FactsError, LedgerError, ScorecardError
from scorecard.facts.engine import connect
from scorecard.ledger import Ledger
from scorecard.mail.reply import Reply, own_words
from scorecard.project.settings import Project

HARD = "Zq7@Wv'x/2\"K\\ü&p<L"
"""A password with every sign that is written in another way somewhere."""


@pytest.mark.parametrize(
    "written",
    [
        HARD,
        quote(HARD, safe=""),
        quote(HARD),
        json.dumps(HARD),
        json.dumps(HARD, ensure_ascii=False),
        repr(HARD),
        HARD.replace("'", "''"),
        base64.b64encode(HARD.encode()).decode(),
        base64.b64encode(f"\0user\0{HARD}".encode()).decode(),
        base64.b64encode(f"\0users\0{HARD}".encode()).decode(),
        base64.b64encode(f"\0u\0{HARD} and more".encode()).decode(),
        base64.urlsafe_b64encode(f"{HARD}".encode()).decode(),
    ],
)
def test_a_secret_is_hidden_however_it_is_written(written):
    secrets.learn(HARD)
    shown = secrets.hide(f"login {written} failed")
    assert secrets.MASK in shown and "Zq7" not in shown and "Wv" not in shown
    assert len(shown) < 40


@given(st.text(min_size=6, max_size=30), st.text(max_size=20), st.text(max_size=20))
def test_a_secret_is_in_no_text_that_was_hidden(secret, before, after):
    secrets.forget()
    secrets.learn(secret)
    if secret.strip():
        assert secret not in secrets.hide(f"{before}{secret}{after}") or secret in "***" * 10


def test_a_short_secret_is_hidden_where_it_stands_alone():
    secrets.learn("pass", "ab")
    assert secrets.hide("pass: passing pass; ab") == "***: passing ***; ab"


def test_errors_findings_and_replies_never_have_one():
    secrets.learn("sesame")
    assert str(ScorecardError("open sesame")) == "open ***"
    assert str(Finding("a.b", "note", "x", "open sesame")) == "x: open ***"
    assert Reply(535, "no sesame", "login", "login").text == "no ***"
    long = f"535 {'x' * 290} {'sesame' * 3}"
    assert "sesa" not in own_words(long), "it is hidden before it is cut"


def test_the_environment_tells_by_its_names_what_is_secret():
    secrets.learn_environment(
        {
            "PGPASSWORD": "sesame1",
            "API_TOKEN": "sesame2",
            "HOME": "/home/ada",
            "TOKEN_FILE": "/run/x",
        }
    )
    assert secrets.hide("sesame1 sesame2 /home/ada /run/x") == "*** *** /home/ada /run/x"
    kept = secrets.without_secrets({"PGPASSWORD": "sesame1", "URL": "a:sesame2@b", "HOME": "/x"})
    assert kept == {"HOME": "/x"}
    secrets.learn("home12")
    assert secrets.without_secrets({"HOME": "/home12", "OTHER": "home12"}) == {"HOME": "/home12"}


UNESCAPED = [
    "postgresql://u:p@sSword@127.0.0.1:1/db",
    "postgresql://u:p/sSword@127.0.0.1:1/db",
    "postgresql://u:p?sSword@127.0.0.1:1/db",
    "postgresql://u:p#sSword@127.0.0.1:1/db",
    "postgresql://u:p[sSword@127.0.0.1:1/db",
    "postgresql://u:p@sSw@rd@127.0.0.1:1/db?x=1",
]


@pytest.mark.parametrize("url", UNESCAPED)
def test_no_part_of_a_password_is_shown_where_its_signs_are_not_encoded(url, tmp_path):
    assert is_cut_short(url)
    said = [masked(url)]
    for open_, kind in ((Ledger.open, LedgerError), (connect, FactsError)):
        with pytest.raises(kind) as refused:
            open_(url, tmp_path)
        said.append(str(refused.value))
    for each in said:
        assert "sSw" not in each and "p@" not in each


@pytest.mark.parametrize("text", ["host=h user=u password=sSword1", "password='sSword1' host=h"])
def test_what_is_no_url_shows_no_password_either(text, tmp_path):
    assert "sSword1" in passwords_in(text)
    with pytest.raises(LedgerError) as refused:
        Ledger.open(text, tmp_path)
    assert "sSw" not in str(refused.value) and "sSw" not in masked(text)


CLEAR = """
[tool.scorecard]
company = "Acme"
timezone = "Europe/London"
currency = "EUR"
ledger = "postgresql://u:{0}@h/d"
[tool.scorecard.facts]
connect = "postgresql://u:{0}@h/d"
customers = {{ sql = "select * from dblink('host=h password={0}', 'select 1')" }}
[tool.scorecard.mail]
password = "{0}"
passwords = {{ "ada.b@example.com" = "{0}" }}
bounces = "imaps://u:{0}@h/INBOX"
ping = "https://watch.example/{0}"
"""


def test_a_secret_in_a_file_is_named_with_the_variable_that_may_have_it(tmp_path):
    (tmp_path / "pyproject.toml").write_text(CLEAR.format("sSword-123456"))
    assert dict(Project.at(tmp_path, {}).clear) == {
        "ledger": "SCORECARD_LEDGER",
        "facts.connect": "SCORECARD_FACTS",
        "facts.customers": "",
        "mail.password": "SCORECARD_PDF",
        'mail.passwords."ada.b@example.com"': "SCORECARD_PDF_ADA_B",
        "mail.bounces": "SCORECARD_BOUNCES",
        "mail.ping": "SCORECARD_PING",
    }
    variables = CLEAR.format("${SECRET}").replace("password=${SECRET}", "")
    (tmp_path / "pyproject.toml").write_text(variables)
    assert Project.at(tmp_path, {"SECRET": "sSword-123456"}).clear == ()


def test_check_notes_it_and_does_not_show_it(tmp_path):
    project = small(tmp_path / "acme")
    file = project.root / "pyproject.toml"
    file.write_text(
        file.read_text().replace(
            "[tool.scorecard.mail]", '[tool.scorecard.mail]\npassword = "sSword1"', 1
        )
    )
    (project.schedules / "x.toml").write_text("# smb://u:sSword2@host/share\n")
    code, said, _wrong = scorecard("check", cwd=project.root)
    assert code == 1  # the schedule has nothing else in it
    assert 'Write password = "${SCORECARD_PDF}", and set that variable' in " ".join(said.split())
    assert "x.toml:1: An address has a password" in said
    assert "sSw" not in said


# What follows does all that the product does, with a canary in every place for a secret.

CANARIES = {
    "SCORECARD_LEDGER": "Lq8vXw3zKj",
    "DATABASE": "Dw5pRz9kVx@7",
    "PDF": "Pk4wQz8xJv",
    "ADA": "Aj6kXq2wZp",
    "BOX": "Bz3xKw7qVj",
    "PING": "Gx9qWk5zJp-Hv2",
    "MAIL": "Mv7zJq4xKw:W6",
    "PGPASSWORD": "Nw2xZk8qPj",
    "ACME_API_TOKEN": "Tq5jVz9xWk",
    "CLEAR": "Cx4wKz7jQv",
}
PERIOD = "2022-06"
MAIL = """
[tool.scorecard.mail]
from = "Scorecards <cards@example.org>"
operator = ["operator@example.com"]
password = "${PDF}"
passwords = { "ada@example.com" = "${ADA}", "noor@example.com" = "Cx4wKz7jQv" }
bounces = "imap://box:${BOX}@127.0.0.1:%d/INBOX?tls=none"
ping = "http://127.0.0.1:%d/ping/${PING}"
"""
SCHEDULE = """
title     = "Reviews"
documents = ["owner-scorecard"]
to        = ["owners"]
[when]
business_day = 3
at   = "07:00"
zone = "Europe/London"
[[subscriber]]
name  = "Noor Haddad"
email = "noor@example.com"
"""
THROWS = """
import os
raise RuntimeError("connected as " + repr(dict(os.environ)))
"""


@contextmanager
def gossip():
    """A server on loopback that repeats whatever it is told, also what it had in base64."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]

    def answer(line: bytes, first: bool) -> bytes:
        word, _, rest = line.strip().partition(b" ")
        if first and word.upper() == b"EHLO":
            return b"250-gossip\r\n250 AUTH PLAIN LOGIN\r\n"
        plain = b""
        for part in rest.split():
            try:
                plain += base64.b64decode(part)
            except ValueError:
                plain += part
        plain = plain.replace(b"\0", b" ")
        if first:
            return b"535 5.7.8 what is " + rest + b", I read " + plain + b"\r\n"
        return word + b" NO never heard of " + rest + b"\r\n"

    def talk(connection: socket.socket) -> None:
        # Whoever has heard enough hangs up.
        with suppress(OSError), connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 gossip\r\n" if smtp else b"* OK gossip\r\n")
            for line in lines:
                connection.sendall(answer(line, smtp))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            Thread(target=talk, args=(connection,), daemon=True).start()

    smtp = True

    def as_imap() -> None:
        nonlocal smtp
        smtp = False

    Thread(target=serve, daemon=True).start()
    try:
        yield port, as_imap
    finally:
        listening.close()


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """Everything that a project's commands printed, and its folder, after a full run."""
    root = small(tmp_path_factory.mktemp("canaries") / "acme").root
    for file in (*(root / "facts").glob("*.csv"), root / "strategy.toml"):
        text = file.read_text()
        file.write_text(re.sub(r"\b20(\d\d)-", lambda m: f"20{int(m[1]) - 4:02}-", text))
    shutil.rmtree(root / "schedules")
    (root / "schedules").mkdir()
    (root / "schedules" / "reviews.toml").write_text(SCHEDULE)
    settings = root / "pyproject.toml"
    head, _, _rest = settings.read_text().partition("[tool.scorecard.mail]")
    said = []
    with gossip() as (port, as_imap):
        settings.write_text(head + MAIL % (port, port))
        quoted = quote(CANARIES["MAIL"], safe="")
        mail = f"smtp://cards:{quoted}@127.0.0.1:{port}?tls=none"
        env = {name: value for name, value in CANARIES.items() if name != "CLEAR"}
        env["SCORECARD_SMTP"] = mail

        def do(*words, **more):
            code, out, wrong = scorecard(*words, cwd=root, **{**env, **more})
            said.append((words, code, out + wrong))

        month = ("--period", PERIOD)
        for words in (
            *(
                ("check",),
                ("run", *month),
                ("results", *month, "--json"),
                ("runs", "--all", "--json"),
            ),
            *(("run", "reviews", *month), ("send", "--json-log"), ("test-send", "ada@example.com")),
            *(("status", "--ping"), ("deliveries", "--json"), ("explain", "first_reply_p90")),
        ):
            do(*words)
        do("run", "reviews", "--period", "2022-05", SCORECARD_SMTP="folder:output/mail")
        reason = f"The password {CANARIES['PDF']} was in it."
        do("opt-out", "ada@example.com", "--reason", reason)
        do("run", "reviews", "--period", "2022-05", "--correct", reason)
        do("verify")
        as_imap()
        do("bounces")
        _broken(root, settings, do)
    return root, said


def _broken(root, settings, do):
    """The same where everything fails: databases, addresses, metrics."""
    text = settings.read_text()
    wrong = {
        "ledger": "postgresql://u:${SCORECARD_LEDGER}@127.0.0.1:1/db",
        "unescaped": "postgresql://u:${DATABASE}@127.0.0.1:1/db",
        "dsn": "host=127.0.0.1 password=${SCORECARD_LEDGER}",
    }
    for url in wrong.values():
        head = "[tool.scorecard]\n"
        settings.write_text(text.replace(head, f'{head}ledger = "{url}"\n', 1))
        do("status")
    for url in (wrong["ledger"], wrong["unescaped"], "mysql://u:${DATABASE}@h/d"):
        head = "[tool.scorecard.facts]\n"
        settings.write_text(text.replace(head, f'{head}connect = "{url}"\n', 1))
        do("check")
    settings.write_text(text.replace('password = "${PDF}"', 'password = ["Cx4wKz7jQv"]'))
    do("check")
    settings.write_text(text)
    (root / "metrics" / "throws.py").write_text(THROWS)
    do("check")
    do("--debug", "run", "--period", PERIOD)
    (root / "metrics" / "throws.py").unlink()
    with pytest.MonkeyPatch.context() as patch:

        def fail(*_args, **_more):
            raise LookupError(repr(dict(os.environ)))

        patch.setattr("scorecard.library.scorecard.Scorecard.check", fail)
        do("check")
        do("--debug", "check")


def texts_of(file: Path) -> str:
    """All that a file says, also inside of PDFs and of what is coded in mails."""
    raw = file.read_bytes()
    if file.suffix == ".db":
        with sqlite3.connect(file) as con:
            return "\n".join(con.iterdump()) + raw.decode("latin-1")
    if raw.startswith(b"%PDF"):
        read = PdfReader(BytesIO(raw))
        inside = [
            content.decode("latin-1") for files in read.attachments.values() for content in files
        ]
        pages = [page.extract_text() for page in read.pages]
        return "\n".join([str(read.metadata), *pages, *inside])
    if file.suffix == ".eml":
        from email import message_from_bytes

        parts = message_from_bytes(raw).walk()
        plain = [
            p.get_payload(decode=True) or b"" for p in parts if p.get_content_maintype() == "text"
        ]
        return raw.decode("latin-1") + b"\n".join(plain).decode("utf-8")
    return raw.decode("latin-1")


def parts_of(secret: str) -> set[str]:
    return {secret[i : i + 4] for i in range(len(secret) - 3)}


def test_the_full_run_did_what_it_was_to(spoken):
    root, said = spoken
    codes = {" ".join(words): code for words, code, _said in said}
    assert codes["run --period 2022-06"] == 0 and codes["status --ping"] == 1
    assert codes["bounces"] == 1 and codes["test-send ada@example.com"] == 1
    assert codes["--debug check"] == 2
    assert any("I read PLAIN cards ***" in text for _words, _code, text in said), (
        "the server repeated it"
    )
    assert list((root / "output" / "mail").glob("*.eml"))
    assert list((root / ".scorecard" / "errors").iterdir())


def test_no_command_printed_any_part_of_a_secret(spoken):
    _root, said = spoken
    for words, _code, text in said:
        for name, secret in CANARIES.items():
            found = [part for part in parts_of(secret) if part in text]
            assert found == [], f"{' '.join(words)} shows {name}: {found}"


def test_nothing_that_was_written_has_any_part_of_a_secret(spoken):
    root, _said = spoken
    files = [f for f in root.rglob("*") if f.is_file() and f.name != "pyproject.toml"]
    assert len(files) > 40
    for file in files:
        if file.suffix in (".parquet", ".otf", ".ttf", ".woff2"):
            continue
        text = texts_of(file)
        for name, secret in CANARIES.items():
            # In what is compressed four letters come together by chance.
            long = file.suffix in (".db", ".eml")
            parts = {secret} if long else parts_of(secret)
            found = [part for part in parts if part in text]
            coded = base64.b64encode(secret.encode()).decode().rstrip("=")[:-1]
            assert found == [] and coded not in text, f"{file.relative_to(root)}: {name}, {found}"


def test_the_ledger_has_no_part_of_a_secret_in_any_value(spoken):
    root, _said = spoken
    with sqlite3.connect(root / ".scorecard" / "ledger.db") as con:
        text = "\n".join(con.iterdump())
    for name, secret in CANARIES.items():
        assert [part for part in parts_of(secret) if part in text] == [], name


def test_processes_that_draw_have_no_secret_in_their_environment(monkeypatch):
    """Templates run in them, and whoever is the same user can read it of a process."""
    monkeypatch.setenv("PGPASSWORD", CANARIES["PGPASSWORD"])
    monkeypatch.setenv("SCORECARD_SMTP", f"smtps://u:{CANARIES['BOX']}@mail.example.com")
    secrets.learn(CANARIES["BOX"])
    nursery = Nursery(("json",), Limits(10.0, GB))
    try:
        nursery.worker()
        environment = Path(f"/proc/{nursery._processes[0].pid}/environ").read_bytes()
    finally:
        nursery.close()
    assert b"PATH=" in environment
    assert b"PGPASSWORD" not in environment and b"SCORECARD_SMTP" not in environment
