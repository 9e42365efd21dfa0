"""Sentences: the generated headline of each page, made of counts and names, never a grade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scorecard.definitions.results import Result
from scorecard.documents import expiry
from scorecard.documents.grammar import capital, fitted, listed, part_of, plural
from scorecard.documents.packet_model import Item
from scorecard.documents.view import Cellkey, ReportView
from scorecard.strategy.model import ALL

TEAM_LONGEST = 210
"""Characters of a team review's title, which is set smaller where it is long."""
NAMED = 3
"""Cells that a sentence names; the rest is counted."""
ORDER = ("not delivered", "beyond acceptance", "over-served")
UNDECIDED = "too little evidence"
PAST = {
    "not delivered": ("strength was not delivered", "strengths were not delivered"),
    "beyond acceptance": ("weakness went beyond acceptance", "weaknesses went beyond acceptance"),
    "over-served": ("choice was over-served", "choices were over-served"),
    UNDECIDED: ("choice lacks evidence", "choices lack evidence"),
}
BECAME = {
    "": "was not judged",
    "delivered": "was delivered",
    "not delivered": "was not delivered",
    "as accepted": "was as accepted",
    "beyond acceptance": "went beyond acceptance",
    "over-served": "was over-served",
    UNDECIDED: "waits for evidence",
}
"""What became of one alone."""
TIMES = 2
"""Where a tier's share is more than twice the whole margin, amounts are printed instead."""
GATES = {"partial_period", "not_mature", "not_measured", "stale", "not_shown"}
"""Reasons for which a result is not judged at all, or no verdict on it told."""


def judged(view: ReportView) -> list[Result]:
    """The period's results with a verdict, in the order of the stance map."""
    found = [view.result(m.name, tier) for m in view.metrics for tier in view.tiers]
    return [r for r in found if r is not None and r.verdict is not None]


def main(view: ReportView) -> str:
    """The period in two sentences."""
    results, lapsed = judged(view), expiry.counted(view)
    if said := _nothing_judged(view, results):
        return f"{said}{expiry.sentence(view)}"
    kinds = [found for found in _kinds(view, results) if found]
    first = _went(view, kinds)
    # Of one alone it is said what became of it already.
    others = [r for found in kinds if len(found) > 1 for r in found]
    counts = [(words, n) for words in (*ORDER, UNDECIDED) if (n := _count(others, words))]
    if not counts:
        return f"{first}{expiry.sentence(view)}"
    known = [f"{n} {PAST[words][n != 1]}" for words, n in counts]
    full = listed([*known, lapsed] if lapsed else known)
    counts += [(expiry.WORDS, len(view.expired))] if lapsed else []
    brief = capital("; ".join(f"{words}:\u00a0{n}" for words, n in counts))
    return fitted(lambda most: f"{first} {full if most else brief}.", 1)


def _went(view: ReportView, kinds: Sequence[Sequence[Result]]) -> str:
    """ "We delivered 7 of 8 strengths and kept all 3 weaknesses as accepted."

    "The strength was not delivered, and we kept both weaknesses as accepted."
    """
    many, ones = [], []
    for found in kinds:
        held = view.stance(found[0].metric, found[0].tier)
        strong, of = held is not None and held.kind == "strength", len(found)
        noun, words = ("strength", "delivered") if strong else ("weakness", "as accepted")
        if of == 1:
            ones.append(f"the {noun} {BECAME[found[0].verdict.words if found[0].verdict else '']}")
        else:
            part = part_of(_count(found, words), of, noun)
            many.append(f"delivered {part}" if strong else f"kept {part} as accepted")
    said = [*ones, f"we {' and '.join(many)}"] if many else ones
    return f"{capital(', and '.join(said))}."


def stance_map(view: ReportView) -> str:
    """The choices that were not kept, named as far as two lines allow."""
    results = judged(view)
    if said := _nothing_judged(view, results):
        return f"{said}{expiry.sentence(view)}"
    hits = {words: _cells(results, words) for words in ORDER}
    hits[expiry.WORDS] = expiry.cells(view)
    if any(hits.values()):
        return fitted(lambda most: _by_words(view, hits, most), NAMED)
    if undecided := _count(results, UNDECIDED):
        one = plural(undecided, "choice")
        verb = "waits" if undecided == 1 else "wait"
        return f"Every choice with enough evidence was kept; {undecided} {one} {verb} for evidence."
    return "The choice was kept." if len(results) == 1 else "Every choice was kept."


