"""`scorecard verify EDITION`: drawn again and compared, and the first thing that was altered."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from conftest import schema
from sample_project import small
from test_run import ALL, PAGES, PERIOD, told
from test_verify import NOW, spoil
from typer.testing import CliRunner

from scorecard.cli.app import app
from scorecard.editions import redrawn
from scorecard.editions.naming import Names, name_of
from scorecard.editions.redrawn import first_other_byte
from scorecard.errors import LedgerError
from scorecard.ledger.journal import begin_journal
from scorecard.printing import wholes
from scorecard.project.opening import open_ledger
from scorecard.project.settings import Project
from scorecard.verify import verified


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    project = small(tmp_path_factory.mktemp("proof") / "acme")
    told(project, request=ALL)
    return project.root


@pytest.fixture
def acme(printed, tmp_path):
    """A copy that may be spoilt."""
    shutil.copytree(printed, tmp_path / "acme")
    return Project.at(tmp_path / "acme", {})


def delete(project, statement):
    """Somebody deletes rows who does not mind what refers to them."""
    with closing(sqlite3.connect(project.state / "ledger.db")) as connection:
        assert connection.execute(statement).rowcount
        connection.commit()


def names(project) -> list[str]:
    with open_ledger(project) as ledger:
        return [name_of(each) for each in ledger.edition_list()]


@pytest.fixture
def page(acme):
    """The name of an owner's page without its number, and its file."""
    name = next(n for n in names(acme) if n.startswith("owner-scorecard/")).rpartition("/")[0]
    _kind, owner, period = name.split("/")
    return name, acme.output / period / "owners" / f"{owner}.pdf"


def proof(project, name):
    found = verified(project, (), NOW, lambda *_: None, [name])
    assert found.good == (not found.wrong and not found.proofs[0].wrong)
    return found.proofs[0]


def first(project, name) -> tuple[str, str]:
    wrong = proof(project, name).wrong[0]
    return wrong.name, wrong.said


def test_every_edition_is_drawn_again_to_the_same_bytes(acme):
    found = verified(acme, (), NOW, lambda *_: None, every=True)
    assert [name_of(p.edition) for p in found.proofs] == names(acme)
    assert {(p.redrawn.by, p.redrawn.other, p.wrong) for p in found.proofs} == {("bytes", (), ())}
    assert found.good and found.wrong == ()


def test_a_number_in_the_ledger_is_named_first_and_nothing_is_drawn_from_it(acme, page):
    spoil(acme, "UPDATE result SET value = 0.999 WHERE metric = 'first_reply_p90'")
    found = proof(acme, page[0])
    assert found.wrong[0].name.startswith("result/") and "/first_reply_p90/" in found.wrong[0].name
    assert found.wrong[0].said.startswith("is not what entry ")
    assert (found.redrawn.by, found.redrawn.why) == (
        "nothing",
        "a record of it was altered, so it is not drawn",
    )


def test_a_number_is_named_also_where_the_whole_journal_was_worked_out_again(acme, page):
    """Plain verifying finds nothing there: the run kept a digest of its own results."""
    spoil(acme, "UPDATE result SET value = 0.999 WHERE metric = 'first_reply_p90'")
    spoil(acme, "DELETE FROM seal")
    spoil(acme, "DELETE FROM journal")
    with open_ledger(acme) as ledger, ledger._writer.begin() as connection:
        begin_journal(connection)
    for memory in acme.root.rglob(".ledger.json"):
        memory.unlink()
    assert verified(acme, (), NOW, lambda *_: None).good
    name, said = first(acme, page[0])
    assert name.startswith("result/") and said == "are not those that the edition was made of"


def test_the_byte_of_a_pdf_that_was_altered_is_named(acme, page):
    name, file = page
    held = bytearray(file.read_bytes())
    held[1233] ^= 1
    file.write_bytes(held)
    assert first(acme, name) == (
        str(file.relative_to(acme.output)),
        f"is not what was drawn: byte 1,234 of {len(held):,} differs first",
    )
    assert proof(acme, name).redrawn.by == "bytes"  # the ledger knows what it was


