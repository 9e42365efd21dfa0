"""What `check` passes a run can do, and mail can carry: whatever people write into strategy,
settings and schedules is refused where it stands, in a sentence, or printed and sent."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_project import small
from sample_strategy import METRICS, TEXT
from sizes import sizes
from test_run import AS_OF

from scorecard.base.findings import blocking
from scorecard.check import check
from scorecard.definitions.loader import load_metrics
from scorecard.delivery.dry_run import dry_run
from scorecard.delivery.due_runs import ProjectSchedules
from scorecard.errors import DefinitionError, ProjectError
from scorecard.project.settings import Project
from scorecard.project.workspace import open_ledger
from scorecard.schedules.reader import read_schedules
from scorecard.strategy.reader import read_strategy

BEYOND = ("nan", "inf", "-inf", "1e400", "9" * 400, "9" * 5000, f"0x{'f' * 4000}", str(2**63))
"""Numbers of TOML that nobody can count with."""


def strategy_of(folder: Path, text: str):
    (folder / "strategy.toml").write_text(text, encoding="utf-8")
    return read_strategy(folder / "strategy.toml", METRICS, "EUR")


@pytest.mark.parametrize("number", BEYOND)
@pytest.mark.parametrize("key", ["importance = 2", "usual_n = 40", 'at_worst = "4 h"', "share"])
def test_a_number_that_cannot_be_counted_with_is_refused_in_the_strategy(tmp_path, key, number):
    if key == "share":
        text = TEXT.replace("share = 0.2", f"share = {number}", 1)
    elif key in TEXT:
        text = TEXT.replace(key, f"{key.partition(' ')[0]} = {number}", 1)
    else:
        text = TEXT.replace("[[stance]]", f"[[stance]]\n{key.partition(' ')[0]} = {number}", 1)
    _strategy, found = strategy_of(tmp_path, text)
    (said, *_more) = [str(f) for f in blocking(found)]
    assert said.startswith("strategy.toml"), said
    assert "counted with" in said and len(said) < 300


@pytest.mark.parametrize("limit", ["9" * 400 + " h", "1" + "0" * 16 + " h", "9" * 5000 + " h"])
def test_a_limit_of_hundreds_of_digits_is_no_limit_and_never_none(tmp_path, limit):
    strategy, found = strategy_of(
        tmp_path, TEXT.replace('at_worst = "4 h"', f'at_worst = "{limit}"')
    )
    (said,) = [str(f) for f in found if f.id == "limit_unit"]
    assert "is more than can be counted with" in said and len(said) < 300
    assert "first_reply_p90/gold" not in [s.key for s in strategy.stances]


@pytest.mark.parametrize(
    ("line", "with_"),
    [
        ("effective = ", "effective = 9999-12-31"),
        ("declared = ", "declared = 0001-01-01"),
        ("window", "window = 100000000"),
        ("history", "history = 241"),
        ('since = "2024-01"', 'since = "9999-12"'),
        ('since = "2024-01"', 'since = "0001-01"'),
    ],
)
def test_spans_and_days_at_the_ends_of_the_calendar_are_refused(tmp_path, line, with_):
    if line.endswith("= "):
        text = re.sub(rf"^{line}.*$", with_, TEXT, count=1, flags=re.MULTILINE)
    elif "=" in line:
        text = TEXT.replace(line, with_)
    else:
        text = TEXT.replace("[tiers]", f"[tiers]\n{with_}", 1)
    _strategy, found = strategy_of(tmp_path, text)
    (said,) = [f for f in blocking(found) if f.id == "wrong_value"]
    assert with_.partition(" ")[0] in said.message


@pytest.fixture
def acme(tmp_path):
    """The small project, with lines put into its settings."""
    small(tmp_path / "acme")

    def with_(line: str = "", mail: str = "") -> Project:
        file = tmp_path / "acme" / "pyproject.toml"
        text = file.read_text()
        key = line.partition(" ")[0]
        text = re.sub(rf"^{re.escape(key)} .*\n", "", text, flags=re.MULTILINE) if key else text
        text = text.replace("[tool.scorecard]\n", f"[tool.scorecard]\n{line}\n", 1)
        file.write_text(text)
        return Project.at(tmp_path / "acme", {})

    return with_


SPANS = (
    "stale_after",
    "freshness.surveys",
    "matures.service",
    "acquisition_months",
    "margin_known",
)


@pytest.mark.parametrize("number", ["99999999", "-1", *BEYOND[:2], *BEYOND[3:]])
@pytest.mark.parametrize("key", [*SPANS, "renewal_grace", "engine_threads"])
def test_a_span_of_the_settings_that_no_calendar_has_is_refused(acme, key, number):
    with pytest.raises(ProjectError) as raised:
        acme(f"{key} = {number}")
    said = str(raised.value)
    assert "pyproject.toml" in said and "\n" not in said


@pytest.mark.parametrize("line", ["matures=99999999", "window=99999999", "minimum=-1"])
def test_a_span_of_a_metric_that_no_calendar_has_is_refused(tmp_path, line):
    (tmp_path / "a.py").write_text(
        "from scorecard import metric\n\n\n@metric(label='A', unit='share', better='higher', "
        "kind='proportion', family='f', needs=['surveys'], evidence='sample', "
        f"section='experienced', {line})\ndef a(facts, window):\n    return None\n"
    )
    with pytest.raises(
        DefinitionError, match=rf'metric "a" has {line.partition("=")[0]} .*; write'
    ):
        load_metrics(tmp_path)


@pytest.mark.parametrize(
    "sign", ["\\n", "\\r", "\\u0000", "\\u001b", "\\u202e", "\\u2066", "\\u2028"]
)
@pytest.mark.parametrize("key", ["name", "role", "label", "approved_by"])
def test_a_name_with_a_line_break_or_a_mark_of_direction_is_refused(tmp_path, key, sign):
    old = f'\n{key} = "'
    text = TEXT.replace(old, f"{old}A{sign}B", 1)
    _strategy, found = strategy_of(tmp_path, text)
    assert "line_break" in [f.id for f in found]
    assert all(json.loads(f'"{sign}"') not in str(f) for f in found if f.id == "line_break")


def test_sentences_may_have_several_lines_and_are_printed_as_one(tmp_path):
    text = re.sub(r'^trade_off = "', 'trade_off = """\nFirst.\n\n  ', TEXT, count=1, flags=re.M)
    text = re.sub(r'("""\nFirst[^"]*)"', r'\1"""', text, count=1)
    strategy, found = strategy_of(tmp_path, text)
    assert found == []
    assert strategy.stances[0].trade_off.startswith("First. ")


