"""October 2026 in plain pandas: the same figures, as an analyst puts them into one script.

    python pandas_script.py PROJECT

Tables are read whole, with the columns that are needed, and filtered in memory. A script like
this has no versions, no ledger and no intervals; it is here for what the arithmetic costs.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

FIRST, AFTER = pd.Timestamp("2026-10-01"), pd.Timestamp("2026-11-01")
MONTH_AGO, YEAR_AGO = pd.Timestamp("2026-09-01"), pd.Timestamp("2025-11-01")
TWO_YEARS_AGO = pd.Timestamp("2024-11-01")
START, END = pd.Timestamp("2026-09-30 23:00"), pd.Timestamp("2026-11-01")
AS_OF, AMORTISED = pd.Timestamp("2026-11-16 06:00"), 24
SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
SERVED = ["deliver", "support", "service"]
Lines = list[dict[str, Any]]


class Company:
    """The project's tables, and the tiers of its customers at the openings that are needed."""

    def __init__(self, project: Path) -> None:
        self.project = project
        every = self.read("customers", "customer_id", "parent_id", "acquired_on", "closed_on")
        child = every[
            every.parent_id.isin(every.customer_id) & (every.parent_id != every.customer_id)
        ]
        decides = child.set_index("customer_id").parent_id
        self.decides = decides.replace(decides.to_dict())  # a parent's parent, if there is one
        for day in ("acquired_on", "closed_on"):
            every[day] = pd.to_datetime(every[day])
        self.stays = self.here(every)
        each = self.stays.groupby("customer_id")
        ended = each.until.max().where(each.until.count() == each.size())
        self.customers = pd.DataFrame({"acquired_on": each.since.min(), "closed_on": ended})
        self.customers = self.customers.reset_index()
        fx = self.read("fx").query("to == 'EUR'")
        rates = fx.assign(date=pd.to_datetime(fx.date)).set_index(["date", "from"]).rate.unstack()
        days = pd.date_range(rates.index.min(), AFTER)
        self.rates = rates.reindex(days).ffill(limit=34).stack().rename("rate")
        self.now = self.tiers("2026-10", FIRST)
        self.then = self.tiers("2025-11", YEAR_AGO)

    def here(self, every: pd.DataFrame) -> pd.DataFrame:
        """From when to when each family is here: by its contracts, else by closed_on."""
        parent = every.customer_id.map(self.decides).fillna(every.customer_id)
        each = every.assign(customer_id=parent).groupby("customer_id")
        closed = each.closed_on.max().where(each.closed_on.count() == each.size())
        c = pd.DataFrame({"acquired_on": each.acquired_on.min(), "closed_on": closed}).reset_index()
        k = self.in_force().merge(c, on="customer_id")
        k["since"] = k[["start_on", "acquired_on"]].max(axis=1)
        first = k.groupby("customer_id").start_on.min().rename("first")
        bare = c.merge(first, on="customer_id", how="left")
        bare = bare[bare["first"].isna() | (bare.acquired_on < bare["first"])]
        bare = bare.assign(since=bare.acquired_on, until=bare[["first", "closed_on"]].min(axis=1))
        return pd.concat([f[["customer_id", "since", "until"]] for f in (k, bare)])

    def in_force(self, *columns: str) -> pd.DataFrame:
        """Contracts, each until the next one takes over the day after its last."""
        k = self.rows("contracts", "start_on", "end_on", *columns)
        k["start_on"], k["end_on"] = pd.to_datetime(k.start_on), pd.to_datetime(k.end_on)
        renewed = k[["customer_id"]].assign(end_on=k.start_on - pd.Timedelta(days=1))
        renewed = renewed.drop_duplicates().assign(renewed=True)
        k = k.merge(renewed, on=["customer_id", "end_on"], how="left")
        over = k.end_on + pd.Timedelta(days=1)
        return k.assign(until=k.end_on.where(k.renewed.isna(), over))

    def on(self, day: pd.Timestamp) -> pd.Series:
        """Who is here as a day begins."""
        s = self.stays
        return s[(s.since < day) & ~(s.until < day)].customer_id.drop_duplicates()

    def read(self, table: str, *columns: str) -> pd.DataFrame:
        file = self.project / "facts" / f"{table}.parquet"
        return pd.read_parquet(file, columns=list(columns) or None)

    def rows(self, table: str, *columns: str) -> pd.DataFrame:
        """A table whose rows belong to the customer that decides."""
        found = self.read(table, "customer_id", *columns)
        parent = found.customer_id.map(self.decides)
        return found.assign(customer_id=parent.fillna(found.customer_id))

    def tiers(self, period: str, opened: pd.Timestamp) -> pd.Series:
        frozen = pd.read_parquet(self.project / ".scorecard" / "tiers" / f"{period}.parquet")
        c = self.customers.merge(frozen[["customer_id", "tier"]], on="customer_id", how="left")
        late = pd.Series(np.where(c.acquired_on >= opened, "new", "unrated"), c.index)
        return c.tier.fillna(late).set_axis(c.customer_id)

    def in_euros(self, table: pd.DataFrame, amount: str, day: Any) -> pd.Series:
        keys = pd.MultiIndex.from_arrays([pd.Series(day, table.index), table.currency])
        foreign = (table.currency != "EUR") & table.currency.notna()
        plain = table[amount].astype(float)
        if not foreign.any():
            return plain
        return plain.where(~foreign, (plain * self.rates.reindex(keys).to_numpy()).round(4))


