"""Statements: compiled once with slots, filled they are what would have been compiled without."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import ibis
import pytest
from cast import METRICS, ZONE, opened, values
from cast import stage as staged
from test_measure import EVERYTHING, MORE

from scorecard.base.periods import Period
from scorecard.definitions.loader import load_metrics
from scorecard.errors import DefinitionError
from scorecard.facts.engine import answer
from scorecard.facts.statements import NeedsValueError, Statement, compiled, slot
from scorecard.facts.window import OpenWindow, Window
from scorecard.measuring.observe import observe, seen_by, slots_for
from scorecard.project.service_settings import ServiceHoursSettings

DUCKDB = ibis.duckdb.connect()
OPEN = OpenWindow("period", "month")
NUMBERS = ibis.table({"n": "int64"}, name="numbers")


@pytest.fixture(params=["duckdb", "postgresql"])
def con(request):
    """An engine with a table of the numbers 1 to 3."""
    if request.param == "duckdb":
        con = ibis.duckdb.connect()
    else:
        database = request.getfixturevalue("database").set(drivername="postgresql")
        con = ibis.connect(database.render_as_string(hide_password=False))
    con.create_table("numbers", ibis.memtable({"n": [1, 2, 3]}), temp=True)
    yield con
    con.disconnect()


def asked(con, statement, **values):
    return answer(con, statement.filled(con, values))


# what is filled in


def test_slots_are_filled_with_what_the_engine_takes_for_the_same_value(con):
    given = {
        "day": date(2028, 2, 29),
        "moment": datetime(2026, 3, 29, 0, 59, 59, 250_000),  # noqa: DTZ001 - as facts have it
        "text": """it's "so" \\ %s ⟨day⟩""",
        "small": 0.1,
        "large": -1.25e300,
        "count": -(2**40),
        "truth": True,
    }
    types = ("date", "timestamp", "string", "float64", "float64", "int64", "boolean")
    kinds = dict(zip(given, types, strict=True))
    table = NUMBERS.limit(1).select(**{name: slot(name, kind) for name, kind in kinds.items()})
    (found,) = asked(con, compiled(con, table), **given)
    # Engines read a number with a point as an exact one.
    assert found | {name: float(found[name]) for name in ("small", "large")} == given


def test_a_slot_is_compared_and_counted_with_inside_the_engine(con):
    table = NUMBERS.filter(NUMBERS.n > slot("least", "int64"))
    table = table.select(twice=table.n * 2, month=slot("day", "date").month())
    statement = compiled(con, table)
    found = asked(con, statement, least=2, day=date(2026, 11, 30))
    assert [(int(r["twice"]), int(r["month"])) for r in found] == [(6, 11)]
    found = asked(con, statement, least=1, day=date(2026, 2, 1))
    assert sorted(int(r["twice"]) for r in found) == [4, 6]


def test_two_slots_of_a_name_are_one():
    assert slot("n", "int64").equals(slot("n", "int64"))
    first, again = slot("least", "int64"), slot("least", "int64")
    statement = compiled(DUCKDB, NUMBERS.filter(NUMBERS.n > first, NUMBERS.n < again + 2))
    assert statement.wanted == ("least",)
    assert statement.text.count("⟨least⟩") == 2
    assert "⟨" not in statement.filled(DUCKDB, {"least": 1})


def test_a_value_that_is_not_given_is_missed():
    statement = compiled(DUCKDB, NUMBERS.filter(NUMBERS.n > slot("least", "int64")))
    with pytest.raises(KeyError, match="least"):
        statement.filled(DUCKDB, {"most": 2})


def test_a_slot_in_a_column_that_nothing_reads_is_not_wanted():
    shown = NUMBERS.mutate(day=slot("day", "date")).select("n")
    assert compiled(DUCKDB, shown).wanted == ()


# how statements are put together


def test_some_slots_are_filled_now_and_the_others_later(con):
    table = NUMBERS.filter(NUMBERS.n.between(slot("least", "int64"), slot("most", "int64")))
    half = compiled(con, table).with_(con, {"least": 2, "unknown": 9})
    assert half.wanted == ("most",)
    assert [r["n"] for r in asked(con, half, most=2, least=1)] == [2]


def test_a_union_has_the_rows_the_slots_and_the_tables_of_all(con):
    con.create_table("others", ibis.memtable({"n": [3, 4]}), temp=True)
    others = ibis.table({"n": "int64"}, name="others")
    parts = [
        compiled(con, NUMBERS.filter(NUMBERS.n <= slot("most", "int64"))),
        compiled(con, others.filter(others.n >= slot("least", "int64"))),
    ]
    both = Statement.union(parts)
    assert (both.wanted, both.reads) == (("least", "most"), {"numbers", "others"})
    assert sorted(r["n"] for r in asked(con, both, most=1, least=3)) == [1, 3, 4]


