"""Report data: all that the documents of one period need, as frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from scorecard.answering.model import Acknowledgement, Answer, Asked, Commitment, Unread
from scorecard.base.findings import Finding
from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result
from scorecard.documents.packet_model import ExecutivePacket
from scorecard.strategy.model import Strategy

if TYPE_CHECKING:  # values that this only holds; their modules bring the facts engine
    from scorecard.answering.handed_in import Filed
    from scorecard.documents.funding_found import FundingFound
    from scorecard.judging.affected import Touched
    from scorecard.ledger import Expired, HistoryPoint, LimitsThen, StanceChange, Witnessed
    from scorecard.measuring.conservation import Balance, RowsRead
    from scorecard.measuring.customer_flow import Account
    from scorecard.measuring.earnings import Earned, Unattributed, WhaleCurve
    from scorecard.measuring.incidents import Incident
    from scorecard.measuring.recognition import Recognition
    from scorecard.tiers.movement import Movement

HELD_AGAINST = 600
"""Earlier periods that a figure is held against: a baseline is locked at its first ones."""
CHARTED = 24
"""Periods that a trend shows at most, the present one included."""
A_YEAR = {"month": 12, "week": 52, "quarter": 4}
"""Periods from one to that of a year before, by kind."""
LOUD = ("not delivered", "beyond acceptance", "over-served")
Cellkey = tuple[str, str]
_T = TypeVar("_T")


@dataclass(frozen=True)
class Letterhead:
    """What every document of a project says of its company, as its settings have it.

    acquisition  when the cost of acquiring a customer counts, as words that follow "counts"
    """

    company: str
    notice: str
    paper: str
    acquisition: str


@dataclass(frozen=True)
class Before:
    """A question of an earlier period, and the last answer to it; None where nobody answered."""

    asked: Asked
    answer: Answer | None


@dataclass(frozen=True)
class Answering:
    """What owners were asked about a period, and what they said.

    asked        the questions that were put, by post and number
    answers      by question all answers, the last one last
    acknowledged which editions of the period were read, by whom
    commitments  of all owners and periods, with what became of them
    answer_by    until when may be answered what is about to be asked; None without a deadline
    now          as of when silence is silence
    before       what was asked in the periods just before, the newest period first
    unread       the pages that nobody had acknowledged when this one was due
    """

    asked: Sequence[Asked] = ()
    answers: Mapping[str, Sequence[Answer]] = field(default_factory=dict)
    acknowledged: Sequence[Acknowledgement] = ()
    commitments: Sequence[Commitment] = ()
    answer_by: datetime | None = None
    now: datetime | None = None
    before: Sequence[Before] = ()
    unread: Sequence[Unread] = ()


@dataclass(frozen=True)
class LastPacket:
    """The packet before this one, as it was issued: its period, the edition's number, the document
    as it was frozen, and the results that it printed.

    as_of, made_at  as of when it was read what people wrote, and when it was frozen; None where
                    that is not known
    asked, answers  the questions of its period, and by question the answers up to now
    """

    period: Period
    edition: int
    document: ExecutivePacket
    results: Sequence[Result]
    as_of: datetime | None = None
    made_at: datetime | None = None
    asked: Sequence[Asked] = ()
    answers: Mapping[str, Sequence[Answer]] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportData:
    """All that composing needs, as values. Results are keyed by (metric, tier).

    losses_known whether anything tells that a customer left
    elapsed      whole days of a period that is not over; None once it is
    day          the local date of the run's as-of time: on it, who answers now
    margin_unknown   why no customer's margin is known; else empty
    margins_unknown  why it is not known enough, by tier, state and "all"; not where it is
    stamp        why the edition is provisional: "transactions end on 28 October 2026"; else empty
    balances     that everything is counted: wholes, and the parts that make them up
    afterwards   periods whose frozen tiers are those of a later day, and that day
    apart        by metric how many rows are not in its figure, by why
    weighted     whether answers to surveys have weights
    recognition  on which days revenue counts; None where there is none
    movement     how many customers moved between computed tiers, and would have by chance alone
    opted_out    when owners and executives, by id, asked not to be sent their documents
    stances_then by the key of each period that is charted, the stances in force in it
    corrected    by metric and tier the periods whose figure was once printed otherwise
    limits_then  by which baseline the figures of the periods that are charted were judged first
    incidents    what went wrong in the periods that are charted, and whom it touched
    answering    what owners were asked about the period, answered and committed to
    expired      stances that ended without another one or their removal: no decision since
    proposals    all that were handed in, with what was found of those whose day has come
    funding      the costs that strengths and weaknesses are held against
    last         the packet before, of the same kind of period; None where there is none
    """

    company: str
    notice: str
    paper: str
    period: Period
    metrics: Mapping[str, Metric]
    strategy: Strategy
    results: Mapping[Cellkey, Result]
    histories: Mapping[tuple[str, str, str], Sequence[HistoryPoint]]
    stances: Sequence[Witnessed]
    changes: Sequence[StanceChange]
    touched: Mapping[Cellkey, Touched]
    sizes: Mapping[str, int]
    earned: Mapping[str, Earned]
    curve: WhaleCurve | None
    outside: Unattributed | None
    margin_unknown: str
    acquisition: str
    counts: Sequence[Account]
    money: Sequence[Account]
    recurring: bool
    losses_known: bool
    reasons: Sequence[tuple[str, str, int]]
    tables: Sequence[RowsRead]
    findings: Sequence[Finding]
    day: date
    elapsed: int | None = None
    stamp: str = ""
    opted_out: Mapping[str, date] = field(default_factory=dict)
    afterwards: Mapping[str, date] = field(default_factory=dict)
    balances: Sequence[Balance] = ()
    margins_unknown: Mapping[str, str] = field(default_factory=dict)
    apart: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    weighted: bool = False
    recognition: Recognition | None = None
    movement: Movement | None = None
    stances_then: Mapping[str, Sequence[Witnessed]] = field(default_factory=dict)
    corrected: Mapping[Cellkey, Sequence[str]] = field(default_factory=dict)
    limits_then: Mapping[tuple[str, str, str], Sequence[LimitsThen]] = field(default_factory=dict)
    incidents: Sequence[Incident] = ()
    funding: FundingFound | None = None
    answering: Answering = field(default_factory=Answering)
    proposals: Sequence[Filed] = ()
    expired: Sequence[Expired] = ()
    last: LastPacket | None = None

    def stance(self, metric: str, tier: str) -> Witnessed | None:
        """The first stance on that metric in that tier."""
        return self._by_key.get(f"{metric}/{tier}")

    def stances_of(self, owner: str) -> Sequence[Witnessed]:
        return self._by_owner.get(owner, ())

    def changes_of(self, owner: str) -> Sequence[StanceChange]:
        """The changes of stances that are, or were at last, the owner's."""
        return self._changed_by.get(owner, ())

    def payers(self, key: str) -> Sequence[Witnessed]:
        """The weaknesses that say of themselves that they pay for that strength."""
        return self._paying.get(key, ())

    @cached_property
    def _by_key(self) -> Mapping[str, Witnessed]:
        return {w.stance.key: w for w in reversed(self.stances)}

    @cached_property
    def _by_owner(self) -> Mapping[str, Sequence[Witnessed]]:
        return _grouped((w.stance.owner, w) for w in self.stances)

    @cached_property
    def changed(self) -> frozenset[str]:
        """The keys "metric/tier" of all stances that changed."""
        return frozenset(c.key for c in self.changes)

    @cached_property
    def _changed_by(self) -> Mapping[str, Sequence[StanceChange]]:
        known = ((c.stance or c.previous, c) for c in self.changes)
        return _grouped((stance.owner, c) for stance, c in known if stance is not None)

    @cached_property
    def _paying(self) -> Mapping[str, Sequence[Witnessed]]:
        weak = (w for w in self.stances if w.stance.kind == "weakness")
        return _grouped((key, w) for w in weak for key in w.stance.funds)


def _grouped(pairs: Iterable[tuple[str, _T]]) -> dict[str, list[_T]]:
    found: dict[str, list[_T]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def charted(period: Period) -> list[Period]:
    """The periods that a trend may show, the oldest first and this one last; a span stands alone,
    since it has no history."""
    return [period] if period.is_span else [period.shift(i) for i in range(1 - CHARTED, 1)]


def exceptional(result: Result) -> bool:
    """Whether a result belongs on the exceptions page."""
    verdict = result.verdict
    if verdict is None:
        return False
    return (
        verdict.words in LOUD
        or result.signal.flow.startswith("exceptional")
        or verdict.periods_undecided >= 3
    )