def by_tier(seen: pd.DataFrame, tiers: pd.Series) -> pd.DataFrame:
    """Observations with their tier, each once more under "all"."""
    placed = seen.assign(tier=seen.customer_id.map(tiers).fillna("unattributed"))
    return pd.concat([placed, placed.assign(tier="all")])


def shares(metric: str, seen: pd.DataFrame, tiers: pd.Series, scale: float = 1) -> Lines:
    """Σ num ÷ Σ den by tier; den is 1 where there is none."""
    seen = seen if "den" in seen else seen.assign(den=1.0)
    sums = (
        by_tier(seen, tiers)
        .groupby("tier")
        .agg(n=("num", "size"), num=("num", "sum"), den=("den", "sum"))
    )
    value = (scale * sums.num / sums.den).where(sums.den > 0)
    return lines(sums.assign(metric=metric, value=value))


def lines(sums: pd.DataFrame) -> Lines:
    wanted = sums.reset_index().reindex(columns=["metric", "tier", "n", "num", "den", "value"])
    return json.loads(wanted.to_json(orient="records", double_precision=15))


def month_number(days: pd.Series) -> pd.Series:
    return days.dt.year * 12 + days.dt.month


def acquired(company: Company, costs: pd.DataFrame) -> pd.DataFrame:
    """Cost to acquire that falls into the month, written off over two years."""
    spent = costs[costs.category == "acquire"]
    spent = spent.assign(month=month_number(spent.event_on))
    won = company.customers[["customer_id"]].assign(
        month=month_number(company.customers.acquired_on)
    )
    won["many"] = won.groupby("month").customer_id.transform("size")
    pools = spent[spent.customer_id.isna()].groupby("month", as_index=False).amount.sum()
    shared = won.merge(pools, on="month").eval("amount = amount / many")
    own = spent[spent.customer_id.notna()]
    spent = pd.concat([f[["customer_id", "month", "amount"]] for f in (own, shared)])
    spent = spent.merge(
        company.customers[["customer_id", "closed_on"]], on="customer_id", how="left"
    )
    end, now = spent.month + AMORTISED, FIRST.year * 12 + FIRST.month
    stop = month_number(spent.closed_on).fillna(end).clip(lower=spent.month, upper=end)
    part = ((spent.month <= now) & (now < stop)) + ((stop == now) & (stop < end)) * (end - stop)
    return spent.assign(acquire=spent.amount * part / AMORTISED)[part > 0]


