"""Documentation: generated where it can be, and never about something that does not exist."""

from __future__ import annotations

import re
import tomllib
from configparser import ConfigParser
from dataclasses import fields
from datetime import UTC, date, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from scorecard.answering.proposal import ITEMS
from scorecard.answering.proposal_reader import TABLES as PROPOSAL_TABLES
from scorecard.answering.proposal_reader import read_proposal
from scorecard.base.periods import Period
from scorecard.base.toml_file import Entry, TomlFile
from scorecard.cli.app import app
from scorecard.definitions.loader import load_metrics
from scorecard.facts.contracts import CONTRACTS
from scorecard.facts.tables import Facts, FactsOptions
from scorecard.facts.values import Zones
from scorecard.facts.window import Window
from scorecard.ledger import addresses, deliveries, expected
from scorecard.mail.content import MailContent, MailKind
from scorecard.project.desk_settings import DeskSettings
from scorecard.project.limit_settings import LimitSettings
from scorecard.project.mail_settings import MailSettings
from scorecard.project.scaffold import SKELETON
from scorecard.project.settings import Project, Settings
from scorecard.replies.gate import Gate
from scorecard.schedules.reader import TABLES, read_schedules
from scorecard.strategy.reader import read_strategy

ROOT = Path(__file__).parents[1]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("[!.]*/README.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(SKELETON.glob("*.toml")),
]


def generator():
    spec = spec_from_file_location("reference", ROOT / ".ci" / "reference.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFERENCE = generator()
COMMANDS = REFERENCE.commands(app)


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def parameters(name):
    return [p for p in COMMANDS[name].params if not getattr(p, "hidden", False)]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_in_one_line(name):
    first, *more = COMMANDS[name].help.splitlines()
    assert first.endswith(".") and first.strip() == first
    assert more == [] or more[0] == ""


def test_the_list_of_commands_cuts_none_of_these_lines():
    said = CliRunner().invoke(app, ["--help"]).output
    listed = [
        line
        for line in said.partition("Commands:")[2].partition("Exit codes:")[0].splitlines()
        if line.strip()
    ]
    assert [line.split()[0] for line in listed] == list(COMMANDS)
    assert [line for line in listed if line.endswith("...")] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name):
    assert [p.name for p in parameters(name) if not getattr(p, "help", "")] == []


def test_the_reference_is_fresh():
    """If this fails, run "make reference"."""
    assert text_of("REFERENCE.md") == REFERENCE.reference(app, ROOT / "metrics")


def typed(text):
    """The commands that a page tells to type, each with its options."""
    before = r"""(?:[`"/]|folder:[\w/]+ |^    )"""
    found = re.findall(rf"""{before}scorecard ([a-z][a-z-]*)([^`"|#\n]*)""", text, re.MULTILINE)
    options = re.compile(r"(?<= )--?[A-Za-z][a-z-]*")
    return [(command, set(options.findall(rest))) for command, rest in found]


