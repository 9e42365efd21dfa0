"""Invented figures: tiers, cells and rows of Northwind Instruments, which does not exist."""

from __future__ import annotations

from dataclasses import replace

from scorecard.documents.model import Bullet, Cell, ControlChart, Mark, Region, Row
from scorecard.documents.packet_model import Section, TierHead

TIERS = (
    TierHead("platinum", "Platinum", "412 customers", "46 % of margin"),
    TierHead("gold", "Gold", "1,930 customers", "39 % of margin"),
    TierHead("silver", "Silver", "6,204 customers", "22 % of margin"),
    TierHead("bronze", "Bronze", "14,880 customers", "−7 % of margin"),
)
MONTHS = (
    "Nov 2025",
    "Dec",
    "Jan 2026",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
)
_WAVE = (0.1, -0.4, 0.3, 0.6, -0.5, 0.2, -0.1, 0.5, -0.6, 0.0, 0.4, -0.2)
_WORDS: dict[tuple[str, str], str] = {
    ("strength", "below"): "not delivered",
    ("strength", "within"): "delivered",
    ("strength", "above"): "over-served",
    ("strength", "straddle"): "too little evidence",
    ("weakness", "below"): "beyond acceptance",
    ("weakness", "within"): "as accepted",
    ("weakness", "above"): "over-served",
    ("weakness", "straddle"): "too little evidence",
    ("", ""): "no stance",
}
_MARKS: dict[str, Mark] = {"S": "strength", "W": "weakness", "-": ""}
_REGIONS: dict[str, Region] = {
    "<": "below",
    "=": "within",
    ">": "above",
    "?": "straddle",
    "-": "",
}


def bullet(
    value: float, spread: float, worst: float | None, best: float | None, lower: bool, alt: str
) -> Bullet:
    """A bullet whose scale leaves a third of its reach free on both sides."""
    inside = [v for v in (value - spread, value + spread, worst, best) if v is not None]
    reach = (max(inside) - min(inside)) or 1.0
    return Bullet(
        value=value,
        low=value - spread,
        high=value + spread,
        at_worst=worst,
        at_best=best,
        previous=value + spread * 0.7,
        scale=(min(inside) - reach / 3, max(inside) + reach / 3),
        lower_is_better=lower,
        alt=alt,
    )


def series(value: float, spread: float, exceptional: bool, alt: str) -> ControlChart:
    """Twelve periods around the value; an exceptional last point lies outside the limits."""
    centre = value + spread * 2.4 if exceptional else value
    values = [centre + spread * 1.3 * w for w in _WAVE[:-1]] + [value]
    return ControlChart(
        labels=MONTHS,
        values=tuple(values),
        centre=centre,
        lower=centre - spread * 1.4,
        upper=centre + spread * 1.4,
        provisional=False,
        exceptional=exceptional,
        alt=alt,
    )


def cell(tier: str, spec: str, note: str = "", signal: str = "routine") -> Cell:
    """A cell from "S= +61 | 54 to 67 | n 212": mark and region, value, range, n."""
    head, range_, n = (part.strip() for part in spec.split("|"))
    code, text = head.split(maxsplit=1)
    mark, region = _MARKS[code[0]], _REGIONS[code[1]]
    words = _WORDS[mark, region]
    loud = words in {"not delivered", "beyond acceptance", "over-served", "too little evidence"}
    return Cell(tier, mark, text, range_, n, region, words, note, loud, signal)


def drawn(of: Cell, label: str, limits: tuple[float | None, float | None], lower: bool) -> Cell:
    """The same cell with its bullet and its process chart."""
    value = float(of.text.replace("−", "-").replace("+", "").replace(",", ""))
    spread = max(abs(value) * 0.06, 0.4)
    return replace(
        of,
        bullet=bullet(value, spread, *limits, lower, f"{label}, {of.tier}: {of.text}, {of.words}."),
        series=series(
            value,
            spread,
            of.signal.startswith("exceptional"),
            f"Twelve periods of {label} in {of.tier}; the last is {of.signal}.",
        ),
    )


