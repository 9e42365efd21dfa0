"""Tiers for the front line: who is in which since when, the cards, and what is written where."""

from __future__ import annotations

import csv
import json
import re
import stat
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cast import MARCH, METRICS, stage
from command import refused, scorecard
from sample_project import small

from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.documents.formats import Formats
from scorecard.facts.engine import write_file
from scorecard.lookup.cards import cards
from scorecard.lookup.rows import counts_of, rows_of
from scorecard.lookup.written import BATCH, Content, write
from scorecard.strategy.model import Card, Owner, Stance, Strategy, Tier, TierPlan

ENGLISH = Formats("en_GB", "EUR")
MONTH = ("--from", "2026-06", "--to", "2026-06", "--as-of", "2026-07-10T06:00")
FORMATS = ("csv", "jsonl", "parquet")
SALES = "customer_id event_on net_amount\npia 2026-01-01 1"


def found(measuring, period, folder, *, names=False):
    """The rows of a period, in order."""
    file = folder / "rows.parquet"
    write_file(measuring.facts.con, rows_of(measuring.tiers, period, names=names), file)
    return pq.read_table(file).to_pylist()


# who


def test_every_customer_has_one_row_and_members_of_a_family_have_the_tier_of_who_decides(tmp_path):
    """kit was sold bronze, and gwen, who decides for kit, gold; nora came in March and was sold
    bronze; uma was sold nothing, and lou left last year."""
    staged = stage(tmp_path, transactions=SALES)
    rows = found(staged, MARCH, tmp_path)
    assert [row["customer_id"] for row in rows] == sorted(
        ["pia", "gus", "gwen", "kit", "sol", "sid", "sue", "bo", "bea", "ben", "nora", "uma", "lou"]
    )
    kinds = {row["customer_id"]: row["kind"] for row in rows}
    assert kinds == {
        "pia": "platinum",
        "gus": "gold",
        "gwen": "gold",
        "kit": "gold",
        "sol": "silver",
        "sid": "silver",
        "sue": "silver",
        "bo": "bronze",
        "bea": "bronze",
        "ben": "bronze",
        "nora": "bronze",
        "uma": "unrated",
        "lou": "lost",
    }
    since = {row["customer_id"]: row["since"] for row in rows}
    assert since.pop("nora") == date(2026, 3, 9)
    assert set(since.values()) == {date(2026, 3, 1)}
    assert counts_of(staged.tiers, MARCH) == {
        "platinum": 1,
        "gold": 3,
        "silver": 3,
        "bronze": 4,
        "unrated": 1,
        "lost": 1,
    }


HISTORY = """
customer_id tier   from
anna        gold   2026-01-01
anna        silver 2026-02-01
anna        gold   2026-03-01
ben         silver 2026-01-01
cleo        gold   2026-01-01
cleo        silver 2026-04-10
dora        silver 2026-02-15
"""


def test_since_is_the_first_day_of_the_stay_that_has_not_been_broken(tmp_path):
    """anna was gold, then silver, and is gold again since March; ben has been what he is since the
    first snapshot; cleo changes within April, which counts from May on; dora came in February, and
    first was in a snapshot in March; earl left in February and is lost since March."""
    staged = stage(
        tmp_path,
        Period.parse("2026-04", "Europe/London"),
        since="2026-01",
        transactions=SALES,
        customers="customer_id acquired_on closed_on\nanna 2024-01-01 -\nben 2024-01-01 -\n"
        "cleo 2024-01-01 -\ndora 2026-02-15 -\nearl 2024-01-01 2026-02-20",
        tier_history=HISTORY + "earl gold 2026-01-01",
    )
    assert [
        (row["customer_id"], row["kind"], f"{row['since']:%m}")
        for row in found(staged, Period.parse("2026-04", "Europe/London"), tmp_path)
    ] == [
        *[("anna", "gold", "03"), ("ben", "silver", "01"), ("cleo", "gold", "01")],
        *[("dora", "silver", "03"), ("earl", "lost", "03")],
    ]
    assert [
        (row["customer_id"], row["kind"], str(row["since"]))
        for row in found(staged, Period.parse("2026-02", "Europe/London"), tmp_path)
    ] == [
        *[("anna", "silver", "2026-02-01"), ("ben", "silver", "2026-01-01")],
        *[("cleo", "gold", "2026-01-01"), ("dora", "silver", "2026-02-15")],
        ("earl", "gold", "2026-01-01"),
    ]


# cards

GOLD = TierPlan("declared", (Tier("gold", "Gold"), Tier("bronze", "Bronze")))
BOSS = Owner("ada", "Ada Lindqvist", "Head of support", "care", "")
STRATEGY = Strategy(GOLD, owners=(BOSS,), offers=(Card("care", "Care contract"),))


