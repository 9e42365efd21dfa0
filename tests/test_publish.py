"""The shelf on which PDFs wait: what was changed there is not laid out, and nothing by halves."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO

import pypdfium2 as pdfium
import pytest

from scorecard.base.periods import Period
from scorecard.errors import RenderError
from scorecard.printing.edition_renderer import RenderedEdition
from scorecard.printing.publish import WAITING, Shelf

NOW = datetime(2026, 11, 16, tzinfo=UTC)
KINDS = (
    ("executive-packet", "executives"),
    ("team-review", "care"),
    ("owner-scorecard", "ada"),
)


def packet() -> bytes:
    """A packet of a blank page with its method notes inside."""
    document, file = pdfium.PdfDocument.new(), BytesIO()
    document.new_page(100, 100)
    document.new_attachment("method.pdf").set_data(b"%PDF notes")
    document.save(file)
    return file.getvalue()


PACKET = packet()


@pytest.fixture
def editions(local):
    period = Period.parse("2026-10", "Europe/London")
    run = local.claim(period, inputs="i", as_of=NOW, software="0", now=NOW)
    return local.freeze_all([(*kind, "{}") for kind in KINDS], run, NOW)


@pytest.fixture
def shelf(local, editions, tmp_path):
    """Three PDFs that wait, beside an older packet in the output folder."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "executive-packet.pdf").write_bytes(b"older")
    with Shelf(tmp_path / "out", "what", local) as shelf:
        for edition in editions:
            assert not shelf.has(edition)
            pdf = PACKET if edition.document == "executive-packet" else f"%PDF {edition.document}"
            pdf = pdf if isinstance(pdf, bytes) else pdf.encode()
            shelf.put(RenderedEdition(edition, pdf, sha256(pdf).hexdigest()))
        yield shelf


def laid_out(folder):
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*.pdf")}


def test_what_waits_is_laid_out_each_in_its_place(shelf, tmp_path):
    assert [p.path.name for p in shelf.lay_out()] == ["executive-packet.pdf", "care.pdf", "ada.pdf"]
    assert laid_out(tmp_path / "out") == {
        "executive-packet.pdf": PACKET,
        "method.pdf": b"%PDF notes",  # as it is inside of the packet
        "teams/care.pdf": b"%PDF team-review",
        "owners/ada.pdf": b"%PDF owner-scorecard",
    }


def test_no_link_that_somebody_laid_into_the_output_folder_is_followed(local, editions, tmp_path):
    """The shelf's name follows from what is drawn, so that a run that was killed goes on there."""
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    for folder in (out, elsewhere):
        folder.mkdir()
    (out / f"{WAITING}what").symlink_to(elsewhere)
    (out / "executive-packet.pdf").symlink_to(elsewhere / "packet")
    with Shelf(out, "what", local) as shelf:
        for edition in editions:
            assert not shelf.has(edition)
            shelf.put(RenderedEdition(edition, PACKET, sha256(PACKET).hexdigest()))
        (out / "owners").symlink_to(elsewhere)
        with pytest.raises(RenderError, match="owners on its way is a symbolic link"):
            shelf.lay_out()
        (out / "owners").unlink()
        shelf.lay_out()
    assert list(elsewhere.iterdir()) == []
    files = [f for f in out.rglob("*") if f.is_file()]
    assert len(files) == 4 and not any(f.is_symlink() for f in files)
    assert {f.stat().st_mode & 0o777 for f in files} == {0o600}
    assert {f.stat().st_mode & 0o777 for f in out.rglob("*") if f.is_dir()} == {0o700}


@pytest.mark.parametrize("change", ["tampered", "deleted"])
def test_what_was_changed_while_it_waited_is_not_laid_out_nor_is_any_other(shelf, tmp_path, change):
    waiting = tmp_path / "out" / f"{WAITING}what" / "owners" / "ada.pdf"
    waiting.write_bytes(b"%PDF other") if change == "tampered" else waiting.unlink()
    with pytest.raises(RenderError, match=r"ada\.pdf: it was changed while it waited"):
        shelf.lay_out()
    assert (tmp_path / "out" / "executive-packet.pdf").read_bytes() == b"older"


def test_a_file_where_a_folder_belongs_leaves_everything_as_it_was(shelf, tmp_path):
    (tmp_path / "out" / "owners").write_text("in the way")
    with pytest.raises(RenderError, match=r"ada\.pdf: cannot be written"):
        shelf.lay_out()
    assert (tmp_path / "out" / "executive-packet.pdf").read_bytes() == b"older"
