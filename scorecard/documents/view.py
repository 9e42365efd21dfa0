"""The report view: the data of one period as documents print it, in names, figures and order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result, Verdict
from scorecard.documents.digits import in_one_span, places_beside_limits, proving_end
from scorecard.documents.formats import Formats
from scorecard.documents.grammar import listed
from scorecard.documents.model import Heading
from scorecard.documents.report_data import ReportData
from scorecard.documents.terms import limit, terms
from scorecard.judging.margin_known import needs_margin
from scorecard.stats.withheld import Cell, Why, emptied, withheld, without_withheld
from scorecard.strategy.accountability import Accountability, accountable
from scorecard.strategy.model import ALL, Owner, Stance

if TYPE_CHECKING:  # the ledger is not loaded to compose
    from scorecard.ledger import Expired, HistoryPoint

SECTIONS = (
    ("experienced", "What customers experienced"),
    ("did", "What customers did"),
    ("earned", "What it earned"),
)
MARGIN = "customer_margin"
"""The metric beside which every experience is printed."""
Cellkey = tuple[str, str]


@dataclass(frozen=True)
class ReportView:
    """Report data `m` and formats `f`. `matures` has the days after which a metric is final."""

    data: ReportData
    formats: Formats
    matures: Mapping[str, int]

    @property
    def tiers(self) -> tuple[str, ...]:
        return self.data.strategy.plan.ids

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        """All metrics in the order of the stance map.

        By section of the customer's journey, then inputs before outputs, then as declared.
        """
        sections = [key for key, _title in SECTIONS]
        known = self.data.metrics.values()
        return tuple(sorted(known, key=lambda m: (sections.index(m.section), m.role == "output")))

    @cached_property
    def places_on_map(self) -> Mapping[str, int]:
        """The position on the map of each stance "metric/tier", counted from 0."""
        keys = (f"{m.name}/{tier}" for m in self.metrics for tier in self.tiers)
        return {key: place for place, key in enumerate(keys)}

    @cached_property
    def paid_for(self) -> tuple[str, ...]:
        """The keys of strengths, and of stances that a weakness pays for, in the map's order."""
        in_force = [w.stance for w in self.data.stances]
        keys = {s.key for s in in_force if s.kind == "strength"}
        keys |= {key for s in in_force if s.kind == "weakness" for key in s.funds}
        return tuple(key for key in self.places_on_map if key in keys)

    def heading(self, kind: str) -> Heading:
        m, f = self.data, self.formats
        paper: Literal["A4", "Letter"] = "Letter" if m.paper == "Letter" else "A4"
        period = f.period(m.period) + (f", {self.so_far}" if self.so_far else "")
        return Heading(m.company, m.notice, kind, period, f.language, paper, m.stamp)

    @property
    def so_far(self) -> str:
        """ "12 of 31 days" of a period that is not over; else empty."""
        over = self.data.elapsed
        return "" if over is None else f"{over} of {self.data.period.days} days"

    def label(self, tier: str) -> str:
        return "All customers" if tier == ALL else self.data.strategy.plan.label(tier)

    def margin_unknown(self, tier: str) -> str:
        """Why the margin of a tier, state or "all" is not known; empty where it is."""
        return self.data.margin_unknown or self.data.margins_unknown.get(tier, "")

    @cached_property
    def withheld(self) -> Mapping[Cell, Why]:
        """Which figures are not shown, and why, by metric and tier, state or "all"."""
        return withheld(self.data.results.values(), self.data.metrics)

    @cached_property
    def histories(self) -> Mapping[tuple[str, str, str], Sequence[HistoryPoint]]:
        """The figures of earlier periods that were shown, by metric, version and tier."""
        return without_withheld(self.data.histories, self.data.metrics)

    def result(self, metric: str, tier: str) -> Result | None:
        """The result as printed: a withheld one is empty, and where margin is unknown, metrics of
        margin are unmeasured."""
        found, why = self.data.results.get((metric, tier)), self.margin_unknown(tier)
        if found is not None and (metric, tier) in self.withheld:
            return emptied(found)
        if found is None or found.unmeasured or not why:
            return found
        if metric not in self.data.metrics or not needs_margin(self.data.metrics[metric]):
            return found
        verdict = found.verdict and Verdict("too little evidence", None, "not_measured")
        return replace(found, unmeasured=why, verdict=verdict)

    def stance(self, metric: str, tier: str) -> Stance | None:
        witnessed = self.data.stance(metric, tier)
        return witnessed.stance if witnessed else None

    @cached_property
    def expired(self) -> Mapping[Cellkey, Expired]:
        """The stances that have ended without a decision on what follows, by metric and tier."""
        return {(e.stance.metric, e.stance.tier): e for e in self.data.expired}

    def has_stance(self, metric: Metric) -> bool:
        """Whether a choice was made about it in a tier, also one that has expired."""
        cells = [(metric.name, tier) for tier in self.tiers]
        return any(self.stance(*cell) or cell in self.expired for cell in cells)

    def is_wanted(self, metric: Metric) -> bool:
        """Whether pages have it: optional metrics are on them where a stance names them."""
        return not metric.optional or self.has_stance(metric)

    @cached_property
    def holders(self) -> tuple[Owner, ...]:
        """The owners of the stances that are in force or have expired, in the strategy's order."""
        ids = {w.stance.owner for w in self.data.stances}
        ids |= {e.stance.owner for e in self.data.expired}
        return tuple(o for o in self.data.strategy.owners if o.id in ids)

    @property
    def last_day(self) -> date:
        """The day on which who answered counts: the period's last, or today if that is earlier."""
        return min(self.data.period.after - timedelta(days=1), self.data.day)

    def answered(self, id: str) -> Accountability:
        """Who answered for an owner's stances at the period's end."""
        return accountable(self.data.strategy, id, self.last_day)

    def answers(self, id: str) -> Accountability:
        """Who answers for an owner's stances now, when the document is made."""
        return accountable(self.data.strategy, id, self.data.day)

    def owner_name(self, id: str) -> str:
        """Who answered at the period's end, as `answerer` prints it."""
        return self.answerer(id, self.answered(id))

    def answerer(self, id: str, post: Accountability) -> str:
        """ "Ada Lindqvist", "Bea Ito (deputy)", "no owner since 1 Oct 2026", "no owner (ada)"."""
        if post.owner is None:
            return f"no owner ({id})"
        if post.person is not None:
            return post.person.name + (" (deputy)" if post.by == "deputy" else "")
        if post.since is not None:
            return f"no owner since {self.formats.day(post.since)}"
        return (
            f"no owner before {self.formats.day(post.owner.since)}"
            if post.owner.since
            else "no owner"
        )

    def printed(self, metric: Metric) -> Metric:
        """The metric in the unit that its row is printed in: waits may be minutes, or seconds."""
        return in_one_span(metric, self._row(metric))

    def places(self, metric: Metric) -> int:
        """The decimals that all figures in a metric's row are printed with."""
        return self.formats.places(self.printed(metric), *self._row(metric))

    def _row(self, metric: Metric) -> list[float | None]:
        found = [self.result(metric.name, tier) for tier in self.tiers]
        return [r.estimate.value for r in found if r is not None]

    def places_of(self, metric: Metric, tier: str) -> int:
        """The row's decimals, or more where a figure would be printed on the wrong side of a limit
        of its stance."""
        least, result = self.places(metric), self.result(metric.name, tier)
        if result is None:
            return least
        found, census = result.estimate, result.mode == "census"
        end = proving_end(metric, found, result.verdict, census)
        stance = self.stance(metric.name, tier)
        return places_beside_limits(self.printed(metric), found.value, stance, least, end)

    def figure(self, metric: Metric, value: float | None) -> str:
        """A figure that is no tier's own, with its unit and the decimals of its row."""
        return self.formats.with_unit(self.printed(metric), value, self.places(metric))

    def figure_of(self, metric: Metric, tier: str) -> str:
        """A tier's figure inside a sentence, with its unit; "–" where there is none."""
        result = self.result(metric.name, tier)
        value = None if result is None or result.unmeasured else result.estimate.value
        said = self.formats.with_unit(self.printed(metric), value, self.places_of(metric, tier))
        more = result is not None and value is not None and result.estimate.beyond
        return self.formats.at_least(said) if more else said

    def limit(self, metric: Metric, stance: Stance, value: float) -> str:
        """A limit of the stance exactly as it was declared."""
        return limit(self.formats, metric, stance, value)

    def terms(self, metric: Metric, stance: Stance) -> str:
        """ "promised 4 h or less", "accepted 50 % to 66 %"."""
        return terms(self.formats, metric, stance)

    def limits(self, metric: Metric, stance: Stance) -> str:
        """ "promised: 4 h or less", "accepted: 50 % to 66 %"."""
        verb, _, rest = self.terms(metric, stance).partition(" ")
        return f"{verb}: {rest}"

    def subject(self, name: str) -> str:
        """A metric's name inside a sentence.

        Its label without brackets, and without what follows a comma, unless another metric
        with a stance has the same beginning.
        """
        if name not in self.data.metrics:
            return name
        head, qualifier = _parts(self.data.metrics[name])
        alike = [m for m in self.data.metrics.values() if m.name != name and _parts(m)[0] == head]
        if qualifier and any(self.has_stance(m) for m in alike):
            return f"{head} ({qualifier})"
        return head

    def named(self, cells: Sequence[Cellkey], most: int | None = None) -> str:
        """ "Gold and Silver promises kept, Bronze first human reply and 2 more"."""
        shown = cells if most is None else cells[:most]
        by_metric: dict[str, list[str]] = {}
        for metric, tier in shown:
            by_metric.setdefault(metric, []).append(self.label(tier))
        said = [f"{listed(tiers)} {self.subject(name)}" for name, tiers in by_metric.items()]
        rest = len(cells) - len(shown)
        return listed([*said, f"{rest} more"] if rest else said)

    def keys_named(self, keys: Iterable[str]) -> str:
        """Stances given as "metric/tier", named as `named` does."""
        cells = [key.partition("/") for key in keys]
        return self.named([(metric, tier) for metric, _slash, tier in cells])


def _parts(metric: Metric) -> tuple[str, str]:
    """ "First human reply, 9 of 10 within" as "first human reply" and "9 of 10 within"."""
    bare = metric.label.split(" (")[0]
    head, _, qualifier = bare.partition(", ")
    abbreviated = head[1:2].isupper()  # "CSAT", "NPS" keep their capitals
    return (head if abbreviated else head[:1].lower() + head[1:]), qualifier
