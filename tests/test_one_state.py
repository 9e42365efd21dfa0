"""A run reads one state of the facts: what is replaced while it is at work is never mixed in."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import duckdb
import ibis
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_engines import ON_SPARK, address_of, database
from sample_facts import reading
from sample_project import answered_a_day_later, small
from test_run import AS_OF, Clock, Interrupted, told

from scorecard.errors import ChangedError, FactsError
from scorecard.facts import text_files
from scorecard.facts.contracts import Source
from scorecard.facts.engine import connect, disconnect
from scorecard.facts.one_state import FileState, content_of
from scorecard.facts.tables import Facts
from scorecard.facts.text_files import in_columns
from scorecard.library.scorecard import Scorecard
from scorecard.pipeline.request import RunRequest
from scorecard.project.settings import Project
from scorecard.project.workspace import fingerprint, open_ledger, open_workspace

PAGES = RunRequest(("owner-scorecard",))
PERIOD = "2026-06"
RESTATED = "interactions"


def in_parquet(folder: Path) -> Project:
    """The small company with its facts in Parquet files, and beside them others of June."""
    small(folder)
    shutil.copytree(folder / "facts", folder / "other" / "facts")
    answered_a_day_later(folder / "other", PERIOD)
    with duckdb.connect() as con:
        for place in (folder / "facts", folder / "other" / "facts"):
            for file in place.glob("*.csv"):
                rows = f"read_csv('{file}', all_varchar = true)"
                con.execute(f"copy (from {rows}) to '{file.with_suffix('.parquet')}'")
                file.unlink()
    text = (folder / "pyproject.toml").read_text()
    (folder / "pyproject.toml").write_text(text.replace(".csv", ".parquet"))
    return Project.at(folder, {})


def swap(project: Project) -> None:
    """Put the other interactions in the place of those that are there."""
    here, other = (f / "facts" / "interactions.parquet" for f in (project.root, _beside(project)))
    here.rename(here.with_suffix(".kept"))
    other.rename(here)
    here.with_suffix(".kept").rename(other)


def _beside(project: Project) -> Path:
    return project.root / "other"


def printed(project: Project) -> dict[str, str]:
    return {
        file.name: sha256(file.read_bytes()).hexdigest() for file in project.output.rglob("*.pdf")
    }


def frozen(project: Project) -> dict[str, str]:
    folder = project.state / "tiers"
    return {
        str(file.relative_to(folder)): sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file() and file.name != ".ledger.json"  # by which the ledger is known again
    }


def published(project: Project) -> SimpleNamespace:
    """All that anybody could read of a run."""
    with open_ledger(project) as ledger:
        period = project.period(PERIOD)
        figures = {(r.metric, r.tier): r.estimate.value for r in ledger.results(period)}
        editions = [e.content_hash for e in ledger.editions(period)]
    return SimpleNamespace(
        figures=figures, editions=editions, pdfs=printed(project), tiers=frozen(project)
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What is published where nobody swaps anything, and the steps that were told of meanwhile."""
    project, steps = in_parquet(tmp_path_factory.mktemp("calm") / "acme"), list[str]()
    told(project, request=PAGES, progress=lambda what, *_: steps.append(what))
    return SimpleNamespace(project=project, steps=steps, **vars(published(project)))


EXTENTS = [
    pytest.param(False, 7, id="for good"),
    pytest.param(True, 9, id="and back"),
    pytest.param(False, 1, id="for good, each", marks=pytest.mark.prove),
    pytest.param(True, 3, id="and back, each third", marks=pytest.mark.prove),
]
"""Whether it is put back, and every how many steps it is tried."""
NOTHING = SimpleNamespace(figures={}, editions=[], pdfs={}, tiers={})


@pytest.mark.parametrize(("back", "every"), EXTENTS)
def test_a_file_swapped_at_any_step_is_never_mixed_in(undisturbed, tmp_path, back, every):
    """Swapped for good, or put back at the next step: the run is held and leaves nothing, or says
    what it would have said."""
    ends = set()
    for at in range(0, len(undisturbed.steps), every):
        project, seen = in_parquet(tmp_path / str(at)), list[str]()

        def swapping(what, *_, project=project, seen=seen, at=at):
            if len(seen) == at or (back and len(seen) == at + 1):
                swap(project)
            seen.append(what)

        try:
            told(project, request=PAGES, progress=swapping)
        except FactsError as error:
            assert "facts.interactions" in str(error), undisturbed.steps[at]
            assert vars(published(project)) == vars(NOTHING), undisturbed.steps[at]
            ends.add("held")
        else:
            calm = {name: getattr(undisturbed, name) for name in vars(NOTHING)}
            assert vars(published(project)) == calm, undisturbed.steps[at]
            ends.add("as it was")
        assert [r.step for r in runs(project)][-1] in ("held", "done")
    assert "held" in ends


