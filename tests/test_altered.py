"""What was altered in the ledger is neither drawn nor mailed: it is withheld, and named."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from datetime import timedelta
from hashlib import sha256

import pytest
from sample_documents import OWNER
from sample_ledger import filled, handed_in
from sender_lane import MONDAY
from sqlalchemy import text
from test_exactly_once import laid_out, queued
from test_ledger import NOW, OCTOBER, claim, computed, result, together
from test_ledger_delivery import TTL, owed, parcel

from scorecard.answering.handed_in import Decision
from scorecard.delivery.archive import Archive
from scorecard.delivery.post import post
from scorecard.documents.kinds import path_of
from scorecard.errors import AlteredError, RenderError
from scorecard.ledger import Ledger, ReadBack
from scorecard.ledger.schema import refuse_strange

PDF = b"%PDF-1.7 a page"
READERS = ("ada@example.com", "bob@example.com")
HOUR = timedelta(hours=1)


@pytest.fixture
def opened(url, tmp_path):
    """A ledger that a test may spoil."""
    with Ledger.open(url, tmp_path) as ledger:
        yield ledger


def spoil(ledger, statement, **values):
    """Somebody writes into the ledger by hand."""
    with ledger._writer.begin() as connection:
        assert connection.execute(text(statement), values).rowcount >= 1


def names(ledger) -> list[str]:
    return [wrong.name for wrong in ledger.walked([], lambda *_: None).in_order]


# Editions


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE edition SET content = replace(content, 'said', 'SAID')",
        "UPDATE edition SET scope = 'somebody-else'",
        "UPDATE edition SET number = 7",
        "UPDATE edition SET reason = 'because'",
        "UPDATE edition SET as_of = created_at",
    ],
)
def test_an_altered_edition_is_given_to_nobody(opened, statement):
    run = claim(opened, as_of=NOW - HOUR)
    (edition,) = opened.freeze_all([("owner-scorecard", "ada", '{"said": 1}')], run, NOW)
    assert opened.edition(edition.id) == edition
    spoil(opened, statement)
    with pytest.raises(AlteredError, match=rf"edition.{edition.id} .*altered.*scorecard verify"):
        opened.edition(edition.id)
    assert names(opened) == [f"edition/{edition.id}"]


def test_nor_is_one_whose_hash_was_worked_out_again(opened):
    run = claim(opened)
    (edition,) = opened.freeze_all([("owner-scorecard", "ada", "{}")], run, NOW)
    spoil(
        opened, "UPDATE edition SET content = '[]', content_hash = :h", h=sha256(b"[]").hexdigest()
    )
    with pytest.raises(AlteredError, match="has an id that is not that of its document"):
        opened.edition(edition.id)


@pytest.fixture
def posting(migrated_file, tmp_path):
    """A project with an owner's page queued for two readers, and a folder for mail."""
    project = laid_out(tmp_path / "acme", "sqlite:///ledger.db")
    shutil.copy(migrated_file, project.root / "ledger.db")
    with Ledger.open(project.ledger, project.root) as ledger:
        content = json.dumps(asdict(OWNER), sort_keys=True)
        edition = ledger.freeze("owner-scorecard", OWNER.owner, content, claim(ledger), MONDAY)
        path = project.output / edition.period / path_of(edition.document, edition.scope)
        path.parent.mkdir(parents=True)
        path.write_bytes(PDF)
        read = ReadBack(edition.id, sha256(PDF).hexdigest(), [], {}, "1", MONDAY)
        ledger.record_readings([read])
        queued(project, ledger, edition, READERS)
        yield project, ledger, edition


def posted(project, ledger, moment=MONDAY):
    """Send what is due; by recipient the state and the reply."""
    post(project, ledger, {"SCORECARD_SMTP": "folder:mail"}, lambda: moment, "sender")
    return {d.recipient: (d.state, d.reply) for d in ledger.deliveries(kind="document")}


def mails(project) -> str:
    """All that was mailed."""
    return "".join(f.read_text("utf-8", "replace") for f in (project.root / "mail").rglob("*.eml"))


