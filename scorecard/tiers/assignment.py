"""The assignment of customers to tiers, frozen when a period opens.

A snapshot has every customer known when its period began, with their tier of that
day, from rows before that day only. Snapshots form a chain from the first period of
the facts on: a customer moves up at once when the score passes a boundary by the
buffer, and down only when it stays below at two snapshots in a row. A snapshot is
written once and never again, and not before its period begins.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.base.files import write_whole
from scorecard.base.periods import OLDEST, Period, shift_months
from scorecard.errors import FactsError
from scorecard.facts.engine import guarded
from scorecard.facts.tables import Facts
from scorecard.facts.window import naive
from scorecard.strategy.model import STATES, TierPlan
from scorecard.tiers.scores import Cuts, cut_points, scores
from scorecard.tiers.snapshots import column_of, open_frozen, reviews_in

COLUMNS = {
    "customer_id": "string",
    "tier": "string",
    "score": "float64",
    "value": "float64",
    "falls": "int64",
    "first_tier": "string",
    "first_on": "date",
}
"""Columns of a snapshot. `falls` is 1 where the score is too low for the tier for the first time;
`first_tier` is the first tier that the customer ever had, `first_on` the day of it."""
FEWEST = 20
"""Rated customers without which no boundaries are drawn."""
FORETOLD = 24
"""Periods ahead, at most, for which the tiers are worked out as they would be by now."""


class Tiers:
    """The snapshots of one project, kept in `folder` as one Parquet file a period.

    With `apart` nothing is written into `folder`: snapshots that it lacks, or that
    cannot be trusted, are frozen into the folder `apart` instead.
    """

    def __init__(
        self, facts: Facts, plan: TierPlan, folder: Path, apart: Path | None = None
    ) -> None:
        self.facts, self.plan, self.folder, self._apart = facts, plan, folder, apart
        self._untrusted: str | None = None
        self._read: dict[str, ir.Table] = {}
        self._first_fact_day: date | None = None

    def freeze(self, period: Period) -> Iterator[Period]:
        """Write every snapshot of the chain up to `period` that is not there yet, one at a time.

        Periods that have not begun by the moment the facts are read are left out.
        """
        missing = []
        step, first = period, self._first_snapshot(period)
        while step.first >= first.first and not self._path(step).is_file():
            if self._has_begun(step):
                missing.append(step)
            step = step.previous()
        for due in reversed(missing):
            self._write(due)
            yield due

    def apart(self, folder: Path) -> Tiers:
        """These tiers frozen into another folder, for one run over facts that are not sound."""
        return Tiers(self.facts, self.plan, self.folder, folder)

    def snapshot(self, period: Period) -> ir.Table:
        """The frozen tiers of a period; before the chain begins nobody is rated.

        For a period that has not begun it has the tiers as they would be by now, and
        is not written. FactsError where a snapshot should be there and is not, and
        for a period too far ahead.
        """
        for step in self._steps_to_read(period):
            self._read[step.key] = self._load(step)
        return self._read[period.key]

    def _steps_to_read(self, period: Period) -> list[Period]:
        """The periods to be read for this one, oldest first: its own, and before it those that
        have not begun either, since each is worked out from the one before."""
        steps: list[Period] = []
        step = period
        while step.key not in self._read:
            if len(steps) > FORETOLD:
                raise FactsError(
                    f"The tiers of {period} are out of sight: it is more than {FORETOLD} periods "
                    "ahead of what is known; take an earlier one."
                )
            steps.append(step)
            if self._path(step).is_file() or self._has_begun(step):
                break
            step = step.previous()
        return steps[::-1]

    def assigned(self, opening: Period, attribution: str = "opening") -> ir.Table:
        """Every customer's tier or state for a window that opens with `opening`.

        Columns customer_id, tier, value, acquired_on, first_on. Customers that
        came later are `new`; those gone before are `lost`.
        """
        key = ("assigned", self._apart, opening, attribution)
        return self.facts.shared(key, lambda: self._assigned(opening, attribution))

    def history(self, customer: str) -> list[tuple[str, str, float | None]]:
        """(period, tier, score) of one customer, oldest first."""
        rows = []
        for path in sorted(self.folder.glob("*.parquet")):
            table = open_frozen(self.facts.con, path).filter(_.customer_id == customer)
            found = self.facts.answer(table)
            rows += [(path.stem, r["tier"], r["score"]) for r in found]
        return rows

    def strangers(self) -> dict[str, list[str]]:
        """Tiers that snapshots know and the plan does not, each with their periods, oldest first.

        Customers frozen in one of them would be in none of today's tiers.
        """
        found: dict[str, list[str]] = {}
        for path in sorted(self.folder.glob("*.parquet")):
            column = column_of(path, "tier", read_dictionary=["tier"])
            for tier in set(column.unique().to_pylist()) - {None, *self.plan.ids, *STATES}:
                found.setdefault(tier, []).append(path.stem)
        return dict(sorted(found.items()))

    def repeated(self) -> dict[str, str]:
        """Snapshots that have a customer more than once, oldest first, each with one such.

        Only earlier versions could write them. Rows are sorted by customer.
        """
        import pyarrow.compute as pc

        found = {}
        for path in sorted(self.folder.glob("*.parquet")):
            column = column_of(path, "customer_id").combine_chunks()
            again = column[1:].filter(pc.equal(column[1:], column[:-1]))
            if len(again):
                found[path.stem] = str(again[0])
        return found

    def _customers(self) -> ir.Table:
        """Every customer once, even where the facts repeat one: here while any of its rows is."""
        c = self.facts.customers
        return c.group_by("customer_id").agg(
            acquired_on=c.acquired_on.min(),
            closed_on=c.closed_on.isnull().any().ifelse(ibis.null("date"), c.closed_on.max()),
            tier=c.tier.min(),
        )

    def _scores(self, method: str, period: Period, cuts: Cuts | None = None) -> ir.Table:
        """The score and value of customers as a period begins, each once."""
        worth = scores(self.facts, method, period.first, self.plan.window, cuts)
        return worth.group_by("customer_id").agg(score=_.score.max(), value=_.value.max())

    def _assigned(self, opening: Period, attribution: str) -> ir.Table:
        c = self._customers().select("customer_id", "acquired_on")
        frozen = self.snapshot(opening)
        joined = c.left_join(frozen, "customer_id")
        frozen_tier = joined.tier if attribution == "opening" else joined.first_tier
        came_later = joined.acquired_on >= opening.first
        state = came_later.ifelse("new", "unrated")
        return joined.select(
            "customer_id",
            "acquired_on",
            "first_on",
            "value",
            tier=ibis.coalesce(frozen_tier, state),
        )

    def _write(self, period: Period) -> None:
        expression = self._expression(period)
        target = self._path(period)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(f".{os.getpid()}.partial")  # two processes may be at it
        with guarded():
            expression.order_by("customer_id").to_parquet(partial)
        partial.replace(target)

    def _expression(self, period: Period) -> ir.Table:
        known = self._customers_before(period)
        if self.plan.method == "declared":
            rated = self._declared(known, period)
        elif not self._long_enough(period):
            rated = known.mutate(score=ibis.null("float64"), rank=ibis.null("int64"))
            rated = rated.mutate(value=rated.score, falls=ibis.literal(0, "int64"))
        else:
            rated = self._ranked(known, period)
        names = list(self.plan.ids)
        tier = rated.rank.cases(*[(i, n) for i, n in enumerate(names)], else_="unrated")
        tier = rated.gone.ifelse("lost", tier)
        first = ibis.coalesce(rated.first_tier, tier.isin(names).ifelse(tier, ibis.null("string")))
        first_on = ibis.coalesce(
            rated.first_on, tier.isin(names).ifelse(ibis.literal(period.first), ibis.null("date"))
        )
        return rated.mutate(tier=tier, first_tier=first, first_on=first_on).select(
            **{name: _[name].cast(type) for name, type in COLUMNS.items()}
        )

    def _customers_before(self, period: Period) -> ir.Table:
        """Customers that came before the period, with their previous snapshot and whether they
        are gone."""
        c = self._customers()
        gone = c.closed_on.notnull() & (c.closed_on < period.first)
        c = c.filter(c.acquired_on < period.first).select(
            "customer_id", gone=gone.fill_null(False), declared=c.tier
        )
        before = self.snapshot(period.previous())
        ranks = before.tier.cases(
            *[(n, i) for i, n in enumerate(self.plan.ids)], else_=ibis.null("int64")
        )
        before = before.group_by("customer_id").agg(
            first_tier=before.first_tier.min(),
            first_on=before.first_on.min(),
            was=ranks.min(),
            fell=before.falls.max(),
        )
        return c.left_join(before, "customer_id").drop("customer_id_right")

    def _declared(self, known: ir.Table, period: Period) -> ir.Table:
        told = known.declared.strip().lower()
        names: dict[str, int] = {}
        for index, tier in enumerate(self.plan.tiers):
            names |= {name.lower(): index for name in (tier.id, tier.label)}
        worth = self._scores("declared", period)
        joined = known.left_join(worth, "customer_id").drop("customer_id_right")
        rank = told.cases(*names.items(), else_=ibis.null("int64"))
        return joined.mutate(rank=rank, falls=ibis.literal(0, "int64"))

    def _ranked(self, known: ir.Table, period: Period) -> ir.Table:
        review = self._review(period, known)
        plan = self.plan
        worth = self._scores(plan.method, period, review.get("cuts"))
        rated = known.left_join(worth, "customer_id").drop("customer_id_right")
        if not review:
            return rated.mutate(rank=ibis.null("int64"), falls=ibis.literal(0, "int64"))
        limits = [review["boundaries"][t] for t in plan.ids[:-1]]
        # Ranks count from 0, the best tier. Only a customer without a tier gets one without buffer.
        plain = self._rank(rated.score, limits, 0.0)
        up = self._rank(rated.score, limits, self.plan.buffer)
        down = self._rank(rated.score, limits, -self.plan.buffer)
        falling = down > rated.was
        rank = ibis.cases(
            (rated.score.isnull(), ibis.null("int64")),
            (rated.was.isnull(), plain),
            (up < rated.was, up),
            (falling & (rated.fell >= 1), down),
            else_=rated.was,
        )
        falls = (falling & (rated.fell.fill_null(0) < 1)).fill_null(False).cast("int64")
        return rated.mutate(rank=rank, falls=falls)

    @staticmethod
    def _rank(score: Any, limits: list[float], buffer: float) -> Any:
        steps = [(score >= limit + buffer * abs(limit), i) for i, limit in enumerate(limits)]
        return ibis.cases(*steps, else_=len(limits))

    def _review(self, period: Period, known: ir.Table) -> dict[str, Any]:
        """The review of boundaries that counts for a period; empty while none can be drawn.

        It is made at the first snapshot of a year and counts for that year, unless the plan now
        scores otherwise or has other tiers. Reviews of this day and later are passed over: a
        snapshot that was removed, and is frozen again, gets a new one.
        """
        plan = self.plan
        book = [r for r in self._all_reviews() if r["on"] < str(period.first)]
        basis = {"method": plan.method, "window": plan.window, "tiers": list(plan.ids)}
        new_year = str(date(period.first.year, 1, 1))
        for earlier in book[::-1]:
            if earlier.items() >= basis.items() and new_year <= earlier["on"]:
                return earlier
        drawn = self._draw_boundaries(period, known)
        if not drawn:
            return {}
        review = {"on": str(period.first), **basis, **drawn}
        if self._has_begun(period):
            self._reviews_file.parent.mkdir(parents=True, exist_ok=True)
            reviews = json.dumps([*book, review], indent=2, sort_keys=True)
            write_whole(self._reviews_file, reviews + "\n")
        return review

    def _draw_boundaries(self, period: Period, known: ir.Table) -> dict[str, Any]:
        """Boundaries and cut points by the scores of a day; empty where too few are rated."""
        plan = self.plan
        here = known.filter(~known.gone).select("customer_id")
        cuts = None
        if plan.method == "rfm":
            cuts = cut_points(self.facts, period.first, plan.window)
        worth = self._scores(plan.method, period, cuts)
        rated = worth.semi_join(here, "customer_id").filter(_.score.notnull())
        fixed = {t.id: t.boundary for t in plan.tiers[:-1] if t.boundary is not None}
        above, wanted = 0.0, {"rated": rated.count()}
        for tier in plan.tiers[:-1]:
            above += tier.share or 0.0
            if tier.id not in fixed:
                wanted[tier.id] = rated.score.quantile(1 - above)
        found = self.facts.answer(rated.agg(**wanted))[0]
        count = int(found.pop("rated"))
        if count < FEWEST and (found or cuts):
            return {}
        drawn = {tier: round(float(limit), 2) for tier, limit in found.items()}
        return {"boundaries": fixed | drawn, "cuts": cuts, "rated": count}

    def _first_snapshot(self, period: Period) -> Period:
        """Where the chain begins: the plan's `since`, or the first period after the first fact."""
        if self.plan.since:
            return Period.parse(self.plan.since, period.tz)
        return Period.containing(self._first_fact(), period.kind, period.tz).next()

    def _first_fact(self) -> date:
        """The day of the first transaction or contract; implausible days do not count."""
        if self._first_fact_day is None:
            self._first_fact_day = self._find_first_fact()
        return self._first_fact_day

    def _find_first_fact(self) -> date:
        facts = self.facts
        events = [("transactions", "event_on"), ("contracts", "start_on")]
        tables = [(facts.table(t), c) for t, c in events if facts.has(t)]
        found = [
            facts.answer(t.agg(first=t[c].min(where=t[c] >= OLDEST)))[0]["first"] for t, c in tables
        ]
        dates = [day for day in found if day is not None]
        if not dates:
            raise FactsError(
                "facts.transactions: there is no row to put customers into tiers from; "
                "check the file and its mapping."
            )
        first: date = min(dates)
        return first

    def _has_begun(self, period: Period) -> bool:
        return naive(period.start) <= self.facts.known_until

    def _long_enough(self, period: Period) -> bool:
        # Facts that begin within the first month of the history count as having all of it.
        return self._first_fact() <= shift_months(period.first, -self.plan.history).replace(day=28)

    def _path(self, period: Period) -> Path:
        kept = self.folder / f"{period.key}.parquet"
        if self._apart is None or (kept.is_file() and kept.stem < self._first_untrusted()):
            return kept
        return self._apart / kept.name

    def _first_untrusted(self) -> str:
        """The key of the first snapshot that cannot be trusted, from which on none can."""
        if self._untrusted is None:
            self._untrusted = min(self.repeated(), default="~")  # sorts after every key
        return self._untrusted

    def _load(self, period: Period) -> ir.Table:
        path = self._path(period)
        if path.is_file():
            return open_frozen(self.facts.con, path)
        if period.first < self._first_snapshot(period).first:
            # A view, as Ibis needs where two tables that are joined derive from the same one.
            nobody = self.facts.customers.filter(ibis.literal(False))
            return nobody.select(**{name: ibis.null(type) for name, type in COLUMNS.items()}).view()
        if self._has_begun(period):
            raise FactsError(
                f"{self.folder}: there is no snapshot of {period}; freeze the tiers up to it first."
            )
        return self.facts.kept(self._expression(period))

    @property
    def _reviews_file(self) -> Path:
        return (self._apart or self.folder) / "boundaries.json"

    def _all_reviews(self) -> list[dict[str, Any]]:
        """Every review of the boundaries, oldest first."""
        file = (
            self._reviews_file
            if self._reviews_file.is_file()
            else self.folder / self._reviews_file.name
        )
        return reviews_in(file)