def money(company: Company) -> Lines:
    sold = company.rows("transactions", "event_on", "net_amount", "currency", "loaded_at")
    sold["event_on"] = pd.to_datetime(sold.event_on)
    sold = sold[(sold.event_on >= FIRST) & (sold.event_on < AFTER) & ~(sold.loaded_at > AS_OF)]
    sold = sold.assign(revenue=company.in_euros(sold, "net_amount", sold.event_on))
    costs = company.rows(
        "costs", "event_on", "amount", "currency", "category", "driver", "loaded_at"
    )
    costs["event_on"] = pd.to_datetime(costs.event_on)
    costs = costs[(costs.event_on < AFTER) & ~(costs.loaded_at > AS_OF)]
    costs = costs.assign(amount=company.in_euros(costs, "amount", costs.event_on))
    serve = costs[(costs.event_on >= FIRST) & costs.category.isin(SERVED)]
    direct = serve[serve.customer_id.notna()].pivot_table(
        "amount", "customer_id", "category", "sum"
    )
    pools = serve[serve.customer_id.isna()].pivot_table("amount", "driver", "category", "sum")
    used = company.rows("drivers", "driver", "date", "qty")
    day = pd.to_datetime(used.date)
    used = (
        used[(day >= FIRST) & (day < AFTER)]
        .groupby(["driver", "customer_id"], as_index=False)
        .qty.sum()
    )
    used["qty"] /= used.groupby("driver").qty.transform("sum")
    spread = used.merge(pools.reindex(columns=SERVED).fillna(0), left_on="driver", right_index=True)
    spread[SERVED] = spread[SERVED].mul(spread.qty, axis=0)
    s = company.stays
    here = s[(s.since < AFTER) & ~(s.until < FIRST)][["customer_id"]].drop_duplicates()
    parts = [
        here,
        sold,
        direct.reset_index().assign(known=1),
        spread.assign(known=1),
        acquired(company, costs),
    ]
    names = ["revenue", "acquire", *SERVED, "known"]
    whole = pd.concat([p.reindex(columns=["customer_id", *names]) for p in parts])
    each = whole.groupby("customer_id", dropna=False)
    each = each[names[:-1]].sum().assign(known=each.known.max().fillna(0)).reset_index()
    each["serve"] = each[SERVED].sum(axis=1)
    each["margin"] = each.revenue - each.acquire - each.serve
    each["here"] = each.customer_id.isin(here.customer_id)
    each["known_customer"] = each.customer_id.isin(company.customers.customer_id)
    counted = each[each.here | ~each.known_customer]
    return totals(company, counted) + rates_of(company, each) + orders(company)


def orders(company: Company) -> Lines:
    t = company.rows("transactions", "event_on", "kind", "net_amount", "currency", "loaded_at")
    t["event_on"] = pd.to_datetime(t.event_on)
    sold = (t.kind == "sale") | (t.kind.isna() & (t.net_amount >= 0))
    inside = (t.event_on >= YEAR_AGO) & (t.event_on < AFTER) & ~(t.loaded_at > AS_OF)
    t = t[sold & inside & t.customer_id.notna()]
    t = t.assign(num=company.in_euros(t, "net_amount", t.event_on))
    each = t.groupby(["customer_id", "event_on"], as_index=False).num.sum().query("num > 0")
    many = each.groupby("customer_id", as_index=False).agg(num=("num", "size"))
    now = each[each.event_on >= FIRST]
    return shares("average_order_value", now, company.now) + shares(
        "purchase_frequency", many, company.now
    )


def totals(company: Company, each: pd.DataFrame) -> Lines:
    placed = by_tier(each, company.now)
    nobody = placed[placed.tier == "unattributed"].index
    placed = placed[(placed.tier != "all") | ~placed.index.isin(nobody)]
    found = []
    for metric, column in (
        ("customer_margin", "margin"),
        ("customer_revenue", "revenue"),
        ("cost_to_acquire", "acquire"),
        ("cost_to_serve", "serve"),
    ):
        sums = placed.groupby("tier").agg(
            n=(column, "size"), num=(column, "sum"), k=("customer_id", "count")
        )
        value = (sums.num / sums.k).where(sums.k > 0)
        found += lines(sums.assign(metric=metric, den=sums.n, value=value))
    return found


