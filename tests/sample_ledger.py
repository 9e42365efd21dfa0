"""A ledger with rows in every table, as a month's work leaves them."""

from __future__ import annotations

from datetime import date, timedelta

from test_ledger import NOW, OCTOBER, claim, result, stance
from test_ledger_delivery import TTL, owed, parcel

from scorecard.answering.handed_in import Decision, Found, HandedIn, Reviewed
from scorecard.answering.model import (
    CommitmentStep,
    Goal,
    Promised,
    Question,
    Renegotiated,
    Reply,
)
from scorecard.answering.proposal import Experience, Profit, Proposal
from scorecard.ledger import ReadBack, Rendering, ReplyLink

MINUTE = timedelta(minutes=1)


def filled(ledger, people=12):
    """Fill a ledger; the documents in it, by their edition's id."""
    ledger.claim_for("acme", NOW)
    ledger.expect("packet", [owed()], NOW)
    begun = ledger.begin("packet", "2026-10", "one", NOW, TTL)
    run = claim(ledger)
    ledger.witness([stance(), stance("bronze", 0.5)], "month", "Europe/London", NOW)
    figures = [result(metric, tier) for metric in ("csat", "nps") for tier in ("gold", "bronze")]
    ledger.save_results(run, figures, NOW)
    ledger.advance(run, "judged", NOW + MINUTE)
    ledger.save_results(run, figures[:2], NOW + MINUTE)
    owners = [("owner-scorecard", f"owner-{n}", f'{{"said": "{n} é"}}') for n in range(people)]
    editions = ledger.freeze_all(owners, run, NOW + MINUTE)
    ledger.record_renderings(
        [Rendering(e.id, f"{n:064}", "1", NOW) for n, e in enumerate(editions)]
    )
    ledger.record_readings(
        [ReadBack(e.id, f"{n:064}", [], {"names": n}, "1", NOW) for n, e in enumerate(editions)]
    )
    ledger.advance(run, "done", NOW + 2 * MINUTE)
    ledger.computed_by(begun, run.id, NOW + 2 * MINUTE)
    ledger.queue(
        [parcel(f"reader-{n}@example.com", e.id, edition_id=e.id) for n, e in enumerate(editions)],
        NOW + 2 * MINUTE,
    )
    ledger.conclude(begun, "done", NOW + 2 * MINUTE, run_id=run.id)
    for taken in ledger.take_out("sender", NOW + 3 * MINUTE, TTL, people - 2):
        ledger.hand_over(taken, NOW + 3 * MINUTE, sha256="0" * 64, size=1000)
        ledger.settle(taken, "sent", NOW + 4 * MINUTE, code=250, reply="2.0.0 Ok")
    _answered(ledger, next(iter(editions)))
    ledger.note_address("ada@example.com", "opted out", "asked", NOW + 4 * MINUTE)
    ledger.note_frozen({"2026-10": "a" * 64, "boundaries.json 2026-01-01": "b" * 64}, NOW)
    ledger.accept("clock", "it ran fast", NOW + 5 * MINUTE)
    return {edition.id: edition for edition in editions}


def _answered(ledger, edition):
    """A question that was asked and answered, a commitment that was moved and settled."""
    ledger.ask([question()], edition.id, NOW + timedelta(days=3), NOW + 2 * MINUTE)
    kept = Promised("bring Gold to 80 %", Goal("csat", "gold", 0.8, None), "2026-12")
    reply = Reply("owner-0", "Ada", edition.id, "command", (("q1", "Two were ill."),), (kept,))
    ledger.receive(reply, lambda _known: [], NOW + 3 * MINUTE)
    later = Renegotiated(1, "2027-01", "staffing")
    reply = Reply("owner-0", "Ada", edition.id, "command", renegotiated=(later,), read=True)
    ledger.receive(reply, lambda _known: [], NOW + 4 * MINUTE)
    link = ReplyLink("l1", "page", "owner-0", "Ada", "", edition.id, NOW, NOW + timedelta(days=14))
    ledger.issue_link(link)
    ledger.note_link("l1", "opened", NOW + MINUTE)
    settled = CommitmentStep("settled", NOW + 5 * MINUTE, outcome="broken", value=0.7, n=40)
    ledger.settle_commitments({1: settled}, NOW + 5 * MINUTE)
    handed, _ = ledger.hand_in(handed_in(), NOW + 5 * MINUTE)
    decision = Decision("decided for", "Di Eder", "It pays.", NOW + 5 * MINUTE)
    ledger.decide("second-shift", decision, lambda _: [], NOW + 5 * MINUTE)
    ledger.note_reviews([Reviewed(handed.number, (found(),))], NOW + 6 * MINUTE)


def handed_in(name="second-shift", *missing, **more):
    """A proposal that is to bring the satisfied in Gold from 70 % to 80 %."""
    proposal = Proposal(
        name,
        "Second shift",
        "owner-0",
        ("gold",),
        "test houses",
        40,
        (Experience("csat", "gold", 0.7, 0.8, ("70 %", "80 %")),),
        (Profit("gold", 4.0, date(2026, 12, 31), "they stay", "4 EUR/month"),),
        measure="csat/gold",
        review_on=date(2026, 12, 31),
    )
    given = {"hash": "a" * 64, "margins": (("gold", 110.0),), "at": NOW, **more}
    return HandedIn(0, proposal, missing=missing, **given)


def found(**more):
    """What was found of it in December: 75 %."""
    given = {"value": 0.75, "low": 0.72, "high": 0.78, "n": 410, "outcome": "less than predicted"}
    cell = ("2026-12", "experience", "csat", "gold", 0.7, 0.8)
    return Found(*cell, **{**given, "run_id": "r1", **more})


def question(id="q1", number=1, owner="owner-0", period="2026-10"):
    return Question(
        id,
        period,
        owner,
        number,
        "not delivered, routine",
        "service",
        "csat/gold",
        "The process gives 72 %; the promise is 80 %. Which part of the design changes?",
        "Satisfied · Gold",
        "72 % (68–76), n 410",
        "Exceptions",
    )


__all__ = ["MINUTE", "NOW", "OCTOBER", "filled", "found", "handed_in", "question"]
