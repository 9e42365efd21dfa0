"""Every file format that is read, every text with a grammar, and every address: fuzzed.

What cannot be read is refused in a sentence; no other exception leaves a reader, and none hangs.
"""

from __future__ import annotations

import io
import json
import random
import sqlite3
import zipfile
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import ibis
import pytest
import xlsxwriter
from fuzzing_files import Tally, Target, changed, fuzz, in_a_json_value, in_a_toml_value
from sample_documents import OWNER, PACKET
from sample_proposals import WHOLE as PROPOSAL
from sample_strategy import METRICS
from sample_strategy import TEXT as STRATEGY
from sample_team import TEAM
from sizes import sizes
from test_schedule_file import SETTINGS
from test_schedule_file import STRATEGY as PEOPLE
from test_schedule_file import TEXT as SCHEDULE

from scorecard import secrets
from scorecard.base.address import learn_passwords, masked, passwords_in
from scorecard.base.days_off import read_dates
from scorecard.base.durations import duration
from scorecard.base.periods import Period
from scorecard.definitions.units import UNITS, read_limit
from scorecard.delivery.new_deliveries import CONTENT
from scorecard.delivery.sending import _content
from scorecard.documents.kinds import read_document
from scorecard.errors import ScorecardError
from scorecard.facts import engine, text_files, workbooks
from scorecard.facts.binding import bind
from scorecard.facts.contracts import Source
from scorecard.facts.writing import date_pattern
from scorecard.ledger import Ledger
from scorecard.ledger.journal import seal_anew
from scorecard.ledger.store import _address
from scorecard.ledger.witness import read_stance, write_stance
from scorecard.mail.content import MailContent
from scorecard.printing.template_syntax import Reading
from scorecard.project.scaffold import room
from scorecard.project.settings import Project
from scorecard.replies.gate import Gate
from scorecard.schedules.cron import cron_fault
from scorecard.schedules.reader import read_schedules
from scorecard.strategy.lints import lint
from scorecard.strategy.reader import read_strategy
from scorecard.strategy.stance_reader import amount_per_month
from scorecard.tiers.afterwards import frozen_afterwards, frozen_readings
from scorecard.tiers.reviews import reviews_in
from scorecard.tiers.snapshot_tables import schema_in_use
from scorecard.tiers.snapshots import SnapshotFiles

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, tzinfo=UTC)
SECTION = b"""[tool.scorecard]
company = "Acme"
timezone = "Europe/London"
currency = "EUR"
matures = { margin = 10 }
words = ["Orange"]
[tool.scorecard.facts]
connect = "duckdb://"
customers = { from = "c.csv", columns = { customer_id = "No", name = { join = ["A", "B"], with = "-" } } }
costs = { from = "c.xlsx", sheet = "A", first_row = 3, decimal = ",", thousands = ".", date = "%d.%m.%Y" }
surveys = { sql = "select 1", encoding = "cp1252", columns = { score = { from = "S", values = { a = "1" } } } }
transactions = { from = "t_*.csv", refunds = "positive", minus = "behind" }
[tool.scorecard.mail]
from = "Cards <cards@example.com>"
operator = ["ops@example.com"]
allow = ["@example.com"]
size_limit = "10 MB"
give_up = "3 days"
unsubscribe = "mailto:cards@example.com"
link = "https://x.example/{period}/{file}"
passwords = { "ada@example.com" = "${ADA}" }
"""
TOML_WORDS = (
    b" = ",
    b"[",
    b"]",
    b"[[",
    b"]]",
    b'"',
    b"2026-01-01",
    b"1979-05-27T07:32:00Z",
    b"{ ",
    b"}",
    b"0b1",
)
ICS = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:x\r
BEGIN:VEVENT\r
UID:1\r
DTSTAMP:20260101T000000Z\r
SUMMARY:Works day\r
DTSTART;VALUE=DATE:20261225\r
DTEND;VALUE=DATE:20261227\r
RRULE:FREQ=YEARLY;COUNT=5\r
END:VEVENT\r
END:VCALENDAR\r
"""
ICS_WORDS = (
    *(
        b"RRULE:FREQ=",
        b"YEARLY",
        b"MONTHLY",
        b"WEEKLY",
        b"DAILY",
        b"SECONDLY",
        b";INTERVAL=0",
        b";INTERVAL=-1",
    ),
    *(
        b";COUNT=999999999",
        b";UNTIL=20300101",
        b";BYMONTHDAY=31",
        b";BYMONTH=2",
        b";BYSETPOS=-1",
        b";BYDAY=5MO",
    ),
    *(
        b"DTSTART:20261225T000000",
        b"DTSTART;VALUE=DATE:00010101",
        b"DTEND;VALUE=DATE:99991231",
        b"DURATION:P9999W",
    ),
    *(
        b"BEGIN:VEVENT\r\n",
        b"END:VEVENT\r\n",
        b"EXDATE:20261225\r\n",
        b"\r\n",
        b";TZID=Mars/Phobos",
        b"DURATION:-P1D",
    ),
)
CSV = (
    b'customer_id,name,acquired_on\nC1,Ada,2026-01-01\nC2,"B, o",2026-02-01\n',
    b"sep=;\ncustomer_id;name\n1;2\n",
    "customer_id\tname\r\nC1\tGröße\r\n".encode("utf-16"),
    b'\xef\xbb\xbfcustomer_id|name\n1|"a\nb"\n',
)
CSV_WORDS = (
    b",",
    b";",
    b'"',
    b'""',
    b"\r\n",
    b"\r",
    b"sep=",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"customer_id",
    b"\x1f\x8b",
)
JSON_WORDS = (
    b"null",
    b'""',
    b"{}",
    b"[]",
    b"1e999",
    b"-1",
    b'"\\ud800"',
    b'"x"',
    b"true",
    b",",
    b":",
    b"2026-13-45",
)
TEMPLATE = b"{% extends 'base.html' %}{% block a %}{% for x in y %}{{ x.name|joined }}{% else %}-{% endfor %}{% endblock %}"
TEMPLATE_WORDS = (
    b"{{ ",
    b" }}",
    b"{% ",
    b" %}",
    b"{# ",
    b"#}",
    b"if",
    b"for",
    b" in ",
    b"set ",
    b"|",
    b"(",
    b"endif",
    b"raw",
)
URLS = (
    *(
        b"postgresql://u:p@h:5432/d?sslmode=verify-full",
        b"postgresql+psycopg://u:p%40s@[::1]/d",
        b"sqlite:///a/b.db",
    ),
    *(
        b"duckdb://x.db",
        b"duckdb://",
        b"smtps://a:b@h:465/?ca=x.pem",
        b"folder:out",
        b"host=h password=x",
        b"pyspark://x",
    ),
)
URL_WORDS = (
    b"://",
    b":",
    b"@",
    b"/",
    b"?",
    b"#",
    b"[",
    b"]",
    b"%",
    b"&",
    b"=",
    b"password=",
    b"postgresql",
    b"sqlite",
)
TEXTS = (
    *(
        b"2026-10",
        b"2026-W41",
        b"2026-Q4",
        b"2026",
        b"2026-03/2026-08",
        b"2026-03-02/2026-03-20",
        b"2026-10-31",
    ),
    *(
        b"90 min",
        b"6 h",
        b"3 days",
        b"0.5 weeks",
        b"0 7 3 * *",
        b"*/5 1-3 L 2 MON#2",
        b"%d/%m/%Y",
        b"%d.%m.%y %H:%M",
    ),
    *(b"4 h", b"80 %", b"1,200 EUR", b"38000 EUR/month", b"-5", b"1e3"),
)
TEXT_WORDS = (
    b"/",
    b"_",
    b"-W",
    b"-Q",
    b" h",
    b"%",
    b"EUR",
    b"*",
    b"L",
    b"#",
    b"%Y",
    b"%j",
    b"9999",
    b"0001",
    b"\xc2\xa0",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    for name in ("project", "tiers", "kept", "templates", "shipped", "schedules", "facts"):
        (folder / name).mkdir()
    return folder


def toml_targets(place: Path) -> list[Target]:
    project, strategy = place / "project", place / "strategy.toml"
    (place / "pyproject.toml").write_text(SETTINGS.format(period="month"))
    opened = Project.at(place, {})
    file = place / "schedules" / "packet.toml"

    def settings(data: bytes) -> None:
        secrets.forget()
        (project / "pyproject.toml").write_bytes(data)
        found = Project.at(project, {"X": "x"})
        learn_passwords(found.ledger)

    def strategies(data: bytes) -> None:
        strategy.write_bytes(data)
        read, findings = read_strategy(strategy, METRICS, "EUR")
        if not any(f.severity == "blocking" for f in findings):
            lint(read, METRICS, {})

    def schedules(data: bytes) -> None:
        file.write_bytes(data)
        read_schedules(opened, PEOPLE, TODAY)

    whole = place / "whole.toml"
    whole.write_text(STRATEGY, encoding="utf-8")
    gate = Gate(read_strategy(whole, METRICS, "EUR")[0], METRICS, "EUR", "month", "Europe/London")

    def proposals(data: bytes) -> None:
        proposal = place / "second-shift.toml"
        proposal.write_bytes(data)
        gate.look(proposal, None, datetime(2026, 11, 2, tzinfo=UTC))

    shipped = [f.read_bytes() for f in sorted(room("schedules").glob("*.toml"))]
    halves = STRATEGY.partition("[[owner]]")
    return [
        Target(
            "pyproject.toml",
            (SECTION, SETTINGS.format(period="week").encode()),
            settings,
            TOML_WORDS,
            (),
            in_a_toml_value,
        ),
        Target(
            "strategy.toml",
            (STRATEGY.encode(), halves[0].encode()),
            strategies,
            TOML_WORDS,
            (),
            in_a_toml_value,
        ),
        Target(
            "schedules", (SCHEDULE.encode(), *shipped), schedules, TOML_WORDS, (), in_a_toml_value
        ),
        Target("proposals", (PROPOSAL.encode(),), proposals, TOML_WORDS, (), in_a_toml_value),
    ]


def calendar_targets(place: Path) -> list[Target]:
    def dates(suffix: str):
        def read(data: bytes) -> None:
            file = place / f"days{suffix}"
            file.write_bytes(data)
            read_dates(file, TODAY)

        return read

    return [
        Target("calendars .ics", (ICS,), dates(".ics"), ICS_WORDS),
        Target(
            "calendars .toml", (b"dates = [2027-01-29, 2027-02-26]\n",), dates(".toml"), TOML_WORDS
        ),
        Target(
            "calendars .txt", (b"2027-01-29 # x\n2027-02-26;y\n",), dates(".txt"), (b"#", b"\n")
        ),
    ]


def facts_targets(place: Path) -> list[Target]:
    con = ibis.duckdb.connect()
    kept = place / "kept"

    def table(name: str, read):
        def reading(data: bytes) -> None:
            file = place / "facts" / name
            file.write_bytes(data)
            try:
                read(file)
            finally:
                for each in kept.iterdir():
                    each.unlink()

        return reading

    def text(file: Path) -> None:
        text_files.in_columns(file, "", kept)

    def book(file: Path) -> None:
        workbooks.in_columns(file, "", 1, kept)

    def columns(file: Path) -> None:
        source = Source("customers", f"facts/{file.name}")
        bound = bind(con, source, place, kept)
        with engine.guarded():
            bound.raw.count().execute()

    return [
        Target("CSV", CSV, table("a.csv", text), CSV_WORDS, (text_files.TextError,)),
        Target("CSV in gzip", (gzipped(CSV[0]),), table("a.csv.gz", columns)),
        Target(
            "Excel", (workbook(),), table("a.xlsx", book), (), (text_files.TextError,), in_a_part
        ),
        Target("Parquet", (parquet(place),), table("a.parquet", columns)),
    ]


def gzipped(data: bytes) -> bytes:
    import gzip

    return gzip.compress(data, mtime=0)


def workbook() -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("A")
        for row, cells in enumerate(
            (("customer_id", "name", "n", "m"), ("C1", "Ada", 1.5), ("C2", "Bo", 7))
        ):
            sheet.write_row(row, 0, cells)
        sheet.write_formula(1, 3, "=1+1", None, 2)
        sheet.merge_range("A9:B9", "x")
        book.add_worksheet("B")
    return made.getvalue()


def in_a_part(chance: random.Random, data: bytes) -> bytes:
    """Another Excel file, of which one part is changed: so that the zip itself is whole."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    wanted = [
        n for n in parts if "sheet1" in n or "workbook" in n or "shared" in n or "Content" in n
    ]
    name = chance.choice(wanted)
    words = (
        b'<c r="',
        b'r="ZZZZZZZ99999999"',
        b"</row>",
        b' t="s"',
        b' t="e"',
        b"<v>",
        b"&#0;",
        b"<!DOCTYPE x>",
    )
    parts[name] = changed(chance, parts[name], (), words)
    if chance.random() < 0.05:
        del parts[chance.choice(wanted)]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as new:
        for each, content in parts.items():
            new.writestr(each, content)
    return made.getvalue()