def runs(project: Project):
    with open_ledger(project) as ledger:
        return ledger.runs()


def test_what_is_held_for_a_swap_is_made_from_the_new_facts_when_it_is_run_again(tmp_path):
    project = in_parquet(tmp_path / "acme")

    def swapping(what, *_):
        if what == "measuring":
            swap(project)

    with pytest.raises(ChangedError, match=r"interactions\.parquet was replaced .* Run again"):
        told(project, request=PAGES, progress=swapping)
    (held,) = runs(project)
    assert (held.step, held.detail["findings"][0]["id"]) == ("held", "facts.changed")
    told(project, request=PAGES)
    fresh = in_parquet(tmp_path / "fresh")
    swap(fresh)
    told(fresh, request=PAGES)
    assert published(project).pdfs == published(fresh).pdfs


def test_figures_of_a_swapped_file_do_not_outlive_a_kill(undisturbed, tmp_path):
    """Killed after it measured what lay there for a while, and continued over the facts that it
    began with: nothing of the others is left."""
    project = in_parquet(tmp_path / "acme")

    def killed(what, *_):
        if what == "measuring":
            swap(project)
        if what.startswith("gathering"):
            swap(project)
            raise Interrupted

    with pytest.raises(Interrupted):
        told(project, request=PAGES, progress=killed)
    assert vars(published(project)) == vars(NOTHING)  # neither figures nor tiers count yet
    assert told(project, request=PAGES).continued
    calm = {name: getattr(undisturbed, name) for name in vars(NOTHING)}
    assert vars(published(project)) == calm


def test_a_backfill_over_a_swapped_file_counts_for_nothing(tmp_path):
    project = in_parquet(tmp_path / "acme")

    def swapping(what, *_):
        if what == "computing 2026-06":
            swap(project)

    opened = Scorecard(project, AS_OF, now=Clock(), progress=swapping)
    with pytest.raises(ChangedError):
        opened.backfill("2026-05", "2026-06")
    assert vars(published(project)) == vars(NOTHING)
    assert {r.step for r in runs(project)} == {"held"}
    opened.progress = lambda *_: None
    assert opened.backfill("2026-05", "2026-06").computed == 2


def test_a_file_that_comes_to_a_wildcard_is_a_change(tmp_path):
    with duckdb.connect() as con:
        customers = "select 'C1' as customer_id, date '2026-01-01' as acquired_on"
        con.execute(f"copy ({customers}) to '{tmp_path}/c-1.parquet'")
    facts, _found = Facts.open(
        "duckdb://", [Source("customers", "c-*.parquet")], tmp_path, reading()
    )
    with closing(facts):
        facts.hold()
        assert facts.state.changed() == []
        shutil.copy(tmp_path / "c-1.parquet", tmp_path / "c-2.parquet")
        assert [f.id for f in facts.state.changed()] == ["facts.changed"]


def test_a_touched_copy_of_the_same_bytes_is_told_from_the_file(tmp_path):
    """For what the engine read in between nobody can say."""
    file, other = tmp_path / "a.parquet", tmp_path / "b.parquet"
    file.write_bytes(b"one")
    state = FileState.of(file)
    assert state.holds
    other.write_bytes(b"two")
    file.rename(tmp_path / "kept")
    other.rename(file)
    file.rename(other)
    (tmp_path / "kept").rename(file)  # the very same file, by the very same name
    assert not state.holds


def test_text_that_is_written_to_while_it_is_read_is_not_kept_under_its_old_digest(
    tmp_path, monkeypatch
):
    file, kept = tmp_path / "a.csv", tmp_path / "kept"
    file.write_text("id,amount\nC1,1\n")
    convert = text_files._convert

    def meanwhile(read, encoding, target):
        file.write_text("id,amount\nC1,9\n")
        convert(read, encoding, target)

    monkeypatch.setattr(text_files, "_convert", meanwhile)
    with pytest.raises(text_files.TextError, match="written to while it was read"):
        in_columns(file, "", kept)
    assert list(kept.iterdir()) == []


# What the rows of a table or query hold, computed by the engine.

ENGINES = ("duckdb", "postgres", pytest.param("spark", marks=ON_SPARK))
ROWS = [
    ("C1", "12.5000", "2026-01-01 10:00:00+00", "1.5", "true", None),
    ("C2", "-3.2500", None, "NaN", "false", "x"),
    ("C3", None, "2026-03-29 02:30:00+02", None, None, ""),
    ("C3", None, "2026-03-29 02:30:00+02", None, None, ""),
]
TYPES = ("varchar(20)", "decimal(18,4)", "timestamp with time zone", "double precision", "boolean")
TYPES = (*TYPES, "varchar(20)")