def rates_of(company: Company, each: pd.DataFrame) -> Lines:
    size, known = each.revenue.abs(), (each.known > 0) & each.customer_id.notna()
    whole = shares("margin_knowledge", each.assign(num=size.where(known, 0), den=size), company.now)
    ours = each[each.here]
    return (
        whole
        + shares("margin_rate", ours.assign(num=ours.margin, den=ours.revenue), company.now)
        + shares("negative_margin_share", ours.assign(num=(ours.margin < 0) * 1.0), company.now)
        + shares(
            "whale_peak", ours.assign(num=ours.margin.clip(lower=0), den=ours.margin), company.now
        )
        + shares(
            "failure_service_ratio", ours.assign(num=ours.service, den=ours.revenue), company.now
        )
    )


def customers(company: Company) -> Lines:
    c = company.customers
    seen = c[(c.acquired_on < AFTER) & ~(c.closed_on < TWO_YEARS_AGO)]
    file = company.project / ".scorecard" / "tiers" / "2026-10.parquet"
    frozen = pd.read_parquet(file, columns=["customer_id", "first_tier", "first_on"])
    seen = seen.merge(frozen, on="customer_id", how="left")
    state = pd.Series(np.where(seen.acquired_on >= FIRST, "new", "unrated"), seen.index)
    lost = seen.closed_on < AFTER
    rated = (pd.to_datetime(seen.first_on) - seen.acquired_on).dt.days - 1
    before = (TWO_YEARS_AGO - seen.acquired_on).dt.days - 1
    spans = pd.DataFrame(
        {
            "tier": seen.first_tier.fillna(state),
            "entered": np.fmax(before, rated).clip(lower=0),
            "watched": before.clip(lower=0),
            "left": (seen.closed_on.where(lost, AFTER) - seen.acquired_on).dt.days,
            "lost": lost,
        }
    )
    found: Lines = []
    for metric, months in (("survival_12", 12), ("survival_24", 24)):
        for tier, group in [("all", spans.assign(entered=spans.watched)), *spans.groupby("tier")]:
            found.append(
                {"metric": metric, "tier": tier, **survival(group, ceil(months * 365.25 / 12))}
            )
    t = company.rows("transactions", "event_on", "net_amount", "loaded_at")
    day = pd.to_datetime(t.event_on)
    t = t[t.customer_id.notna() & (t.net_amount > 0) & ~(t.loaded_at > AS_OF)].assign(day=day)
    earlier = t[(t.day >= MONTH_AGO) & (t.day < FIRST)][["customer_id"]].drop_duplicates()
    again = t[(t.day >= FIRST) & (t.day < AFTER)].customer_id.unique()
    earlier["num"] = earlier.customer_id.isin(again) * 1.0
    return found + shares("repeat_purchase", earlier, company.now)


def survival(spans: pd.DataFrame, end: int) -> dict[str, Any]:
    """Kaplan and Meier with late entries, up to the day `end`."""
    at_once = spans.lost & (spans.left == 0) & (spans.entered == 0)
    spans = spans[((spans.left > spans.entered) | at_once) & (spans.entered < end)]
    left, lost = spans.left.clip(upper=end + 1), spans.lost & (spans.left <= end)
    came, gone, losses = (s.value_counts() for s in (spans.entered, left, left[lost]))
    steps = pd.DataFrame({"came": came, "gone": gone, "lost": losses}).fillna(0).sort_index()
    after = (steps.came - steps.gone).cumsum()
    at_risk = after - steps.came + steps.gone + steps.came.where(steps.index <= 0, 0)
    inside = steps.index <= end
    value = float((1 - steps.lost / at_risk.where(steps.lost > 0, 1))[inside].prod())
    reached = (at_risk if end in steps.index else after)[inside]
    gap = reached.empty or reached.iloc[-1] == 0 or (after[steps.index < end] == 0).any()
    known = None if gap and value > 1e-9 else value
    return {"n": len(spans), "num": None, "den": None, "value": known}


