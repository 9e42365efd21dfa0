"""Gathering: the facts and the ledger asked, once, for all that a period's documents say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo
from typing import TypeVar

from scorecard.base.findings import Finding
from scorecard.base.periods import Period, zone
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result
from scorecard.documents.funding_found import funding_found
from scorecard.documents.heard import answering, last_packet
from scorecard.documents.report_data import (
    CHARTED,
    HELD_AGAINST,
    Cellkey,
    Letterhead,
    ReportData,
    charted,
    exceptional,
)
from scorecard.facts.window import Window
from scorecard.judging import affected
from scorecard.judging.affected import Touched
from scorecard.judging.associated import associated
from scorecard.judging.margin_known import KNOWLEDGE, NOTHING_BOOKED, PERCENT, unknown_margins
from scorecard.ledger import (
    AddressEvent,
    Expired,
    Ledger,
    Run,
    Witnessed,
)
from scorecard.measuring import conservation, customer_flow, earnings
from scorecard.measuring.conservation import Flow
from scorecard.measuring.customer_flow import LOSSES
from scorecard.measuring.earnings import Earned, Unattributed, WhaleCurve
from scorecard.measuring.incidents import incidents
from scorecard.measuring.measure import Measuring
from scorecard.measuring.observe import set_apart
from scorecard.measuring.recognition import recognition
from scorecard.stats.withheld import withheld
from scorecard.strategy.model import Strategy
from scorecard.tiers.movement import movement

_Kept = TypeVar("_Kept", Witnessed, Expired)


def elapsed(period: Period, as_of: datetime) -> int | None:
    """How many days of the period are over at `as_of`; None where all of them are."""
    if as_of >= period.end:
        return None
    today = as_of.astimezone(zone(period.tz)).date()
    return max((today - period.first).days, 0)


def gather(
    measuring: Measuring,
    ledger: Ledger,
    run: Run,
    period: Period,
    results: Sequence[Result],
    findings: Sequence[Finding],
    *,
    letterhead: Letterhead,
    metrics: Mapping[str, Metric],
    strategy: Strategy,
    margin_known: float = PERCENT,
    own: Collection[str] = (),
) -> ReportData:
    """Ask the facts and the ledger, once, for all that a period's documents say.

    `margin_known` is the percentage of a tier's revenue for which its margin must be known. `own`
    are the ids of runs that the caller has yet to confirm.
    """
    here, keyed = zone(period.tz), {(r.metric, r.tier): r for r in results}
    in_force = _known(ledger.stances_for(period), metrics, strategy)
    earned, curve, unattributed = earnings_of(measuring, period)
    flow, past, last = math(measuring, period), charted(period), last_packet(ledger, run, period)
    tables, held = conservation.rows_read(measuring.facts, period), sizes(measuring, period)
    return ReportData(
        company=letterhead.company,
        notice=letterhead.notice,
        paper=letterhead.paper,
        period=period,
        metrics=metrics,
        strategy=strategy,
        results=keyed,
        histories=ledger.histories(period, HELD_AGAINST, own),
        stances=in_force,
        expired=_known(ledger.expired_for(period), metrics, strategy),
        changes=ledger.stance_changes(period if period.is_span else period.shift(-3), period),
        touched=touched(measuring, results, metrics, in_force, period),
        sizes=held,
        earned=earned,
        curve=curve,
        outside=unattributed,
        margin_unknown=margin_unknown(measuring, keyed),
        margins_unknown=unknown_margins(results, margin_known),
        acquisition=letterhead.acquisition,
        recognition=recognition(measuring.facts, period) if earned else None,
        counts=flow.counts,
        money=flow.money,
        recurring=measuring.facts.has("contracts"),
        losses_known=measuring.facts.has(LOSSES),
        afterwards=afterwards(measuring, metrics.values(), period),
        movement=movement(measuring.tiers, period),
        reasons=customer_flow.reasons(measuring.facts, measuring.tiers, period),
        tables=tables,
        balances=conservation.balances(
            measuring,
            metrics,
            results,
            period,
            tables=tables,
            sizes=held,
            earned=earned,
            outside=unattributed,
            flow=flow,
        ),
        apart=apart(measuring, metrics.values(), period),
        weighted=measuring.facts.has("surveys.weight"),
        findings=findings,
        day=run.as_of.astimezone(here).date(),
        elapsed=elapsed(period, run.as_of),
        stamp=run.detail.get("stamp", ""),
        opted_out=opted_out(ledger.suppressed(), strategy, here),
        stances_then=ledger.stances_over(past),
        corrected=ledger.corrected(period, CHARTED),
        answering=answering(ledger, run, period, last),
        limits_then=ledger.limits_then(period, CHARTED),
        incidents=incidents(measuring.facts, measuring.tiers, period, past[0].first),
        funding=funding_found(measuring, ledger, period, in_force),
        last=last,
    )


def _known(
    stances: Iterable[_Kept], metrics: Mapping[str, Metric], strategy: Strategy
) -> list[_Kept]:
    """Those whose metric and tier there still are."""
    tiers = strategy.plan.ids
    return [s for s in stances if s.stance.metric in metrics and s.stance.tier in tiers]


def apart(
    measuring: Measuring, metrics: Iterable[Metric], period: Period
) -> dict[str, dict[str, int]]:
    """By metric how many rows are not in its figure, by why; those of which all rows are left
    out."""
    known = (m for m in metrics if not measuring.facts.missing(m.needs))
    found = {m.name: set_apart(m, measuring.facts, period) for m in known}
    return {name: counts for name, counts in found.items() if counts}


def with_fragility(
    measuring: Measuring,
    results: Sequence[Result],
    metrics: Mapping[str, Metric],
    stances: Sequence[Witnessed],
    period: Period,
) -> list[Result]:
    """The same results; counted verdicts say on how few customers they rest."""
    held = {w.stance.key: w.stance for w in stances}
    weighed = []
    for result in results:
        stance = held.get(result.stance)
        if stance is not None and result.mode == "census" and not result.unmeasured:
            metric = metrics[result.metric]
            found = affected.fragility(measuring, metric, period, result, stance)
            if found is not None and metric.confidential:
                found = replace(found, names=())
            result = replace(result, fragility=found)
        weighed.append(result)
    return weighed


def touched(
    measuring: Measuring,
    results: Sequence[Result],
    metrics: Mapping[str, Metric],
    stances: Sequence[Witnessed],
    period: Period,
) -> dict[Cellkey, Touched]:
    """Who each exception touched, by (metric, tier), but for figures that are not shown.

    Nobody is named by whose confidential answers a figure was made: that they were touched is
    what they answered.
    """
    kept = withheld(results, metrics)
    held = {w.stance.key: w.stance for w in stances}
    shown = [
        (metrics[r.metric], r, held[r.stance])
        for r in results
        if exceptional(r) and r.estimate.n and not r.unmeasured and (r.metric, r.tier) not in kept
    ]
    found = [affected.touched(measuring, m, period, r, s) for m, r, s in shown]
    # After all of this period, for the engine holds what one period needs at a time.
    return {
        (r.metric, r.tier): _unnamed(m, associated(measuring, m, period, r, s, one))
        for (m, r, s), one in zip(shown, found, strict=True)
    }


def _unnamed(metric: Metric, found: Touched) -> Touched:
    """The same without names and what is known by name, where answers are confidential."""
    if not metric.confidential:
        return found
    return replace(found, names=(), effect=replace(found.effect, margins=()))


def sizes(measuring: Measuring, period: Period) -> dict[str, int]:
    """Customers that had come by the period's end, by the tier or state that they count in."""
    held = measuring.tiers.assigned(period, "event")
    came = held.filter(held.acquired_on < period.after)
    counted = came.group_by("tier").agg(n=came.count())
    return {r["tier"]: int(r["n"]) for r in measuring.facts.answer(counted)}