def test_one_statement_reads_another_in_the_place_of_a_table(con):
    seen = ibis.table({"n": "int64"}, name="seen")
    question = compiled(con, seen.agg(sum=seen.n.sum(), limit=slot("limit", "int64")))
    rows = compiled(con, NUMBERS.filter(NUMBERS.n > slot("least", "int64")))
    over = question.over("seen", rows)
    assert (over.wanted, over.reads) == (("least", "limit"), {"numbers"})
    (row,) = asked(con, over, least=1, limit=7)
    assert (int(row["sum"]), row["limit"]) == (5, 7)


# what a slot does not know


@pytest.mark.parametrize(
    "use",
    [
        lambda w: f"{w.first}",
        lambda w: f"{w.first:%Y-%m}",
        lambda w: f"{w.first!r}",
        lambda w: str(w.end),
        lambda w: "%s" % w.after,  # noqa: UP031 - as users write it
        lambda w: w.first.strftime("%Y"),
        lambda w: w.start.date(),
        lambda w: w.first.month == 12,
        lambda w: w.first.month != 12,
        lambda w: w.first.month in (1, 2),
        lambda w: w.first.month > 1,
        lambda w: {1: "January"}[w.first.month],
        lambda w: ("", "January")[w.first.month],
        lambda w: int(w.first.day),
        lambda w: w.first.year - 1,
        lambda w: 2000 - w.first.year,
        lambda w: w.start.hour * 2,
        lambda w: w.first.month // 3,
        lambda w: range(w.first.month),
        lambda w: bool(w.first.month),
        lambda w: f"{w.first.year}",
        lambda w: date(w.first.year, 1, 1),
        lambda w: ibis.literal(w.first),
        lambda w: ibis.literal(w.first.year),
        lambda w: (w.after - w.first).days,
        lambda w: w.first - date(2026, 1, 1),
        lambda w: date(2026, 1, 1) - w.first,
        lambda w: (w.after - timedelta(days=1)).month == 12,
        lambda w: f"{timedelta(days=1) + w.end}",
        lambda w: w.period.key,
        lambda w: w.opening,
        lambda w: w.earlier().first.month == 12,
    ],
)
def test_what_would_need_the_days_themselves_is_refused(use):
    with pytest.raises(NeedsValueError, match="is not known before the statement is filled"):
        use(OPEN)


@pytest.mark.parametrize(
    "use",
    [
        lambda w: "" if w.first else "never",
        lambda w: w.first == date(2026, 1, 1) or "other",
        lambda w: w.first in [date(2026, 1, 1)],
        lambda w: max(w.first, date(2026, 1, 1)),
        lambda w: w.first.replace(day=1),
        lambda w: w.first.isoformat(),
        lambda w: w.first.weekday(),
        lambda w: datetime.combine(w.first, datetime.min.time()),
        lambda w: divmod(w.first.month, 3),
        lambda w: -w.first.month,
    ],
)
def test_nothing_else_that_python_does_with_a_day_ends_in_a_value(use):
    with pytest.raises((TypeError, ValueError, AttributeError)):
        use(OPEN)


# what is shipped


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    folder = tmp_path_factory.mktemp("everything")
    desk = ["Mon-Fri 09:00-17:30"]
    hours = ServiceHoursSettings(week=desk).read(None, "Europe/London", date(2026, 6, 15))
    served = {"service_hours": hours}
    return opened(folder, counting=served, **{**EVERYTHING, "customers": MORE})


def plain(text):
    """A statement without what depends on how long its literals are, and without the numbers of
    derived tables of one name."""
    return " ".join(re.sub(r'"(scorecard_[a-z]+)(_\d+)?"', r'"\1"', text).split())


def derived(facts, reads, values):
    """The rows of every derived table with slots below a statement, by what it is called."""
    known, found, waiting = facts.definitions(values), {}, set(reads)
    sources = {facts.table(name).op().name for name in facts.bound}
    while waiting:
        name = waiting.pop()
        if name in known and name not in sources:
            waiting |= known[name].reads
            facts._derived.ready({name}, values)
            rows = answer(facts.con, f'SELECT * FROM "{name}"')
            found[plain(f'"{name}"')] = sorted(repr(row) for row in rows)
    return found


@pytest.mark.parametrize("key", ["2026-03", "2026-Q1", "2026-W11", "2025"])
def test_a_filled_statement_is_that_of_the_days_themselves(everything, key):
    """For each shipped metric; what Python would reckon with days the engine does in the tables
    that a metric shares with others, so that of these the rows are compared."""
    facts, period = everything, Period.parse(key, ZONE)
    for metric in METRICS.values():
        window, days = Window.of(period, metric.window), slots_for(metric, period)
        filled = seen_by(metric, facts, days, window).statement
        assert facts.prepared["seen", metric.name, metric.version, days] is not None, metric.name
        known = days.values(window)
        whole = compiled(facts.con, observe(metric, facts, window))
        assert plain(filled.filled(facts.con, known)) == plain(whole.text), metric.name
        assert derived(facts, filled.reads, known) == derived(facts, whole.reads, {}), metric.name


