"""Proof: whether one edition is what was recorded, along the chain of all that it was made of.

    ledger rows → results → document → PDF that was archived or filed → PDF drawn again today

Reads only. The first link that is not what it was is named first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from scorecard.base.regular_file import MOST_PDF, read_bytes
from scorecard.delivery.new_deliveries import CONTENT, FOLDER
from scorecard.documents.kinds import path_of
from scorecard.editions.naming import name_of
from scorecard.editions.redrawn import Redrawing, Redrawn, first_other_byte
from scorecard.errors import AlteredError, LedgerError
from scorecard.ledger import Delivery, Edition, Ledger, Wrong
from scorecard.mail.templates import MailTemplates
from scorecard.printing.publish import AT_ONCE
from scorecard.project.declared import declared
from scorecard.project.origin import results_digest
from scorecard.project.scaffold import room
from scorecard.project.settings import Project

Progress = Callable[[str, int, int], None]
ALTERED = "a record of it was altered, so it is not drawn"


@dataclass(frozen=True)
class Proof:
    """Whether an edition, given without its content, is what was recorded.

    wrong    what of it is not, in the order of the chain; empty where all is
    redrawn  how it compares when it is drawn again
    """

    edition: Edition
    wrong: tuple[Wrong, ...]
    redrawn: Redrawn


def proofs(
    project: Project,
    ledger: Ledger,
    editions: Sequence[Edition],
    known: Sequence[Wrong],
    progress: Progress,
) -> list[Proof]:
    """The proof of each edition; `known` is what walking the whole ledger found wrong.

    ScorecardError where the project's metrics cannot be loaded, without which nothing is drawn.
    """
    if not editions:
        return []
    sent = _sent(ledger, {e.id for e in editions})
    at_hand = _AtHand(project, ledger)
    found: list[Proof] = []
    with Redrawing(project, ledger, declared(project), len(editions)) as drawing:
        for start in range(0, len(editions), AT_ONCE):
            begun = []
            for edition in editions[start : start + AT_ONCE]:
                own = sent.get(edition.id, [])
                wrong = list(_rows(ledger, edition, own, known)) or [*_results(ledger, edition)]
                finish = _begin(drawing, ledger, edition, at_hand.archived(edition), wrong)
                begun.append((edition, wrong, own, finish))
            for edition, wrong, own, finish in begun:
                progress(f"drawing {name_of(edition)} again", len(found), len(editions))
                redrawn = finish()
                wrong += at_hand.files(edition, own, redrawn)
                if redrawn.wrong:
                    wrong.append(Wrong("drawing", name_of(edition), redrawn.wrong))
                found.append(Proof(edition, tuple(wrong), replace(redrawn, pdf=b"")))
    return found


def _begin(
    drawing: Redrawing,
    ledger: Ledger,
    edition: Edition,
    archived: bytes | None,
    wrong: Sequence[Wrong],
) -> Callable[[], Redrawn]:
    if not wrong:
        try:
            return drawing.begin(ledger.edition(edition.id), archived)
        except LedgerError as error:
            said = str(error)
            return lambda: Redrawn("nothing", "it cannot be read", said)
    return lambda: Redrawn("nothing", ALTERED)


def _sent(ledger: Ledger, ids: set[str]) -> dict[str, list[Delivery]]:
    """The deliveries that were sent, by edition."""
    found: dict[str, list[Delivery]] = {}
    for each in ledger.deliveries(kind="document", states=["sent"]):
        if each.edition_id in ids:
            found.setdefault(str(each.edition_id), []).append(each)
    return found


def _rows(
    ledger: Ledger, edition: Edition, sent: Sequence[Delivery], known: Sequence[Wrong]
) -> Iterator[Wrong]:
    """What is wrong in the ledger with what the edition was made of: the journal itself, its run,
    results, its own row, its renderings and readings, and its deliveries; in this order."""
    drawn = ledger.records_of(edition.id)
    yield from (wrong for wrong in known if wrong.what in ("entry", "known", "ledger"))
    for names in (
        [f"run/{edition.run_id}"],
        [w.name for w in known if w.name.startswith(f"result/{edition.run_id}/")],
        [f"edition/{edition.id}"],
        drawn,
        [f"delivery/{each.id}" for each in sent],
    ):
        yield from (wrong for wrong in known if wrong.name in names)


def _results(ledger: Ledger, edition: Edition) -> Iterator[Wrong]:
    """Results that are not those of which the run kept a digest, whatever the journal says."""
    try:
        run = ledger.run(edition.run_id)
        kept = run.detail.get("results")
        if kept is not None and results_digest(ledger.results_of(run)) != kept:
            said = "are not those that the edition was made of"
            yield Wrong("record", f"result/{run.id}", said)
    except AlteredError as error:
        yield Wrong("record", f"result/{edition.run_id}", str(error))


class _AtHand:
    """The PDFs of editions that lie in the output folder, and in those of schedules."""

    def __init__(self, project: Project, ledger: Ledger) -> None:
        self._project, self._ledger = project, ledger
        self._names = MailTemplates(project.own_templates, room("templates"))

    def archived(self, edition: Edition) -> bytes | None:
        """The PDF in the output folder, where it is one that was drawn from the edition."""
        pdf = _read(self._path(edition))
        return pdf if pdf is not None and self._is_of(edition, pdf) else None

    def files(
        self, edition: Edition, sent: Sequence[Delivery], redrawn: Redrawn
    ) -> Iterator[Wrong]:
        """Files that are not what was drawn: in the output folder, which has the newest edition,
        and where a schedule laid one; and deliveries that say they brought another PDF."""
        path = self._path(edition)
        pdf = _read(path)
        if pdf is not None and self._is_newest(edition) and not self._is_of(edition, pdf):
            name = str(path.relative_to(self._project.output))
            yield Wrong("file", name, _where(pdf, redrawn))
        for each in sent:
            if each.sha256 and each.sha256 not in self._ledger.hashes_read(edition.id):
                said = "says that a PDF was sent that was never read back"
                yield Wrong("record", f"delivery/{each.id}", said)
            if each.channel == FOLDER:
                yield from self._filed(edition, each, redrawn)

    def _filed(self, edition: Edition, of: Delivery, redrawn: Redrawn) -> Iterator[Wrong]:
        content = CONTENT.validate_json(of.letter)
        path = Path(of.recipient, content.period_key, self._names.file_name(content))
        pdf = _read(self._project.root / path)
        if pdf is not None and not self._is_of(edition, pdf):
            yield Wrong("file", str(path), _where(pdf, redrawn))

    def _path(self, edition: Edition) -> Path:
        folder = self._project.output / edition.period
        return folder / path_of(edition.document, edition.scope)

    def _is_of(self, edition: Edition, pdf: bytes) -> bool:
        hashed = sha256(pdf).hexdigest()
        return hashed in self._ledger.hashes_read(edition.id) or any(
            each.sha256 == hashed for each in self._ledger.renderings(edition)
        )

    def _is_newest(self, edition: Edition) -> bool:
        newest = self._ledger.issued(edition.document, edition.scope, edition.period)
        return newest is not None and newest.id == edition.id


def _read(path: Path) -> bytes | None:
    try:
        return read_bytes(path, MOST_PDF)
    except OSError:
        return None


def _where(pdf: bytes, redrawn: Redrawn) -> str:
    """ "is not what was drawn: byte 1,234 of 52,000 differs first"; the place only where what was
    drawn is known again."""
    if redrawn.by != "bytes" or redrawn.wrong:
        return "is not what was drawn"
    place = first_other_byte(redrawn.pdf, pdf)
    return f"is not what was drawn: byte {place + 1:,} of {len(redrawn.pdf):,} differs first"
