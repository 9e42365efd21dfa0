"""The export: the newest frozen tiers with what is promised in them, written where it was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from time import time
from typing import TYPE_CHECKING

from scorecard.base.files import STALE, drafting, make_folder
from scorecard.base.periods import Period
from scorecard.errors import FactsError, ProjectError
from scorecard.facts.engine import write_file
from scorecard.lookup.cards import Card, cards
from scorecard.lookup.database import (
    DUCKDB,
    comment_of,
    refuse_target,
    write_duckdb,
    write_postgres,
)
from scorecard.lookup.rows import counts_of, rows_of
from scorecard.lookup.target import FileTarget, TableTarget, Target
from scorecard.project.workspace import Workspace
from scorecard.tiers.digests import refuse_altered

if TYPE_CHECKING:
    from scorecard.ledger import Ledger

ROOM = ".lookup-"
"""How the names of folders begin in which rows lie while they are written."""


@dataclass(frozen=True)
class TierCards:
    """What is exported, or printed: the cards by tier and state, and how many customers have each.

    as_of      the day whose tiers they are: the period's first, or a later one where they were
               frozen afterwards
    newest     the last period that is frozen
    """

    period: Period
    as_of: date
    newest: Period
    cards: Mapping[str, Card]
    customers: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.customers.values())

    @property
    def chosen(self) -> bool:
        """Whether any stance was in force in any tier."""
        return any(card.promises or card.accepts for card in self.cards.values())


@dataclass(frozen=True)
class Exported:
    """What was written, where, and how many ids got an apostrophe in front, as in CSV."""

    found: TierCards
    target: Target
    marked: int = 0


def tier_cards(
    work: Workspace, ledger: Ledger, period: Period | None, *, every: bool = False
) -> TierCards:
    """The cards of a period, of the newest that is frozen without one; `every`: as of `cards`.

    FactsError where its tiers are not frozen, or are not what they were then.
    """
    chosen, newest = _frozen(work, period)
    folder = work.project.state / "tiers"
    refuse_altered(ledger.frozen(), work.tiers.kept, folder, {chosen.key})
    stances = [w.stance for w in ledger.stances_for(chosen)]
    found = cards(work.strategy, work.metrics, stances, work.formats, every=every)
    counted = counts_of(work.tiers, chosen)
    if strangers := sorted(counted.keys() - found.keys()):
        raise FactsError(
            f'The frozen tiers of {chosen} know a tier "{strangers[0]}" that the strategy has no '
            'more; see "scorecard check".'
        )
    as_of = work.tiers.afterwards().get(chosen.key, chosen.first)
    return TierCards(chosen, as_of, newest, found, counted)


def export(
    work: Workspace,
    ledger: Ledger,
    period: Period | None,
    to: Target,
    *,
    names: bool = False,
    every: bool = False,
) -> Exported:
    """Write every customer's tier and card to a file or table, all or nothing.

    The facts are closed by then, where their own file is written to. Errors as of `tier_cards`;
    ProjectError where the file cannot be written, FactsError where the table cannot.
    """
    from scorecard.lookup.written import Content, write, write_parquet

    con, project = work.facts.con, work.project
    comment = comment_of(project.identity)
    if isinstance(to, TableTarget):
        refuse_target(con, project.connect, to, comment, project.settings.tiers_schema)
    found = tier_cards(work, ledger, period, every=every)
    content = Content(found.cards, found.as_of, found.period.key, names)
    text = rows_of(work.tiers, found.period, names=names)
    if isinstance(to, TableTarget) and con.name == "postgres":
        write_postgres(con, text, to, content, comment)
        return Exported(found, to)
    with _room(project.state) as room:
        rows = room / "rows.parquet"
        write_file(con, text, rows)
        if isinstance(to, FileTarget):
            return Exported(found, to, _filed(to, lambda at: write(rows, at, to.format, content)))
        table = room / "table.parquet"
        write_parquet(rows, table, content, lists=False)
        work.facts.close()
        file = project.root / project.connect.removeprefix(DUCKDB)
        write_duckdb(file, table, to, comment)
    return Exported(found, to)


def _frozen(work: Workspace, period: Period | None) -> tuple[Period, Period]:
    """The period asked for, or the newest one, and the newest one that is frozen."""
    settings = work.project.settings
    keys = (Period.parse(key, settings.timezone) for key in work.tiers.kept.periods())
    frozen = sorted(p for p in keys if p.kind == settings.period)
    if not frozen:
        today = work.as_of.astimezone(work.project.zone).date()
        last = Period.containing(today, settings.period, settings.timezone).previous()
        raise FactsError(f'No tiers are frozen yet; "scorecard run --period {last}" freezes them.')
    if period is not None and period not in frozen:
        raise FactsError(
            f"No tiers of {period} are frozen; there are those of {frozen[0]} to {frozen[-1]}."
        )
    return period or frozen[-1], frozen[-1]


@contextmanager
def _room(state: Path) -> Iterator[Path]:
    """A folder for what passes through, gone after the block; what killed processes left goes."""
    make_folder(state)
    for left in state.glob(f"{ROOM}*"):
        with suppress(OSError):
            if left.stat().st_mtime < time() - STALE:
                rmtree(left, ignore_errors=True)
    room = Path(mkdtemp(prefix=ROOM, dir=state))
    try:
        yield room
    finally:
        rmtree(room, ignore_errors=True)


def _filed(to: FileTarget, writing: Callable[[Path], int]) -> int:
    try:
        with drafting(to.path) as partial:
            return writing(partial)
    except OSError as error:
        raise ProjectError(f"{to.path} cannot be written: {error.strerror}.") from error