def stance(metric, tier, kind, worst, best=None, written=("", ""), **more):
    base = {
        "owner": "ada",
        "importance": 0,
        "approved_by": "coo",
        "trade_off": "",
        "declared": date(2025, 12, 1),
        "effective": date(2026, 1, 1),
    }
    return Stance(metric, tier, kind, at_worst=worst, at_best=best, written=written, **base | more)


CHOSEN = [
    stance("promises_kept", "gold", "strength", 0.9),
    stance("first_reply_p90", "gold", "strength", 4, written=("4 h", ""), importance=1),
    stance("first_reply_p90", "bronze", "weakness", 48, 12, ("48 h", "12 h"), offer="care"),
    stance("customer_margin", "gold", "strength", 100),
    stance("csat", "all", "strength", 0.8, owner="nobody"),
]


def test_a_card_says_what_is_promised_and_accepted_the_most_important_first():
    made = cards(STRATEGY, METRICS, CHOSEN, ENGLISH)
    assert made["gold"].promised == (
        "First human reply, 9 of 10 within: promised 4 h or less (Head of support); "
        "Satisfied, 4 or 5 of 5 (CSAT), all customers: promised 80 % or more (nobody); "
        "Promises kept: promised 90 % or more (Head of support)."
    )
    assert made["gold"].accepted == ""
    assert made["bronze"].accepted == (
        "First human reply, 9 of 10 within, Care contract: accepted 12 h to 48 h (Head of support)."
    )
    assert (made["gold"].tier, made["gold"].label, made["gold"].state) == (
        "gold",
        "Gold",
        "in tier",
    )
    assert (made["new"].tier, made["new"].label, made["new"].state) == ("", "", "new")


def test_a_state_has_what_is_promised_to_all_and_who_is_lost_nothing():
    made = cards(STRATEGY, METRICS, CHOSEN, ENGLISH)
    assert [said.metric for said in made["new"].promises] == ["csat"]
    assert made["lost"].promises == made["lost"].accepts == ()


def test_what_is_earned_is_on_a_card_only_when_it_is_asked_for():
    gold = cards(STRATEGY, METRICS, CHOSEN, ENGLISH)["gold"]
    assert "customer_margin" not in [said.metric for said in gold.promises]
    every = cards(STRATEGY, METRICS, CHOSEN, ENGLISH, every=True)["gold"]
    assert "Customer margin: promised €100 or more (Head of support)" in every.promised


def test_a_stance_whose_metric_is_gone_says_its_limits_as_they_were_written():
    known: dict[str, Metric] = {}
    made = cards(STRATEGY, known, CHOSEN, ENGLISH, every=True)
    assert str(made["bronze"].accepts[0]) == (
        "first_reply_p90, Care contract: accepted 48 h to 12 h (Head of support)"
    )


# formats


def content(names=True):
    return Content(cards(STRATEGY, METRICS, CHOSEN, ENGLISH), date(2026, 3, 1), "2026-03", names)


def rows_in(folder, rows, group=None):
    types = {n: pa.string() for n in ("customer_id", "name", "kind")} | {"since": pa.date32()}
    table = pa.Table.from_pylist(rows, schema=pa.schema(list(types.items())))
    pq.write_table(table, folder / "rows.parquet", row_group_size=group)
    return folder / "rows.parquet"


def row(customer, name="", kind="gold", since=date(2026, 1, 1)):
    return {"customer_id": customer, "name": name, "kind": kind, "since": since}


def read(file, format):
    """The rows of a file that was written, all of them texts, empty where there is nothing."""
    if format == "csv":
        with file.open(newline="", encoding="utf-8") as text:
            return list(csv.DictReader(text))
    lines = file.read_text("utf-8").splitlines() if format == "jsonl" else []
    each = map(json.loads, lines) if lines else pq.read_table(file).to_pylist()
    return [
        {k: "" if v is None else str(v) for k, v in line.items() if not k.endswith("_list")}
        for line in each
    ]


@pytest.mark.parametrize("names", [False, True])
def test_all_formats_say_the_same(tmp_path, names):
    rows = rows_in(
        tmp_path, [row("a", 'Ö, "x"\nLtd'), row("b", None, "lost", None), row("c", "", "bronze")]
    )
    said = []
    for format in FORMATS:
        assert write(rows, tmp_path / format, format, content(names)) == 0
        said.append(read(tmp_path / format, format))
    assert said[0] == said[1] == said[2]
    first, second, third = said[0]
    assert list(first) == [
        *["customer_id", *(["name"] if names else []), "tier", "tier_label", "state", "since"],
        *["as_of", "period", "promises", "accepts"],
    ]
    assert first.get("name", 'Ö, "x"\nLtd') == 'Ö, "x"\nLtd'
    assert (second["tier"], second["state"], second["since"]) == ("", "lost", "")
    assert (third["tier"], third["as_of"], third["period"]) == ("bronze", "2026-03-01", "2026-03")
    assert first["promises"].startswith("First human reply")