def contracts(company: Company) -> Lines:
    k = company.in_force("recurring_amount", "billing_period", "currency")
    months = k.billing_period.fillna("month").map({"month": 1, "quarter": 3, "year": 12})
    k["monthly"] = (k.recurring_amount.astype(float) / months).round(4)
    k["monthly"] = company.in_euros(k, "monthly", YEAR_AGO)
    live = [k[(k.start_on < day) & ~(k.until < day)] for day in (YEAR_AGO, AFTER)]
    start, end = (at.groupby("customer_id").monthly.sum() for at in live)
    kept = company.on(YEAR_AGO).to_frame()
    kept["num"] = kept.customer_id.isin(company.on(AFTER)) * 1.0
    ends = start[start > 0].rename("den").to_frame()
    ends["end"] = end.reindex(ends.index).fillna(0)
    lost = company.on(FIRST).to_frame()
    lost["num"] = ~lost.customer_id.isin(company.on(AFTER)) * 1.0
    ended = company.rows("contracts", "end_on", "reason")
    ended["end_on"] = pd.to_datetime(ended.end_on)
    ended = ended[ended.end_on < AFTER].sort_values(["end_on", "reason"], na_position="first")
    ended = ended.groupby("customer_id").reason.agg(lambda reasons: reasons.iloc[-1])
    why = company.read("customers", "customer_id", "closed_reason").set_index("customer_id")
    gone = lost[lost.num > 0]
    told = gone.customer_id.map(why.closed_reason).fillna(gone.customer_id.map(ended))
    least = ends.assign(num=ends[["den", "end"]].min(axis=1)).reset_index()
    return (
        shares("logo_retention", kept, company.then)
        + shares("churn_rate", lost, company.now)
        + shares("losses_explained", gone.assign(num=told.notna() * 1.0), company.now)
        + shares("gross_revenue_retention", least, company.then)
        + shares(
            "net_revenue_retention", ends.rename(columns={"end": "num"}).reset_index(), company.then
        )
    )


def surveys(company: Company) -> Lines:
    names = ("contact_id", "invite_id", "instrument", "kind", "sent_at", "answered_at", "score")
    s = company.rows("surveys", *names, "scale_min", "scale_max", "eligible")
    s = s[(s.sent_at >= START) & (s.sent_at < END) & s.eligible.fillna(True)]
    low, high = (s.instrument.map({i: span[end] for i, span in SCALES.items()}) for end in (0, 1))
    given = s.answered_at.notna() & (s.answered_at <= s.sent_at + pd.Timedelta(days=14))
    answered = given & s.score.between(s.scale_min.fillna(low), s.scale_max.fillna(high))
    fits = (
        s.score.between(low, high)
        & (s.scale_min.fillna(low) == low)
        & (s.scale_max.fillna(high) == high)
        & ((s.instrument != "nps") | (s.score % 1 == 0))
    )
    s = s.assign(answered=answered, counts=answered & fits)
    n = s[s.counts & (s.instrument == "nps") & (s.kind.fillna("relationship") == "relationship")]
    n = n.sort_values(["answered_at", "sent_at", "invite_id"])
    again = n.duplicated(["customer_id", "contact_id"], keep="last")
    opinion = n[(n.contact_id.isna() & n.customer_id.isna()) | ~again]
    counted = s[s.counts]
    csat, ces = counted[counted.instrument == "csat"], counted[counted.instrument == "ces"]
    opinion = opinion.assign(num=(opinion.score >= 9) * 1.0 - (opinion.score <= 6))
    return (
        shares("nps", opinion, company.now, 100)
        + shares("csat", csat.assign(num=(csat.score >= 4) * 1.0), company.now)
        + shares("csat_mean", csat.assign(num=csat.score), company.now)
        + shares("ces", ces.assign(num=(ces.score >= 5) * 1.0), company.now)
        + shares("response_rate", s.assign(num=s.answered * 1.0), company.now)
    )