def parquet(place: Path, of: str = "") -> bytes:
    file = place / "made.parquet"
    of = of or "SELECT 'C1' AS customer_id, 'Ada' AS name, DATE '2026-01-01' AS acquired_on"
    duckdb.sql(f"COPY ({of}) TO '{file}' (FORMAT parquet)")
    return file.read_bytes()


def tier_targets(place: Path) -> list[Target]:
    folder = place / "tiers"

    def note(name: str, read):
        def reading(data: bytes) -> None:
            (folder / name).write_bytes(data)
            try:
                read(folder)
            finally:
                (folder / name).unlink()

        return reading

    def snapshot(tiers: Path) -> None:
        files = SnapshotFiles(tiers)
        if files.has("2026-05"):
            files.columns("2026-05")
        files.history("C1")

    frozen = parquet(place, "SELECT 'C1' AS customer_id, 'gold' AS tier, 1.5::DOUBLE AS score")
    days = json.dumps({"2026-05": "2026-06-01"}).encode()
    reviews = json.dumps([{"at": "2026-05", "boundaries": {"gold": 1.5}}]).encode()
    return [
        Target(
            "afterwards.json",
            (days,),
            note("afterwards.json", frozen_afterwards),
            JSON_WORDS,
            (),
            in_a_json_value,
        ),
        Target(
            "readings.json",
            (days,),
            note("readings.json", frozen_readings),
            JSON_WORDS,
            (),
            in_a_json_value,
        ),
        Target(
            "tables.json",
            (b'{"schema": "s", "project": "x"}',),
            note("tables.json", schema_in_use),
            JSON_WORDS,
            (),
            in_a_json_value,
        ),
        Target(
            "reviews",
            (reviews,),
            note("b.json", lambda f: reviews_in(f / "b.json")),
            JSON_WORDS,
            (),
            in_a_json_value,
        ),
        Target("frozen tiers", (frozen,), note("2026-05.parquet", snapshot)),
    ]