def test_what_was_not_altered_is_sent(posting):
    project, ledger, _ = posting
    assert {state for state, _ in posted(project, ledger).values()} == {"sent"}
    assert names(ledger) == []


def test_an_altered_edition_is_never_mailed_and_the_operator_is_told(posting):
    project, ledger, edition = posting
    content = json.loads(edition.content)
    content["owner"] = "somebody-else"
    spoil(ledger, "UPDATE edition SET content = :c", c=json.dumps(content))
    found = posted(project, ledger)
    assert {state for state, _ in found.values()} == {"withheld"}
    assert all("altered and is neither drawn nor sent" in reply for _, reply in found.values())
    said = mails(project)
    assert "ada@example.com" in said and "2 deliveries did not arrive" in said  # to the operator
    assert said.count("\nTo: ") == 1
    assert f"edition/{edition.id}" in names(ledger)


def test_a_pdf_with_a_forged_reading_is_never_mailed(posting):
    project, ledger, _ = posting
    path = next((project.output).rglob("*.pdf"))
    path.write_bytes(b"%PDF-1.7 evil")
    spoil(ledger, "UPDATE reading SET sha256 = :h", h=sha256(b"%PDF-1.7 evil").hexdigest())
    found = posted(project, ledger)
    assert {state for state, _ in found.values()} == {"withheld"}
    assert all("reading/" in reply for _, reply in found.values())


# Deliveries


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE delivery SET recipient = 'eve@example.com' WHERE recipient = 'ada@example.com'",
        "UPDATE delivery SET letter = replace(letter, 'ada@', 'eve@') WHERE recipient LIKE 'ada%'",
        "UPDATE delivery SET message_id = '<x@y>' WHERE recipient = 'ada@example.com'",
        "UPDATE delivery SET edition_id = NULL WHERE recipient = 'ada@example.com'",
    ],
)
def test_an_altered_delivery_is_withheld_and_others_go_out(posting, statement):
    project, ledger, _ = posting
    spoil(ledger, statement)
    found = posted(project, ledger)
    assert found.pop("bob@example.com")[0] == "sent"
    ((state, reply),) = found.values()
    assert state == "withheld" and 'see "scorecard verify"' in reply
    assert "eve@example.com" not in mails(project).replace("eve@example.com: owner-sc", "")
    (delivery,) = (d for d in ledger.deliveries(kind="document") if d.state == "withheld")
    assert delivery.told
    assert names(ledger) == [f"delivery/{delivery.id}"], "it stays named"
    with pytest.raises(AlteredError, match=f"delivery/{delivery.id} is not what journal entry"):
        ledger.requeue([delivery.id], MONDAY, "by hand")


def test_what_was_sent_is_not_sent_again_by_writing_that_it_was_not(posting):
    project, ledger, _ = posting
    posted(project, ledger)
    before = len(list((project.root / "mail").rglob("*.eml")))
    spoil(ledger, "UPDATE delivery SET state = 'queued' WHERE recipient = 'ada@example.com'")
    spoil(
        ledger,
        "INSERT INTO delivery SELECT 'forged', kind, about, channel, 'eve@example.com', name, "
        "schedule, period, edition_id, letter, message_id, 'queued', '', '', '', 0, 0, told, code, "
        "size, next_try_at, queued_at, updated_at, beat_at, finished_at FROM delivery "
        "WHERE recipient = 'bob@example.com'",
    )
    found = posted(project, ledger, MONDAY + HOUR)
    assert {r: state for r, (state, _) in found.items()} == {
        "ada@example.com": "withheld",
        "bob@example.com": "sent",
        "eve@example.com": "withheld",
    }
    told = len(list((project.root / "mail").rglob("*.eml"))) - before
    assert told == 1  # the operator, of both