@pytest.mark.parametrize("table", ["rendering", "reading", "result", "run"])
def test_a_row_that_was_deleted_is_named(acme, page, table):
    with open_ledger(acme) as ledger:
        edition = Names(ledger.edition_list()).find(page[0])
    where = {
        "result": f"run_id = '{edition.run_id}' AND metric = 'resolution_p90' AND tier = 'gold'",
        "run": f"id = '{edition.run_id}'",
        "rendering": f"edition_id = '{edition.id}'",
        "reading": f"edition_id = '{edition.id}'",
    }
    statement = f"DELETE FROM {table} WHERE {where[table]}"
    delete(acme, statement)
    found = verified(acme, (), NOW, lambda *_: None, [page[0]])
    assert found.wrong[0].name.startswith(f"{table}/") and "is gone" in found.wrong[0].said
    assert not found.good


def test_an_edition_that_was_deleted_is_named_by_the_ledger(acme, page):
    delete(acme, f"DELETE FROM edition WHERE scope = '{page[1].stem}'")
    found = verified(acme, (), NOW, lambda *_: None, [page[0]])
    assert found.unfound.startswith(f'There is no edition "{page[0]}".')
    assert found.wrong[0].name.startswith("edition/") and "is gone" in found.wrong[0].said
    code, said = typed(acme, page[0])
    assert code == 1 and found.unfound in said and "First: edition/" in said


def test_a_ledger_restored_from_last_week_is_named_by_what_the_folders_remember(acme, page):
    last_week = acme.root.parent / "last-week"
    shutil.copytree(acme.state, last_week)
    told(acme, period="2026-07", request=ALL)
    with open_ledger(acme) as ledger:
        ledger._engine.dispose()
    for file in acme.state.glob("ledger.db*"):
        file.unlink()
    for file in last_week.glob("ledger.db*"):
        shutil.copy(file, acme.state)
    name, said = first(acme, page[0])
    assert name.startswith("journal/") and said.startswith("is missing; ")
    assert ".ledger.json knows it" in said


def test_the_same_facts_by_another_template_are_compared_by_their_content(acme, page):
    template = acme.templates / "owner.html"
    text = template.read_text()
    assert text.count("Customer margin, per customer") == 1
    template.write_text(text.replace("Customer margin, per customer", "Margin of a customer"))
    found = proof(acme, page[0])
    assert (found.wrong, found.redrawn.by) == ((), "content")
    assert found.redrawn.why == (
        "the same facts, another template (template owner.html); the text differs from page 1 on, "
        "the figures are the same"
    )
    page[1].unlink()  # with nothing at hand, what was frozen is looked for
    assert proof(acme, page[0]).redrawn.why.endswith(
        "all that was frozen is printed; the first PDF is not at hand"
    )


def test_a_template_that_leaves_figures_out_is_named(acme, page):
    template = acme.templates / "owner.html"
    template.write_text(
        template.read_text().replace('<p class="finding">{{ doc.sentence | ended }}</p>', "")
    )
    found = proof(acme, page[0])
    assert found.redrawn.by == "content" and "is expected and not printed" in found.wrong[0].said
    assert found.redrawn.why.startswith("another document, another template (template owner.html)")


def test_another_version_of_the_software_draws_the_same_content(acme, page, monkeypatch):
    for module in (redrawn, wholes):
        monkeypatch.setattr(module, "SOFTWARE", "scorecard 9.9.9")
    found = proof(acme, page[0])
    assert (found.wrong, found.redrawn.by) == ((), "content")
    assert found.redrawn.why == (
        "the same facts, drawn anew (software, scorecard 0.1.0 then and scorecard 9.9.9 now); the "
        "text of every page and all figures are the same"
    )


