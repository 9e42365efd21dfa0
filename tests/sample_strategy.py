"""A small valid strategy as text, and the metrics that it refers to."""

from __future__ import annotations

from scorecard.definitions.metric import Metric, metric


def _service(label, better="lower", kind="quantile", unit="hours", evidence="sample"):
    return metric(
        label=label,
        unit=unit,
        better=better,
        kind=kind,
        family="service",
        needs=["interactions"],
        evidence=evidence,
        section="experienced",
    )


@_service("First human reply, 9 of 10 within")
def first_reply_p90(facts, period):
    """Hours."""


@_service("Solved at first contact", better="higher", kind="proportion", unit="share")
def first_contact_resolution(facts, period):
    """Share."""


@_service("Cost to serve", kind="total", unit="money per customer", evidence="census")
def cost_to_serve(facts, period):
    """Money."""


@_service("Answered the survey", better="neither", kind="proportion", unit="share")
def response_rate(facts, period):
    """Share."""


@_service("Private data kept private", better="higher", kind="proportion", unit="share")
def privacy(facts, period):
    """Share."""


METRICS: dict[str, Metric] = {
    m.name: m
    for m in (first_reply_p90, first_contact_resolution, cost_to_serve, response_rate, privacy)
}

TEXT = """\
[brand]
name = "Meridian"
promise = "You hear from a person."
problem = "Instruments that stand still."
niches = "Hospital laboratories"
ideal_customer = "niche = laboratory"
offers = "Care contract"

[[offer]]
id = "care"
name = "Care contract"
promise = "It runs."
problem = "Nobody on site can repair it."
niches = "Hospital laboratories"
ideal_customer = "niche = laboratory"
offers = "Two visits a year"

[tiers]
method = "margin_percentile"
since = "2024-01"

[[tier]]
id = "gold"
label = "Gold"
share = 0.2
needs = "A person at once"
alternatives = "The maker's own service"
willingness_to_pay = [{ kind = "price paid", amount = "1200 EUR/year", on = 2025-06-30 }]

[[tier]]
id = "bronze"
label = "Bronze"
share = "80 %"
needs = "A fair price"
alternatives = "A local workshop"
willingness_to_pay = [{ kind = "stated", amount = "300 EUR/year", on = 2025-06-30 }]

[[team]]
id = "support"
name = "Support"

[[owner]]
id = "ada"
name = "Ada Lovelace"
role = "Head of support"
team = "support"
purpose = "I get laboratories running again."
email = "ada@example.com"
since = 2025-01-01

[[owner]]
id = "ben"
name = "Ben Ito"
role = "Head of care"
team = "support"
purpose = "I keep laboratories running."

[[stance]]
metric = "first_reply_p90"
tier = "gold"
kind = "strength"
at_worst = "4 h"
importance = 1
owner = "ada"
funded_by = [
  { weakness = "first_reply_p90/bronze" },
  { charge = "Priority fee", amount = "38000 EUR/month" },
]
trade_off = "Bronze waits so that Gold does not."
approved_by = "coo"
declared = 2025-12-10
effective = 2026-01-01
offer = "care"

[[stance]]
metric = "first_contact_resolution"
tier = "gold"
kind = "weakness"
at_worst = "60 %"
at_best = "80 %"
importance = 2
owner = "ben"
funds = ["first_contact_resolution/bronze"]
trade_off = "A second call is fine when the first is quick."
approved_by = "coo"
declared = 2025-12-10
effective = 2026-01-01
usual_n = 100

[[stance]]
metric = "first_reply_p90"
tier = "bronze"
kind = "weakness"
at_worst = "48 h"
at_best = "12 h"
importance = 2
owner = "ada"
funds = ["first_reply_p90/gold"]
releases = "94000 EUR/month"
trade_off = "Bronze hears within two days."
approved_by = "coo"
declared = 2025-12-10
effective = 2026-01-01

[[stance]]
metric = "first_contact_resolution"
tier = "bronze"
kind = "strength"
at_worst = "75 %"
importance = 1
owner = "ben"
funded_by = [{ weakness = "first_contact_resolution/gold" }]
trade_off = "One good answer instead of many quick ones."
approved_by = "coo"
declared = 2025-12-10
effective = 2026-01-01

[[channel]]
id = "forum"
policy = "observe"
"""


def varied(*changes: tuple[str, str], more: str = "") -> str:
    """The text with each first text replaced, once, by the second; `more` is added at the end."""
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text + more


def stance(head: str) -> str:
    """The lines of the stance that begins with `metric = …`, `tier = …` of `metric/tier`."""
    metric_name, tier = head.split("/")
    start = TEXT.index(f'[[stance]]\nmetric = "{metric_name}"\ntier = "{tier}"')
    return TEXT[start : TEXT.index("\n\n", start) + 1]
