"""Lints on funding: each weakness pays for a strength, and each strength is paid for."""

from __future__ import annotations

from collections.abc import Iterator

from scorecard.errors import did_you_mean
from scorecard.strategy.amounts import per_month
from scorecard.strategy.lint_context import LintContext, Violation, on_stance
from scorecard.strategy.model import Stance


def orphan_weakness(context: LintContext) -> Iterator[Violation]:
    """Each weakness funds a strength; one that funds nothing is just bad."""
    for stance in context.weaknesses:
        if not stance.funds:
            yield on_stance(
                stance, 'The weakness pays for no strength; name one in "funds" or remove it.'
            )


def unfunded_strength(context: LintContext) -> Iterator[Violation]:
    """A strength needs a source that pays, or evidence that its tier's customers do."""
    paying = {t.id for t in context.strategy.plan.tiers if t.willingness_to_pay}
    for stance in context.strengths:
        if not stance.funded_by and stance.tier not in paying:
            yield on_stance(
                stance,
                'Nothing pays for the strength; name a source in "funded_by" or add '
                f'willingness-to-pay evidence to tier "{stance.tier}".',
            )


def funding_unknown(context: LintContext) -> Iterator[Violation]:
    """Funding comes from declared weaknesses and goes to declared strengths."""
    weak = {s.key for s in context.weaknesses}
    strong = {s.key for s in context.strengths}
    for stance in context.stances:
        for ref in _payers(stance):
            if ref not in weak:
                yield _unknown(stance, "funded_by", ref, "weakness", weak)
        for ref in stance.funds:
            if ref not in strong:
                yield _unknown(stance, "funds", ref, "strength", strong)


def _unknown(stance: Stance, key: str, ref: str, kind: str, known: set[str]) -> Violation:
    message = f"{key} names {ref}, which is not a declared {kind}; correct the name or declare it."
    return on_stance(stance, message, hint=did_you_mean(ref, known))


def funding_mismatch(context: LintContext) -> Iterator[Violation]:
    """A strength names each weakness that funds it, and the weakness names the strength."""
    by_key = {s.key: s for s in context.stances}
    for stance in context.stances:
        for payer in (by_key[ref] for ref in _payers(stance) if ref in by_key):
            if stance.key not in payer.funds:
                yield _mismatch(stance, "funded_by", payer, "funds")
        for paid in (by_key[ref] for ref in stance.funds if ref in by_key):
            if stance.key not in _payers(paid):
                yield _mismatch(stance, "funds", paid, "funded_by")


def _mismatch(stance: Stance, here: str, other: Stance, there: str) -> Violation:
    return on_stance(
        stance,
        f'{here} names {other.key}, which does not name {stance.key} in "{there}"; '
        "add it there or remove it here.",
        "warning",
    )


def funding_cycle(context: LintContext) -> Iterator[Violation]:
    """No stance funds itself by way of others."""
    order = [s.key for s in context.stances]
    pays = {s.key: set(s.funds) for s in context.stances}
    for stance in context.stances:
        for ref in _payers(stance):
            pays.setdefault(ref, set()).add(stance.key)
    reach = {key: _reached(key, pays) for key in order}
    told: set[str] = set()
    for stance in context.stances:
        key = stance.key
        if key in reach[key] and key not in told:
            circle = [k for k in order if k in reach[key] and key in reach[k]]
            told.update(circle)
            yield on_stance(
                stance,
                f"Funding runs in a circle through {', '.join(circle)}; take out a reference, "
                "because no money enters it.",
            )


def funding_promised_twice(context: LintContext) -> Iterator[Violation]:
    """Strengths are promised no more of a weakness than it releases."""
    for weak in (s for s in context.weaknesses if s.releases):
        named = [f for s in context.strengths for f in s.funded_by if f.ref == weak.key]
        promised = sum(per_month(f.amount) or 0 for f in named)
        released = per_month(weak.releases)
        if released is not None and promised > released:
            yield on_stance(
                weak,
                f"Strengths are promised {float(promised):,.0f} a month of it, and it releases "
                f"{float(released):,.0f}; correct the amounts in funded_by, or releases.",
                "warning",
            )


def release_not_found(context: LintContext) -> Iterator[Violation]:
    """What a weakness releases is held against what its cost pool cost before it."""
    for weak in context.weaknesses:
        released, before = per_month(weak.releases), per_month(weak.baseline)
        if weak.pool and weak.releases and before is None:
            yield on_stance(
                weak,
                "It names a cost pool, but not what that cost in the tier before; add baseline, "
                "or what it releases is never found.",
                "warning",
            )
        elif released is not None and before is not None and released > before:
            yield on_stance(
                weak,
                f"It is to release {float(released):,.0f} a month of a pool that cost "
                f"{float(before):,.0f}; "
                "correct releases or baseline.",
                "warning",
            )


def _payers(stance: Stance) -> tuple[str, ...]:
    return tuple(f.ref for f in stance.funded_by if f.kind == "weakness")


def _reached(start: str, pays: dict[str, set[str]]) -> set[str]:
    """The keys that money from `start` reaches; `start` is among them only in a circle."""
    seen: set[str] = set()
    ahead = list(pays.get(start, ()))
    while ahead:
        key = ahead.pop()
        if key not in seen:
            seen.add(key)
            ahead += pays.get(key, ())
    return seen
