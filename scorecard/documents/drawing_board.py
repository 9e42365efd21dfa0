"""The drawing board: proposals that were sent back, decided, and held to what they predicted.

Rows in the order in which they were handed in first, never by how good they are. The page of
executives has them, and the review of the team of whoever brought them; no owner's page has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from scorecard.answering.handed_in import Filed, Found, HandedIn
from scorecard.base.periods import Period, zone
from scorecard.definitions.metric import Metric
from scorecard.documents.changes import LOOK_BACK
from scorecard.documents.formats import Formats
from scorecard.documents.grammar import capital
from scorecard.documents.view import ReportView
from scorecard.strategy.model import Strategy

Kind = Literal[
    "sent back", "to be decided", "decided for", "decided against", "reviewed", "review waits"
]
WAITS = "its review date has come, and its figures are not final yet"


@dataclass(frozen=True)
class BoardRow:
    """A proposal on the page: its title, what kind of row it is, who brought it, and what is said;
    `owner` is the post of who did, by id.

    said  of one that was sent back what is missing, "which customers; who pays"; of a reviewed one
          what was predicted and found, a sentence without its stop for each figure; of one that
          was decided by whom, when and why
    """

    proposal: str
    kind: Kind
    by: str
    said: tuple[str, ...]
    owner: str


def board(view: ReportView) -> tuple[BoardRow, ...]:
    """The rows of a view's period."""
    m = view.data
    return drawing_board(m.proposals, m.period, m.strategy, m.metrics, view.formats)


def drawing_board(
    filed: Sequence[Filed],
    period: Period,
    strategy: Strategy,
    metrics: Mapping[str, Metric],
    formats: Formats,
) -> tuple[BoardRow, ...]:
    """The rows of "Back to the drawing board" in the documents of a period.

    What was sent back stays until it is handed in whole or withdrawn, and what passed until
    somebody decides; what was reviewed or decided stays for four periods, that of the review date
    or of the decision included.
    """
    printer = _Printer(strategy, metrics, formats)
    rows: list[BoardRow] = []
    for each in filed:
        if each.withdrawn:
            continue
        rows += printer.reviews(each, period)
        rows += printer.decisions(each.last, period)
        if each.last.missing:
            rows.append(printer.row(each.last, "sent back", _items(each.last)))
    return tuple(rows)


def found_in_words(
    strategy: Strategy, metrics: Mapping[str, Metric], formats: Formats
) -> Callable[[Found], str]:
    """Says what was predicted and found of a figure, in a sentence without its stop."""
    return _Printer(strategy, metrics, formats).compared


def _items(handed: HandedIn) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.item for m in handed.missing))


@dataclass(frozen=True)
class _Printer:
    strategy: Strategy
    metrics: Mapping[str, Metric]
    formats: Formats

    def row(self, handed: HandedIn, kind: Kind, said: tuple[str, ...]) -> BoardRow:
        proposal = handed.proposal
        owner = self.strategy.owner(proposal.owner)
        by = owner.name if owner else proposal.owner or "nobody"
        return BoardRow(proposal.title or proposal.name, kind, by, said, proposal.owner)

    def decisions(self, handed: HandedIn, period: Period) -> Iterator[BoardRow]:
        """Of what passed and has no review yet: that nobody has decided, or what was decided."""
        day, decision = handed.proposal.review_on, handed.decision
        if handed.missing or handed.found or day is None:
            return
        if decision is None:
            if day >= period.after:
                on = self.formats.day(_day(handed.at, period))
                yield self.row(handed, "to be decided", (f"accepted for decision on {on}",))
            return
        decided = _day(decision.at, period)
        if decided >= _first(period).first:
            by = f"by {decision.person} on {self.formats.day(decided)}: {decision.reason}"
            yield self.row(handed, decision.choice, (by,))

    def reviews(self, filed: Filed, period: Period) -> Iterator[BoardRow]:
        first = _first(period)
        for handed in (h for h in filed.accepted if not h.declined):
            day = handed.proposal.review_on
            if day is None or day >= period.after:
                continue
            if not handed.found:
                yield self.row(handed, "review waits", (WAITS,))
            elif day >= first.first:
                said = tuple(self.compared(f) for f in handed.found)
                yield self.row(handed, "reviewed", said)

    def compared(self, found: Found) -> str:
        """ "Gold margin per customer: predicted +€40, found +€3 (−9 to 15), did not move"."""
        metric = self.metrics.get(found.metric)
        tier = self.strategy.plan.label(found.tier)
        if metric is None:
            return f"{tier} {found.metric}: no longer measured"
        name = "margin per customer" if found.kind == "margin" else _inside(metric.label)
        what = capital(f"{tier} {name}")
        if found.kind == "margin":
            return f"{what}: {self._change(metric, found)}"
        return f"{what}: {self._figure(metric, found)}"

    def _figure(self, metric: Metric, found: Found) -> str:
        """ "predicted 4.0 h from 6.0 h, found 4.4 h (4.1–4.7), less than predicted"."""
        f, ends = self.formats, (found.was, found.predicted, found.value)
        places = f.places(metric, *ends)
        predicted = "nothing predicted"
        if found.predicted is not None and found.was is not None:
            was, to = (f.with_unit(metric, v, places) for v in (found.was, found.predicted))
            predicted = f"predicted {to} from {was}"
        if found.value is None:
            return f"{predicted}, not measured"
        span = f.interval(metric, found.low, found.high, places)
        return self._with_outcome(predicted, f.with_unit(metric, found.value, places), span, found)

    def _change(self, metric: Metric, found: Found) -> str:
        """ "predicted +€12, found +€3 (−9 to 15), not shown": changes since it was handed in."""
        if found.was is None or found.predicted is None:
            return "not known when it was handed in, so nothing can be found of it"
        f, was = self.formats, found.was
        change = found.predicted - was
        if found.value is None:
            return f"predicted {_signed(f, change, f.cents(change))}, margin not known"
        low, high = (None if end is None else end - was for end in (found.low, found.high))
        places = f.cents(change, found.value - was)
        span = f.interval(metric, low, high, places)
        now = _signed(f, found.value - was, places)
        return self._with_outcome(f"predicted {_signed(f, change, places)}", now, span, found)

    def _with_outcome(self, predicted: str, now: str, span: str, found: Found) -> str:
        said = f"{predicted}, found {now}" + (f" ({span})" if span else "")
        if found.predicted is None:
            return said
        return f"{said}, {'too little evidence' if found.outcome == 'not shown' else found.outcome}"


def _first(period: Period) -> Period:
    """The earliest of the periods whose reviews and decisions are told."""
    return period if period.is_span else period.shift(1 - LOOK_BACK)


def _day(at: datetime, period: Period) -> date:
    return at.astimezone(zone(period.tz)).date()


def _signed(f: Formats, amount: float, places: int) -> str:
    """ "+€12", "−€3"."""
    said = f.money(amount, places)
    return f"+{said}" if amount > 0 else said


def _inside(label: str) -> str:
    """A metric's label inside a sentence; abbreviations keep their capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
