"""The archive: what lies in the output folder is sent only if it is what was read back."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from mail_server import Behaviour, MailServer
from sample_mail import enclosed

from scorecard.delivery.archive import Archive
from scorecard.delivery.new_deliveries import NewDeliveries
from scorecard.delivery.post import post
from scorecard.delivery.recipients import Recipient
from scorecard.documents.formats import Formats
from scorecard.documents.kinds import read_document
from scorecard.errors import RenderError
from scorecard.ledger import Delivery, ReadBack
from scorecard.pipeline.request import RunRequest
from scorecard.pipeline.run import Pipeline
from scorecard.printing.edition_renderer import SOFTWARE, EditionRenderer
from scorecard.project.scaffold import init
from scorecard.project.settings import Project
from scorecard.project.workspace import open_ledger, open_workspace
from scorecard.schedules.model import Audience, BusinessDay, Schedule, When

NOW = datetime(2026, 8, 17, 5, tzinfo=UTC)
SCHEDULE = Schedule(
    "owner-scorecards",
    "Owner scorecards",
    ("owner-scorecard",),
    When(BusinessDay(11), None, "Europe/London"),
    (Audience("owners"),),
)


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The example company with its one owner's page of June, and no metrics but the page's own."""
    folder = tmp_path_factory.mktemp("archive") / "acme"
    list(init(folder))
    for file in (folder / "metrics").glob("*.py"):
        if file.stem not in ("service", "_issues", "_waits"):
            file.unlink()
    project = Project.at(folder, {})
    work = open_workspace(project, NOW)
    with open_ledger(project) as ledger:
        order = RunRequest(("owner-scorecard",))
        Pipeline(work, ledger, lambda: NOW, lambda *_: None, order).run(work.period("2026-06"), NOW)
    return folder


@pytest.fixture
def acme(printed, tmp_path):
    """A copy of it, where everything may be spoilt."""
    shutil.copytree(printed, tmp_path / "acme")
    return Project.at(tmp_path / "acme", {})


@pytest.fixture
def ledger(acme):
    with open_ledger(acme) as opened:
        yield opened


@pytest.fixture
def page(acme):
    (file,) = acme.output.rglob("*.pdf")
    return file


class Counting(EditionRenderer):
    """A renderer that counts what it draws."""

    drawn = 0

    def draw_one(self, edition):
        self.drawn += 1
        return super().draw_one(edition)


@pytest.fixture
def press(acme, ledger):
    with Counting(open_workspace(acme, NOW), ledger, lambda: NOW) as made:
        yield made


@pytest.fixture
def archive(acme, ledger, press):
    return Archive(acme, ledger, lambda: press, lambda: NOW)


@pytest.fixture
def delivery(acme, ledger) -> Delivery:
    """The owner's page, queued for the owner."""
    (run,) = ledger.runs()
    edition = ledger.edition(run.detail["editions"][0])
    reader = Recipient("owner-scorecard", edition.scope, "Ada", "ada@example.com", "Why.")
    desk = NewDeliveries(acme, Formats("en_GB", "EUR"), NOW, ledger.keyed)
    parcel = desk.enclosing(
        edition, read_document(edition.document, edition.content), reader, SCHEDULE
    )
    ledger.queue([parcel], NOW)
    return ledger.delivery(parcel.id)


def test_what_was_read_back_is_given_out_without_drawing(archive, press, page, delivery):
    pdf, digest = archive.pdf(delivery)
    assert pdf == page.read_bytes()
    assert (digest, press.drawn) == (sha256(pdf).hexdigest(), 0)


def cut_short(page):
    page.write_bytes(page.read_bytes()[:-1000])


def change(page):
    page.write_bytes(page.read_bytes() + b"% a note\n")


def remove(page):
    page.unlink()


def replace_by_a_folder(page):
    page.unlink()
    page.mkdir()


@pytest.mark.parametrize("spoil", [cut_short, change, remove, replace_by_a_folder])
def test_what_was_spoilt_is_drawn_again_once_and_is_the_same(archive, press, page, delivery, spoil):
    before = page.read_bytes()
    spoil(page)
    assert archive.pdf(delivery) == (before, sha256(before).hexdigest())
    assert archive.pdf(delivery)[0] == before
    assert press.drawn == 1


def test_a_pdf_whose_reading_found_something_is_not_given_out_as_it_is(
    archive, ledger, press, page, delivery
):
    other = page.read_bytes() + b"% a blank page\n"
    page.write_bytes(other)
    edition = ledger.edition(delivery.edition_id)
    found = ["page 1 is blank"]
    ledger.record_readings(
        [ReadBack(edition.id, sha256(other).hexdigest(), found, {}, SOFTWARE, NOW)]
    )
    assert archive.pdf(delivery)[0] != other
    assert press.drawn == 1


def test_what_cannot_be_drawn_soundly_is_an_error_each_time_and_drawn_once(
    acme, archive, press, page, delivery
):
    """A template from which the figures were lost draws a page that does not show them."""
    page.unlink()
    (acme.templates / "owner.html").write_text("<html lang=en><title>x</title><p>Nothing.")
    for _ in range(2):
        with pytest.raises(RenderError, match=r"owner-scorecard head-of-service 2026-06 was drawn"):
            archive.pdf(delivery)
    assert press.drawn == 1


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with MailServer.start(tmp_path_factory.mktemp("server"), Behaviour(keep=True)) as started:
        yield started


def sent(acme, ledger, server):
    """Send what is queued; the documents that the server took."""
    before = len(server.messages())
    post(acme, ledger, {"SCORECARD_SMTP": server.url()}, lambda: NOW, "sender")
    return [pdf for m in server.messages()[before:] for pdf in enclosed(m).values()]


def test_a_page_that_was_cut_short_is_never_sent(acme, ledger, server, page, delivery):
    whole = page.read_bytes()
    cut_short(page)
    assert sent(acme, ledger, server) == [whole]
    assert ledger.delivery(delivery.id).sha256 == sha256(whole).hexdigest()


def test_an_unsound_page_is_withheld_and_the_operator_told(acme, ledger, server, page, delivery):
    page.unlink()
    (acme.templates / "owner.html").write_text("<html lang=en><title>x</title><p>Nothing.")
    assert sent(acme, ledger, server) == []
    withheld = ledger.delivery(delivery.id)
    assert (withheld.state, withheld.told) == ("withheld", True)
    assert "was drawn but not published" in withheld.reply


def test_while_the_facts_are_away_a_page_that_must_be_drawn_waits(
    acme, ledger, server, page, delivery
):
    page.unlink()
    (acme.root / "facts").rename(acme.root / "elsewhere")
    assert sent(acme, ledger, server) == []
    assert ledger.delivery(delivery.id).state == "deferred"
    assert "facts/" in ledger.delivery(delivery.id).reply