def test_lists_have_the_stances_one_by_one(tmp_path):
    rows = rows_in(tmp_path, [row("c", "", "bronze")])
    write(rows, tmp_path / "t.jsonl", "jsonl", content())
    write(rows, tmp_path / "t.parquet", "parquet", content())
    (line,) = map(json.loads, (tmp_path / "t.jsonl").read_text().splitlines())
    (same,) = pq.read_table(tmp_path / "t.parquet").to_pylist()
    assert line["accepts_list"] == same["accepts_list"]
    assert line["accepts_list"] == [
        {
            "metric": "first_reply_p90",
            "label": "First human reply, 9 of 10 within",
            "offer": "Care contract",
            "said": "accepted 12 h to 48 h",
            "post": "Head of support",
            "to_all": False,
        }
    ]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_no_text_is_a_formula_in_a_spreadsheet(tmp_path, sign):
    text = f"{sign}HYPERLINK(1)"
    rows = rows_in(tmp_path, [row(text, text), row("safe", "a=b")])
    assert write(rows, tmp_path / "csv", "csv", content()) == 1  # one id is another in the file
    first, second = read(tmp_path / "csv", "csv")
    assert (first["customer_id"], first["name"]) == (f"'{text}", f"'{text}")
    assert (second["customer_id"], second["name"]) == ("safe", "a=b")
    for format in ("jsonl", "parquet"):  # which no spreadsheet opens
        assert write(rows, tmp_path / format, format, content()) == 0
        assert read(tmp_path / format, format)[0]["customer_id"] == text


@pytest.mark.parametrize("format", FORMATS)
def test_the_bytes_do_not_depend_on_the_pieces_in_which_rows_come(tmp_path, format):
    many = [row(f"c{i:06}", f"n{i}", ("gold", "lost")[i % 2]) for i in range(2 * BATCH + 7)]
    for group in (None, 1_000, 17_000):
        write(rows_in(tmp_path, many, group), tmp_path / f"{group}", format, content())
    whole = (tmp_path / "None").read_bytes()
    assert whole == (tmp_path / "1000").read_bytes() == (tmp_path / "17000").read_bytes()
    assert [r["customer_id"] for r in read(tmp_path / "None", format)] == [
        r["customer_id"] for r in many
    ]


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_without_customers_there_are_columns(tmp_path, format):
    write(rows_in(tmp_path, []), tmp_path / format, format, content())
    assert read(tmp_path / format, format) == []
    assert "tier_label" in (tmp_path / format).read_bytes().decode("utf-8", "replace")


# the command


@pytest.fixture(scope="module")
def acme(tmp_path_factory):
    """The example company, its tiers frozen up to July 2026."""
    folder = tmp_path_factory.mktemp("lookup") / "acme"
    small(folder)
    assert scorecard("backfill", *MONTH, cwd=folder)[0] == 0
    return folder


def exported(acme, target, *more):
    code, said, wrong = scorecard("tiers", "--export", target, *more, cwd=acme)
    assert code == 0, wrong
    return said, wrong


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_is_the_same_bytes_each_time_and_for_its_owner_alone(acme, tmp_path, format):
    file = tmp_path / f"tiers.{format}"
    said, _wrong = exported(acme, file)
    assert said == f"{file}: 12 customers, tiers of 2026-07, as of 1 Jul 2026\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    exported(acme, file, "--period", "2026-06")
    assert file.read_bytes() != before
    exported(acme, file)
    assert file.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [file.name]


def test_a_row_is_what_the_command_tier_says_of_the_customer(acme, tmp_path):
    exported(acme, tmp_path / "t.csv", "--names")
    rows = {row["customer_id"]: row for row in read(tmp_path / "t.csv", "csv")}
    assert len(rows) == 12
    for customer, line in rows.items():
        told = json.loads(scorecard("tier", customer, "--json", cwd=acme)[1])
        assert told["tier"] == (line["tier"] or line["state"])
    assert rows["C01"]["name"] == "Alder Tooling"
    assert rows["C01"]["promises"] == (
        "First human reply, 9 of 10 within: promised 4 h or less (Head of service)."
    )
    assert (rows["C01"]["since"], rows["C01"]["as_of"]) == ("2026-05-01", "2026-07-01")


def test_names_are_written_on_request_only(acme, tmp_path):
    exported(acme, tmp_path / "t.jsonl")
    assert "Alder" not in (tmp_path / "t.jsonl").read_text()
    assert "goes with --export" in refused("tiers", "--names", cwd=acme, code=2)


def test_it_says_when_the_tiers_are_not_those_of_today(acme):
    code, said, wrong = scorecard("tiers", cwd=acme)
    assert code == 0 and said.startswith("Tiers of 2026-07, as of 1 Jul 2026\nGold: 4 customers\n")
    assert "these are the tiers of 2026-07; those of " in wrong


