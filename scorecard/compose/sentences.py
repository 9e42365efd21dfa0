"""Sentences: the finding of each page, generated. Counts and names, never a grade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scorecard.compose.desk import Desk
from scorecard.document import Tally
from scorecard.reduction import ALL
from scorecard.results import Result

NAMED = 2
"""How many cells a sentence names before it counts the rest."""
ORDER = ("not delivered", "beyond acceptance", "over-served")


def judged(desk: Desk) -> list[Result]:
    """The period's verdicts, in the order of the stance map's metrics and tiers."""
    tiers = desk.m.strategy.plan.ids
    found = [desk.result(metric, tier) for metric in desk.m.metrics for tier in tiers]
    return [r for r in found if r is not None and r.verdict is not None]


def tallies(desk: Desk) -> tuple[Tally, ...]:
    """How each tier's choices went."""
    return tuple(_tally(desk, tier) for tier in desk.m.strategy.plan.ids)


def _tally(desk: Desk, tier: str) -> Tally:
    mine = [r for r in judged(desk) if r.tier == tier]
    strengths = [r for r in mine if _kind(desk, r) == "strength"]
    weaknesses = [r for r in mine if _kind(desk, r) == "weakness"]
    return Tally(
        tier,
        f"{_count(strengths, 'delivered')} of {len(strengths)}",
        str(_count(strengths, "not delivered")),
        f"{_count(weaknesses, 'as accepted')} of {len(weaknesses)}",
        str(_count(weaknesses, "beyond acceptance")),
        str(_count(mine, "over-served")),
        str(_count(mine, "too little evidence")),
    )


def main(desk: Desk) -> str:
    """The month in two sentences."""
    results = judged(desk)
    if not results:
        return "No stance was in force: nothing was promised, so nothing can be held to it."
    strengths = [r for r in results if _kind(desk, r) == "strength"]
    weaknesses = [r for r in results if _kind(desk, r) == "weakness"]
    kept = (
        f"We delivered {_count(strengths, 'delivered')} of {len(strengths)} deliberate strengths "
        f"and kept {_count(weaknesses, 'as accepted')} of {len(weaknesses)} weaknesses as accepted."
    )
    counts = {words: _count(results, words) for words in (*ORDER, "too little evidence")}
    rest = [f"{number} {words}" for words, number in counts.items() if number]
    return f"{kept} {_listed(rest).capitalize()}." if rest else kept


def stance_map(desk: Desk) -> str:
    """Which choices were not kept, by name."""
    results = judged(desk)
    parts = []
    for words in ORDER:
        hits = [r for r in results if r.verdict and r.verdict.words == words]
        if hits:
            parts.append(f"{words.capitalize()}: {_named(desk, hits)}.")
    if parts:
        return " ".join(parts)
    if not results:
        return "No stance was in force in this period."
    undecided = _count(results, "too little evidence")
    if undecided:
        return f"Every choice with enough evidence was kept; {undecided} wait for evidence."
    return "Every choice was kept."


def exceptions(desk: Desk, count: int, customers: int) -> str:
    if not count:
        return "Nothing happened that was not chosen."
    things = "One thing" if count == 1 else f"{desk.f.count(count)} things"
    verb = "was" if count == 1 else "were"
    who = f"; the largest touched {desk.f.count(customers)} customers" if customers else ""
    return f"{things} {verb} not as chosen, or not routine{who}."


def margin(desk: Desk) -> str:
    """What customers earned, and which tiers brought or took it."""
    m, f = desk.m, desk.f
    if m.margin_unknown:
        return f"Customer margin is not known: {m.margin_unknown}."
    whole = m.earned[ALL]
    period = f.period(m.period)
    if whole.margin <= 0:
        return f"Customers cost {f.money(-whole.margin)} more than they brought in {period}."
    parts = []
    for tier in m.strategy.plan.ids:
        own = m.earned.get(tier)
        if own is not None:
            parts.append(f"{desk.label(tier)} {f.percent(own.margin / whole.margin)}")
    negative = whole.negative / whole.customers if whole.customers else 0.0
    return (
        f"Customers earned {f.money(whole.margin)} in {period}: {_listed(parts)} of it. "
        f"{f.percent(negative)} of them cost more than they brought in."
    )


