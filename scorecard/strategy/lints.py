"""Lints of a strategy: rules that its stances keep together, each a function of a context.

A lint's function name is its id. A violation that blocks is set aside only by a
[[waiver]] that names the lint and what it is waived on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from scorecard.base.findings import Finding
from scorecard.definitions.metric import Metric
from scorecard.errors import did_you_mean
from scorecard.strategy.funding_lints import (
    funding_cycle,
    funding_mismatch,
    funding_promised_twice,
    funding_unknown,
    orphan_weakness,
    release_not_found,
    unfunded_strength,
)
from scorecard.strategy.limits import resolvable
from scorecard.strategy.lint_context import (
    Lint,
    LintContext,
    Violation,
    holding,
    newest,
    on_stance,
    on_thing,
)
from scorecard.strategy.model import Card, Stance, Strategy, Waiver

PAGE_HOLDS = 9
"""Stances that fit an owner's single page."""
_ANY_SAMPLE = 1_000_000
"""Taken as the usual n where none is known: what so large a sample cannot prove, none can."""
_QUESTIONS = ("promise", "problem", "niches", "ideal_customer", "offers")


def lint(
    strategy: Strategy,
    metrics: Mapping[str, Metric],
    usual_n: Mapping[str, int],
    day: date | None = None,
) -> list[Finding]:
    """The findings of all lints about a strategy that was read without faults.

    `usual_n` is observations per period by `metric/tier`. Stances in force on `day`
    are looked at; without a day, the newest of each metric and tier. A violation
    that is waived is a note.
    """
    stances = newest(strategy.stances) if day is None else holding(strategy.stances, day)
    context = LintContext(strategy, metrics, usual_n, stances)
    found = [(rule.__name__, violation) for rule in LINTS for violation in rule(context)]
    return [_finding_of(id, v, strategy.waivers) for id, v in found] + [
        _unmatched(w) for w in strategy.waivers if not any(_waives(w, id, v) for id, v in found)
    ]


def _finding_of(id: str, violation: Violation, waivers: tuple[Waiver, ...]) -> Finding:
    waiver = next((w for w in waivers if _waives(w, id, violation)), None)
    v = violation
    if waiver is None:
        meant = f'If it is meant: [[waiver]] lint = "{id}", on = "{v.about[0]}", reason, by.'
        hint = " ".join(h for h in (v.hint, "" if id in SLIPS else meant) if h)
        return Finding(id, v.severity, v.place, v.message, hint)
    return Finding(id, "note", v.place, f"Waived by {waiver.by} ({waiver.reason}): {v.message}")


def _waives(waiver: Waiver, id: str, violation: Violation) -> bool:
    return waiver.lint == id and (waiver.on == "*" or waiver.on in violation.about)


def _unmatched(waiver: Waiver) -> Finding:
    known = [rule.__name__ for rule in LINTS]
    return Finding(
        "waiver_unmatched",
        "warning",
        f"strategy.toml (waiver {waiver.lint})",
        f'The waiver of {waiver.lint} on "{waiver.on}" sets nothing aside; remove or correct it.',
        "" if waiver.lint in known else did_you_mean(waiver.lint, known).strip(),
    )


def exhausted_mediocrity(context: LintContext) -> Iterator[Violation]:
    """Being great at everything wears a company out: each tier has weaknesses, at least half."""
    for tier in context.strategy.plan.ids:
        stances = context.in_tier(tier)
        strong = sum(s.kind == "strength" for s in stances)
        if stances and strong == len(stances):
            yield on_thing(
                "tier",
                tier,
                f'Tier "{tier}" has no accepted weakness, which ends in '
                "exhausted mediocrity; accept one that pays for strengths.",
            )
        elif 2 * strong > len(stances):
            yield on_thing(
                "tier",
                tier,
                f'Tier "{tier}" has {strong} strengths among '
                f"{len(stances)} stances, which ends in exhausted mediocrity; "
                "keep strengths to half of them.",
            )


def no_strength(context: LintContext) -> Iterator[Violation]:
    """Each tier has at least one strength."""
    for tier in context.strategy.plan.ids:
        if not any(s.kind == "strength" for s in context.in_tier(tier)):
            yield on_thing(
                "tier", tier, f'Tier "{tier}" has no strength; promise its customers at least one.'
            )


