"""Random small companies of a few customers, with contacts, surveys and promises of all kinds."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

TOGETHER = 20
"""Companies that are drawn together, each in a tier of its own: an engine is asked once for all."""
TIERS = {f"{name}{number:02}": f"t{number:02}" for number in range(TOGETHER) for name in "abcd"}
"""Their customers, and the tier of each; "z" and None are nobody known."""
NOW = datetime(2026, 4, 10, 8, tzinfo=UTC)
FIRST, AFTER = date(2026, 3, 1), date(2026, 4, 1)
START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, 23, tzinfo=UTC)
"""March in London, whose clocks go forward on the 29th."""
Row = dict[str, Any]
Company = dict[str, list[Row]]
"""Rows by table, each with all columns of its contract that are drawn."""


def companies(seed: int) -> Company:
    """The companies of that number, always the same, as one with a tier for each of them."""
    chance = random.Random(seed)
    found: Company = {name: [] for name in ("customers", "interactions", "surveys", "promises")}
    for tier in dict.fromkeys(TIERS.values()):
        ours = [name for name, of in TIERS.items() if of == tier]
        somebody = (*ours, *ours, *(ours[:1] * 2), "z", None)
        found["customers"] += [_customer(chance, name) for name in ours]
        for table, draw in DRAWN.items():
            for _ in range(chance.choice((0, 2, 6, 15))):
                number = f"{len(found[table]):04}"
                found[table].append(draw(chance, number, chance.choice(somebody)))
    return found


def _customer(chance: random.Random, name: str) -> Row:
    came = date(2023, 6, 1) + timedelta(days=chance.randrange(1000))
    stayed = timedelta(days=chance.choice((0, 30, 200, 366, 400, 700, 1000)))
    left = came + stayed if chance.random() < 0.5 else None
    return {"customer_id": name, "acquired_on": came, "closed_on": left, "tier": TIERS[name]}


def _moment(chance: random.Random) -> datetime:
    """A moment in March most often, sometimes at its very ends, sometimes in another month."""
    ends = [START, END, START - timedelta(seconds=1), END - timedelta(seconds=1)]
    if chance.random() < 0.1:
        return chance.choice(ends)
    days = chance.choice((31, 31, 60))
    moment = START + timedelta(minutes=chance.randrange(days * 1440))
    return min(moment, NOW)


def _later(chance: random.Random, moment: datetime, share: float, hours: int) -> datetime | None:
    """A moment after, with that probability; a few lie before, or after what is known."""
    if chance.random() > share:
        return None
    if chance.random() < 0.05:
        return moment - timedelta(minutes=30)
    if chance.random() < 0.05:
        return NOW + timedelta(hours=chance.randrange(1, 50))
    return moment + timedelta(minutes=chance.choice((0, 1, chance.randrange(hours * 60))))


def _contact(chance: random.Random, number: str, customer: str | None) -> Row:
    opened = _moment(chance)
    return {
        "interaction_id": f"I{number}",
        "customer_id": customer,
        "issue_key": chance.choice(("k", "l", "m", None)),
        "opened_at": opened,
        "first_human_reply_at": _later(chance, opened, 0.8, 60),
        "resolved_at": _later(chance, opened, 0.7, 200),
        "abandoned_at": _later(chance, opened, 0.15, 5),
        "self_service": chance.choice((None, False, False, False, True)),
        "team": chance.choice(("north", "night", None)),
        "tier_known_at_open": chance.choice((None, False, True, True)),
    }


def _answer(chance: random.Random, number: str, customer: str | None) -> Row:
    sent = _moment(chance)
    return {
        "invite_id": f"S{number}",
        "customer_id": customer,
        "contact_id": chance.choice(("p", "q", None)),
        "instrument": chance.choice(("nps", "nps", "csat", "ces")),
        "kind": chance.choice(("relationship", "relationship", None, "transactional")),
        "sent_at": sent,
        "answered_at": _later(chance, sent, 0.85, 24 * 18),
        "score": chance.choice((None, 9.5, -1.0, 99.0, *map(float, range(11)))),
        "scale_min": chance.choice((None, None, None, 0.0, 1.0)),
        "scale_max": chance.choice((None, None, None, 5.0, 7.0, 10.0)),
        "eligible": chance.choice((None, True, True, True, False)),
        "weight": chance.choice((None, 1.0, 2.0, 0.5, 0.0)),
    }


def _promise(chance: random.Random, number: str, customer: str | None) -> Row:
    due = _moment(chance)
    moved = chance.choice((None, None, due - timedelta(days=1), due, due + timedelta(days=1)))
    days, often = chance.choice((-3, 1, 5, 20, 40)), 0.7 if moved else 0.2
    return {
        "promise_id": f"V{number}",
        "customer_id": customer,
        "due_at": due,
        "kept": chance.choice((None, True, True, False)),
        "renegotiated_at": moved,
        "new_due_at": due + timedelta(days=days) if chance.random() < often else None,
    }


DRAWN = {"interactions": _contact, "surveys": _answer, "promises": _promise}