def test_what_is_withheld_when_it_is_taken_out_counts_as_failed(posting):
    project, ledger, _ = posting
    spoil(ledger, "UPDATE delivery SET letter = '[]' WHERE recipient = 'ada@example.com'")
    before = ledger.delivery_counts()["queued"]
    tally = post(project, ledger, {"SCORECARD_SMTP": "folder:mail"}, lambda: MONDAY, "me")
    operator = 1
    assert (tally.sent, tally.failed) == (before - 1 + operator, 1)


def test_a_delivery_altered_while_it_is_claimed_is_not_handed_over(opened):
    opened.queue([parcel()], NOW)
    (claimed,) = opened.take_out("one", NOW, TTL, 9)
    spoil(opened, "UPDATE delivery SET letter = '[]'")
    assert not opened.hand_over(claimed, NOW)
    (ended,) = opened.take_out("two", NOW + TTL, TTL, 9)
    assert ended == opened.delivery(claimed.id)
    assert ended.state == "withheld"
    assert opened.take_out("two", NOW + TTL, TTL, 9) == []


def test_what_became_of_a_try_is_recorded_even_of_an_altered_one(opened):
    opened.queue([parcel()], NOW)
    (claimed,) = opened.take_out("one", NOW, TTL, 9)
    assert opened.hand_over(claimed, NOW)
    spoil(opened, "UPDATE delivery SET letter = '[]'")
    assert opened.settle(claimed, "sent", NOW, code=250, reply="Ok")
    opened.bounced(opened.delivery(claimed.id), NOW, "no such user")
    assert opened.delivery(claimed.id).state == "bounced"
    assert names(opened) == [f"delivery/{claimed.id}"]


# Everything else


@pytest.mark.parametrize(
    ("statement", "work", "name"),
    [
        (
            "UPDATE run SET as_of = started_at",
            lambda ledger: ledger.advance(ledger.runs()[-1], "done", NOW),
            "run/",
        ),
        (
            "UPDATE result SET value = 0.99",
            lambda ledger: ledger.save_results(ledger.runs()[-1], [result(value=0.8)], NOW),
            "result/",
        ),
        (
            "UPDATE expected_run SET state = 'expected', tries = 0",
            lambda ledger: ledger.begin("packet", "2026-10", "two", NOW, TTL),
            "expected_run/",
        ),
        (
            "DELETE FROM seal WHERE record LIKE 'expected_run%'",
            lambda ledger: ledger.begin("packet", "2026-10", "two", NOW + TTL, TTL),
            "expected_run/",
        ),
    ],
)
def test_an_altered_record_is_not_worked_on(opened, statement, work, name):
    opened.expect("packet", [owed()], NOW)
    opened.begin("packet", "2026-10", "one", NOW, TTL)
    run = claim(opened, as_of=NOW - HOUR)
    opened.save_results(run, [result()], NOW)
    before = opened.head()
    spoil(opened, statement)
    with pytest.raises(AlteredError, match=rf"{name}.* so it was altered; .*accept ledger"):
        work(opened)
    assert opened.head() == before
    assert any(each.startswith(name) for each in names(opened))


def test_signs_of_life_and_leases_add_no_entry(opened):
    opened.expect("packet", [owed()], NOW)
    begun = opened.begin("packet", "2026-10", "one", NOW, TTL)
    before = opened.head()
    assert opened.beat_run(begun, NOW + TTL / 4)
    assert opened.take("clock", "one", NOW, TTL) and opened.take("clock", "one", NOW + TTL / 2, TTL)
    opened.give_back("clock", "one")
    assert opened.head() == before
    assert names(opened) == []


def without_later(connection):
    """The ledger as it was before questions and answers, and before templates were kept."""
    connection.execute(text("ALTER TABLE rendering DROP COLUMN drawn_with"))
    tables = ("proposal_review", "proposal", "answer", "question", "commitment_step", "commitment")
    for table in ("reply_link_event", "reply_link", *tables, "acknowledgement"):
        connection.execute(text(f"DROP TABLE {table}"))