def row(metric: str, label: str, unit: str, owners: str, *specs: str) -> Row:
    """A row of cells; a spec may carry " ! note" behind it and "*" for an exceptional signal."""
    cells = []
    for head, spec in zip(TIERS, specs, strict=True):
        body, _, note = spec.partition(" ! ")
        flow = "exceptional, unfavourable" if body.endswith("*") else "routine"
        cells.append(cell(head.id, body.rstrip("*"), note, flow))
    return Row(metric, label, unit, owners, tuple(cells))


NPS = row(
    "nps",
    "Recommend us (NPS)",
    "points",
    "D. Osei",
    "S= +61 | 54 to 67 | n 212",
    "S= +48 | 44 to 52 | n 640",
    "-- +31 | 28 to 34 | n 1,480",
    "W= +9 | 6 to 12 | n 2,204",
)
EASY = row(
    "ces",
    "Easy to deal with (5–7 of 7)",
    "%",
    "D. Osei",
    "S= 88 | 83–91 | n 190",
    "S? 81 | 78–83 | n 602 ! the interval crosses 80 %; leans delivered",
    "W= 72 | 70–74 | n 1,322",
    "W= 66 | 64–68 | n 2,011",
)
SATISFIED = row(
    "csat",
    "Satisfied (4 or 5 of 5)",
    "%",
    "D. Osei",
    "S= 93 | 89–96 | n 188",
    "S= 88 | 86–90 | n 655",
    "W= 81 | 79–83 | n 1,401",
    "W= 77 | 75–79 | n 2,188",
)
REPLY = row(
    "first_reply_p90",
    "First human reply, p90",
    "hours",
    "M. Lindqvist",
    "S= 1.2 | 0.9–1.6 | n 431",
    "S< 5.8 | 5.1–6.6 | n 1,204*",
    "W= 19 | 18–21 | n 3,377",
    "W< 61 | 57–66 | n 5,903*",
)
RESOLVED = row(
    "first_contact",
    "Resolved at first contact",
    "%",
    "M. Lindqvist",
    "S= 79 | 74–83 | n 398",
    "S= 74 | 71–76 | n 1,140",
    "W> 71 | 69–72 | n 3,204",
    "W= 58 | 57–60 | n 5,617",
)
FAILURE = row(
    "failure_demand",
    "Contacts that nobody wanted",
    "%",
    "M. Lindqvist",
    "S= 14 | 11–18 | n 604",
    "S= 19 | 17–21 | n 1,711",
    "W= 31 | 29–32 | n 4,480",
    "W= 38 | 37–39 | n 8,002",
)
PROMISES = row(
    "promises_kept",
    "Promises kept",
    "%",
    "R. Adeyemi, J. Tanaka",
    "S= 96 | 93–98 | n 302",
    "S= 93 | 91–95 | n 771",
    "S= 90 | 88–91 | n 1,902",
    "S= 88 | 86–89 | n 2,940",
)
WAITING = row(
    "onboarding_days",
    "First order to first use, median",
    "days",
    "R. Adeyemi",
    "S= 4 | 3–5 | n 31",
    "S? 7 | 5–11 | n 44 ! the interval crosses 8 days; leans delivered",
    "W= 16 | 14–18 | n 120",
    "W= 21 | 19–24 | n 388",
)
KEPT = row(
    "logo_retention",
    "Customers kept (logo), 12 months",
    "%",
    "J. Tanaka",
    "S= 97.1 | counted | 412 ! rests on 2 customers: Großküchen Müller GmbH, 株式会社山田精機",
    "S= 94.0 | counted | 1,930",
    "W= 89.2 | counted | 6,204",
    "W= 78.8 | counted | 14,880",
)
GRR = row(
    "grr",
    "Revenue kept, without growth",
    "%",
    "J. Tanaka",
    "S= 96 | counted | 412",
    "S= 93 | counted | 1,930",
    "W= 88 | counted | 6,204",
    "W= 76 | counted | 14,880",
)
NRR = row(
    "nrr",
    "Revenue kept including growth",
    "%",
    "J. Tanaka",
    "S= 118 | counted | 412",
    "S= 106 | counted | 1,930",
    "W= 99 | counted | 6,204",
    "W= 91 | counted | 14,880",
)
STAYING = row(
    "survival_24",
    "Still a customer after 24 months",
    "%",
    "J. Tanaka",
    "S= 95 | 92–97 | n 412",
    "S= 88 | 86–90 | n 1,930",
    "W= 77 | 75–78 | n 6,204",
    "W= 58 | 57–59 | n 14,880",
)
AGAIN = row(
    "repeat_180",
    "Bought again within 180 days",
    "%",
    "J. Tanaka",
    "S= 91 | counted | 389",
    "S= 84 | counted | 1,744",
    "-- 66 | counted | 5,120",
    "W= 41 | counted | 11,302",
)
EARNED = row(
    "earned_growth",
    "Earned growth",
    "%",
    "J. Tanaka",
    "S= 7.0 | counted | 412",
    "S= 4.2 | counted | 1,930",
    "-- 0.6 | counted | 6,204",
    "-- −3.1 | counted | 14,880",
)
MARGIN = row(
    "customer_margin",
    "Customer margin",
    "€ per customer",
    "S. Moreau",
    "S= 4,812 | 4,390 to 5,260 | 412",
    "S= 1,204 | 1,131 to 1,280 | 1,930",
    "S< 188 | 171 to 204 | 6,204",
    "W= −21 | −26 to −16 | 14,880",
)
COST = row(
    "cost_to_serve",
    "Cost to serve, of revenue",
    "%",
    "M. Lindqvist, S. Moreau",
    "W= 24 | counted | 412",
    "S= 21 | counted | 1,930",
    "S= 19 | counted | 6,204",
    "S< 31 | counted | 14,880*",
)
EFFORT = row(
    "effort_share",
    "Effort share ÷ value share",
    "ratio",
    "S. Moreau",
    "S= 0.91 | 0.84–0.98 | 412",
    "S= 0.97 | 0.90–1.03 | 1,930",
    "S= 1.02 | 0.95–1.10 | 6,204",
    "W> 1.41 | 1.29–1.52 | 14,880",
)
NEGATIVE = row(
    "negative_share",
    "Customers with a negative margin",
    "%",
    "S. Moreau",
    "S= 3 | counted | 412",
    "S= 8 | counted | 1,930",
    "W= 29 | counted | 6,204",
    "W= 61 | counted | 14,880",
)
PRICE = row(
    "price_realised",
    "Price realised, net of list",
    "%",
    "H. Weiß-Łukasik",
    "W= 83 | counted | 409",
    "S= 91 | counted | 1,904",
    "S= 95 | counted | 6,011",
    "S= 99 | counted | 14,202",
)
CHARGED = row(
    "charge_coverage",
    "Service cost that is charged for",
    "%",
    "H. Weiß-Łukasik",
    "S= 71 | counted | 412",
    "S= 64 | counted | 1,930",
    "W= 22 | counted | 6,204",
    "W= 4 | counted | 14,880",
)
_UNMEASURED = tuple(
    Cell(t.id, "", "–", "", "", "", "not measured: no offers", "", False, "") for t in TIERS
)
LEARNING = Row("learning", "Learnings that changed an offer", "%", "R. Adeyemi", _UNMEASURED)

SECTIONS = (
    Section(
        "What customers experienced",
        (NPS, EASY, SATISFIED, REPLY, RESOLVED, FAILURE, PROMISES, WAITING),
    ),
    Section("What customers did", (KEPT, GRR, NRR, STAYING, AGAIN, EARNED)),
    Section("What it earned", (MARGIN, COST, EFFORT, NEGATIVE, PRICE, CHARGED, LEARNING)),
)
