"""The gate: proposals are handed in, and sent back with the list of what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scorecard.answering.handed_in import MARGIN, Choice, Decision, Filed, HandedIn
from scorecard.answering.proposal import UNREADABLE, Missing, in_order, wanting
from scorecard.answering.proposal_reader import read_proposal
from scorecard.answering.rules import tidy
from scorecard.base.findings import Finding
from scorecard.base.periods import Period, PeriodKind
from scorecard.base.regular_file import read_bytes
from scorecard.definitions.metric import Metric
from scorecard.errors import did_you_mean
from scorecard.strategy.accountability import accountable, executives, lead, team_of
from scorecard.strategy.model import Person, Strategy

if TYPE_CHECKING:  # check looks at proposals also where there is no ledger, and loads none
    from scorecard.ledger import Ledger

BACK = 12
"""Periods in which the newest verdict and the newest margin are looked for."""
UNDECIDED = ("", "too little evidence")


@dataclass(frozen=True)
class Gate:
    """Where proposals are held against the strategy, the metrics and the newest figures.

    kind, zone  the company's periods and its time zone
    """

    strategy: Strategy
    metrics: Mapping[str, Metric]
    currency: str
    kind: PeriodKind
    zone: str

    def look(self, path: Path, ledger: Ledger | None, now: datetime) -> HandedIn:
        """A proposal as it would be handed in now; nothing is recorded. Its number is 0.

        Without a ledger no verdict and no margin is known.
        """
        read = read_proposal(path, self.strategy, self.metrics, self.currency)
        today, points = self._today(now), self._newest(ledger, now) if ledger else {}
        missing = read.missing
        if not any(m.item == UNREADABLE for m in missing):
            verdicts = {key: words for key, (words, _) in points.items() if words}
            rules = wanting(read.proposal, self.strategy, self.metrics, verdicts, today)
            listed = {m.item for m in missing}  # what is faulty is not held against rules, too
            missing = (*missing, *(m for m in rules if m.item not in listed))
        margins = tuple(
            (tier, value)
            for tier in read.proposal.tiers
            if (value := points.get(f"{MARGIN}/{tier}", ("", None))[1]) is not None
        )
        digest = sha256(read_bytes(path)).hexdigest() if path.is_file() else ""
        return HandedIn(0, read.proposal, digest, in_order(missing), margins, now)

    def hand_in(self, path: Path, ledger: Ledger, now: datetime) -> tuple[HandedIn, bool]:
        """Record a proposal, and what it lacks; itself, and whether it was recorded now."""
        return ledger.hand_in(self.look(path, ledger, now), now)

    def withdraw(self, name: str, reason: str, ledger: Ledger, now: datetime) -> Filed:
        """Record that a proposal is not pursued; ReplyError where that cannot be, and why."""
        reason, names = tidy(reason), [f.name for f in ledger.proposals()]

        def wrong(known: Filed | None) -> Iterator[str]:
            if known is None:
                yield f'No proposal "{name}" was handed in.{did_you_mean(name, names)}'
            elif known.withdrawn:
                yield f'"{name}" was withdrawn before.'
            elif any(self._is_over(h, now) for h in known.accepted):
                yield f'The review date of "{name}" has come; the figures say what became of it.'
            if not reason:
                yield "No reason is given; say why it is not pursued."

        return ledger.withdraw(name, reason, lambda known: list(wrong(known)), now)

    def decide(
        self, name: str, choice: Choice, person: str, reason: str, ledger: Ledger, now: datetime
    ) -> Filed:
        """Record what was decided about a proposal that has passed; ReplyError where that cannot
        be, and why.

        An executive decides, or the lead of the team that brought it, but nobody about their own.
        """
        reason, names = tidy(reason), [f.name for f in ledger.proposals()]

        def wrong(known: Filed | None) -> Iterator[str]:
            if known is None:
                yield f'No proposal "{name}" was handed in.{did_you_mean(name, names)}'
                return
            if known.withdrawn:
                yield f'"{name}" was withdrawn; hand it in again before it is decided.'
            elif known.last.missing:
                yield f'"{name}" was sent back; it is decided once it is handed in whole.'
            elif self._is_over(known.last, now):
                yield f'The review date of "{name}" has come; the figures say what became of it.'
            able = [p.name for p in self._deciders(known, now)]
            if person not in able:
                who = " or ".join(able) or "nobody"
                yield f'"{person}" cannot decide "{name}"; {who} can.{did_you_mean(person, able)}'
            if not reason:
                yield "No reason is given; say why it was decided so."

        decision = Decision(choice, person, reason, now)
        return ledger.decide(name, decision, lambda known: list(wrong(known)), now)

    def _deciders(self, filed: Filed, now: datetime) -> Sequence[Person]:
        owner, today = filed.last.proposal.owner, self._today(now)
        own = accountable(self.strategy, owner, today).person
        team = team_of(self.strategy, owner)
        head = lead(self.strategy, team, today) if team else None
        people = [*executives(self.strategy, today), *([head] if head else [])]
        mine = {owner, own.id if own else owner}
        return list({p.id: p for p in people if p.id not in mine}.values())

    def findings(self, folder: Path, ledger: Ledger | None, now: datetime) -> Iterator[Finding]:
        """What the files of a folder lack, as warnings: a proposal holds no run back.

        Those that passed as they are lack nothing, whatever has happened since.
        """
        passed = {h.hash for f in ledger.proposals() for h in f.accepted} if ledger else set()
        for path in proposal_files(folder):
            looked = self.look(path, ledger, now)
            for missing in looked.missing if looked.hash not in passed else ():
                yield _finding(path, missing)

    def _is_over(self, handed: HandedIn, now: datetime) -> bool:
        day = handed.proposal.review_on
        return day is not None and day <= self._today(now)

    def _today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.zone)).date()

    def _newest(self, ledger: Ledger, now: datetime) -> dict[str, tuple[str, float | None]]:
        """By "metric/tier" the newest verdict that was decided, and the newest figure."""
        after = Period.containing(self._today(now), self.kind, self.zone).next()
        found: dict[str, tuple[str, float | None]] = {}
        points = [
            (point.period, metric, tier, point)
            for (metric, _version, tier), series in ledger.histories(after, BACK).items()
            for point in series
        ]
        for _, metric, tier, point in sorted(points, key=lambda p: p[:3]):
            words, value = found.get(f"{metric}/{tier}", ("", None))
            words = words if point.words in UNDECIDED else point.words
            found[f"{metric}/{tier}"] = (words, value if point.value is None else point.value)
        return found


def proposal_files(folder: Path) -> Sequence[Path]:
    """The files of proposals in a folder, by name; none where it is not there."""
    return [p for p in sorted(folder.glob("*.toml")) if not p.name.startswith(".")]


def _finding(path: Path, missing: Missing) -> Finding:
    place, colon, said = missing.said.partition(": ")
    if colon and place.startswith(path.name):
        return Finding("proposal.incomplete", "warning", place, said)
    return Finding(
        "proposal.incomplete", "warning", path.name, f"{missing.said}", f"({missing.item})"
    )