def afterwards(measuring: Measuring, metrics: Iterable[Metric], period: Period) -> dict[str, date]:
    """Of the snapshots that figures of the period count by, those with the tiers of a later day."""
    openings = {Window.of(period, m.window).opening.key for m in metrics} | {period.key}
    found = measuring.tiers.afterwards()
    return {key: found[key] for key in sorted(openings & found.keys())}


def margin_unknown(measuring: Measuring, results: Mapping[Cellkey, Result]) -> str:
    """Why no customer's margin is known; empty where that of some is."""
    if lacking := measuring.facts.missing(["transactions.customer_id", "costs"]):
        return f"no {lacking}"
    known = results.get((KNOWLEDGE, "all"))
    if known is not None and known.unmeasured:
        return known.unmeasured
    if known is not None and known.estimate.value == 0:
        return NOTHING_BOOKED
    return ""


def math(measuring: Measuring, period: Period) -> Flow:
    """Customer math in customers and in money.

    No money where it is revenue and one of the two periods has none of anybody.
    """
    facts, tiers = measuring.facts, measuring.tiers
    moves = customer_flow.moves(facts, tiers, period)
    names = tiers.plan.ids
    both = (Window.of(p, 0) for p in (period.previous(), period))
    unknown = not facts.has("contracts") and any(measuring.quiet(window) for window in both)
    money = [] if unknown else customer_flow.money(moves, names)
    return Flow(moves, customer_flow.counts(moves, names), money)


def earnings_of(
    measuring: Measuring, period: Period
) -> tuple[dict[str, Earned], WhaleCurve | None, Unattributed | None]:
    """Each tier's period, the whale curve, and what stays outside; empty without transactions
    in the period."""
    if not measuring.facts.has("transactions") or measuring.quiet(Window.of(period, 0)):
        return {}, None, None
    return (
        earnings.earned(measuring, period),
        earnings.whale(measuring, period),
        earnings.outside(measuring.facts, period),
    )


def opted_out(
    silenced: Mapping[str, AddressEvent], strategy: Strategy, here: tzinfo
) -> dict[str, date]:
    """The local day on which an owner or executive asked not to be sent documents, by id."""
    people = [(o.id, o.email) for o in strategy.owners]
    people += [(e.id, e.email) for e in strategy.executives]
    asked = {id: silenced.get(email) for id, email in people}
    return {
        id: event.at.astimezone(here).date()
        for id, event in asked.items()
        if event is not None and event.event == "opted out"
    }
