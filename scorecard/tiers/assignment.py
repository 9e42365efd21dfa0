"""The assignment of customers to tiers, frozen when a period opens.

A snapshot has every customer known when its period began, with its tier of that day, from rows
before that day only. Snapshots form a chain; each is written once, not before its period begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from scorecard.base.periods import Period
from scorecard.definitions.metric import Attribution
from scorecard.errors import FactsError
from scorecard.facts.derived import OURS
from scorecard.facts.engine import keep_table
from scorecard.facts.statements import Statement, Values, slot
from scorecard.facts.tables import Facts
from scorecard.facts.values import day_of
from scorecard.facts.window import naive
from scorecard.strategy.model import STATES, TierPlan
from scorecard.tiers.afterwards import (
    frozen_afterwards,
    frozen_readings,
    note_afterwards,
    note_definition,
    note_reading,
)
from scorecard.tiers.chain import before, first_fact, in_chain, opening_of
from scorecard.tiers.keeping import keep
from scorecard.tiers.known import (
    TIER_HISTORY,
    by_family,
    every_customer,
    named,
    reading_of,
    sold_first,
)
from scorecard.tiers.ranking import COLUMNS, FEWEST, Ranking, limit_values
from scorecard.tiers.reviews import (
    REVIEWS,
    Review,
    basis_of,
    counting,
    definition_of,
    fills,
    newest,
    reviews_in,
    write_reviews,
)
from scorecard.tiers.scores import RANGES, Cuts, ScoreDay, cut_points, release_book
from scorecard.tiers.snapshot_tables import SnapshotTables
from scorecard.tiers.snapshots import History, SnapshotFiles, Snapshots

FORETOLD = 24
"""Periods ahead, at most, for which the tiers are worked out as they would be by now."""
SCHEMA = ibis.schema(COLUMNS)


class Tiers:
    """The snapshots of one project, one a period, and in `folder` the reviews of their boundaries.

    Snapshots are Parquet files of that folder, or `tables`. With `apart` nothing is written
    there: snapshots that are lacking, or cannot be trusted, are frozen into the folder `apart`
    instead, or into tables that go with the connection.
    """

    def __init__(
        self,
        facts: Facts,
        plan: TierPlan,
        folder: Path,
        apart: Path | None = None,
        tables: SnapshotTables | None = None,
    ) -> None:
        self.facts, self.plan, self.folder, self._apart = facts, plan, folder, apart
        self.tables = tables
        self.kept: Snapshots = tables or SnapshotFiles(folder)
        self._instead: Snapshots | None = None
        if apart:
            self._instead = SnapshotTables.passing(facts.con) if tables else SnapshotFiles(apart)
        self._foretold: dict[str, str] = {}

    def freeze(self, period: Period) -> Iterator[Period]:
        """Write every snapshot of the chain up to `period` that is not there yet, one at a time.

        Periods that have not begun by the moment the facts are read are left out.
        """
        chain = [step for step in self._chain_to(period) if self._has_begun(step)]
        missing = [step for step in chain if not self._place(step).has(step.key)]
        for due in missing:
            self._write(due, missing[0], missing[-1])
            yield due
        release_book(self.facts, period)

    def _chain_to(self, period: Period) -> list[Period]:
        """Every period whose snapshot that of a period is built on, and its own, oldest first."""
        first, step, chain = self._first_snapshot(period), opening_of(period), list[Period]()
        while step.first >= first.first:
            chain.append(step)
            step = before(step)
        return chain[::-1]

    def apart(self, folder: Path) -> Tiers:
        """These tiers frozen into another folder, until a run keeps them; see `keep`."""
        return Tiers(self.facts, self.plan, self.folder, folder, self.tables)

    def keep(self) -> None:
        """Keep among all others what these tiers froze apart; see `tiers.keeping`."""
        if self._apart and self._instead:
            keep(self._instead, self._apart, self.kept, self.folder)

    def alone(self, period: Period, folder: Path) -> Tiers:
        """Declared tiers of one period frozen into another folder, whatever came before."""
        plan = replace(self.plan, since=opening_of(period).key)
        return Tiers(self.facts, plan, folder, folder)

    def is_frozen(self, period: Period) -> bool:
        return self._place(opening_of(period)).has(opening_of(period).key)

    def begins(self, period: Period) -> Period:
        """The first period of the chain that a period's snapshot continues."""
        return self._first_snapshot(period)

    def snapshot(self, period: Period) -> list[dict[str, Any]]:
        """The frozen tiers of a period, row by row; before the chain begins nobody is rated.

        For a period that has not begun it has the tiers as they would be by now, and
        is not written. FactsError where a snapshot should be there and is not, and
        for a period too far ahead.
        """
        return self.facts.answer(self._frozen(period))

    def assigned(self, opening: Period | str, attribution: Attribution = "opening") -> ir.Table:
        """Every customer's tier or state for a window that opens with `opening`: a period, or the
        name of a slot for one, see `opening_values`.

        Columns customer_id, tier, value, acquired_on, first_on. Customers gone before are
        `lost`. Those that came later are `new`; for the attribution "event" they are in the tier
        that was sold to them, where tiers are declared.
        """
        key = ("assigned", self._apart, opening, attribution)
        return self.facts.shared(key, lambda: self._assigned(opening, attribution))

    @staticmethod
    def opening_values(name: str, opening: Period) -> Values:
        """What the slots of `assigned` are for that period."""
        return {f"{name}.opening": opening, f"{name}.opening.first": opening.first}

    def history(self, customer: str) -> History:
        """(period, tier, score) of one customer, oldest first."""
        return self.kept.history(customer)

    def afterwards(self) -> dict[str, date]:
        """By period the later day whose tiers its snapshot has, see `tiers.afterwards`."""
        apart = frozen_afterwards(self._apart) if self._apart else {}
        return frozen_afterwards(self.folder) | apart

    def read_otherwise(self) -> list[str]:
        """Periods, oldest first, whose snapshots were made as other settings read the facts."""
        now = reading_of(self.facts, self.plan)
        read = frozen_readings(self.folder)
        return [key for key in self.kept.periods() if read.get(key, now) != now]

    def strangers(self) -> dict[str, list[str]]:
        """Tiers that snapshots know and the plan does not, each with their periods, oldest first.

        Customers frozen in one of them would be in none of today's tiers.
        """
        found: dict[str, list[str]] = {}
        for key in self.kept.periods():
            for tier in self.kept.columns(key).tiers - {*self.plan.ids, *STATES}:
                found.setdefault(tier, []).append(key)
        return dict(sorted(found.items()))

    def review(self, period: Period) -> Review | None:
        """The review of boundaries that a period's snapshot was made by; None where none was."""
        return newest(self._all_reviews(), self.plan, period.first)

    def repeated(self) -> dict[str, str]:
        """Snapshots that have a customer more than once, oldest first, each with one such.

        Only earlier versions could write them.
        """
        repeated = {key: self.kept.columns(key).repeated for key in self.kept.periods()}
        return {key: again for key, again in repeated.items() if again is not None}

    def _assigned(self, opening: Period | str, attribution: Attribution) -> ir.Table:
        c = every_customer(self.facts).drop("tier")
        sold = attribution == "event" and self.plan.method == "declared"
        if sold:
            first = sold_first(self.facts, self.plan)
            c = c.left_join(first, "customer_id").drop("customer_id_right")
        joined = c.left_join(self.held(opening), "customer_id")
        frozen_tier = joined.first_tier if attribution == "first" else joined.tier
        opened = (
            opening.first
            if isinstance(opening, Period)
            else slot(f"{opening}.opening.first", "date")
        )
        came = named(joined.rank, self.plan, "unrated") if sold else ibis.literal("new")
        state = (joined.acquired_on >= opened).ifelse(came, "unrated")
        return joined.select(
            "customer_id",
            "acquired_on",
            "first_on",
            "value",
            tier=ibis.coalesce(frozen_tier, state),
        )

    def held(self, period: Period | str) -> ir.Table:
        """The snapshot of a period, or of the one that fills the slot of that name, by the
        customers that decide today: a family is in the tier of the one that decides, or else in
        the best that one of its members was in."""
        frozen = self._frozen(period)
        if not self.facts.has("customers.parent_id"):
            return frozen
        return by_family(frozen, self.facts.family(), self.plan)

    def _frozen(self, period: Period | str) -> ir.Table:
        """The snapshot of a period, or of the one that fills the slot of that name."""

        def of(values: Values) -> Period:
            return period if isinstance(period, Period) else values[f"{period}.opening"]

        return self.facts.from_elsewhere(
            ("tiers", self._apart, period),
            SCHEMA,
            lambda values: self._rows(of(values)),
            lambda values: of(values).key if isinstance(period, str) else None,
            copied=self.facts.con.name == "postgres",  # where no view can change its types
        )

    def _rows(self, period: Period) -> str:
        """The statement that reads the snapshot of a period."""
        period = opening_of(period)
        place = self._place(period)
        if place.has(period.key):
            return place.rows(self.facts.con, period.key)
        if period.first < self._first_snapshot(period).first:
            nulls = {name: ibis.null(type) for name, type in COLUMNS.items()}
            nobody = self.facts.customers.filter(ibis.literal(False)).select(**nulls)
            return self.facts.filled(self.facts.statement(("nobody",), lambda: nobody), {})
        if self._has_begun(period):
            raise FactsError(
                f"{place.where}: there is no snapshot of {period}; freeze the tiers up to it first."
            )
        return f"SELECT * FROM {self._foretell(period)}"

    def _foretell(self, period: Period) -> str:
        """The table that has the tiers of a period that has not begun, as they would be by now."""
        steps = [period]
        while (
            not self._has_begun(before(steps[-1])) and before(steps[-1]).key not in self._foretold
        ):
            steps.append(before(steps[-1]))
            if len(steps) > FORETOLD:
                raise FactsError(
                    f"The tiers of {period} are out of sight: it is more than {FORETOLD} periods "
                    "ahead of what is known; take an earlier one."
                )
        for step in reversed(steps):
            if step.key not in self._foretold:
                kept = "foretold_apart" if self._apart else "foretold"
                name = f"{OURS}{kept}_{step.key.replace('-', '_').lower()}"
                keep_table(self.facts.con, name, self._text(step, step, step))
                self._foretold[step.key] = name
        return self._foretold[period.key]

    def _write(self, period: Period, earliest: Period, latest: Period) -> None:
        """Write one snapshot, of those from `earliest` to `latest` that are written together."""
        text = self._text(period, earliest, latest)
        if self._looks_ahead(period):  # first, so that a snapshot is never there without
            day = day_of(self.facts.known_until, self.facts.options.zones)
            assert day is not None
            note_afterwards(self._apart or self.folder, period.key, day)
        note_reading(self._apart or self.folder, period.key, reading_of(self.facts, self.plan))
        note_definition(self._apart or self.folder, period.key, definition_of(self.plan))
        self._place(period).write(self.facts.con, period.key, text)

    def _looks_ahead(self, period: Period) -> bool:
        """Whether tiers of a past period are read from what customers have today."""
        over = naive(period.end) <= self.facts.known_until
        return over and self.plan.method == "declared" and not self.facts.has(TIER_HISTORY)

    def _text(self, period: Period, earliest: Period, latest: Period) -> str:
        """The statement of a snapshot; its scores come out of a book that serves all from
        `earliest` to `latest`."""
        plan, facts = self.plan, self.facts
        rated = plan.method != "declared" and self._long_enough(period)
        on, first, last = (self._score_day(p) for p in (period, earliest, latest))
        book = first.before.first, last.last.after
        earlier = self.opening_values("previous", before(period))
        values = {**on.values(*book), **earlier}
        review = self._review(period, on, values) if rated else {}
        if review.get("cuts"):
            on = self._score_day(period, review["cuts"])
            values = {**on.values(*book), **earlier}
        limits = limit_values(review.get("boundaries", {}), plan.buffer, RANGES.get(plan.method))
        statement = self._asked("snapshot", on, rated, bool(limits))
        return facts.filled(statement, {**values, **limits})

    def _score_day(self, period: Period, cuts: Cuts | None = None) -> ScoreDay:
        return ScoreDay.of(self.facts, period.first, self.plan.window, cuts)

    def _asked(self, what: str, on: ScoreDay, rated: bool, limited: bool) -> Statement:
        """The statement of a snapshot, or of the boundaries that its scores draw."""

        def build() -> ir.Table:
            earlier = self.held("previous")
            ranking = Ranking(self.facts, self.plan, on.opened(), earlier, rated, limited)
            if what == "boundaries":
                return ranking.boundaries()
            return ranking.snapshot().order_by("customer_id")

        key = (what, self._apart, rated, on.reaches, on.last.grain, bool(on.cuts), limited)
        return self.facts.statement(key, build)

    def _review(self, period: Period, on: ScoreDay, values: Values) -> Review:
        """The review of boundaries that counts for a period; empty while none can be drawn.

        Reviews of this day and later are passed over: a snapshot that was removed, and is
        frozen again, gets a new one. See `tiers.reviews`.
        """
        book = [r for r in self._all_reviews() if r["on"] < str(period.first)]
        if review := counting(book, self.plan, period.first, self.first_fact):
            return review
        drawn = self._draw_boundaries(on, values)
        if not drawn:
            return {}
        full = fills(self.first_fact, period.first, self.plan.window)
        review = {"on": str(period.first), **basis_of(self.plan), **drawn, "full": full}
        if self._has_begun(period) and not period.is_span:  # which no other is built on
            write_reviews(self._reviews_file, [*book, review])
        return review

    def _draw_boundaries(self, on: ScoreDay, values: Values) -> dict[str, Any]:
        """Boundaries and cut points by the scores of a day; empty where too few are rated."""
        plan, cuts = self.plan, None
        if plan.method == "rfm":
            cuts = cut_points(self.facts, on)
            on = ScoreDay.of(self.facts, on.day, plan.window, cuts)
            values = {**values, **on.values()}
        found = self.facts.asked(self._asked("boundaries", on, True, False), values)[0]
        count = int(found.pop("rated"))
        if count < FEWEST and (found or cuts):
            return {}
        fixed = {t.id: t.boundary for t in plan.tiers[:-1] if t.boundary is not None}
        drawn = {tier: round(float(limit), 2) for tier, limit in found.items()}
        return {"boundaries": fixed | drawn, "cuts": cuts, "rated": count}

    def _first_snapshot(self, period: Period) -> Period:
        """Where the chain begins: the plan's `since`; else, where tiers are declared, the period of
        the first fact, and where they are computed the one after it."""
        if self.plan.since:
            since = Period.parse(self.plan.since, period.tz).first
            opening = in_chain(period, since)
            return opening if opening.first >= since else opening.next()
        opening = in_chain(period, self.first_fact)
        return opening if self.plan.method == "declared" else opening.next()

    @cached_property
    def first_fact(self) -> date:
        """The day from which on tiers can be known; see `chain.first_fact`."""
        return first_fact(self.facts, self.plan.method == "declared")

    def _has_begun(self, period: Period) -> bool:
        return naive(period.start) <= self.facts.known_until

    def _long_enough(self, period: Period) -> bool:
        return fills(self.first_fact, period.first, self.plan.history)

    def _place(self, period: Period) -> Snapshots:
        """Where the snapshot of a period is, or would be written."""
        if self._instead is None:
            return self.kept
        trusted = self.kept.has(period.key) and period.first < self._first_untrusted
        return self.kept if trusted else self._instead

    @cached_property
    def _first_untrusted(self) -> date:
        """The day of the first snapshot that cannot be trusted, from which on none can."""
        days = (Period.parse(key, "UTC").first for key in self.repeated())
        return min(days, default=date.max)

    @property
    def _reviews_file(self) -> Path:
        return (self._apart or self.folder) / REVIEWS

    def _all_reviews(self) -> list[dict[str, Any]]:
        """Every review of the boundaries, oldest first."""
        own = self._reviews_file
        return reviews_in(own if own.is_file() else self.folder / REVIEWS)