def taken_back(ledger):
    """The ledger as the migration before the journal left it."""
    with ledger._writer.begin() as connection:
        without_later(connection)
        for table in ("ledger_identity", "tier_snapshot", "acceptance", "journal", "seal"):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("ALTER TABLE result DROP COLUMN baseline"))
        connection.execute(text("UPDATE ledger_version SET version_num = '0002'"))


def test_a_ledger_of_before_is_sealed_as_it_is_when_it_is_opened(new_url, tmp_path):
    with Ledger.open(new_url, tmp_path) as before:
        computed(before, OCTOBER, [result()])
        taken_back(before)
    with Ledger.open(new_url, tmp_path) as migrated:
        assert migrated.head().number == 1
        assert names(migrated) == []
        assert [found.estimate.value for found in migrated.results(OCTOBER)] == [0.8]
        spoil(migrated, "UPDATE result SET value = 0.9")
        assert len(names(migrated)) == 1


def test_rows_keep_their_seals_when_their_table_gets_a_column(new_url, tmp_path):
    """The two rows were sealed without it; one of them was altered before, and stays named."""
    with Ledger.open(new_url, tmp_path) as before:
        computed(before, OCTOBER, [result(), result("nps")])
        spoil(before, "UPDATE result SET value = 0.9 WHERE metric = 'nps'")
        with before._writer.begin() as connection:
            without_later(connection)
            connection.execute(text("ALTER TABLE result DROP COLUMN baseline"))
            connection.execute(text("UPDATE ledger_version SET version_num = '0003'"))
    with Ledger.open(new_url, tmp_path) as migrated:
        assert len(names(migrated)) == 1
        spoil(migrated, "UPDATE result SET baseline = '{}' WHERE metric = 'csat'")
        assert len(names(migrated)) == 2


def test_renderings_of_before_keep_their_seals_and_say_that_they_know_no_templates(
    new_url, tmp_path
):
    with Ledger.open(new_url, tmp_path) as before:
        edition = before.freeze("owner-scorecard", "ann", "{}", claim(before), NOW)
        before.record_rendering(edition, "a" * 64, "0.1.0", NOW)
        with before._writer.begin() as connection:
            connection.execute(text("ALTER TABLE proposal DROP COLUMN person"))
            connection.execute(text("ALTER TABLE rendering DROP COLUMN drawn_with"))
            connection.execute(text("UPDATE ledger_version SET version_num = '0007'"))
    with Ledger.open(new_url, tmp_path) as migrated:
        assert names(migrated) == []
        migrated.record_rendering(edition, "b" * 64, "0.1.0", NOW, {"templates": "1"})
        kept = [each.drawn_with for each in migrated.renderings(edition)]
        assert (kept, names(migrated)) == ([None, {"templates": "1"}], [])
        other = """UPDATE rendering SET drawn_with = '{"templates": "2"}' WHERE sha256 LIKE """
        spoil(migrated, f"{other}'b%'")
        assert names(migrated) == ["rendering/2"]


def test_proposals_of_before_keep_their_seals_and_can_be_decided(new_url, tmp_path):
    with Ledger.open(new_url, tmp_path) as before:
        before.hand_in(handed_in(), NOW)
        with before._writer.begin() as connection:
            connection.execute(text("ALTER TABLE proposal DROP COLUMN person"))
            connection.execute(text("UPDATE ledger_version SET version_num = '0008'"))
    with Ledger.open(new_url, tmp_path) as migrated:
        assert names(migrated) == []
        name = migrated.proposals()[0].name
        decision = Decision("decided for", "Di Eder", "It pays.", NOW)
        assert migrated.decide(name, decision, lambda _: [], NOW).state == "decided for"
        assert (migrated.proposals()[0].last.decision, names(migrated)) == (decision, [])
        spoil(migrated, "UPDATE proposal SET person = 'Bo Carr' WHERE step = 'decided for'")
        assert names(migrated) == ["proposal/2"]