def _by_words(view: ReportView, hits: dict[str, list[Cellkey]], most: int) -> str:
    """Each of these verdicts with up to `most` of its cells; only with their number where 0."""
    found = {words: cells for words, cells in hits.items() if cells}
    if not most:
        return f"{capital(listed([f'{len(cells)} {words}' for words, cells in found.items()]))}."
    said = [f"{capital(words)}: {view.named(cells, most)}." for words, cells in found.items()]
    return " ".join(said)


def exceptions(view: ReportView, items: Sequence[Item]) -> str:
    """The number of exceptions, and the one that affected the most customers."""
    if not items:
        said = _nothing_judged(view, judged(view))
        return said or "Nothing happened that was not chosen."
    count, of = len(items), len(judged(view))
    verb = "is an exception" if count == 1 else "are exceptions"
    first = f"{capital(part_of(count, of, 'choice'))} {verb}."
    shown = {(i.metric, i.tier) for i in items if i.affected is not None}
    harmed = [
        (t.customers, key)
        for key, t in view.data.touched.items()
        if t.side == "harmed" and (key[0], view.label(key[1])) in shown
    ]
    if not harmed:
        return first
    most, key = max(harmed, key=lambda pair: pair[0])
    name = view.named([key])
    reach = f"{view.formats.count(most)} {plural(most, 'customer')}"
    if count == 1 or most == 1:
        return f"{first} {name} touched {reach}."
    return f"{first} {name} touched the most customers: {view.formats.count(most)}."


def margin(view: ReportView) -> str:
    """The customer margin, and how much of it each tier brought or took."""
    m, f = view.data, view.formats
    if why := view.margin_unknown(ALL):
        return f"Customer margin is not known: {why}."
    whole = m.earned.get(ALL)
    if whole is None:
        return "Customer margin is not known: no customer has any transaction or cost."
    if round(whole.margin, 2) == 0:
        return "Customers brought in what they cost: their margin was nil."
    if whole.margin < 0:
        return f"Customers cost {f.money(-whole.margin)} more than they brought in."
    losers = f"{_losers(view, whole.negative, whole.customers)} cost more than they brought in."
    so_far = f" after {view.so_far}" if view.so_far else ""
    first = f"Customer margin was {f.money(whole.margin)}{so_far}"
    full = f"{first}: {_shares(view)}. {losers}"
    return fitted(lambda most: full if most else f"{first}. {losers}", 1)


def _losers(view: ReportView, negative: int, customers: int) -> str:
    """ "39 % of customers", "3 customers" where these are less than a percent, "No customer"."""
    if not negative:
        return "No customer"
    few = negative * 200 < customers or negative == 1
    if few:
        return f"{view.formats.count(negative)} {plural(negative, 'customer')}"
    return f"{view.formats.percent(negative / customers)} of customers"


def _shares(view: ReportView) -> str:
    """ "Platinum brought 68 %, Gold 37 % and others 1 %; Bronze took 6 % away".

    In money where gains and losses are several times what is left of them.
    """
    whole = view.data.earned[ALL].margin
    every = {t: view.data.earned[t].margin for t in view.tiers if t in view.data.earned}
    own = {view.label(t): amount for t, amount in every.items() if not view.margin_unknown(t)}
    new = view.data.earned.get("new")
    if new is not None and abs(new.margin) >= whole / 200 and not view.margin_unknown("new"):
        own["new customers"] = every["new"] = new.margin
    others = whole - sum(every.values())
    if abs(others) >= whole / 200:  # below half a percent it would be printed as 0 %
        own["others"] = others
    part_of = whole if max(map(abs, own.values()), default=0.0) <= TIMES * whole else 0.0
    brought = [(label, amount) for label, amount in own.items() if amount >= 0]
    took = [(label, -amount) for label, amount in own.items() if amount < 0]
    said = []
    if brought:
        said.append(_each(view, brought, "brought", part_of))
    if took:
        said.append(f"{_each(view, took, 'took', part_of)} away")
    if unknown := [view.label(t) for t in every if view.margin_unknown(t)]:
        said.append(f"that of {listed(unknown)} is not known")
    return "; ".join(said)


def _each(view: ReportView, amounts: Sequence[tuple[str, float]], verb: str, whole: float) -> str:
    """ "Platinum brought 68 % and Gold 37 %"; amounts of money where whole is 0."""
    worded = [
        view.formats.percent(a / whole) if whole else view.formats.money(a, 0)
        for _label, a in amounts
    ]
    said = [f"{label} {text}" for (label, _a), text in zip(amounts[1:], worded[1:], strict=True)]
    return listed([f"{amounts[0][0]} {verb} {worded[0]}", *said])


