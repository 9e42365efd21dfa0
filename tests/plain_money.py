"""Money and retention in plain Python: every figure from its stated definition, row by row.

It shares no line with the package: days are listed one by one, amounts are fractions, and nothing
is rounded. A company is its tables, as lists of dictionaries with dates and fractions in them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import Any

Row = dict[str, Any]
DAY = timedelta(days=1)
SERVED = ("deliver", "support", "service")
MONTHS = {None: 1, "month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Ways:
    """How the company counts money, as its settings say it."""

    revenue: str = "recognised"
    credits: str = "booked"
    acquisition: str = "amortised"
    months: int = 24
    acquisition_by: str = "head"
    costless: bool = False
    grace: int = 0


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def later(day: date, months: int) -> date:
    """So many months after a day, in a shorter month on its last day."""
    year, month = divmod(month_of(day) + months, 12)
    for of_month in range(day.day, 27, -1):
        try:
            return date(year, month + 1, of_month)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


@dataclass
class Money:
    """What one customer brought and cost in a span of days."""

    revenue: Fraction = Fraction(0)
    acquire: Fraction = Fraction(0)
    deliver: Fraction = Fraction(0)
    support: Fraction = Fraction(0)
    service: Fraction = Fraction(0)
    known: bool = False

    @property
    def serve(self) -> Fraction:
        return self.deliver + self.support + self.service

    @property
    def margin(self) -> Fraction:
        return self.revenue - self.acquire - self.serve


@dataclass
class Company:
    customers: list[Row]
    contracts: list[Row]
    transactions: list[Row]
    costs: list[Row]
    drivers: list[Row]
    ways: Ways = field(default_factory=Ways)
    known_money: dict[tuple[date, date], dict[str | None, Money]] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> dict[str, Row]:
        return {c["customer_id"]: c for c in self.customers}

    # Who is here.

    @cached_property
    def stays(self) -> dict[str, list[tuple[date, date | None]]]:
        found: dict[str, list[tuple[date, date | None]]] = {}
        theirs = defaultdict(list)
        for k in self.contracts:
            theirs[k["customer_id"]].append(k)
        for c in self.customers:
            own, came = theirs[c["customer_id"]], c["acquired_on"]
            spans = [(max(k["start_on"], came), self.until(k, own)) for k in own]
            first = min((k["start_on"] for k in own), default=None)
            if first is None or came < first:
                ends = [d for d in (first, c["closed_on"]) if d is not None]
                spans.append((came, min(ends, default=None)))
            found[c["customer_id"]] = spans
        return found

    def until(self, contract: Row, own: list[Row]) -> date | None:
        """The last morning on which a contract holds: that of its renewal, if it was renewed."""
        end = contract["end_on"]
        if end is None:
            return None
        reach = end + DAY * (self.ways.grace + 1)
        return min((k["start_on"] for k in own if end < k["start_on"] <= reach), default=end)

    def here(self, who: str, day: date) -> bool:
        return any(a < day and (b is None or b >= day) for a, b in self.stays[who])

    def here_within(self, who: str, first: date, after: date) -> bool:
        return any(a < after and (b is None or b >= first) for a, b in self.stays[who])

    def left_on(self, who: str | None) -> date | None:
        ends = [b for _a, b in self.stays.get(who or "", [])]
        return None if not ends or None in ends else max(ends)  # type: ignore[type-var]

    def came_on(self, who: str) -> date:
        return min(a for a, _b in self.stays[who])

    def event_tier(self, who: str | None, first: date) -> str:
        c = self.by_id.get(who or "")
        if c is None:
            return "unattributed"
        came_within = c["acquired_on"] >= first
        return c["tier"] if came_within or self.here(who or "", first) else "lost"

    # On which days revenue counts.

    def days_of(self, t: Row) -> tuple[date, date, date]:
        """The first and last day that a row counts on, and the day by which all of it has."""
        if self.ways.credits == "sale" and self.takes_back(t) and t["original_txn_id"]:
            for sale in self.transactions:
                if sale["txn_id"] == t["original_txn_id"]:
                    return self.paid_for(sale)
        return self.paid_for(t)

    def takes_back(self, t: Row) -> bool:
        if t["kind"] is not None:
            return bool(t["kind"] in ("credit", "refund"))
        return bool(t["net_amount"] < 0 and not any(s["net_amount"] > 0 for s in self.beside(t)))

    def beside(self, t: Row) -> list[Row]:
        """The sales on the invoice of a row: those of its order, customer and day."""
        if t["order_id"] is None:
            return []
        same = ("order_id", "customer_id", "event_on")
        rows = [s for s in self.transactions if all(s[c] == t[c] for c in same)]
        return [s for s in rows if s["kind"] not in ("credit", "refund")]

    def paid_for(self, t: Row) -> tuple[date, date, date]:
        booked = t["event_on"]
        at_once = (booked, booked, booked)
        if self.ways.revenue == "invoiced":
            return at_once
        known = self.known_days(t)
        lowers = t["net_amount"] < 0
        if known is None and lowers and not self.takes_back(t):
            paid = [self.known_days(s) for s in self.beside(t) if s["net_amount"] > 0]
            spans = {days for days in paid if days is not None}
            known = min(spans) if len(spans) == 1 else None
        if known is None and (lowers or self.takes_back(t)):
            over = self.over_on(t)
            if over is not None and over < booked:
                return over, over, over
        return known or at_once

    @staticmethod
    def own_days(t: Row) -> bool:
        begun, over = t["service_from"], t["service_to"]
        return bool(begun and over and begun <= over)

    def known_days(self, t: Row) -> tuple[date, date, date] | None:
        """The days that a row itself was paid for, by what it says or by its contract."""
        if self.own_days(t):
            return t["service_from"], t["service_to"], t["service_to"]
        if t["contract_id"] is None or self.takes_back(t):
            return None
        return self.billing.get((t["contract_id"], t["event_on"]))

    def over_on(self, t: Row) -> date | None:
        """The last day of the contract that a row belongs to, itself or by its sale."""
        named = t["contract_id"]
        if named is None and t["original_txn_id"]:
            sales = [s for s in self.transactions if s["txn_id"] == t["original_txn_id"]]
            named = sales[0]["contract_id"] if sales and not self.own_days(sales[0]) else None
        ends = [k["end_on"] for k in self.contracts if k["contract_id"] == named]
        return max(ends) if named and ends and None not in ends else None

    @cached_property
    def billing(self) -> dict[tuple[str, date], tuple[date, date, date]]:
        """By contract and booking day of its invoices the period that each of them is for."""
        found: dict[tuple[str, date], tuple[date, date, date]] = {}
        for named in {k["contract_id"] for k in self.contracts}:
            rows = sorted(
                (k for k in self.contracts if k["contract_id"] == named),
                key=lambda k: k["start_on"],
            )
            days: dict[date, Fraction] = defaultdict(Fraction)
            for t in self.transactions:
                if t["contract_id"] == named and not self.takes_back(t):
                    days[t["event_on"]] += t["net_amount"]
            taken: set[date] = set()
            for booked in sorted(days):
                here = self.period_of(rows, booked)
                if here is None:
                    continue
                row, first, after = here
                full = 2 * days[booked] > max(row["recurring_amount"], Fraction(0))
                to = first
                following = self.next_period(rows, row, after)
                if full and following is not None:
                    turn = following[1]
                    gone, left = (booked - first).days, (turn - booked).days
                    if first in taken and gone >= left and left <= 92:
                        to, row, after = turn, following[0], following[2]
                if full:
                    taken.add(to)
                last, end = after - DAY, row["end_on"]
                found[named, booked] = (to, last, min(last, end or last))
        return found

    @staticmethod
    def period_of(rows: list[Row], booked: date) -> tuple[Row, date, date] | None:
        """The row and billing period of a contract that a day lies in, or that is next if none."""
        begun = [k for k in rows if k["start_on"] <= booked]
        row = begun[-1] if begun else rows[0]
        later_rows = rows[rows.index(row) + 1 :]
        if begun and row["end_on"] is not None and row["end_on"] < booked:
            if not later_rows:
                return None
            row = later_rows[0]
        step, place = MONTHS[row["billing_period"]], 0
        while later(row["start_on"], (place + 1) * step) <= booked:
            place += 1
        first = later(row["start_on"], place * step)
        if row["end_on"] is not None and row["end_on"] < first:
            return None
        return row, first, later(row["start_on"], (place + 1) * step)

    @staticmethod
    def next_period(rows: list[Row], row: Row, after: date) -> tuple[Row, date, date] | None:
        """The row and billing period of a contract that follows another's."""
        going_on = row["end_on"] is None or row["end_on"] >= after
        for k in rows[rows.index(row) + 1 :]:
            if k["start_on"] <= after or not going_on:
                return k, k["start_on"], later(k["start_on"], MONTHS[k["billing_period"]])
            break
        if not going_on:
            return None
        step, place = MONTHS[row["billing_period"]], 0
        while later(row["start_on"], place * step) < after:
            place += 1
        return row, after, later(row["start_on"], (place + 1) * step)

    def brought(self, t: Row, first: date | None, after: date) -> Fraction:
        """What of a row counts on the days [first, after): one equal part a day, and on the day
        by which all has counted the rest."""
        began, ended, stop = self.days_of(t)
        each, found, day = t["net_amount"] / ((ended - began).days + 1), Fraction(0), began
        while day <= stop:
            if day < after and (first is None or day >= first):
                found += each if day < stop else each * ((ended - stop).days + 1)
            day += DAY
        return found

    # What it cost.

    def spent(self) -> Iterator[tuple[str, date, Fraction]]:
        """Every cost to acquire, on whom it is put, and when it was spent."""
        for c in self.costs:
            if c["category"] != "acquire":
                continue
            if c["customer_id"]:
                yield c["customer_id"], c["event_on"], c["amount"]
                continue
            month = month_of(c["event_on"])
            won = [w for w in self.customers if month_of(w["acquired_on"]) == month]
            by_channel = self.ways.acquisition_by == "channel"
            if by_channel and c["channel"]:
                won = [w for w in won if w["channel"] == c["channel"]]
            weights = [Fraction(1)] * len(won)
            if self.ways.acquisition_by == "revenue":
                weights = [max(self.first_years[w["customer_id"]], Fraction(0)) for w in won]
                if not sum(weights):
                    weights = [Fraction(1)] * len(won)
            for w, weight in zip(won, weights, strict=True):
                yield (
                    w["customer_id"],
                    c["event_on"].replace(day=1),
                    c["amount"] * weight / sum(weights),
                )

    @cached_property
    def first_years(self) -> dict[str, Fraction]:
        found = dict.fromkeys(self.by_id, Fraction(0))
        for t in self.transactions:
            c = self.by_id.get(t["customer_id"])
            if c and c["acquired_on"] <= t["event_on"] < later(c["acquired_on"], 12):
                found[c["customer_id"]] += t["net_amount"]
        return found

    def acquired(
        self, who: str, on: date, amount: Fraction, first: date, after: date
    ) -> Fraction | None:
        """What of a cost falls into the span; None where none of its time does."""
        if self.ways.acquisition == "period":
            return amount if first <= on < after else None
        if self.ways.acquisition == "lifetime":
            return amount if on < after else None
        begin, end = month_of(on), month_of(on) + self.ways.months
        left = self.left_on(who)
        stop = end if left is None else max(begin, min(end, month_of(left)))
        parts = 0
        for month in range(month_of(first), month_of(after)):
            parts += begin <= month < stop
            parts += end - stop if month == stop < end else 0
        return amount * parts / self.ways.months if parts else None

    def money(self, first: date, after: date) -> dict[str | None, Money]:
        """By customer, what it brought and cost: everybody here, and whoever has any of it."""
        if (first, after) not in self.known_money:
            self.known_money[first, after] = self._money(first, after)
        return self.known_money[first, after]

    def _money(self, first: date, after: date) -> dict[str | None, Money]:
        lifetime = self.ways.acquisition == "lifetime"
        begin = None if lifetime else first
        found: dict[str | None, Money] = defaultdict(Money)
        for c in self.customers:
            if self.here_within(c["customer_id"], first, after):
                _ = found[c["customer_id"]]
        for t in self.transactions:
            part = self.brought(t, begin, after)
            began, _ended, stop = self.days_of(t)
            if began < after and (lifetime or stop >= first):
                found[t["customer_id"]].revenue += part
        for c in self.costs:
            inside = c["event_on"] < after and (lifetime or c["event_on"] >= first)
            if c["category"] in SERVED and inside:
                self.serve(c, found)
        for who, on, amount in self.spent():
            part = self.acquired(who, on, amount, first, after)
            if part is not None:
                found[who].acquire += part
        for own in found.values():
            own.known = own.known or self.ways.costless
        return dict(found)

    def serve(self, c: Row, found: dict[str | None, Money]) -> None:
        if c["customer_id"]:
            used = {c["customer_id"]: Fraction(1)}
        else:
            month = month_of(c["event_on"])
            rows = [
                d
                for d in self.drivers
                if d["driver"] == c["driver"] and month_of(d["date"]) == month
            ]
            used = defaultdict(Fraction)
            for d in rows:
                used[d["customer_id"]] += d["qty"]
        whole = sum(used.values())
        for who, qty in used.items() if whole else ():
            own = found[who]
            part = c["amount"] * qty / whole
            setattr(own, c["category"], getattr(own, c["category"]) + part)
            own.known = True

    # Figures: value, and how many observations it is made of.

    def earned(self, first: date, after: date, tier: str) -> dict[str, tuple[Any, int]]:
        """The margin family in a tier, or in "all"."""
        every = self.money(first, after)
        here = {
            who: own
            for who, own in every.items()
            if who in self.by_id and self.here_within(who, first, after)
        }
        strangers = {who: own for who, own in every.items() if who not in self.by_id}
        mine = {w: m for w, m in here.items() if tier in ("all", self.event_tier(w, first))}
        each = [*mine.values()] + ([*strangers.values()] if tier == "unattributed" else [])
        found: dict[str, tuple[Any, int]] = {}
        for name, part in (
            ("customer_margin", "margin"),
            ("customer_revenue", "revenue"),
            ("cost_to_acquire", "acquire"),
            ("cost_to_serve", "serve"),
        ):
            total = sum((getattr(m, part) for m in each), Fraction(0))
            found[name] = (total, len(each))
        margins, revenue = [m.margin for m in mine.values()], sum(m.revenue for m in mine.values())
        found["margin_rate"] = over(sum(margins), revenue), len(mine)
        lost = sum(m < 0 for m in margins)
        found["negative_margin_share"] = over(lost, len(mine)), len(mine)
        found["whale_peak"] = (
            over(sum(max(m, Fraction(0)) for m in margins), sum(margins)),
            len(mine),
        )
        service = sum(m.service for m in mine.values())
        found["failure_service_ratio"] = over(service, revenue), len(mine)
        placed = [
            (who, m) for who, m in every.items() if tier in ("all", self.event_tier(who, first))
        ]
        size = sum(abs(m.revenue) for _who, m in placed)
        known = sum(abs(m.revenue) for who, m in placed if m.known and who is not None)
        found["margin_knowledge"] = over(known, size), len(placed)
        return found

    def kept(self, opening: date, after: date, tier: str) -> dict[str, tuple[Any, int]]:
        """Logo and revenue retention, and losses, between two days."""
        mine = [w for w, c in self.by_id.items() if tier in ("all", c["tier"])]
        was = [w for w in mine if self.here(w, opening)]
        gone = [w for w in was if not self.here(w, after)]
        start = {w: self.recurring(w, opening) for w in mine}
        end = {w: self.recurring(w, after) for w in mine}
        paying = [w for w in mine if start[w] > 0]
        base = sum(start[w] for w in paying)
        return {
            "logo_retention": (over(len(was) - len(gone), len(was)), len(was)),
            "churn_rate": (over(len(gone), len(was)), len(was)),
            "losses_explained": (
                over(sum(self.told(w, after) for w in gone), len(gone)),
                len(gone),
            ),
            "gross_revenue_retention": (
                over(sum(min(start[w], end[w]) for w in paying), base),
                len(paying),
            ),
            "net_revenue_retention": (over(sum(end[w] for w in paying), base), len(paying)),
        }

    def recurring(self, who: str, day: date) -> Fraction:
        own = [k for k in self.contracts if k["customer_id"] == who]
        live = [
            k
            for k in own
            if k["start_on"] < day and (self.until(k, own) is None or self.until(k, own) >= day)  # type: ignore[operator]
        ]
        amounts = (k["recurring_amount"] / MONTHS[k["billing_period"]] for k in live)
        return sum(amounts, Fraction(0))

    def told(self, who: str, after: date) -> bool:
        if self.by_id[who]["closed_reason"]:
            return True
        own = [k for k in self.contracts if k["customer_id"] == who and k["end_on"]]
        over_now = [k for k in own if k["end_on"] < after]
        last = max((k["end_on"] for k in over_now), default=None)
        return any(k["reason"] for k in over_now if k["end_on"] == last)

    def bought(self, before: date, first: date, after: date) -> dict[str, tuple[Any, int]]:
        """Repeat purchase, order value, and purchase frequency of the year, of all."""

        def buyers(begin: date, end: date) -> set[str]:
            return {customer for customer, _order in self.orders(begin, end)}

        earlier = buyers(before, first)
        again = len(earlier & buyers(first, after))
        values = self.orders(first, after)
        year = self.orders(later(after, -12), after)
        who = {key[0] for key in year}
        return {
            "repeat_purchase": (over(again, len(earlier)), len(earlier)),
            "average_order_value": (over(sum(values.values()), len(values)), len(values)),
            "purchase_frequency": (over(len(year), len(who)), len(who)),
        }

    def orders(self, first: date, after: date) -> dict[tuple[str, Any], Fraction]:
        found: dict[tuple[str, Any], Fraction] = defaultdict(Fraction)
        for t in self.transactions:
            line = t["customer_id"] and first <= t["event_on"] < after and not self.takes_back(t)
            if line:
                found[t["customer_id"], t["order_id"] or t["event_on"]] += t["net_amount"]
        return {key: value for key, value in found.items() if value > 0}

    def survival(self, after: date, months: int) -> float | None:
        """Kaplan and Meier by days of tenure, of those watched in the two years before a day."""
        begin, last = later(after, -24), ceil(months * 365.25 / 12)
        spans = []
        for who in self.by_id:
            came, left = self.came_on(who), self.left_on(who)
            if came < after and (left is None or left >= begin):
                lost = left is not None and left < after
                entered = max((begin - came).days - 1, 0)
                stayed = ((left if lost and left else after) - came).days
                if stayed > entered or (lost and stayed == 0 and entered == 0):
                    spans.append((entered, stayed, lost))
        return product_limit(spans, last)


def product_limit(spans: list[tuple[int, int, bool]], last: int) -> float | None:
    """Survival to the day `last`, that included; None where nobody was watched up to it."""
    value = Fraction(1)
    for day in range(last + 1):
        at_risk = [s for s in spans if (s[0] < day <= s[1]) or (s[0] == 0 and day == 0)]
        losses = sum(lost and stayed == day for _entered, stayed, lost in at_risk)
        if not at_risk and value > 0 and any(s[0] < last for s in spans):
            return None
        value *= 1 - Fraction(losses, len(at_risk)) if at_risk else 1
    return float(value) if spans else None


def over(part: Any, whole: Any) -> Fraction | None:
    return Fraction(part) / Fraction(whole) if whole > 0 else None
