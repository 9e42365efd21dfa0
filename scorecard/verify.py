"""Verification: whether ledger, documents and frozen tiers are what they were.

    verified(project, (), now, progress)      everything, compared with what the journal says
    verified(…, editions=["2026-10"])         and that edition drawn again, see `editions.proof`

Reads only. What is found comes in the order of the journal, then files, then snapshots.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from scorecard.base.periods import Period
from scorecard.base.regular_file import MOST_PDF, read_bytes
from scorecard.documents.kinds import KINDS, PACKET, path_of
from scorecard.documents.packet_model import METHOD_FILE
from scorecard.editions.naming import Names
from scorecard.editions.proof import Proof, proofs
from scorecard.errors import LedgerError, ScorecardError
from scorecard.ledger import Edition, Head, Ledger, Wrong
from scorecard.ledger.acceptance import Acceptance
from scorecard.ledger.chain import Walk
from scorecard.project.memory import memories
from scorecard.project.opening import open_ledger
from scorecard.project.settings import Project
from scorecard.project.workspace import open_workspace
from scorecard.tiers.digests import differing, frozen_digests, shown
from scorecard.tiers.snapshot_tables import schema_in_use
from scorecard.tiers.snapshots import SnapshotFiles, Snapshots

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Verified:
    """What was found. `wrong` is empty where all is what it was; `missing` are documents that
    can be drawn again, and `strange` PDFs of the output folder that this ledger knows nothing of,
    by path from that folder; `accepted` what people accepted. `proofs` are of the editions that
    were asked for, and `unfound` says why one is not there, in a ledger that was altered."""

    ledger: str
    head: Head
    records: int
    documents: int
    snapshots: int
    wrong: tuple[Wrong, ...]
    missing: tuple[str, ...]
    strange: tuple[str, ...]
    accepted: tuple[Acceptance, ...]
    proofs: tuple[Proof, ...] = ()
    unfound: str = ""

    @property
    def good(self) -> bool:
        """Whether all is what it was, as far as it was asked for."""
        return not (self.wrong or self.unfound or any(proof.wrong for proof in self.proofs))


@dataclass(frozen=True)
class Drawn:
    """A document's file, and the hashes of all that was ever drawn for it."""

    path: Path
    hashes: frozenset[str]


def verified(
    project: Project,
    known: Sequence[Head],
    now: datetime,
    progress: Progress,
    editions: Sequence[str] = (),
    *,
    every: bool = False,
) -> Verified:
    """Compare everything; `known` are heads of the journal that were written down elsewhere.

    The `editions` of these names, or `every` one, are drawn again, too. ScorecardError where
    ledger or frozen tiers cannot be read at all, and for a name that no edition has.
    """
    with open_ledger(project) as ledger:
        said = [(head, "--known") for head in known]
        kept = memories(project)
        said += [(Head(m.entry, m.hash), str(m.file)) for m in kept if m.ledger == ledger.id]
        walk = ledger.walked(said, progress)
        accepted = ledger.acceptances()
        others = [m for m in kept if m.ledger != ledger.id]
        upto = max((_entry_of(walk, each) for each in accepted if each.what == "ledger"), default=0)
        wrong = [w for w in walk.in_order if w.what != "entry" or w.entry > upto]
        wrong += [Wrong("ledger", str(m.file), "knows another ledger") for m in others]
        drawn = drawn_by(ledger)
        files = {d.path: _hash_of(project.output / d.path) for d in drawn}
        wrong += documents(drawn, files)
        wrong += _method_notes(project, drawn, files)
        with snapshots_of(project, now) as snapshots:
            frozen = ledger.frozen()
            progress("snapshots", 0, 1)
            present = frozen_digests(snapshots, project.state / "tiers")
            wrong += [
                Wrong("snapshot", shown(name, snapshots.place(name)), why)
                for name, why in differing(frozen, present)
            ]
        missing = tuple(str(path) for path, found in files.items() if found is None)
        asked, unfound = _asked(ledger, editions, every, wrong)
        return Verified(
            ledger.where,
            walk.head,
            sum(1 for seal, _ in walk.sealed.values() if seal),
            len(files) - len(missing),
            len(frozen),
            tuple(wrong),
            missing,
            tuple(_strange(project, files)),
            tuple(accepted),
            tuple(proofs(project, ledger, asked, wrong, progress)),
            unfound,
        )


