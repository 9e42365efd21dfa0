"""Tiers: who belongs to which stratum, frozen when a period opens.

A snapshot holds every customer known when its period began, with the tier they
then had, from rows before that day only. Snapshots form a chain from the first
period of the facts on: a customer moves up at once when the score passes a
boundary by the buffer, and down only when it stays below at two snapshots
running. Once written a snapshot is never written again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.errors import FactsError
from scorecard.facts import Facts
from scorecard.periods import Period, shift_months
from scorecard.scores import cut_points, scores
from scorecard.strategy import TierPlan

COLUMNS = {
    "customer_id": "string", "tier": "string", "score": "float64", "value": "float64",
    "falls": "int64", "first_tier": "string", "first_on": "date",
}  # fmt: skip
FEWEST = 20
"""Boundaries are not drawn from fewer rated customers than this."""


class Tiers:
    """The frozen snapshots of one project, kept as one file a period in `folder`."""

    def __init__(self, facts: Facts, plan: TierPlan, folder: Path) -> None:
        self.facts, self.plan, self.folder = facts, plan, folder
        self._read: dict[str, ir.Table] = {}

    def freeze(self, period: Period) -> Iterator[Period]:
        """Write every snapshot of the chain up to `period` that is not there yet, one at a time."""
        missing = []
        step, first = period, self._first(period)
        while step.first >= first.first and not self._path(step).is_file():
            missing.append(step)
            step = step.previous()
        for due in reversed(missing):
            self._write(due)
            yield due

    def snapshot(self, period: Period) -> ir.Table:
        """The frozen tiers of a period; before the chain begins nobody is rated."""
        if period.key not in self._read:
            self._read[period.key] = self._load(period)
        return self._read[period.key]

    def assigned(self, opening: Period, attribution: str = "opening") -> ir.Table:
        """Every customer's tier or state for a window that opens with `opening`.

        Columns customer_id, tier, value, acquired_on, first_on. Customers that
        came later are `new`; those gone before are `lost`.
        """
        key = ("assigned", opening, attribution)
        return self.facts.shared(key, lambda: self._assigned(opening, attribution))

    def boundaries(self, year: int) -> dict[str, float]:
        """The boundary of each tier but the last, as in force in a year; empty when none is yet."""
        found: dict[str, float] = self._book().get(str(year), {}).get("boundaries", {})
        return found

    def history(self, customer: str) -> list[tuple[str, str, float | None]]:
        """(period, tier, score) of one customer, oldest first."""
        rows = []
        for path in sorted(self.folder.glob("*.parquet")):
            table = self._open(path).filter(_.customer_id == customer)
            rows += [
                (path.stem, r["tier"], r["score"]) for r in self.facts.con.to_pyarrow(table).to_pylist()
            ]
        return rows

    def _assigned(self, opening: Period, attribution: str) -> ir.Table:
        c = self.facts.customers.select("customer_id", "acquired_on")
        frozen = self.snapshot(opening)
        joined = c.left_join(frozen, "customer_id")
        held = joined.tier if attribution == "opening" else joined.first_tier
        came_later = joined.acquired_on >= opening.first
        state = came_later.ifelse("new", "unrated")
        return joined.select(
            "customer_id", "acquired_on", "first_on", "value", tier=ibis.coalesce(held, state)
        )

    def _write(self, period: Period) -> None:
        expression = self._expression(period)
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self._path(period)
        partial = target.with_suffix(".partial")
        expression.order_by("customer_id").to_parquet(partial)
        partial.replace(target)

    def _expression(self, period: Period) -> ir.Table:
        known = self._known(period)
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

    def _known(self, period: Period) -> ir.Table:
        """Customers that came before the period, what they were at the previous snapshot, and
        whether they are gone."""
        c = self.facts.customers
        gone = c.closed_on.notnull() & (c.closed_on < period.first)
        c = c.filter(c.acquired_on < period.first).select(
            "customer_id", gone=gone.fill_null(False), declared=c.tier
        )
        before = self.snapshot(period.previous())
        ranks = before.tier.cases(
            *[(n, i) for i, n in enumerate(self.plan.ids)], else_=ibis.null("int64")
        )
        before = before.select(
            "customer_id", "first_tier", "first_on", was=ranks, fell=before.falls
        )
        return c.left_join(before, "customer_id").drop("customer_id_right")

    def _declared(self, known: ir.Table, period: Period) -> ir.Table:
        told = known.declared.lower()
        pairs = []
        for index, tier in enumerate(self.plan.tiers):
            pairs += [(name, index) for name in {tier.id.lower(), tier.label.lower()}]
        worth = scores(self.facts, "declared", period.first, self.plan.window)
        joined = known.left_join(worth, "customer_id").drop("customer_id_right")
        return joined.mutate(
            rank=told.cases(*pairs, else_=ibis.null("int64")), falls=ibis.literal(0, "int64")
        )

    def _ranked(self, known: ir.Table, period: Period) -> ir.Table:
        book = self._reviewed(period, known)
        limits = [book["boundaries"].get(t) for t in self.plan.ids[:-1]]
        worth = scores(
            self.facts, self.plan.method, period.first, self.plan.window, book.get("cuts")
        )
        rated = known.left_join(worth, "customer_id").drop("customer_id_right")
        if any(limit is None for limit in limits):
            return rated.mutate(rank=ibis.null("int64"), falls=ibis.literal(0, "int64"))
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

    def _reviewed(self, period: Period, known: ir.Table) -> dict[str, Any]:
        """The boundaries of the period's year: drawn at its first snapshot, then fixed."""
        book = self._book()
        year = str(period.first.year)
        if year not in book:
            drawn = self._drawn(period, known)
            if not drawn:
                return {"boundaries": {}}
            book[year] = drawn
            self.folder.mkdir(parents=True, exist_ok=True)
            target = self.folder / "boundaries.json"
            partial = target.with_suffix(".partial")
            partial.write_text(json.dumps(book, indent=2, sort_keys=True) + "\n")
            partial.replace(target)
        return dict(book[year])

    def _drawn(self, period: Period, known: ir.Table) -> dict[str, Any]:
        here = known.filter(~known.gone).select("customer_id")
        cuts = None
        if self.plan.method == "rfm":
            cuts = cut_points(self.facts, period.first, self.plan.window)
        worth = scores(self.facts, self.plan.method, period.first, self.plan.window, cuts)
        rated = worth.semi_join(here, "customer_id").filter(_.score.notnull())
        con = self.facts.con
        count = int(con.execute(rated.count()))
        if count < FEWEST:
            return {}
        drawn: dict[str, float] = {}
        above = 0.0
        for tier in self.plan.tiers[:-1]:
            above += tier.share or 0.0
            drawn[tier.id] = (
                tier.boundary
                if tier.boundary is not None
                else round(float(con.execute(rated.score.quantile(1 - above))), 2)
            )
        return {"boundaries": drawn, "cuts": cuts, "reviewed": period.key, "rated": count}

    def _first(self, period: Period) -> Period:
        """Where the chain begins: the plan's `since`, or the first period after the first fact."""
        if self.plan.since:
            return Period.parse(self.plan.since, period.tz)
        return Period.containing(self._earliest(), period.kind, period.tz).next()

    def _earliest(self) -> date:
        dates = []
        for table, column in (("transactions", "event_on"), ("contracts", "start_on")):
            if self.facts.has(table):
                found = self.facts.con.execute(self.facts.table(table)[column].min())
                if isinstance(found, date):
                    dates.append(date(found.year, found.month, found.day))
        if not dates:
            raise FactsError(
                "facts.transactions: there is no row to put customers into tiers from; "
                "check the file and its mapping."
            )
        return min(dates)

    def _long_enough(self, period: Period) -> bool:
        return self._earliest() <= shift_months(period.first, -self.plan.history).replace(day=28)

    def _path(self, period: Period) -> Path:
        return self.folder / f"{period.key}.parquet"

    def _load(self, period: Period) -> ir.Table:
        path = self._path(period)
        if path.is_file():
            return self._open(path)
        return ibis.memtable(ibis.schema(COLUMNS).to_pyarrow().empty_table())

    def _open(self, path: Path) -> ir.Table:
        con = self.facts.con
        if con.name == "duckdb":
            return con.read_parquet(str(path))
        import pyarrow.parquet as pq

        name = f"tiers_{sha256(str(path).encode()).hexdigest()[:12]}"
        return con.create_table(name, pq.read_table(path), temp=True, overwrite=True)

    def _book(self) -> dict[str, Any]:
        path = self.folder / "boundaries.json"
        if not path.is_file():
            return {}
        book: dict[str, Any] = json.loads(path.read_text())
        return book


def plan_hash(plan: TierPlan) -> str:
    """Identifies a plan, so that a snapshot can say by which one it was frozen."""
    text = json.dumps(asdict(plan), default=str, sort_keys=True)
    return sha256(text.encode()).hexdigest()[:12]