def interactions(company: Company) -> Lines:
    names = ("interaction_id", "issue_key", "opened_at", "first_human_reply_at", "resolved_at")
    names = (*names, "self_service", "team", "tier_known_at_open", "loaded_at")
    i = company.rows("interactions", *names)
    i = i[~i.self_service.fillna(False) & ~(i.loaded_at > AS_OF)]
    opened = i[(i.opened_at >= START) & (i.opened_at < END)]
    found: Lines = []
    for until, metrics in (
        ("first_human_reply_at", {"first_reply_p50": 0.5, "first_reply_p90": 0.9}),
        ("resolved_at", {"resolution_p90": 0.9}),
    ):
        stopped = opened[until] <= AS_OF
        last = opened[until].where(stopped, opened.opened_at.clip(lower=AS_OF)).dt.floor("s")
        seconds = (last - opened.opened_at.dt.floor("s")).dt.total_seconds()
        waits = opened[["customer_id"]].assign(hours=seconds / 3600, stopped=stopped)[seconds >= 0]
        for tier, group in by_tier(waits, company.now).groupby("tier"):
            for metric, q in metrics.items():
                value = quantile(group, q)
                found.append(
                    {
                        "metric": metric,
                        "tier": tier,
                        "n": len(group),
                        "num": None,
                        "den": None,
                        "value": value,
                    }
                )
    issues = i[
        i.issue_key.isin(opened.issue_key.dropna()) & (i.opened_at <= END + pd.Timedelta(days=7))
    ]
    issues = issues.sort_values(["opened_at", "interaction_id", "team"])
    keyed = issues.groupby(["customer_id", "issue_key"])
    soon = keyed.opened_at.shift(-1) <= issues.opened_at + pd.Timedelta(days=7)
    issues = issues.assign(place=keyed.cumcount(), num=soon * 1.0)
    alone = opened[opened.issue_key.isna()].assign(place=0, num=0.0)
    seen = pd.concat([issues[(issues.opened_at >= START) & (issues.opened_at < END)], alone])
    first = seen[seen.place == 0]
    settled = (first.resolved_at <= AS_OF) & (first.first_human_reply_at <= AS_OF)
    return (
        found
        + shares("recontact_rate", seen, company.now)
        + shares(
            "first_contact_resolution", first.assign(num=(1 - first.num) * settled), company.now
        )
        + shares("issues_open", first.assign(num=(1 - first.num) * ~settled), company.now)
        + shares(
            "tier_known",
            opened.assign(num=opened.tier_known_at_open.fillna(False) * 1.0),
            company.now,
        )
    )


def quantile(waits: pd.DataFrame, q: float) -> float | None:
    """Kaplan and Meier: the first wait at which no more than 1 − q still wait; where that is not
    reached yet, what the one at that rank has waited so far."""
    steps = waits.groupby("hours").stopped.agg(["size", "sum"])
    at_risk = steps["size"][::-1].cumsum()[::-1]
    still = (1 - steps["sum"] / at_risk).cumprod()
    reached = still.index[still <= 1 - q + 1e-9]
    if len(reached):
        return float(reached[0])
    return float(waits.hours.sort_values().iloc[ceil(len(waits) * q - 1e-9) - 1])


def promises(company: Company) -> Lines:
    p = company.rows("promises", "due_at", "kept", "renegotiated_at")
    p = p[(p.due_at >= START) & (p.due_at < END) & ~(p.renegotiated_at < p.due_at)]
    return shares("promises_kept", p.assign(num=p.kept.fillna(False) * 1.0), company.now)


FAMILIES: tuple[Callable[[Company], Lines], ...] = (
    money,
    customers,
    contracts,
    surveys,
    interactions,
    promises,
)


def answers(project: Path) -> tuple[Lines, dict[str, float]]:
    """Every figure by metric and tier, and the seconds that each family of tables took."""
    began = time.perf_counter()
    company, rows, seconds = Company(project), [], {}
    seconds["tiers"] = time.perf_counter() - began
    for family in FAMILIES:
        began = time.perf_counter()
        rows += family(company)
        seconds[family.__name__] = time.perf_counter() - began
    return rows, seconds


if __name__ == "__main__":
    found, taken = answers(Path(sys.argv[1]))
    json.dump({"rows": found, "seconds": taken}, sys.stdout)