def retention(view: ReportView) -> str:
    """How many customers came and left, and the retention of the first and last tier."""
    m, f = view.data, view.formats
    opening, closing = sum(a.opening for a in m.counts), sum(a.closing for a in m.counts)
    new, lost = sum(a.new + a.won_back for a in m.counts), sum(a.lost for a in m.counts)
    came = f"{f.count(new)} {plural(new, 'customer')} came" if new else "No customer came"
    left = f" and {f.count(lost)} left" if lost else " and none left"
    if not m.losses_known:
        left = "; whether any left is not known"
    became = f"{f.count(opening)} became {f.count(closing)}"
    if opening == closing:
        there = f"are {f.count(closing)}" if closing != 1 else "is 1"
        became = f"there {there} as before" if closing else "there is none"
    elif not opening or not closing:
        became = f"there {'is' if closing == 1 else 'are'} {f.count(closing)} now"
        became = became if closing else "there is none left"
    first = f"{came}{left}: {became}." if m.losses_known else f"{came}{left}."
    return _with_ends(view, first, ["logo_retention", "repeat_purchase"])


def experience(view: ReportView) -> str:
    """How many promised experiences were delivered, and a score of the first and last tier."""
    families = ("experience", "service")
    results = [r for r in judged(view) if view.data.metrics[r.metric].family in families]
    strengths, _weaknesses = _kinds(view, results)
    names = ["nps", "csat", "ces", "csat_mean", "first_reply_p90"]
    if _unmeasured(strengths):
        none = "promised experience was measured" if strengths else "experience was promised"
        return _with_ends(view, "", names) or f"No {none} in this period."
    if view.so_far:
        return _with_ends(view, f"No experience is judged yet, after {view.so_far}.", names)
    of, kept = len(strengths), _count(strengths, "delivered")
    waiting = _count(strengths, UNDECIDED)
    if of == 1 and strengths[0].verdict is not None:
        said = f"The promised experience {BECAME[strengths[0].verdict.words]}"
    elif waiting == of:
        said = f"{capital(part_of(of, of, 'promised experience'))} wait for evidence"
    else:
        said = f"We delivered {part_of(kept, of, 'promised experience')}"
        said += f"; {waiting} {'waits' if waiting == 1 else 'wait'} for evidence" if waiting else ""
    return _with_ends(view, f"{said}.", names)


def evidence(view: ReportView, rows: int) -> str:
    """How many rows the packet rests on, how many choices lack evidence, and how many stances have
    expired."""
    results, tables = judged(view), len(view.data.tables)
    of, undecided = len(results), _count(results, UNDECIDED)
    read = f"{view.formats.count(rows)} {plural(rows, 'row')} in {tables} {plural(tables, 'table')}"
    were = "was" if rows == 1 else "were"
    lapsed = f"; {said}" if (said := expiry.counted(view)) else ""
    if not results:
        return f"{read} {were} read; no stance was in force{lapsed}."
    if undecided == of:
        waits = "waits" if of == 1 else "wait"
        choices = part_of(of, of, "choice")
        return f"{read} {were} read; {choices} {waits} for evidence{lapsed}."
    decide = "decides" if rows == 1 else "decide"
    said = f"{read} {decide} {part_of(of - undecided, of, 'choice')}"
    if not undecided:
        return f"{said}{lapsed}."
    return f"{said}; {undecided} {'waits' if undecided == 1 else 'wait'} for evidence{lapsed}."


def owner(view: ReportView, results: Sequence[Result], owners: Sequence[str] = ()) -> str:
    """How many of an owner's choices went as chosen, and which did not; `owners` has the id."""
    found = [r for r in results if r.verdict is not None]
    if not found:
        return (
            f"No stance of this owner was in force in this period.{expiry.sentence(view, owners)}"
        )
    if said := _nothing_judged(view, found):
        return f"{said}{expiry.sentence(view, owners)}"
    first = _as_chosen(found)
    hits = {words: _cells(found, words) for words in (*ORDER, UNDECIDED)}
    hits[expiry.WORDS] = expiry.cells(view, owners)
    if not any(hits.values()):
        return first
    return fitted(lambda most: f"{first} {_by_words(view, hits, most)}", len(found))