def retention(desk: Desk) -> str:
    """Who came and who left, and how the ends of the tiers kept their customers."""
    m, f = desk.m, desk.f
    opening = sum(a.opening for a in m.counts)
    closing = sum(a.closing for a in m.counts)
    new, lost = sum(a.new + a.won_back for a in m.counts), sum(a.lost for a in m.counts)
    first = (
        f"{f.count(new)} customers came and {f.count(lost)} left: "
        f"{f.count(opening)} became {f.count(closing)}."
    )
    ends = _ends(desk, ["logo_retention", "repeat_purchase"])
    return f"{first} {ends}" if ends else first


def experience(desk: Desk) -> str:
    """How the ends of the tiers answered, and how many of the promises about it were kept."""
    families = ("experience", "service")
    results = [r for r in judged(desk) if desk.m.metrics[r.metric].family in families]
    strengths = [r for r in results if _kind(desk, r) == "strength"]
    ends = _ends(desk, ["nps", "csat", "ces", "csat_mean", "first_reply_p90"])
    if strengths:
        kept = _count(strengths, "delivered")
        promised = f"{kept} of {len(strengths)} promised experiences were delivered."
        return f"{promised} {ends}" if ends else promised
    return ends or "No experience was measured in this period."


def evidence(desk: Desk, rows: int) -> str:
    """On how much the packet rests, and how much waits for evidence."""
    results = judged(desk)
    undecided = _count(results, "too little evidence")
    tables = len(desk.m.tables)
    said = f"{desk.f.count(rows)} rows in {tables} tables stand behind {len(results)} verdicts"
    return f"{said}; {undecided} of them wait for evidence." if undecided else f"{said}."


def owner(desk: Desk, results: Sequence[Result]) -> str:
    """An owner's stances in one sentence."""
    if not results:
        return "No stance of this owner was in force in this period."
    kept = sum(bool(r.verdict and r.verdict.words in ("delivered", "as accepted")) for r in results)
    parts = []
    for words in (*ORDER, "too little evidence"):
        hits = [r for r in results if r.verdict and r.verdict.words == words]
        if hits:
            parts.append(f"{words}: {_named(desk, hits)}")
    one = "stance" if len(results) == 1 else "stances"
    said = f"{kept} of {len(results)} {one} as chosen"
    return f"{said}; {'; '.join(parts)}." if parts else f"{said}."


def _ends(desk: Desk, names: Sequence[str]) -> str:
    """The best and the last tier's figure of the first metric that has both."""
    tiers = desk.m.strategy.plan.ids
    for name in names:
        metric = desk.m.metrics.get(name)
        if metric is None:
            continue
        known = []
        for tier in tiers:
            result = desk.result(name, tier)
            if result is not None and result.estimate.value is not None:
                known.append((tier, result.estimate.value))
        if len(known) >= 2:
            (first, a), (last, b) = known[0], known[-1]
            f = desk.f
            return (
                f"{metric.label}: {desk.label(first)} {f.with_unit(metric, a)}, "
                f"{desk.label(last)} {f.with_unit(metric, b)}."
            )
    return ""


def _kind(desk: Desk, result: Result) -> str:
    stance = desk.stance(result.metric, result.tier)
    return stance.kind if stance else ""


def _count(results: Iterable[Result], words: str) -> int:
    return sum(1 for r in results if r.verdict is not None and r.verdict.words == words)


def _named(desk: Desk, results: Sequence[Result]) -> str:
    names = [
        f"{desk.label(r.tier)} {_lower(desk.m.metrics[r.metric].label)}" for r in results[:NAMED]
    ]
    rest = len(results) - NAMED
    if rest > 0:
        return f"{'; '.join(names)}; and {rest} more"
    return " and ".join(names)


def _lower(label: str) -> str:
    """A label inside a sentence: its first letter small, its bracketed code left out."""
    bare = label.split(" (")[0]
    return bare[0].lower() + bare[1:]


def _listed(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