def ledger_targets(place: Path) -> list[Target]:
    strategy, _ = read_strategy(_written(place, STRATEGY), METRICS, "EUR")
    letter = MailContent(
        "test", "ada@example.com", "Ada", "cards@example.com", "Acme", "T", "S", "<a@b>", NOW
    )
    delivery = _Delivery()
    documents = {
        d.kind: json.dumps(asdict(d), ensure_ascii=False).encode() for d in (PACKET, OWNER, TEAM)
    }
    with Ledger.open("sqlite:///ledger.db", place) as ledger:
        run = ledger.claim(
            Period.parse("2026-10", "UTC"), inputs="i", as_of=NOW, software="x", now=NOW
        )
    con = sqlite3.connect(place / "ledger.db", isolation_level=None)
    con.execute("PRAGMA synchronous=OFF")
    kept = Ledger.open("sqlite:///ledger.db", place)

    def content(data: bytes) -> None:
        delivery.letter = data.decode("utf-8", "surrogateescape")
        _content(delivery)  # type: ignore[arg-type]

    def row(column: str):
        def read(data: bytes) -> None:
            before = con.execute(f"SELECT {column} FROM run").fetchone()[0]
            con.execute(f"UPDATE run SET {column} = CAST(? AS TEXT)", (data.replace(b"\0", b""),))
            try:
                with kept._writing() as session:  # as if that had been written
                    seal_anew(session, [f"run/{run.id}"])
                kept.runs()
                kept.run(run.id)
            finally:
                con.execute(f"UPDATE run SET {column} = ?", (before,))

        return read

    texts = [write_stance(each).encode() for each in strategy.stances]
    found = [
        Target(
            "stances",
            tuple(texts),
            lambda d: read_stance(d.decode("utf-8", "replace")),
            JSON_WORDS,
            (),
            in_a_json_value,
        ),
        Target("letters", (CONTENT.dump_json(letter),), content, JSON_WORDS, (), in_a_json_value),
        Target(
            "a run's detail",
            (b'{"unsound": false, "editions": ["a"]}',),
            row("detail"),
            JSON_WORDS,
            (),
            in_a_json_value,
        ),
        Target("a run's moment", (b"2026-11-21 00:00:00.000000",), row("as_of"), JSON_WORDS),
        Target("a run's step", (b"claimed",), row("step"), (b"held", b"done", b"failed")),
    ]
    for kind, data in documents.items():
        found.append(
            Target(
                kind,
                (data,),
                lambda d, k=kind: read_document(k, d.decode("utf-8", "replace")),
                JSON_WORDS,
                (),
                in_a_json_value,
            )
        )
    return found