def select(rows) -> str:
    """Rows as a query that every engine reads."""
    if not rows:
        rows = [tuple(None for _ in TYPES)]
    parts = []
    for row in rows:
        values = []
        for i, (value, kind) in enumerate(zip(row, TYPES, strict=True)):
            text = "null" if value is None else "'" + value.replace("'", "''") + "'"
            values.append(f"cast({text} as {kind}) as k{i}")
        parts.append("select " + ", ".join(values))
    return " union all ".join(parts)


def spoken(engine: str, text: str) -> str:
    if engine == "spark":
        for ours, theirs in (
            ("timestamp with time zone", "timestamp"),
            ("double precision", "double"),
            ("varchar(20)", "string"),
        ):
            text = text.replace(ours, theirs)
    return text


@pytest.fixture(params=ENGINES)
def digest(request, tmp_path):
    """A function that has an engine tell the content of rows."""
    with address_of(request.param, tmp_path) as url:
        con = connect(url, tmp_path)

        def told_of(rows, zone="UTC"):
            if request.param == "postgres":
                con.con.execute(f"set timezone = '{zone}'")
            if request.param == "duckdb":
                con.raw_sql(f"set timezone = '{zone}'")
            return content_of(con, con.sql(spoken(request.param, select(rows))))

        yield told_of
        disconnect(con)


def test_the_same_rows_have_one_content_in_any_order_and_session(digest):
    whole = digest(ROWS)
    assert digest(ROWS[::-1]) == whole
    for zone in ("Asia/Tokyo", "America/New_York"):
        assert digest(ROWS, zone) == whole


def test_any_other_value_row_or_place_is_another_content(digest):
    seen = {digest(ROWS), digest(ROWS[:3]), digest([*ROWS, ROWS[0]]), digest([*ROWS, ROWS[2]])}
    assert len(seen) == 4
    others = {
        (0, 0): "C9",
        (0, 1): "12.5001",
        (0, 2): "2026-01-01 10:00:01+00",
        (0, 3): "1.25",
        (0, 4): "false",
        (0, 5): "",
        (1, 2): "2026-01-01 10:00:00+00",
        (1, 3): None,
        (2, 5): None,
    }
    for (row, column), value in others.items():
        rows = [list(r) for r in ROWS]
        rows[row][column] = value
        seen.add(digest(rows))
    # The same values, in the places of one another.
    a, b = ([*ROWS[0]], [*ROWS[1]])
    a[1], b[1] = b[1], a[1]
    seen.add(digest([a, b, *ROWS[2:]]))
    empty = [(None, None, None, None, None, "x"), ("x", None, None, None, None, None)]
    seen |= {digest(empty[:1]), digest(empty[1:])}
    assert len(seen) == 4 + len(others) + 3


texts = st.one_of(st.none(), st.text(st.characters(min_codepoint=32, codec="latin-1"), max_size=4))
tables = st.lists(st.tuples(texts, texts, st.one_of(st.none(), st.integers(-9, 9))), min_size=1)


CON = ibis.duckdb.connect()


@settings(max_examples=100, deadline=None)
@given(tables, st.randoms(use_true_random=False), st.data())
def test_contents_are_equal_where_rows_are_and_only_there(rows, chance, data):
    def content(of):
        columns = {f"c{i}": [row[i] for row in of] for i in range(3)}
        kinds = {"c0": "string", "c1": "string", "c2": "int64"}
        arrow = ibis.memtable(columns, schema=kinds).to_pyarrow()
        return content_of(CON, CON.create_table("rows", arrow, temp=True, overwrite=True))

    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert content(shuffled) == content(rows)
    other = list(rows)
    at = data.draw(st.integers(0, len(rows) - 1))
    other[at] = data.draw(tables)[0]
    same = sorted(map(repr, other)) == sorted(map(repr, rows))
    assert (content(other) == content(rows)) == same


# The same on databases.