def importance_order(context: LintContext) -> Iterator[Violation]:
    """Strengths lie where a tier's customers care most, weaknesses where least.

    Looks at tiers with three ranked stances or more. Of equal ranks none is faulted
    for its place among them.
    """
    for tier in context.strategy.plan.ids:
        ranked = [s for s in context.in_tier(tier) if s.importance]
        third = len(ranked) // 3
        for stance in ranked:
            ahead = sum(s.importance <= stance.importance for s in ranked)
            behind = sum(s.importance >= stance.importance for s in ranked)
            if stance.kind == "weakness" and ahead <= third:
                yield on_stance(
                    stance,
                    "The weakness is in the third that matters most to the "
                    "tier; accept it on something that matters less.",
                    "warning",
                )
            if stance.kind == "strength" and behind <= third:
                yield on_stance(
                    stance,
                    "The strength is in the third that matters least to the "
                    "tier; promise something that matters more.",
                    "warning",
                )


def weakness_on_must_be(context: LintContext) -> Iterator[Violation]:
    """No weakness is accepted on a metric that is a non-negotiable or a must-be."""
    strategy = context.strategy
    for stance in context.weaknesses:
        if stance.metric in strategy.non_negotiable + strategy.must_be:
            rule = "non_negotiable" if stance.metric in strategy.non_negotiable else "must_be"
            yield on_stance(
                stance,
                f"A weakness may not be accepted on {stance.metric}, which is "
                f"listed in {rule}; make it a strength or remove it.",
            )


def non_negotiable_not_strength(context: LintContext) -> Iterator[Violation]:
    """A non-negotiable is a strength in every tier; `weakness_on_must_be` finds weaknesses."""
    for metric in context.strategy.non_negotiable:
        taken = {s.tier for s in context.of_metric(metric)}
        open_tiers = [t for t in context.strategy.plan.ids if t not in taken]
        if open_tiers:
            yield Violation(
                f"strategy.toml (non-negotiable {metric})",
                (metric, *open_tiers, *(f"{metric}/{t}" for t in open_tiers)),
                f"{metric} is non-negotiable but no strength in {', '.join(open_tiers)}; "
                "declare one with the requirement as its limit.",
            )


def non_negotiable_sampled(context: LintContext) -> Iterator[Violation]:
    """Every case of a non-negotiable counts, so it is judged as a census."""
    for name in context.strategy.non_negotiable:
        for stance in context.of_metric(name):
            metric = context.metrics.get(name)
            if (stance.evidence or (metric.evidence if metric else "census")) == "sample":
                yield on_stance(
                    stance,
                    f'{name} is non-negotiable but judged from a sample; set evidence = "census".',
                )


def one_size_fits_all(context: LintContext) -> Iterator[Violation]:
    """Tiers differ: a metric has not the same stance in all of them, but for non-negotiables."""
    tiers = context.strategy.plan.ids
    for metric in dict.fromkeys(s.metric for s in context.stances):
        stances = context.of_metric(metric)
        alike = len({(s.kind, s.at_worst, s.at_best) for s in stances}) == 1
        everywhere = len(tiers) > 1 and {s.tier for s in stances} == set(tiers)
        if alike and everywhere and metric not in context.strategy.non_negotiable:
            told = on_stance(
                stances[0],
                f"{metric} has the same {stances[0].kind} and limits in "
                "all tiers, so one size fits all; let tiers differ or waive this "
                "with the reason.",
                "warning",
            )
            about = (metric, *(s.key for s in stances), *tiers)
            yield Violation(told.place, about, told.message, told.severity)


def unbounded_weakness(context: LintContext) -> Iterator[Violation]:
    """Every accepted weakness has a floor."""
    for stance in context.weaknesses:
        if stance.at_worst is None:
            yield on_stance(
                stance,
                "The weakness has no floor; add at_worst, the level below "
                "which it is no longer accepted.",
            )


def late_declaration(context: LintContext) -> Iterator[Violation]:
    """A stance is declared before the day from which results are judged by it."""
    for stance in context.stances:
        if stance.declared >= stance.effective:
            yield on_stance(
                stance,
                f"Declared on {stance.declared} for {stance.effective}, which "
                "is too late and will be printed so; let it take effect later.",
                "warning",
            )