def test_what_is_declared_otherwise_today_is_told_and_wrong_with_nothing(acme, page):
    acme.strategy.write_text(acme.strategy.read_text() + "\n# a remark\n")
    (metrics,) = [f for f in acme.metrics.glob("*.py") if "def first_reply_p90" in f.read_text()]
    source = metrics.read_text()
    body = source.index("def first_reply_p90")
    at = source.index("    return", body)
    metrics.write_text(f"{source[:at]}    _other = 1\n{source[at:]}")
    found = proof(acme, page[0])
    assert (found.wrong, found.redrawn.by) == ((), "bytes")
    strategy, metric = found.redrawn.other
    assert strategy == "strategy"
    assert metric.startswith("metric first_reply_p90, ") and metric.endswith(" now")


def test_the_same_is_named_in_postgresql(tmp_path, database):
    project = small(tmp_path / "acme")
    url = schema(database, "proof")
    settings = project.file.read_text()
    project.file.write_text(
        settings.replace("[tool.scorecard]", f'[tool.scorecard]\nledger = "{url}"')
    )
    project = Project.at(project.root, {})
    told(project, request=PAGES)
    page = next(iter(names(project)))
    assert proof(project, page).redrawn.by == "bytes"
    with open_ledger(project) as ledger:
        assert "postgresql" in ledger.where
        edition = Names(ledger.edition_list()).find(page)
    spoil(project, f"DELETE FROM rendering WHERE edition_id = '{edition.id}'")
    found = verified(project, (), NOW, lambda *_: None, [page])
    assert found.wrong[0].name.startswith("rendering/") and "is gone" in found.wrong[0].said
    assert found.proofs[0].redrawn.by == "bytes"  # what was read back is known
    spoil(project, "UPDATE result SET value = 0.999 WHERE metric = 'first_reply_p90'")
    assert first(project, page)[0].startswith("result/")


def typed(project, *words):
    done = CliRunner().invoke(app, ["verify", "--project", str(project.root), *words])
    return done.exit_code, done.stdout


def test_the_command_says_what_was_compared_and_why(acme, page):
    code, said = typed(acme, page[0])
    assert code == 0
    assert said.splitlines()[:2] == [
        f"{page[0]}/1 is what was recorded.",
        "  By its bytes: drawn again to the same bytes.",
    ]
    code, said = typed(acme, "--all", "--json")
    told = json.loads(said)["editions"]
    assert code == 0 and [e["name"] for e in told] == names(acme)
    assert {(e["good"], e["compared"]) for e in told} == {(True, "bytes")}
    assert typed(acme, page[0], "--all")[0] == 2
    done = CliRunner().invoke(app, ["verify", page[0][:-1], "--project", str(acme.root)])
    assert isinstance(done.exception, LedgerError)


def test_editions_are_found_by_name_by_number_and_by_what_stands_in_their_foot(acme, page):
    with open_ledger(acme) as ledger:
        known = Names(ledger.edition_list())
    edition = known.find(page[0])
    same = [f"{page[0]}/1", edition.id, edition.content_hash[:8], edition.id[:7].upper()]
    assert [known.find(text) for text in same] == [edition] * 4
    assert known.find(PERIOD).document == "executive-packet"
    assert known.find(PERIOD, like=edition) == known.find("1", like=edition) == edition
    for text, said in (
        (page[0].replace(page[1].stem, page[1].stem[:-1]), f'Did you mean "{page[0]}"?'),
        (f"{page[0]}/7", "There is no edition"),
        ("nonsense", "Write it as owner-scorecard/ada/2026-10"),
        ("nobody/at/all/2026-10", "There is no edition"),
    ):
        with pytest.raises(LedgerError) as caught:
            known.find(text)
        assert said in str(caught.value)
    with pytest.raises(LedgerError, match="No edition was made yet"):
        Names([]).find(PERIOD)


def test_the_first_byte_that_differs_is_counted_from_none():
    assert first_other_byte(b"abc", b"abd") == 2
    assert first_other_byte(b"abc", b"ab") == 2
    assert first_other_byte(b"", b"x") == 0