def restate(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as con:
        con.execute(statement)


@pytest.fixture
def postgres(tmp_path):
    """Customers and their payments in a database; its address."""
    with database(tmp_path.name) as url:
        restate(
            url,
            "create table customers as select 'C' || i as customer_id, date '2026-01-01' as "
            "acquired_on from generate_series(1, 9) as i; create table transactions as select "
            "'T' || i as txn_id, 'C' || i as customer_id, date '2026-02-01' as event_on, "
            "10.00::numeric(18,2) as net_amount, 'sale' as kind from generate_series(1, 9) as i",
        )
        yield url


def opened(url: str, folder: Path) -> Facts:
    sources = [Source(name, name) for name in ("customers", "transactions")]
    facts, found = Facts.open(url, sources, folder, reading())
    if found:
        facts.close()
        raise AssertionError(found)
    return facts


def total(facts: Facts):
    table = facts.transactions
    return facts.answer(table.agg(s=table.net_amount.sum(), n=table.count()))[0]


def test_postgres_is_read_in_one_transaction_whatever_others_write(postgres, tmp_path):
    with closing(opened(postgres, tmp_path)) as facts:
        facts.hold()
        before, content = total(facts), facts.state.content("transactions")
        restate(postgres, "update transactions set net_amount = 99")
        restate(postgres, "delete from customers where customer_id = 'C1'")
        assert total(facts) == before
        facts.shared(("paid",), lambda: facts.transactions)
        with pytest.raises(FactsError):  # a statement that fails takes nothing else with it
            facts.answer(facts.transactions.mutate(x=facts.transactions.txn_id.cast("int64")))
        assert total(facts) == before
        assert facts.state.changed() == []
        facts.state.end()
        assert total(facts)["s"] == 9 * 99
        facts.hold()
        assert facts.state.content("transactions") != content


def test_a_transaction_that_somebody_ends_is_no_state_any_more(postgres, tmp_path):
    with closing(opened(postgres, tmp_path)) as facts:
        facts.hold()
        total(facts)
        facts.con.con.commit()
        assert [f.id for f in facts.state.changed()] == ["facts.changed"]


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_a_restatement_with_as_many_rows_is_another_input(engine, tmp_path, request):
    """The same count, and the same sum."""
    if engine == "postgres":
        url = request.getfixturevalue("postgres")
        tell = lambda text: restate(url, text)  # noqa: E731
    else:
        url = "duckdb://company.db"

        def tell(text):
            with duckdb.connect(str(tmp_path / "company.db")) as con:
                con.execute(text)

        tell(
            "create table customers as select 'C' || i as customer_id, date '2026-01-01' as "
            "acquired_on from range(9) t(i)"
        )
        tell(
            "create table transactions as select 'T' || i as txn_id, 'C' || i as customer_id, "
            "date '2026-02-01' as event_on, 10::decimal(18,2) as net_amount from range(9) t(i)"
        )

    def content():
        with closing(opened(url, tmp_path)) as facts:
            return facts.state.content("transactions")

    first = content()
    assert content() == first
    tell("update transactions set net_amount = 9 where txn_id = 'T1'")
    tell("update transactions set net_amount = 11 where txn_id = 'T2'")
    second = content()
    tell("update transactions set net_amount = 10")
    assert (second != first, content()) == (True, first)


def test_a_query_that_finds_other_rows_each_time_holds_the_run_and_is_told(tmp_path):
    sql = "select 'C' || i as customer_id, date '2026-01-01' as acquired_on, uuid() as name "
    sql += "from range(3) t(i)"
    facts, _found = Facts.open(
        "duckdb://", [Source("customers", sql, is_sql=True)], tmp_path, reading()
    )
    with closing(facts):
        facts.hold()
        facts.state.content("customers")
        (found,) = facts.state.changed()
        assert "let the query find the same rows each time" in found.hint


# What is to come is not known.


@pytest.mark.parametrize("ahead", [timedelta(minutes=6), timedelta(days=400)])
def test_nothing_is_known_as_of_a_moment_to_come(tmp_path, ahead):
    project = small(tmp_path / "acme")
    with pytest.raises(Exception, match="has not come yet, so nothing can be known by then"):
        Scorecard(project, AS_OF + ahead, now=lambda: AS_OF)
    Scorecard(project, AS_OF + timedelta(minutes=4), now=lambda: AS_OF)
    with pytest.raises(Exception, match="has not come yet"):
        told(project, clock=Clock(), as_of=AS_OF + ahead)
    assert not (project.state / "tiers").exists()
    assert printed(project) == {}


@pytest.mark.parametrize("moment", ["9999-12-31T23:59", "0001-01-01T00:00"])
def test_a_moment_at_the_ends_of_the_calendar_is_refused_in_a_sentence(tmp_path, moment):
    project = small(tmp_path / "acme")
    with pytest.raises(Exception, match="is out of reach; write a year from 1970 to 2199"):
        Scorecard(project, datetime.fromisoformat(moment), now=lambda: datetime.now(UTC))


def test_the_fingerprint_of_a_project_is_that_of_its_rows(tmp_path):
    project = in_parquet(tmp_path / "acme")

    def now():
        work = open_workspace(project, AS_OF)
        with closing(work.facts):
            return fingerprint(work)

    first = now()
    assert now() == first
    swap(project)
    assert now() != first