def team(view: ReportView, results: Sequence[Result], owners: Sequence[str] = ()) -> str:
    """How many of the choices of a team's `owners` went as chosen, and which did not.

    Those that wait for evidence, and those that nobody has decided anew, are counted, not named.
    """
    found, lapsed = [r for r in results if r.verdict is not None], expiry.sentence(view, owners)
    if not found:
        return f"No stance of this team was in force in this period.{lapsed}"
    if said := _nothing_judged(view, found):
        return f"{said}{lapsed}"
    first = _as_chosen(found)
    waiting = _count(found, UNDECIDED)
    rest = (f" {waiting} {PAST[UNDECIDED][waiting != 1]}." if waiting else "") + lapsed
    hits = {words: cells for words in ORDER if (cells := _cells(found, words))}
    if not hits:
        return f"{first}{rest}"
    return fitted(lambda most: f"{first} {_by_words(view, hits, most)}{rest}", NAMED, TEAM_LONGEST)


def _as_chosen(found: Sequence[Result]) -> str:
    """ "7 of 9 choices went as chosen."; "The choice did not go as chosen."."""
    kept = _count(found, "delivered") + _count(found, "as accepted")
    if len(found) == 1 and not kept:
        return "The choice did not go as chosen."
    return f"{capital(part_of(kept, len(found), 'choice'))} went as chosen."


def _nothing_judged(view: ReportView, results: Sequence[Result]) -> str:
    """The sentence for a period in which nothing could be judged; empty where something was."""
    if not results:
        return "No stance was in force: nothing was promised, so nothing can be held to it."
    reasons, of = {r.verdict.reason for r in results if r.verdict is not None}, len(results)
    if "partial_period" in reasons and reasons <= GATES:
        over = f" ({view.so_far})" if view.so_far else ""
        rest = "its one choice is not" if of == 1 else f"none of its {of} choices is"
        return f"The period is not over{over}: {rest} judged yet."
    if _unmeasured(results):
        if not _unmeasured(view.data.results.values()):
            if of == 1:
                return "The one choice could not be measured in this period, so it is not judged."
            return f"None of {of} choices could be measured in this period, so none is judged."
        rest = "the one choice is not" if of == 1 else f"none of {of} choices is"
        return f"Nothing could be measured in this period: {rest} judged."
    if reasons <= GATES:
        which = "The one choice" if of == 1 else f"None of {of} choices"
        return f"{which} could {'not ' if of == 1 else ''}be judged."
    if _count(results, UNDECIDED) < of:
        return ""
    return "The choice lacks evidence." if of == 1 else f"None of {of} choices has enough evidence."


def _unmeasured(results: Iterable[Result]) -> bool:
    """Whether none of the results has a figure."""
    return all(r.unmeasured or r.estimate.value is None for r in results)


def _with_ends(view: ReportView, first: str, names: Sequence[str]) -> str:
    """The sentence, followed by the first and last tier's figure of a metric if that fits."""
    ends = _ends(view, names)
    whole = " ".join(part for part in (first, ends) if part)
    return fitted(lambda most: whole if most else first or whole, 1)


def _ends(view: ReportView, names: Sequence[str]) -> str:
    """The first and the last tier's figure of the first metric that has both."""
    for name in names:
        metric = view.data.metrics.get(name)
        if metric is None:
            continue
        known = []
        for tier in view.tiers:
            result = view.result(name, tier)
            if result is not None:
                known += [tier] if result.estimate.value is not None else []
        if len(known) >= 2:
            first, last = known[0], known[-1]
            return (
                f"{metric.label}: {view.label(first)} {view.figure_of(metric, first)}, "
                f"{view.label(last)} {view.figure_of(metric, last)}."
            )
    return ""


def _kinds(view: ReportView, results: Iterable[Result]) -> tuple[list[Result], list[Result]]:
    """The strengths and the weaknesses among verdicts."""
    strengths: list[Result] = []
    weaknesses: list[Result] = []
    for result in results:
        stance = view.stance(result.metric, result.tier)
        if stance is not None:
            (strengths if stance.kind == "strength" else weaknesses).append(result)
    return strengths, weaknesses


def _count(results: Iterable[Result], words: str) -> int:
    return len(_cells(results, words))


def _cells(results: Iterable[Result], words: str) -> list[Cellkey]:
    return [
        (r.metric, r.tier) for r in results if r.verdict is not None and r.verdict.words == words
    ]