# Odd texts that are accepted, through a whole run and into a mail.

ODD = [
    *"<>&'\"\\{}%$#@;,|`~^*_[]()=?!/:.-",
    *(
        "{{ 7 * 7 }}",
        "{% raw %}",
        "</style>",
        "<script>",
        "&amp;",
        "=?utf-8?q?x?=",
        "%s",
        "../..",
        "${HOME}",
    ),
    *(
        "é",
        "e\u0301",
        "ß",
        "Ñ",
        "Ω",
        "Ж",
        "א",
        "ع",
        "日本",
        "한국",
        "ไทย",
        "🙂",
        "👩\u200d👧",
        "\u00ad",
        "\u200b",
    ),
    *("  ", "\u00a0", "\u3000", "\u2014", "W" * 30, "a b c d e f"),
    *("\n", "\t", "\u202e", "\x1b", "\x7f", "\u2028", "\ufeff", "\ufffe", "\ue000", "\U000e0001"),
]
PLAIN = [sign for sign in ODD if sign.isprintable() or len(sign) > 1]


def texts(longest: int, signs=tuple(ODD)) -> st.SearchStrategy[str]:
    parts = st.one_of(st.sampled_from(signs), st.text("abcde", min_size=1, max_size=12))
    joined = st.lists(parts, min_size=1, max_size=12).map("".join)
    return joined.map(lambda text: text[: longest + 20])


def toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


NAMES = ("Ada Example", "Grace Example", "Head of service", "Managing director", "Service")