# what users write


OWN = '''\
import calendar
from datetime import date, timedelta

import ibis
from ibis import _
from scorecard import metric


@metric(label="Own", unit="score", better="higher", kind="mean", family="own", needs=["surveys"],
        evidence="sample", section="experienced")
def {name}(facts, window):
    """A user's own."""
    s = facts.surveys
    s = s.filter(window.holds(s.sent_at))
    {body}
'''
ANSWERS = """
customer_id instrument sent_at          score
pia         csat       2025-11-02T10:00 1
pia         csat       2025-12-02T10:00 1
pia         csat       2026-01-02T10:00 1
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    return staged(
        tmp_path_factory.mktemp("answers"),
        Period.parse("2026-01", ZONE),
        since="2025-11",
        transactions="customer_id event_on net_amount\npia 2025-10-01 5",
        surveys=ANSWERS,
    )


def own(folder, body, name="own"):
    (folder / f"{name}.py").write_text(OWN.format(body=body, name=name))
    return load_metrics(folder)[name]


def figures(measuring, metric):
    """The figure of November, December, January, and November once more, in one process."""
    found = []
    for key in ("2025-11", "2025-12", "2026-01", "2025-11"):
        period = Period.parse(key, ZONE)
        found.append(values(measuring.estimates([metric], period)[metric.name])["all"])
    return found


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("n = 100 if window.first.month == 12 else 1", [1, 100, 1]),
        ('n = int(f"{window.first:%m}")', [11, 12, 1]),
        ('n = len("x" * int(str(window.first)[-5:-3]))', [11, 12, 1]),
        ("n = int(window.period.key[-2:])", [11, 12, 1]),
        ("n = ibis.literal(window.first).month()", [11, 12, 1]),
        ("n = (window.after - window.first).days", [30, 31, 31]),
        ("n = calendar.monthrange(window.first.year, window.first.month)[1]", [30, 31, 31]),
        ("n = (window.after - timedelta(days=1)).day", [30, 31, 31]),
        ('n = int(window.first.strftime("%Y"))', [2025, 2025, 2026]),
        ("n = 1 + (window.first >= date(2026, 1, 1))", [1, 1, 2]),
        ("n = 2 if window.first in (date(2025, 12, 1),) else 1", [1, 2, 1]),
        ("n = window.opening.first.month", [11, 12, 1]),
        ("n = s.sent_at.date().delta(window.after, unit='day')", [-29, -30, -30]),
        ("n = 3", [3, 3, 3]),
    ],
)
def test_a_users_metric_has_the_right_figure_whatever_it_does_with_its_days(
    tmp_path, answers, body, expected
):
    metric = own(tmp_path, f'{body}\n    return s.select("customer_id", num=s.score * n, den=1)')
    found = figures(answers, metric)
    assert found == [*expected, expected[0]]


def test_a_metric_may_bring_rows_and_functions_of_its_own(tmp_path, answers):
    metric = own(
        tmp_path,
        """@ibis.udf.scalar.python
    def twice(x: float) -> float:
        return 2 * x
    weights = ibis.memtable({"instrument": ["csat", "nps"], "worth": [4, 9]})
    s = s.join(weights, "instrument")
    return s.select("customer_id", num=twice(s.score * s.worth), den=1)""",
    )
    assert figures(answers, metric) == [8, 8, 8, 8]


def test_rows_of_ones_own_may_hold_days_of_the_window(tmp_path, answers):
    metric = own(
        tmp_path,
        """known = ibis.memtable({"customer_id": ["pia"], "month": [window.first.month]})
    s = s.join(known, "customer_id")
    return s.select("customer_id", num=s.score * s.month, den=1)""",
    )
    assert figures(answers, metric) == [11, 12, 1, 11]


# what an engine refuses


@pytest.mark.parametrize(
    ("num", "said"),
    [
        ('s.instrument.cast("int64")', "Could not convert string 'csat' to INT64"),
        # DuckDB has no such function, so that Ibis has no SQL for it.
        (
            '(s.instrument.hashbytes("sha512") == b"").cast("int64")',
            "'HashBytes' operation is not defined",
        ),
    ],
)
def test_the_one_metric_that_the_engine_refuses_is_named(tmp_path, answers, num, said):
    body = 'return s.select("customer_id", num={}, den=1)'
    bad = own(tmp_path, body.format(num), "bad")
    good = [own(tmp_path, body.format("s.score"), name) for name in ("first", "last")]
    period = Period.parse("2025-11", ZONE)
    with pytest.raises(DefinitionError, match=r'bad.py:\d+: metric "bad" failed') as error:
        answers.results_of([good[0], bad, good[1]], period)
    assert said in str(error.value)
    found = answers.estimates(good, period)
    assert [values(found[m.name])["all"] for m in good] == [1, 1]