def test_what_is_to_be_typed_is_found_wherever_it_stands():
    """In a line of its own, in quotes, behind a folder, and behind a variable."""
    text = (
        "    scorecard run x --period 2026-06 --dry-run   # and send\n"
        'then "scorecard test-send ada" and `/opt/bin/scorecard serve --once -C /srv`;\n'
        "`SCORECARD_SMTP=folder:output/mail scorecard send`, but scorecard as a word is none\n"
    )
    assert typed(text) == [
        ("run", {"--period", "--dry-run"}),
        ("test-send", set()),
        ("serve", {"--once", "-C"}),
        ("send", set()),
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_pages_name_only_commands_and_targets_that_exist(page):
    text = page.read_text(encoding="utf-8")
    named = {command for command, _ in typed(text)}
    made = set(re.findall(r"""(?:[`"]|^    )make ([a-z]+)""", text, re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named - COMMANDS.keys() == set()
    assert made - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_pages_name_only_options_that_the_command_has(page):
    for command, options in typed(page.read_text(encoding="utf-8")):
        known = {o for p in COMMANDS[command].params for o in p.opts} | {"--help"}
        assert options - known == set(), command


def test_the_metric_that_the_docs_show_works_as_it_stands(tmp_path):
    """On the example facts of June 2026: 8 of 11 customers answered, 5 of them 4 or 5."""
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "metrics/README.md").read_text(), re.S)
    (tmp_path / "satisfied.py").write_text(code)
    (metric,) = load_metrics(tmp_path).values()
    example = Project.at(SKELETON, {})
    zones, as_of = Zones("Europe/London", "Europe/London"), datetime(2026, 8, 1, tzinfo=UTC)
    reading = FactsOptions("EUR", zones, as_of)
    facts, findings = Facts.open(example.connect, example.sources, example.root, reading)
    june = Window.of(Period.parse("2026-06", "Europe/London"), metric.window)
    rows = facts.answer(metric.observe(facts, june))
    assert findings == []
    assert (sum(r["num"] for r in rows), sum(r["den"] for r in rows)) == (5, 8)


def test_the_two_commands_come_first():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    shown = [line.split()[:2] for line in lines if line.startswith("    ")]
    assert shown[:2] == [["make", "demo"], ["make", "test"]]


def test_the_readme_fits_a_screen():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 65


@pytest.fixture(scope="module")
def example():
    project = Project.at(SKELETON, {})
    metrics = load_metrics(ROOT / "metrics")
    return project, read_strategy(project.strategy, metrics, "EUR")[0]


def schedules_of(example, folder, text):
    """The schedules and findings of a file with that text."""
    (folder / "monthly-packet.toml").write_text(text, encoding="utf-8")
    project, strategy = example
    settings = project.settings.model_copy(update={"schedules": str(folder)})
    shown = Project(project.root, settings, "", "", project.sources)
    return read_schedules(shown, strategy, date(2026, 11, 2))


def asked_for(example, folder, monkeypatch):
    """The keys that reading a schedule asks for, as (table, key), of a file that has them all."""
    heads, raw = {"the file": ""}, Entry.raw
    asked = set()

    def listen(self, key):
        asked.add((heads.get(self._head, self._head), key))
        return raw(self, key)

    monkeypatch.setattr(Entry, "raw", listen)
    for day in ('cron = "0 7 3 * *"', 'weekday = "monday"\nnth = 1'):
        schedules_of(
            example,
            folder,
            f'title = "x"\n[when]\n{day}\n[fiscal]\nyear_starts = 4\n[period]\nback = 1\n'
            "[hold]\nuntil = { day = 2 }\n[late]\n[[subscriber]]\n",
        )
    return {(table, key) for table, key in asked if table != "until"}


def test_the_reference_has_exactly_the_keys_that_a_schedule_can_have(
    example, tmp_path, monkeypatch
):
    said = {(table, key) for table, rows in REFERENCE.SCHEDULE.items() for key, *_ in rows}
    assert said == asked_for(example, tmp_path, monkeypatch)
    assert {table.strip("[]") for table in REFERENCE.SCHEDULE if table} == set(TABLES)


def test_the_reference_has_exactly_the_keys_that_a_strategy_can_have(tmp_path, monkeypatch):
    """Of a file that has every table that is asked for, with the lists of tables in them."""
    file, asked, tables = tmp_path / "strategy.toml", set(), {}
    raw, top = Entry.raw, TomlFile._top

    def listen(self, key):
        asked.add((self._head, key))
        return raw(self, key)

    def listen_for_tables(self, table, kind, head):
        tables[table] = head
        return top(self, table, kind, head)

    monkeypatch.setattr(Entry, "raw", listen)
    monkeypatch.setattr(TomlFile, "_top", listen_for_tables)
    inner = {"tier": "willingness_to_pay = [{}]\n", "stance": 'funded_by = [{ charge = "x" }]\n'}
    for _ in range(2):  # the first time to learn which tables there are
        file.write_text(
            "".join(f'{head}\nid = "x"\n{inner.get(t, "")}' for t, head in tables.items())
        )
        read_strategy(file, load_metrics(ROOT / "metrics"), "EUR")
    said = {(table, key) for table, rows in REFERENCE.STRATEGY.items() for key, *_ in rows}
    assert {head for head in REFERENCE.STRATEGY if head.startswith("[")} == set(tables.values())
    assert said == asked


def test_the_reference_has_exactly_the_keys_that_a_proposal_can_have(
    example, tmp_path, monkeypatch
):
    _, strategy = example
    asked, raw = set(), Entry.raw

    def listen(self, key):
        asked.add((self._head.replace("the file", ""), key))
        return raw(self, key)

    monkeypatch.setattr(Entry, "raw", listen)
    tables = [head for head in REFERENCE.PROPOSAL if head]
    file = tmp_path / "proposal.toml"
    one_source = {"[[paid_by]]": 'willingness = "stated"'}
    file.write_text("".join(f"{head}\n{one_source.get(head, 'x = 1')}\n" for head in tables))
    read_proposal(file, strategy, load_metrics(ROOT / "metrics"), "EUR")
    said = {(table, key) for table, rows in REFERENCE.PROPOSAL.items() for key, *_ in rows}
    assert said == asked
    assert {table.strip("[]") for table in tables} == set(PROPOSAL_TABLES)


def test_the_proposal_that_the_page_shows_passes_the_gate(tmp_path):
    (text,) = re.findall(r"```toml\n(.*?)```", text_of("docs/proposals.md"), re.S)
    file, metrics = tmp_path / "proposal.toml", load_metrics(ROOT / "metrics")
    file.write_text(text, encoding="utf-8")
    strategy, found = read_strategy(ROOT / "strategy.toml", metrics, "EUR")
    assert found == []
    gate = Gate(strategy, metrics, "EUR", "month", "Europe/London")
    assert gate.look(file, None, datetime(2026, 11, 2, tzinfo=UTC)).missing == ()
    assert {item for item in ITEMS.values() if item not in text_of("docs/proposals.md")} == set()


def test_the_page_about_schedules_names_every_key_and_table():
    text = text_of("schedules/README.md")
    keys = {key for rows in REFERENCE.SCHEDULE.values() for key, *_ in rows}
    assert {key for key in keys if not re.search(rf"(^|[` {{]){key}\b", text, re.M)} == set()
    assert {t for t in REFERENCE.SCHEDULE if t not in text} == set()


def test_the_schedule_that_the_page_shows_is_sound(example, tmp_path):
    (shown,) = re.findall(r"```toml\n(.*?)```", text_of("schedules/README.md"), re.S)
    (schedule,), findings = schedules_of(example, tmp_path, shown)
    assert findings == []
    assert (schedule.title, schedule.hold.slack) == ("Monthly executive packet", 2)
    assert [s.email for s in schedule.subscribers] == ["noor@example.com"]


def test_the_examples_of_days_are_sound(example, tmp_path, monkeypatch):
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", text_of("schedules/README.md"), re.M)
    shown = [re.sub(r"(?m)^    ", "", block) for block in blocks if "[when]" in block]
    closes = tmp_path / "closes.txt"
    closes.write_text("".join(f"20{27 + n // 12}-{n % 12 + 1:02}-28\n" for n in range(36)))
    assert len(shown) == 3
    for text in shown:
        text = text.replace("calendars/closes.txt", str(closes))
        top = 'title = "x"\ndocuments = ["executive-packet"]\nto = ["executives"]\n'
        schedules, findings = schedules_of(example, tmp_path, top + text)
        assert [f for f in findings if f.severity == "blocking"] == []
        assert len(schedules) == 1


def test_the_service_that_the_page_shows_starts_a_command_that_there_is():
    (unit,) = re.findall(r"```ini\n(.*?)```", text_of("schedules/README.md"), re.S)
    parsed = ConfigParser(interpolation=None)
    parsed.optionxform = str
    parsed.read_string(unit)
    service = parsed["Service"]
    assert typed(service["ExecStart"]) == [("serve", {"--json-log"})]
    assert (service["Restart"], service["KillMode"]) == ("always", "mixed")


@pytest.mark.parametrize("model", [Settings, LimitSettings, DeskSettings, MailSettings])
def test_the_settings_as_laid_out_show_every_key_and_every_default(model):
    """A line that begins with "#" shows the default: without the "#", nothing changes."""
    text, _, mail = text_of(SKELETON / "pyproject.toml").partition("[tool.scorecard.mail]")
    text, _, desk = text.partition("[tool.scorecard.desk]")
    text, _, limits = text.partition("[tool.scorecard.limits]")
    text = text.partition("[tool.scorecard.facts]")[0]
    section = {
        Settings: text,
        LimitSettings: limits,
        DeskSettings: desk,
        MailSettings: mail,
    }[model]
    names = [field.alias or name for name, field in model.model_fields.items()]
    commented = re.findall(r"(?m)^# ((\w+) = .*)$", section)
    shown = tomllib.loads("\n".join(line for line, _ in commented))
    said = re.findall(r"(?m)^(\w+) = ", section)
    assert sorted([*shown, *said]) == sorted(names)
    required = {"company": "x", "timezone": "UTC", "currency": "EUR"} if model is Settings else {}
    assert model.model_validate({**shown, **required}) == model.model_validate(required)


def test_every_variable_of_the_environment_is_in_the_reference():
    read = {
        name
        for file in (ROOT / "scorecard").rglob("*.py")
        for name in re.findall(r'"(SCORECARD_[A-Z]+)"', file.read_text(encoding="utf-8"))
    }
    assert read == set(REFERENCE.ENVIRONMENT) - {"NAME"} != set()


@pytest.mark.parametrize(
    "states",
    [expected.State, deliveries.State, addresses.Event],
    ids=["runs", "deliveries", "addresses"],
)
def test_every_state_is_in_the_reference(states):
    text = text_of("REFERENCE.md").partition("## States")[2].partition("## Tables")[0]
    assert [s for s in get_args(states) if f"| {s} | " not in text] == []


def test_the_reference_says_of_every_column_what_is_allowed_in_it():
    tables = REFERENCE.reference(app, ROOT / "metrics").partition("## Tables")[2]
    for contract in CONTRACTS.values():
        text = tables.partition(f"### {contract.table}\n")[2].partition("\n###")[0]
        cells = {}
        for line in text.splitlines():
            if line.startswith("| "):
                name, type, allowed, _means = (c.strip() for c in line.strip("|").split(" | "))
                cells[name.removesuffix(" *").lstrip("| ")] = (type, allowed)
        assert cells.pop("column") == ("type", "allowed")
        assert list(cells) == [c.name for c in contract.columns]
        for column in contract.columns:
            type, allowed = cells[column.name]
            assert type == column.type and allowed
            words = column.check.removeprefix("in:") if column.check.startswith("in:") else ""
            assert [w for w in words.split(",") if w and f"`{w}`" not in allowed] == []
    answers = tables.partition("### surveys\n")[2].partition("\n###")[0]
    score = next(line for line in answers.splitlines() if line.startswith("| score "))
    assert "`nps` 0 to 10, `csat` 1 to 5, `ces` 1 to 7" in score


def test_what_is_said_of_a_name_is_read_to_its_end():
    text = "One of:\n\n    held          waits\n    not issued    given up after\n" + (
        "                  the last try\n\n    held over     something else\n"
    )
    assert REFERENCE.glossary(text, ["held", "not issued"]) == {
        "held": "waits",
        "not issued": "given up after the last try",
    }
    with pytest.raises(KeyError):
        REFERENCE.glossary(text, ["done"])


def test_the_page_about_templates_names_files_and_fields_that_there_are():
    text = text_of("templates/README.md")
    names = set(re.findall(r"`([\w/]+\.(?:html|css|txt|j2)(?:\.j2)?)`", text))
    folders = (ROOT / "templates", ROOT / "templates" / "mail")
    assert {n for n in names if not any((f / n).exists() for f in folders)} == set()
    (said,) = re.findall(r"Templates see `letter` \(its (.*?)\band more\)", text, re.S)
    assert set(re.findall(r"`(\w+)`", said)) <= {f.name for f in fields(MailContent)}
    kinds = {kind.replace(" ", "-") for kind in get_args(MailKind)}
    assert {kind for kind in kinds if f"`{kind}`" not in text} == set()