def strategy_card_incomplete(context: LintContext) -> Iterator[Violation]:
    """The brand and each offer have their five answers; no strength on an offer without them."""
    if context.strategy.brand is None:
        yield on_thing(
            "brand",
            "brand",
            "The brand's five questions are not answered; add a [brand] table.",
            "warning",
        )
    for card in (context.strategy.brand, *context.strategy.offers):
        if card and card.answered < len(_QUESTIONS):
            what = "brand" if card is context.strategy.brand else "offer"
            missing = ", ".join(_unanswered(card))
            yield on_thing(
                what,
                card.id,
                f"{card.name} has {card.answered} of 5 answers; write what is missing: {missing}.",
                "warning",
            )
    weak_offers = {c.id: c for c in context.strategy.offers if c.answered < len(_QUESTIONS)}
    for stance in context.strengths:
        if card := weak_offers.get(stance.offer):
            yield on_stance(
                stance,
                f"The strength is promised on {card.name}, which has "
                f"{card.answered} of 5 answers; complete them first.",
            )


def _unanswered(card: Card) -> list[str]:
    return [q for q in _QUESTIONS if not getattr(card, q).strip()]


def tier_card_incomplete(context: LintContext) -> Iterator[Violation]:
    """Each tier says what its customers need, what else they could do, and what they pay."""
    for tier in context.strategy.plan.tiers:
        fields = ("needs", "alternatives", "willingness_to_pay")
        missing = [f for f in fields if not getattr(tier, f)]
        if missing:
            yield on_thing(
                "tier",
                tier.id,
                f'Tier "{tier.id}" does not say all of its card; '
                f"write what is missing: {', '.join(missing)}.",
                "warning",
            )


def too_many_stances(context: LintContext) -> Iterator[Violation]:
    """An owner's stances fit one page."""
    counts = Counter(s.owner for s in context.stances)
    for owner in context.strategy.owners:
        count = counts[owner.id]
        if count > PAGE_HOLDS:
            yield on_thing(
                "owner",
                owner.id,
                f"{owner.name} answers for {count} stances and a "
                f"page holds {PAGE_HOLDS}; hand {count - PAGE_HOLDS} to another "
                "owner.",
            )


def owner_without_purpose(context: LintContext) -> Iterator[Violation]:
    """Each owner's purpose says what they do for which customer; a title does not."""
    for owner in context.strategy.owners:
        if owner.purpose.strip().casefold() in ("", owner.role.casefold(), owner.name.casefold()):
            yield on_thing(
                "owner",
                owner.id,
                f"{owner.name} has no purpose in customer terms; "
                'write in "purpose" what is done for which customer.',
                "warning",
            )


def unprovable_limit(context: LintContext) -> Iterator[Violation]:
    """A limit can be proved with the evidence that there usually is.

    It warns where too few observations were counted, since next month may bring more; it
    blocks where too few were declared, or where no sample can prove the limit.
    """
    for stance in context.stances:
        metric = context.metrics.get(stance.metric)
        usual = context.usual_n.get(stance.key, stance.usual_n)
        largest = _ANY_SAMPLE if usual is None else usual
        if metric and stance.at_worst is not None and not resolvable(metric, stance, largest):
            counted = stance.key in context.usual_n and resolvable(metric, stance, _ANY_SAMPLE)
            yield on_stance(
                stance, _unprovable(stance, usual), "warning" if counted else "blocking"
            )


def _unprovable(stance: Stance, usual: int | None) -> str:
    limit = stance.written[0] or f"{stance.at_worst:g}"
    if usual is None:
        return f"No sample can prove {limit}; move the limit or judge by census."
    return (
        f"{usual} observation{'' if usual == 1 else 's'}, as usual here, can never prove "
        f"{limit}; "
        "move the limit, raise the evidence or judge by census."
    )


SLIPS = {
    rule.__name__
    for rule in (
        funding_unknown,
        funding_mismatch,
        funding_cycle,
        strategy_card_incomplete,
        tier_card_incomplete,
        owner_without_purpose,
    )
}
"""Lints whose violations are slips, or work that is left to do: nobody means them, so their
findings do not mention that a waiver sets them aside, too."""

# Findings come in this order; waivers in strategy.toml name the functions.
LINTS: tuple[Lint, ...] = (
    orphan_weakness,
    unfunded_strength,
    funding_unknown,
    funding_mismatch,
    funding_cycle,
    funding_promised_twice,
    release_not_found,
    exhausted_mediocrity,
    no_strength,
    importance_order,
    weakness_on_must_be,
    non_negotiable_not_strength,
    non_negotiable_sampled,
    one_size_fits_all,
    unbounded_weakness,
    late_declaration,
    unprovable_limit,
    strategy_card_incomplete,
    tier_card_incomplete,
    too_many_stances,
    owner_without_purpose,
)