def _asked(
    ledger: Ledger, editions: Sequence[str], every: bool, wrong: Sequence[Wrong]
) -> tuple[list[Edition], str]:
    """The editions that are asked for; where one is not there, why, if the ledger was altered."""
    if not editions and not every:
        return [], ""
    names = Names(ledger.edition_list())
    try:
        return [*names.editions] if every else [names.find(each) for each in editions], ""
    except LedgerError as error:
        if not wrong:
            raise
        return [], str(error)


def _entry_of(walk: Walk, acceptance: Acceptance) -> int:
    """The entry with which something was accepted: the journal before it is as it is."""
    return walk.sealed.get(f"acceptance/{acceptance.number}", ("", 0))[1]


def drawn_by(ledger: Ledger) -> list[Drawn]:
    """Every document that was drawn, under the path that it has in the output folder."""
    hashes: dict[Path, set[str]] = {}
    for document, scope, period, hashed in ledger.drawn():
        if document not in KINDS:
            continue  # its record was altered, and is named as that
        hashes.setdefault(Path(period) / path_of(document, scope), set()).add(hashed)
    return [Drawn(path, frozenset(found)) for path, found in sorted(hashes.items())]


def documents(drawn: Iterable[Drawn], files: Mapping[Path, str | None]) -> Iterator[Wrong]:
    """Documents whose file, by its hash, is not one that was drawn; a missing one can be drawn
    again from its edition."""
    for each in drawn:
        if (found := files[each.path]) is not None and found not in each.hashes:
            yield Wrong("file", str(each.path), "is not what was drawn")


def _strange(project: Project, known: Collection[Path]) -> Iterator[str]:
    """PDFs beside the documents of a period that are no document of this ledger; those of dry runs
    are none, and what schedules lay into folders of their own is not looked at."""
    from scorecard.delivery.dry_run import FOLDER

    for file in sorted(project.output.rglob("*.pdf")):
        path = file.relative_to(project.output)
        if path in known or path.name == METHOD_FILE or FOLDER in path.parts:
            continue
        if _is_period(path.parts[0]):
            yield str(path)


def _is_period(name: str) -> bool:
    try:
        Period.parse(name, "UTC")
    except ScorecardError:
        return False
    return True


def _method_notes(
    project: Project, drawn: Iterable[Drawn], files: Mapping[Path, str | None]
) -> Iterator[Wrong]:
    """Method notes that are not those inside of the packet that they lie beside."""
    from scorecard.printing.pdf_text import file_inside

    for each in drawn:
        beside = each.path.parent / METHOD_FILE
        notes = _hash_of(project.output / beside)
        if each.path.name != path_of(PACKET, "").name or notes is None:
            continue
        if files[each.path] not in each.hashes:
            continue  # named already, or missing: nothing is known to compare with
        inside = file_inside(read_bytes(project.output / each.path, MOST_PDF), METHOD_FILE)
        if inside is not None and sha256(inside).hexdigest() != notes:
            yield Wrong("file", str(beside), "is not what was drawn")


@contextmanager
def snapshots_of(project: Project, now: datetime) -> Iterator[Snapshots]:
    """Where tiers are kept; only tables need the facts' database to be opened."""
    folder = project.state / "tiers"
    if not project.settings.tiers_schema and not schema_in_use(folder):
        yield SnapshotFiles(folder)
        return
    work = open_workspace(project, now)
    try:
        yield work.tiers.kept
    finally:
        work.facts.close()


def _hash_of(file: Path) -> str | None:
    """The hash of a file; None where there is none."""
    try:
        return sha256(read_bytes(file, MOST_PDF)).hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ScorecardError(
            f"{file}: cannot be read ({error.strerror}); let it be read."
        ) from error
