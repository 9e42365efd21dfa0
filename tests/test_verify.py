"""`scorecard verify` over a company whose month was printed, and what a run makes of lost tiers."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest
from sample_project import answered_a_day_later, small
from test_run import ALL, AS_OF, PERIOD, backfilled, told
from typer.testing import CliRunner

from scorecard.acceptance import accept_tiers
from scorecard.cli.app import app
from scorecard.errors import FactsError
from scorecard.ledger import Head
from scorecard.project.opening import open_ledger
from scorecard.project.settings import Project
from scorecard.verify import verified

NOW = datetime(2026, 8, 17, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    project = small(tmp_path_factory.mktemp("verify") / "acme")
    told(project, request=ALL)
    return project.root


@pytest.fixture
def acme(printed, tmp_path):
    """A copy that may be spoilt."""
    shutil.copytree(printed, tmp_path / "acme")
    return Project.at(tmp_path / "acme", {})


def found(project, *known):
    return verified(project, known, NOW, lambda *_: None)


def wrong(project) -> list[tuple[str, str]]:
    return [(each.name, each.said) for each in found(project).wrong]


def spoilt(file):
    """The file with its last byte but ten changed."""
    held = bytearray(file.read_bytes())
    held[-10] ^= 1
    file.write_bytes(held)
    return file


def spoil(project, statement):
    with open_ledger(project) as ledger, ledger._engine.begin() as connection:
        assert connection.exec_driver_sql(statement).rowcount


def test_what_a_run_leaves_is_what_it_was(acme):
    result = found(acme)
    assert (result.wrong, result.missing, result.accepted) == ((), (), ())
    assert result.documents == len([*acme.output.rglob("*.pdf")]) - 1  # method.pdf is inside one
    frozen = [f.stem for f in (acme.state / "tiers").glob("*.parquet")]
    with open_ledger(acme) as ledger:
        assert {*frozen, *(f"readings.json {key}" for key in frozen)} <= ledger.frozen().keys()
    assert result.snapshots >= 2 * len(frozen) >= 4


def test_each_document_that_is_not_what_was_drawn_is_named(acme):
    for file in acme.output.rglob("*.pdf"):
        kept, name = file.read_bytes(), str(file.relative_to(acme.output))
        spoilt(file)
        assert wrong(acme)[0] == (name, "is not what was drawn")
        file.write_bytes(kept)
    assert wrong(acme) == []


def test_a_document_that_is_gone_is_named_and_can_be_drawn_again(acme):
    (file,) = acme.output.rglob("executive-packet.pdf")
    file.unlink()
    assert found(acme).missing == (str(file.relative_to(acme.output)),)
    assert wrong(acme) == []


def test_each_frozen_tier_and_note_that_was_altered_is_named(acme):
    for file in (acme.state / "tiers").glob("*.parquet"):
        kept = file.read_bytes()
        spoilt(file)
        ((name, said),) = wrong(acme)
        assert name == f"tiers/{file.name}" and said.startswith("is not what it was on 2026-08-17")
        file.unlink()
        ((name, said),) = wrong(acme)
        assert name == f"tiers/{file.name}" and said.startswith("is gone; it was there on 2026")
        file.write_bytes(kept)
    notes = acme.state / "tiers" / "readings.json"
    known = json.loads(notes.read_text())
    notes.write_text(json.dumps(known | {"2026-06": "another"}))
    assert [name for name, _ in wrong(acme)] == ["tiers/readings.json 2026-06"]


def test_the_first_row_that_was_altered_is_named_first_and_editions_by_their_hash(acme):
    spoil(acme, "UPDATE run SET software = 'x'")
    spoil(acme, "UPDATE edition SET content = '{}' WHERE document = 'team-review'")
    names = [name for name, _ in wrong(acme)]
    assert [name.split("/")[0] for name in names] == ["edition", "run"]


def test_a_ledger_that_continues_an_earlier_head_is_proved_by_it(acme):
    before = found(acme).head
    with open_ledger(acme) as ledger:
        ledger.note_address("ada@example.com", "opted out", "asked", NOW)
    short = Head(before.number, before.hash[:12])
    assert found(acme, before, short).wrong == ()
    another = Head(before.number, "0" * 64)
    (each,) = found(acme, another).wrong
    assert each.name == f"journal/{before.number}" and "another than --known knows" in each.said
    (each,) = found(acme, Head(9999, "0" * 64)).wrong
    assert each.said.startswith("is missing; --known knows it")


def test_who_works_the_whole_journal_out_again_is_found_by_an_earlier_head(acme):
    """And by nothing else: that is what the head is kept elsewhere for."""
    before = found(acme).head
    spoil(acme, "UPDATE result SET value = 0.999 WHERE metric = 'first_reply_p90'")
    spoil(acme, "DELETE FROM seal")
    spoil(acme, "DELETE FROM journal")
    from scorecard.ledger.journal import begin_journal

    with open_ledger(acme) as ledger, ledger._writer.begin() as connection:
        begin_journal(connection)
    for memory in acme.root.rglob(".ledger.json"):
        memory.unlink()
    assert wrong(acme) == []
    assert [each.name for each in found(acme, before).wrong] == [f"journal/{before.number}"]


def test_the_command_prints_the_first_and_the_head_and_takes_the_head_back(acme):
    def typed(*words):
        done = CliRunner().invoke(app, ["verify", "--project", str(acme.root), *words])
        return done.exit_code, done.stdout

    code, said = typed("--json")
    assert code == 0
    head = json.loads(said)["head"]
    code, said = typed("--known", head)
    assert code == 0 and "All is what it was: " in said and head in said
    spoil(acme, "UPDATE edition SET reason = 'because' WHERE document = 'executive-packet'")
    code, said = typed("--known", head)
    assert code == 1 and "First: edition/" in said and "is not what entry" in said
    code, said = typed("--json")
    assert code == 1 and [w["what"] for w in json.loads(said)["wrong"]] == ["record"]
    assert typed("--known", "nonsense")[0] == 2


# Tiers that are lost


def test_a_deleted_snapshot_is_not_frozen_again_in_silence(acme):
    file = acme.state / "tiers" / "2026-05.parquet"
    before = file.read_bytes()
    file.unlink()
    for work in (lambda: told(acme), lambda: backfilled(acme, "2026-05", PERIOD)):
        with pytest.raises(FactsError, match=r"2026-05.parquet: .* gone; .* \"scorecard accept ti"):
            work()
    assert not file.exists()
    assert accept_tiers(acme, AS_OF).startswith("Accepted, and noted in the ledger: 2026-05 is go")
    told(acme)
    assert file.read_bytes() == before  # the facts are the same
    assert wrong(acme) == []
    assert accept_tiers(acme, AS_OF).startswith("All frozen tiers are what they were")


def test_an_altered_snapshot_stops_the_run_that_reads_it(acme):
    file = acme.state / "tiers" / f"{PERIOD}.parquet"
    pq.write_table(pq.read_table(file).slice(1), file)
    with pytest.raises(FactsError, match=r"2026-06.parquet: what was frozen is not what it was on"):
        told(acme)


def test_snapshots_of_before_are_noted_when_they_are_first_seen(acme):
    spoil(acme, "DELETE FROM tier_snapshot")
    spoil(acme, "DELETE FROM seal WHERE record LIKE 'tier_snapshot/%'")
    told(acme)
    with open_ledger(acme) as ledger:
        assert PERIOD in ledger.frozen()


def test_an_older_edition_in_the_place_of_the_newest_is_named(acme):
    page = next(f for f in acme.output.rglob("owners/*.pdf"))
    first = page.read_bytes()
    answered_a_day_later(acme.root, PERIOD)
    told(acme, request=ALL)
    assert page.read_bytes() != first
    assert wrong(acme) == []
    page.write_bytes(first)
    assert wrong(acme) == [(str(page.relative_to(acme.output)), "is not what was drawn")]


def test_pdfs_that_are_no_documents_of_the_ledger_are_listed(acme):
    planted = acme.output / PERIOD / "owners" / "nobody.pdf"
    shutil.copy(next(acme.output.rglob("owners/*.pdf")), planted)
    dry = acme.output / PERIOD / "dry-run" / "owners" / "nobody.pdf"
    dry.parent.mkdir(parents=True)
    shutil.copy(planted, dry)
    shelf = acme.output / "shelf" / PERIOD / "Team review.pdf"  # where a schedule lays documents
    shelf.parent.mkdir(parents=True)
    shutil.copy(planted, shelf)
    assert found(acme).strange == (str(planted.relative_to(acme.output)),)
    assert wrong(acme) == []