def test_json_on_the_terminal_has_the_cards(acme, tmp_path):
    told = json.loads(scorecard("tiers", "--json", cwd=acme)[1])
    assert (told["period"], told["as_of"], told["customers"]) == ("2026-07", "2026-07-01", 12)
    assert [(t["tier"], t["customers"]) for t in told["tiers"] if t["customers"]] == [
        *[("gold", 4), ("bronze", 7), ("", 1)]
    ]
    said, _wrong = exported(acme, tmp_path / "t.csv", "--json")
    assert json.loads(said) == {"written": str(tmp_path / "t.csv"), **told}


def test_a_promise_counts_from_the_period_after_it_was_first_seen(acme, tmp_path):
    """The strategy is edited, and nobody has run since: what is in force is what was witnessed."""
    strategy = acme / "strategy.toml"
    text = strategy.read_text()
    assert 'at_worst = "4 h"' in text
    try:
        strategy.write_text(text.replace('at_worst = "4 h"', 'at_worst = "1 h"'))
        exported(acme, tmp_path / "t.csv")
    finally:
        strategy.write_text(text)
    assert "promised 4 h or less" in (tmp_path / "t.csv").read_text()


def test_tiers_that_were_altered_are_not_exported(acme, tmp_path):
    snapshot = acme / ".scorecard" / "tiers" / "2026-07.parquet"
    before = snapshot.read_bytes()
    try:
        snapshot.write_bytes((snapshot.parent / "2026-06.parquet").read_bytes())
        table = pq.read_table(snapshot)
        pq.write_table(table.slice(1), snapshot)
        assert "what was frozen is not what it was" in refused(
            "tiers", "--export", tmp_path / "t.csv", cwd=acme
        )
    finally:
        snapshot.write_bytes(before)
    assert not (tmp_path / "t.csv").exists()


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("t.xlsx", 'tiers are written as .csv, .parquet or .jsonl, not as ".xlsx"'),
        ("t", "the name has no ending"),
        ("t.json", 'Did you mean ".jsonl"?'),
        ("nowhere/t.csv", "there is no folder"),
        ("a-folder.csv", "is a folder, not a file; name another file"),
        ("theirs.csv", "is there, and is no export of tiers"),
        ("theirs.jsonl", "is there, and is no export of tiers"),
        ("theirs.parquet", "is there, and is no export of tiers"),
    ],
)
def test_what_cannot_be_written_to_is_said_in_one_sentence(acme, tmp_path, target, why):
    (tmp_path / "a-folder.csv").mkdir()
    for ending in FORMATS:
        (tmp_path / f"theirs.{ending}").write_text("customer_id,tier\nx,gold\n")
    before = {p.name: p.is_file() and p.read_bytes() for p in tmp_path.iterdir()}
    assert why in refused("tiers", "--export", tmp_path / target, cwd=acme)
    assert {p.name: p.is_file() and p.read_bytes() for p in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--export", "table:tiers"), "the facts are read from files, and there is no database"),
        (("--export", "table:No.Such"), "names no table; write table:NAME or table:SCHEMA.NAME"),
        (("--export", "table:a.b.c"), "names no table"),
        (("--period", "2026-08"), "No tiers of 2026-08 are frozen; there are those of 2026-05 to"),
        (("--period", "2026-W30"), "2026-W30"),
    ],
)
def test_a_table_or_period_that_is_not_there_is_said_in_one_sentence(acme, words, why):
    assert why in refused("tiers", *words, cwd=acme)


def test_before_the_first_run_it_says_which_one_freezes_tiers(tmp_path):
    small(tmp_path / "acme")
    assert 'No tiers are frozen yet; "scorecard run --period ' in refused(
        "tiers", cwd=tmp_path / "acme"
    )
    assert not (tmp_path / "acme" / ".scorecard" / "ledger.db").exists()


def test_the_script_that_the_page_shows_makes_what_a_help_desk_imports(acme, tmp_path, monkeypatch):
    page = Path(__file__).parents[1] / "docs" / "front-line.md"
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.S)
    exported(acme, tmp_path / "tiers.csv")
    monkeypatch.chdir(tmp_path)
    assert "MOST = 1_999" in code
    exec(code.replace("MOST = 1_999", "MOST = 5"), {})
    rows = [read(tmp_path / f"helpdesk-{number}.csv", "csv") for number in (1, 2, 3)]
    assert [len(each) for each in rows] == [5, 5, 2]
    assert rows[0][0] == {
        "external_id": "C01",
        "tier": "gold",
        "tier_promises": "First human reply, 9 of 10 within: promised 4 h or less (Head of service).",
        "tier_as_of": "2026-07-01",
    }