class _Delivery:
    id = "d"
    letter = ""


def _written(place: Path, text: str) -> Path:
    file = place / "sample.toml"
    file.write_text(text)
    return file


def text_targets(place: Path) -> list[Target]:
    def texts(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        for read in (
            lambda: Period.parse(text, "Europe/London"),
            lambda: duration(text),
            lambda: cron_fault(text),
            lambda: date_pattern(text),
            lambda: amount_per_month(text, "EUR"),
            lambda: [read_limit(text, unit, "EUR") for unit in UNITS.values()],
        ):
            try:
                value = read()
            except (ValueError, ScorecardError):
                continue
            if isinstance(value, Period):
                _used(value)

    def _used(period: Period) -> None:
        assert Period.parse(period.key, period.tz) == period
        assert period.start < period.end and period.shift(-1).after == period.first

    def addresses(data: bytes) -> None:
        secrets.forget()
        url = data.decode("utf-8", "replace")
        shown = masked(url)
        for secret in passwords_in(url):
            assert len(secret) < 6 or secret not in shown
        with suppress(ScorecardError):
            _address(url, place)
        # Nothing is to be reached from here, and an engine in memory takes long to open.
        if not url.startswith(("postgres", "pyspark")) and url.strip() != "duckdb://":
            with suppress(ScorecardError):
                engine.disconnect(engine.connect(url, place))

    def templates(data: bytes) -> None:
        Reading("page.html", data).do()

    return [
        Target("periods, spans, limits", TEXTS, texts, TEXT_WORDS),
        Target("addresses", URLS, addresses, URL_WORDS),
        Target("templates", (TEMPLATE,), templates, TEMPLATE_WORDS),
    ]


SHARES = {
    "pyproject.toml": 8, "strategy.toml": 6, "schedules": 4, "proposals": 4, "calendars .ics": 4, "calendars .toml": 3,
    "calendars .txt": 4, "CSV": 0.7, "CSV in gzip": 0.4, "Excel": 1, "Parquet": 0.5, "afterwards.json": 4,
    "readings.json": 3, "tables.json": 3, "reviews": 3, "frozen tiers": 2, "stances": 10, "letters": 8,
    "a run's detail": 2, "a run's moment": 1, "a run's step": 0.5, "executive-packet": 1, "owner-scorecard": 2,
    "team-review": 2, "periods, spans, limits": 12, "addresses": 8, "templates": 4,
}  # fmt: skip
"""Of a hundred inputs, how many are of that kind: many where one costs little."""


@pytest.mark.parametrize("count", sizes(3_000, 84_000))
def test_whatever_is_read_is_read_or_refused_in_a_sentence(count, place, record_property):
    tally = Tally()
    targets = [
        *toml_targets(place),
        *calendar_targets(place),
        *facts_targets(place),
        *tier_targets(place),
        *ledger_targets(place),
        *text_targets(place),
    ]
    assert {target.name for target in targets} == set(SHARES)
    whole = sum(SHARES.values())
    for target in targets:
        fuzz(target, round(count * SHARES[target.name] / whole) or 1, 20261129, tally)
    record_property("said", "\n".join(tally.lines()))
    assert tally.inputs.total() >= count * 0.99
    assert tally.unexpected == [], "\n\n".join(tally.unexpected[:20])