def test_what_was_written_by_several_at_once_is_one_chain(opened, url, tmp_path):
    def writing(n):
        def work():
            with Ledger.open(url, tmp_path) as own:
                for k in range(12):
                    own.note_address(f"{n}-{k}@example.com", "opted out", "asked", NOW)

        return work

    before = opened.head().number
    together([writing(n) for n in range(4)])
    assert opened.head().number == before + 48
    assert names(opened) == []


def test_the_archive_says_why_it_gives_nothing_out(opened, tmp_path):
    editions = filled(opened)
    some = next(d for d in opened.deliveries() if d.edition_id in editions)
    spoil(opened, "UPDATE edition SET content = 'x'")
    project = laid_out(tmp_path / "acme", "sqlite:///ledger.db")
    archive = Archive(project, opened, lambda: None, lambda: NOW)
    for _ in range(2):
        with pytest.raises(RenderError, match="holds another content than its hash says"):
            archive.pdf(some)


# Figures


@pytest.mark.parametrize(
    "read",
    [
        lambda ledger, run: ledger.results_of(run),
        lambda ledger, run: ledger.results(OCTOBER),
        lambda ledger, run: ledger.histories(OCTOBER.next()),
    ],
)
def test_an_altered_figure_is_neither_printed_nor_charted(opened, read):
    run = computed(opened, OCTOBER, [result("csat", "gold"), result("nps", "gold")])
    read(opened, run)
    spoil(opened, "UPDATE result SET value = 8888 WHERE metric = 'csat'")
    with pytest.raises(AlteredError, match=rf"result/{run.id}/csat/gold is not what journal entry"):
        read(opened, run)


def test_an_altered_run_is_not_taken_for_what_it_was(opened):
    run = claim(opened)
    assert opened.run(run.id) == run
    spoil(opened, "UPDATE run SET software = 'another'")
    with pytest.raises(AlteredError, match=f"run/{run.id}"):
        opened.run(run.id)


# What acts on the tables

TRIGGERS = {
    "sqlite": "CREATE TRIGGER z AFTER INSERT ON result BEGIN UPDATE result SET value = 9; END",
    "postgresql": "CREATE RULE z AS ON INSERT TO result DO ALSO UPDATE result SET value = 9",
}


def strange(ledger, *statements):
    """What is said of a ledger in which these were done, which are taken back."""
    with ledger._writer.connect() as connection:
        begun = connection.begin()
        for statement in statements:
            connection.exec_driver_sql(statement)
        try:
            refuse_strange(connection, "here")
        except AlteredError as error:
            return str(error)
        finally:
            begun.rollback()
    return ""


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ((TRIGGERS,), (" trigger z,", " rule z,")),
        (("ALTER TABLE run RENAME TO r", "CREATE VIEW run AS SELECT * FROM r"), (" view run ",)),
        (("ALTER TABLE result ADD COLUMN more INTEGER DEFAULT 1",), (" a column result.more,",)),
        (("ALTER TABLE acceptance DROP COLUMN said",), (" no column acceptance.said,",)),
        (("DROP TABLE seal",), (" no table seal,",)),
    ],
)
def test_what_we_did_not_make_is_named(opened, statements, said):
    dialect = opened._engine.dialect.name
    assert strange(opened) == ""
    found = strange(opened, *(s if isinstance(s, str) else s[dialect] for s in statements))
    assert any(f"Ledger here has what this software did not make,{each}" in found for each in said)


def test_tables_of_others_beside_ours_are_nobodys_business(opened):
    others = ("CREATE TABLE notes (id INTEGER)", "CREATE VIEW seen AS SELECT * FROM notes")
    assert strange(opened, *others) == ""


def test_a_ledger_in_which_something_acts_is_not_opened(migrated_file, tmp_path):
    shutil.copy(migrated_file, tmp_path / "ledger.db")
    with Ledger.open("sqlite:///ledger.db", tmp_path) as ledger, ledger._writer.begin() as writing:
        writing.exec_driver_sql(TRIGGERS["sqlite"])
    with pytest.raises(AlteredError, match="trigger z"):
        Ledger.open("sqlite:///ledger.db", tmp_path)