def odd(project: Project, chosen: list[str], sentences: list[str], title: str) -> Project:
    """The project with odd texts for its names, sentences, company and schedule."""
    text = project.strategy.read_text("utf-8")
    for old, new in zip(NAMES, chosen, strict=False):
        text = text.replace(f'= "{old}"', f"= {toml(new)}")
    for new in sentences:
        text = re.sub(
            r'^(trade_off|purpose|needs) = "[^"]*"$',
            lambda m, new=new: f"{m[1]} = {toml(new)}",
            text,
            count=1,
            flags=re.M,
        )
        text = text.replace("trade_off =", "trade_off  =", 1)
    project.strategy.write_text(text.replace("trade_off  =", "trade_off ="), "utf-8")
    file = project.schedules / "owner-scorecards.toml"
    file.write_text(
        re.sub(r"^title .*$", lambda _m: f"title = {toml(title)}", file.read_text(), flags=re.M)
    )
    file = project.root / "pyproject.toml"
    settings_ = re.sub(
        r"^company = .*$", lambda _m: f"company = {toml(chosen[-1])}", file.read_text(), flags=re.M
    )
    file.write_text(settings_, "utf-8")
    return Project.at(project.root, {})


@pytest.mark.parametrize("many", sizes(1, 5))
def test_what_check_passes_is_run_and_mailed(tmp_path, many):
    counted, numbers = {"refused": 0, "mailed": 0}, count()

    @settings(
        max_examples=many, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(
        st.lists(texts(200, tuple(PLAIN)), min_size=6, max_size=6, unique=True),
        st.lists(texts(1000, tuple(PLAIN)), min_size=4, max_size=4),
        texts(200, tuple(PLAIN)),
    )
    def through(chosen, sentences, title):
        folder = tmp_path / str(next(numbers))
        try:
            project = odd(small(folder), chosen, sentences, title)
        except ProjectError as error:
            assert "company" in str(error)
            counted["refused"] += 1
            return
        wrong = blocking(check(project, period=None, as_of=AS_OF))
        if wrong:
            assert all(f.place for f in wrong)
            counted["refused"] += 1
            return
        schedule = ProjectSchedules.of(project, AS_OF).schedule("owner-scorecards")
        with open_ledger(project) as ledger:
            mails = dry_run(
                project, ledger, schedule, project.period("2026-06"), lambda: AS_OF, lambda *_: None
            )
        assert [m.refused for m in mails] == [""] * len(mails)
        assert mails
        counted["mailed"] += 1

    through()
    assert counted["mailed"]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(texts(300), min_size=3, max_size=3), st.one_of(st.floats(), st.integers()), st.dates()
)
def test_whatever_is_written_is_read_or_refused_in_a_sentence(tmp_path_factory, three, number, day):
    folder = tmp_path_factory.mktemp("odd")
    name, prose, limit = three
    text = re.sub(r"^name = .*$", lambda _m: f"name = {toml(name)}", TEXT, flags=re.M)
    text = re.sub(r"^trade_off = .*$", lambda _m: f"trade_off = {toml(prose)}", text, flags=re.M)
    text = re.sub(
        r"^at_worst = .*$", lambda _m: f"at_worst = {toml(limit)}", text, count=1, flags=re.M
    )
    text = re.sub(
        r"^importance = .*$", lambda _m: f"importance = {number}", text, count=1, flags=re.M
    )
    text = re.sub(r"^effective = .*$", lambda _m: f"effective = {day}", text, count=1, flags=re.M)
    strategy, found = strategy_of(folder, text)
    for finding in found:
        said = str(finding)
        assert said.startswith("strategy.toml")
    for each in strategy.stances:
        assert len(each.trade_off) <= 1000 and "\n" not in each.trade_off


@pytest.mark.parametrize("number", ["99999999", *BEYOND])
@pytest.mark.parametrize("key", ["back", "slack", "day", "nth", "year_starts"])
def test_a_number_of_a_schedule_is_refused_too(tmp_path, key, number):
    project = small(tmp_path / "acme")
    strategy, _found = read_strategy(project.strategy, load_metrics(project.metrics), "EUR")
    table = {
        "back": "period",
        "slack": "hold",
        "day": "when",
        "nth": "when",
        "year_starts": "fiscal",
    }[key]
    (project.schedules / "owner-scorecards.toml").write_text(
        f'title = "A"\ndocuments = ["owner-scorecard"]\nto = ["owners"]\n[{table}]\n{key} = {number}\n'
    )
    _schedules, found = read_schedules(project, strategy, date(2026, 8, 17))
    assert any("owner-scorecards.toml" in f.place for f in blocking(found))
