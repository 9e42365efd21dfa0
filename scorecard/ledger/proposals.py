"""Proposals: what was handed in, what was missing, and what was found when its day came."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from scorecard.answering.handed_in import Choice, Decision, Filed, Found, HandedIn, Reviewed
from scorecard.answering.proposal import Missing, Proposal
from scorecard.errors import LedgerError, ReplyError
from scorecard.ledger.journal import refuse_altered
from scorecard.ledger.proposal_models import ProposalReviewRow, ProposalRow
from scorecard.ledger.store import Store, damaged

HANDED_IN, WITHDRAWN = "handed in", "withdrawn"
CHOICES: tuple[Choice, ...] = ("decided for", "decided against")
_PROPOSAL: TypeAdapter[Proposal] = TypeAdapter(Proposal)
_MISSING: TypeAdapter[tuple[Missing, ...]] = TypeAdapter(tuple[Missing, ...])
_MARGINS: TypeAdapter[tuple[tuple[str, float], ...]] = TypeAdapter(tuple[tuple[str, float], ...])


class Proposals(Store):
    """The ledger's records of proposals. Reading one that was altered raises AlteredError."""

    def hand_in(self, proposal: HandedIn, now: datetime) -> tuple[HandedIn, bool]:
        """Record a proposal under the next number; itself, and whether it was recorded now.

        The same file again is the one that was recorded last where that had passed, whatever is
        missing by now, or where the same is missing.
        """

        def work(session: Session) -> tuple[HandedIn, bool]:
            filed = {f.name: f for f in _read(session, self.where)}
            known = filed.get(proposal.proposal.name)
            if known is not None and not known.withdrawn:
                last = known.last
                if last.hash == proposal.hash and last.missing in ((), proposal.missing):
                    return last, False
            new = replace(proposal, number=_next(session), at=now)
            session.add(_row(new))
            session.flush()
            return new, True

        return self._in_turn(work, now)

    def withdraw(
        self, name: str, reason: str, wrong: Callable[[Filed | None], Sequence[str]], now: datetime
    ) -> Filed:
        """Record that a proposal is not pursued; ReplyError with what `wrong` has against it."""

        def work(session: Session) -> Filed:
            known = next((f for f in _read(session, self.where) if f.name == name), None)
            if (said := list(wrong(known))) or known is None:
                raise ReplyError(said or [f'No proposal "{name}" was handed in.'])
            row = _row(replace(known.last, number=_next(session), at=now))
            row.step, row.reason = WITHDRAWN, reason
            session.add(row)
            session.flush()
            return replace(known, withdrawn=(now, reason))

        return self._in_turn(work, now)

    def decide(
        self,
        name: str,
        decision: Decision,
        wrong: Callable[[Filed | None], Sequence[str]],
        now: datetime,
    ) -> Filed:
        """Record what was decided about the last handing in; ReplyError with what `wrong` has
        against it. A later decision is another row, and the last one counts."""

        def work(session: Session) -> Filed:
            known = next((f for f in _read(session, self.where) if f.name == name), None)
            if (said := list(wrong(known))) or known is None:
                raise ReplyError(said or [f'No proposal "{name}" was handed in.'])
            row = _row(replace(known.last, number=_next(session), at=decision.at))
            row.step, row.reason, row.person = decision.choice, decision.reason, decision.person
            session.add(row)
            session.flush()
            return _decided(known, decision)

        return self._in_turn(work, now)

    def proposals(self) -> list[Filed]:
        """All proposals by the number under which they were handed in first."""
        with self._reading() as session:
            return _read(session, self.where)

    def note_reviews(self, reviews: Sequence[Reviewed], now: datetime) -> None:
        """Record what was found; figures that were found before and are the same are left out.

        A figure that a later run finds otherwise is another row, and both stay on record.
        """

        def work(session: Session) -> None:
            known = {h.number: h for f in _read(session, self.where) for h in f.handed_in}
            for review in (r for r in reviews if r.number in known):
                before = {f.figure: f for f in known[review.number].found}
                number = _rows_of(session, review.number)
                for found in review.found:
                    if not _same(before.get(found.figure), found):
                        number += 1
                        session.add(
                            ProposalReviewRow(
                                proposal=review.number, number=number, at=now, **asdict(found)
                            )
                        )

        if reviews:
            self._in_turn(work, now)


def _read(session: Session, where: str) -> list[Filed]:
    rows = list(session.exec(select(ProposalRow).order_by(col(ProposalRow.number))))
    refuse_altered(session, ProposalRow, [(r.number,) for r in rows], where)
    query = select(ProposalReviewRow).order_by(
        col(ProposalReviewRow.proposal), col(ProposalReviewRow.number)
    )
    reviews = list(session.exec(query))
    keys = [(r.proposal, r.number) for r in reviews]
    refuse_altered(session, ProposalReviewRow, keys, where)
    found: dict[int, dict[tuple[str, str, str], Found]] = {}
    for review in reviews:
        one = Found(**review.model_dump(exclude={"proposal", "number", "at"}))
        found.setdefault(review.proposal, {})[one.figure] = one
    filed: dict[str, Filed] = {}
    for row in rows:
        known = filed.get(row.name, Filed(row.name, ()))
        if row.step == WITHDRAWN:
            filed[row.name] = replace(known, withdrawn=(row.at, row.reason))
            continue
        if row.step in CHOICES:
            choice = next(c for c in CHOICES if c == row.step)
            decision = Decision(choice, row.person or "", row.reason, row.at)
            filed[row.name] = _decided(known, decision)
            continue
        handed = _handed_in(row, tuple(found.get(row.number, {}).values()), where)
        filed[row.name] = Filed(row.name, (*known.handed_in, handed))
    return list(filed.values())


def _decided(known: Filed, decision: Decision) -> Filed:
    last = replace(known.last, decision=decision)
    return replace(known, handed_in=(*known.handed_in[:-1], last))


def _handed_in(row: ProposalRow, found: tuple[Found, ...], where: str) -> HandedIn:
    try:
        return HandedIn(
            row.number,
            _PROPOSAL.validate_json(row.content),
            row.hash,
            _MISSING.validate_json(row.missing),
            _MARGINS.validate_json(row.margins),
            row.at,
            found,
        )
    except ValidationError as error:
        raise LedgerError(damaged(where, error)) from error


def _row(handed: HandedIn) -> ProposalRow:
    return ProposalRow(
        number=handed.number,
        name=handed.proposal.name,
        hash=handed.hash,
        title=handed.proposal.title,
        owner=handed.proposal.owner,
        content=_PROPOSAL.dump_json(handed.proposal, exclude_defaults=True).decode(),
        missing=_MISSING.dump_json(handed.missing).decode(),
        margins=json.dumps(handed.margins),
        step=HANDED_IN,
        reason="",
        at=handed.at,
    )


def _next(session: Session) -> int:
    last = session.exec(select(ProposalRow.number).order_by(col(ProposalRow.number).desc()))
    return (last.first() or 0) + 1


def _rows_of(session: Session, proposal: int) -> int:
    query = select(ProposalReviewRow.number).where(ProposalReviewRow.proposal == proposal)
    return max(session.exec(query), default=0)


def _same(before: Found | None, found: Found) -> bool:
    """Whether nothing else was found; another run may have found it."""
    return before is not None and replace(before, run_id="") == replace(found, run_id="")
