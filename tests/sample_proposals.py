"""A whole proposal as text, to be handed in against the sample strategy."""

from __future__ import annotations

WHOLE = """\
title = "Quicker replies for Gold"
owner = "ada"
worse_off = "Bronze, who wait four hours longer at noon."

[customers]
tiers = ["gold"]
niche = "Hospital laboratories"
count = 40

[[experience]]
metric = "first_reply_p90"
tier = "gold"
from = "4 h"
to = "3 h"

[[profit]]
tier = "gold"
per_customer = "12 EUR/month"
by = 2026-12-31
assumption = "Two of forty stay who would have gone."

[promise]
of = "care"
how = "It runs again within the shift."

[stance]
of = "first_reply_p90/gold"
effect = "supports strength"

[[paid_by]]
willingness = "accepted quote"
amount = "9 EUR/month"
on = 2026-09-30

[[asked]]
who = "Twelve of the forty, by telephone"
on = 2026-10-02

[review]
measure = "first_reply_p90/gold"
on = 2027-01-31
"""


def changed(*changes: tuple[str, str]) -> str:
    """The text with each first text replaced, once, by the second."""
    text = WHOLE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def without(head: str) -> str:
    """The text without the table of that heading, such as "[promise]"."""
    start = WHOLE.index(head)
    return WHOLE[:start] + WHOLE[WHOLE.index("\n\n", start) + 2 :]
