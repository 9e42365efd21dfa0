"""Invented documents, built by hand: what the page tests and the designer look at.

No figure here was computed from anything.
"""

from __future__ import annotations

from dataclasses import replace

from sample_rows import (
    AGAIN,
    EASY,
    FAILURE,
    GRR,
    KEPT,
    MARGIN,
    NPS,
    NRR,
    PROMISES,
    REPLY,
    RESOLVED,
    SATISFIED,
    SECTIONS,
    STAYING,
    TIERS,
    WAITING,
    drawn,
)

from scorecard.documents.model import Cell, Heading, Imprint, Row, StanceLine, Table
from scorecard.documents.owner_model import AffectedRow, OwnerScorecard
from scorecard.documents.packet_model import (
    Affected,
    Bridge,
    BridgeStep,
    EvidencePage,
    ExecutivePacket,
    ExperiencePage,
    Item,
    Line,
    MarginPage,
    Method,
    RetentionPage,
    VerdictTally,
    Whale,
)

IMPRINT = Imprint(
    edition=1,
    as_of="2 Nov 2026 06:00 Europe/London",
    period="October 2026",
    content_hash="7f3a9c21d0b44e58a1c06d5f2b9e7a30",
    software="scorecard 0.1.0",
)
HEADING = Heading(
    company="Northwind Instruments",
    notice="Invented company, generated data",
    kind="Executive packet",
    period="October 2026",
    language="en-GB",
    paper="A4",
)
ATTACHMENTS = {
    "figures.csv": b"metric,tier,value\nnps,platinum,61\n",
    "nps.sql": b"SELECT customer_id, score FROM surveys\n",
}
ITEMS = (
    Item(
        mark="strength",
        metric="ces",
        label="Easy to deal with (5–7 of 7)",
        tier="Gold",
        region="straddle",
        words="too little evidence (3rd period)",
        figure="81 % (78 to 83), n 602",
        limit="promised: at least 80 %",
        signal="routine",
        owner="Daniel Osei",
        note="Four periods pooled still cross the limit; at 600 answers a month only 83 % or more can prove it.",
        affected=None,
    ),
    Item(
        mark="strength",
        metric="first_reply_p90",
        label="First human reply, p90",
        tier="Gold",
        region="below",
        words="not delivered",
        figure="5.8 h (5.1 to 6.6), n 1,204",
        limit="promised: at most 4 h",
        signal="exceptional, unfavourable",
        owner="Mikael Lindqvist",
        note="",
        affected=Affected(
            "214 of 1,930",
            (
                "Großküchen Müller & Söhne GmbH",
                "株式会社山田精機",
                "Aldous Marine Ltd",
                "Bäckerei Löwenstein KG",
                "東京計測サービス株式会社",
            ),
            "waited longer than the promised 4 h for a person, 12 to 19 October",
            "−€18,400 in 30 days (−€27,900 to −€9,100)",
        ),
    ),
    Item(
        mark="weakness",
        metric="first_reply_p90",
        label="First human reply, p90",
        tier="Bronze",
        region="below",
        words="beyond acceptance",
        figure="61 h (57 to 66), n 5,903",
        limit="accepted: up to 48 h",
        signal="exceptional, unfavourable",
        owner="Mikael Lindqvist",
        note="",
        affected=Affected(
            "1,102 of 14,880",
            ("Kite Rail Catering", "Österreichische Präzisionsoptik AG", "Petra Foods"),
            "waited over 48 h, the level accepted in January",
            "not distinguishable from zero",
        ),
    ),
    Item(
        mark="weakness",
        metric="first_contact",
        label="Resolved at first contact",
        tier="Silver",
        region="above",
        words="over-served",
        figure="71 % (69 to 72), n 3,204",
        limit="accepted: between 50 and 66 %",
        signal="routine",
        owner="Mikael Lindqvist",
        note="Above what we chose to pay for in the fourth period running.",
        affected=Affected(
            "3,204 of 6,204", (), "were served above the chosen level", "costs €40,000 a month"
        ),
    ),
    Item(
        mark="strength",
        metric="customer_margin",
        label="Customer margin",
        tier="Silver",
        region="below",
        words="not delivered",
        figure="€188 (171 to 204), 6,204",
        limit="promised: at least €210 per customer",
        signal="routine",
        owner="Sophie Moreau",
        note="",
        affected=Affected(
            "1,811 of 6,204",
            ("Hallam Optics", "Vörding Kühltechnik GmbH & Co. KG"),
            "earned less than they cost",
            "−€136,000 in the period",
        ),
    ),
    Item(
        mark="strength",
        metric="cost_to_serve",
        label="Cost to serve, of revenue",
        tier="Bronze",
        region="below",
        words="not delivered",
        figure="31 %, 14,880 counted",
        limit="promised: at most 28 %",
        signal="exceptional, unfavourable",
        owner="Mikael Lindqvist",
        note="Counted. The verdict would turn without 41 customers.",
        affected=None,
    ),
    Item(
        mark="weakness",
        metric="effort_share",
        label="Effort share ÷ value share",
        tier="Bronze",
        region="above",
        words="over-served",
        figure="1.41 (1.29 to 1.52), 14,880",
        limit="accepted: between 0.60 and 1.25",
        signal="routine",
        owner="Sophie Moreau",
        note="",
        affected=None,
    ),
)


def bridge(tier: str, customers: str, amounts: tuple[int, ...], rate: str, negative: str) -> Bridge:
    """Revenue, four costs and the margin that remains."""
    labels = ("Revenue", "Acquire", "Deliver", "Support", "Service")
    steps = [BridgeStep("Revenue", amounts[0], _money(amounts[0]), total=True)]
    steps += [BridgeStep(x, a, _money(a)) for x, a in zip(labels[1:], amounts[1:], strict=True)]
    margin = sum(amounts)
    steps.append(BridgeStep("Customer margin", margin, _money(margin), total=True))
    alt = f"{tier}, per customer: " + ", ".join(f"{s.label} {s.text}" for s in steps) + "."
    return Bridge(tier, customers, tuple(steps), rate, negative, alt)


def _money(amount: float) -> str:
    return f"{amount:,.0f}".replace("-", "−")


BRIDGES = (
    bridge("Platinum", "412 customers", (9840, -1120, -2604, -988, -316), "48.9 %", "3 %"),
    bridge("Gold", "1,930 customers", (3210, -410, -1020, -388, -188), "37.5 %", "8 %"),
    bridge("Silver", "6,204 customers", (842, -96, -318, -121, -119), "22.3 %", "29 %"),
    bridge("Bronze", "14,880 customers", (214, -44, -98, -36, -57), "−9.8 %", "61 %"),
)
_DECILES = (
    0.0,
    0.42,
    0.68,
    0.86,
    1.0,
    1.12,
    1.21,
    1.29,
    1.34,
    1.38,
    1.41,
    1.425,
    1.43,
    1.428,
    1.42,
    1.4,
    1.37,
    1.33,
    1.26,
    1.16,
    1.0,
)
WHALE = Whale(
    points=tuple((i / 20, y) for i, y in enumerate(_DECILES)),
    peak=1.43,
    peak_at=0.6,
    peak_text="143 % of the margin is earned by 60 % of customers",
    lost_text="the other 40 % give back 43 %",
    alt="Cumulative customer margin rises to 143 % of the total at 60 % of customers, then falls to 100 %.",
)
PACKET = ExecutivePacket(
    heading=HEADING,
    sentence="We kept 22 of 26 promises to be good. Gold replies are slower than promised; "
    "Bronze gets more effort than it is worth.",
    tiers=TIERS,
    tallies=(
        VerdictTally("platinum", "17 of 17", "0", "2 of 2", "0", "0", "0"),
        VerdictTally("gold", "16 of 19", "1", "–", "0", "0", "2"),
        VerdictTally("silver", "4 of 5", "1", "10 of 11", "0", "1", "0"),
        VerdictTally("bronze", "3 of 4", "1", "12 of 14", "1", "1", "0"),
    ),
    counted="2,040 customers are in a tier; in none: 12 new; 83 had gone before.",
    contents=(
        Line(
            "Platinum has everything we chose; Gold waits longer than promised.",
            "Stance map",
            "map",
        ),
        Line(
            "Seven of 72 choices were not kept or could not be shown.", "Exceptions", "exceptions"
        ),
        Line(
            "Two tiers earn 85 % of the margin; Bronze costs more than it brings.",
            "Customer margin",
            "margin",
        ),
        Line(
            "Platinum grows by 18 % within itself while Bronze shrinks as accepted.",
            "Retention and customer math",
            "retention",
        ),
        Line(
            "Experience falls from tier to tier as designed, except Gold’s first reply.",
            "Experience",
            "experience",
        ),
        Line(
            "All facts arrived; of 72 verdicts up to 4 could be wrong by chance.",
            "Evidence",
            "evidence",
        ),
    ),
    map_sentence="Platinum has everything we chose; Gold waits longer than promised; Bronze gets more effort than it is worth.",
    sections=SECTIONS,
    exceptions_sentence="Seven of 72 choices were not kept or could not be shown.",
    exceptions_chance="Of 84 figures with natural limits, chance alone would call about 1 exceptional.",
    exceptions=ITEMS,
    margin=MarginPage(
        sentence="Two tiers earn 85 % of the margin; Bronze costs more than it brings.",
        unknown="",
        bridges=BRIDGES,
        table=Table(
            "Customer margin in October 2026, € thousand",
            (
                "Tier",
                "Revenue",
                "Acquire",
                "Deliver",
                "Support",
                "Service",
                "Margin",
                "Of revenue",
                "Range",
            ),
            (
                (
                    "Platinum",
                    "4,054",
                    "−461",
                    "−1,073",
                    "−407",
                    "−130",
                    "1,983",
                    "48.9 %",
                    "1,809 to 2,167",
                ),
                (
                    "Gold",
                    "6,195",
                    "−791",
                    "−1,969",
                    "−749",
                    "−363",
                    "2,323",
                    "37.5 %",
                    "2,183 to 2,470",
                ),
                (
                    "Silver",
                    "5,224",
                    "−596",
                    "−1,973",
                    "−751",
                    "−738",
                    "1,166",
                    "22.3 %",
                    "1,061 to 1,266",
                ),
                (
                    "Bronze",
                    "3,184",
                    "−655",
                    "−1,458",
                    "−536",
                    "−848",
                    "−313",
                    "−9.8 %",
                    "−387 to −238",
                ),
                (
                    "All customers",
                    "18,657",
                    "−2,503",
                    "−6,473",
                    "−2,443",
                    "−2,079",
                    "5,159",
                    "27.7 %",
                    "",
                ),
            ),
            (False, True, True, True, True, True, True, True, True),
            last_is_total=True,
        ),
        whale=WHALE,
        basis=(
            "Margin is the revenue of all transactions less the cost to acquire and to serve.",
            "Known for 97 % of customers and 99 % of revenue.",
            "14 % of the cost to serve is spread evenly for want of a driver; the rest follows minutes, orders and visits.",
            "Acquisition is charged in the month of the first order and is its own line.",
        ),
    ),
    retention=RetentionPage(
        sentence="Platinum grows by 18 % within itself while Bronze shrinks as accepted.",
        rows=(KEPT, GRR, NRR, STAYING, AGAIN),
        counts=Table(
            "Customers in October 2026",
            ("Tier", "Opening", "New", "Moved in", "Moved out", "Lost", "Closing"),
            (
                ("Platinum", "409", "2", "6", "−4", "−1", "412"),
                ("Gold", "1,921", "14", "22", "−18", "−9", "1,930"),
                ("Silver", "6,188", "61", "40", "−37", "−48", "6,204"),
                ("Bronze", "14,902", "204", "31", "−40", "−217", "14,880"),
                ("All", "23,420", "281", "99", "−99", "−275", "23,426"),
            ),
            (False, True, True, True, True, True, True),
            last_is_total=True,
        ),
        money=Table(
            "Revenue of the same customers, 12 months, € thousand",
            ("Tier", "Then", "Lost", "Shrunk", "Grown", "Now"),
            (
                ("Platinum", "41,220", "−890", "−760", "9,070", "48,640"),
                ("Gold", "68,004", "−2,900", "−1,860", "8,840", "72,084"),
                ("Silver", "63,110", "−4,980", "−2,590", "6,939", "62,479"),
                ("Bronze", "41,800", "−7,700", "−2,330", "6,268", "38,038"),
                ("All", "214,134", "−16,470", "−7,540", "31,117", "221,241"),
            ),
            (False, True, True, True, True, True),
            last_is_total=True,
        ),
        reasons=Table(
            "Why customers left, last 12 months",
            ("Reason", "Customers", "Of lost margin"),
            (
                ("moved to a competitor’s price", "1,020", "31 %"),
                ("closed their business", "811", "24 %"),
                ("never used it", "604", "9 %"),
                ("unresolved complaint", "208", "22 %"),
                ("not known", "389", "14 %"),
            ),
            (False, True, True),
        ),
        notes=(
            "Tiers are those of the opening day; customers who moved are counted where they started.",
            "“Counted” is the whole tier, not a sample.",
        ),
    ),
    experience=ExperiencePage(
        sentence="Experience falls from tier to tier as designed, except Gold’s first reply.",
        rows=(),
        margin=MARGIN,
        notes=(
            "Answers come from 31 % of those asked; large customers answer more often than small ones.",
            "Relationship surveys are sent twice a year, spread over the months.",
        ),
    ),
    evidence=EvidencePage(
        sentence="All facts arrived; of 72 verdicts up to 4 could be wrong by chance.",
        tables=Table(
            "Facts read",
            ("Table", "Rows", "Newest", "Loaded", "Coverage"),
            (
                ("customers", "24,118", "31 Oct 2026", "1 Nov 2026 02:10", "complete"),
                (
                    "transactions",
                    "1,204,331",
                    "31 Oct 2026",
                    "1 Nov 2026 02:14",
                    "ties to the ledger",
                ),
                ("costs", "88,120", "31 Oct 2026", "1 Nov 2026 02:15", "99 % of revenue"),
                ("interactions", "412,006", "31 Oct 2026", "1 Nov 2026 02:20", "complete"),
                ("surveys", "61,204", "30 Oct 2026", "1 Nov 2026 02:21", "31 % answered"),
                ("contracts", "9,411", "31 Oct 2026", "1 Nov 2026 02:22", "complete"),
                ("offers", "–", "–", "–", "not provided"),
            ),
            (False, True, False, False, False),
        ),
        findings=(
            "interactions: 214 rows have no reason code (0.1 %); counted as unknown.",
            "customers: 3 customers have two parents; the older one was used.",
        ),
        chance="Of 72 verdicts up to 4 could be wrong by chance, because every interval is a 90 % interval.",
        changes=(
            "First human reply, p90 · Silver: accepted up to 24 h instead of 20 h from November 2026 "
            "(approved by A. Brandt, seen 14 October). The old stance would also have said as accepted.",
        ),
        methods=(),
    ),
)


def _experience_rows() -> tuple[Row, ...]:
    limits: dict[str, tuple[tuple[float | None, float | None], ...]] = {
        "nps": ((50, None), (40, None), (None, None), (0, 20)),
        "ces": ((80, None), (80, None), (65, 78), (60, 72)),
        "csat": ((85, None), (82, None), (75, 85), (70, 82)),
        "first_reply_p90": ((2, None), (4, None), (24, 12), (48, 12)),
        "first_contact": ((70, None), (70, None), (50, 66), (50, 66)),
        "failure_demand": ((20, None), (24, None), (36, 22), (45, 30)),
        "promises_kept": ((92, None), (90, None), (86, None), (84, None)),
        "onboarding_days": ((6, None), (8, None), (20, 10), (28, 14)),
    }
    lower = {"first_reply_p90", "failure_demand", "onboarding_days"}
    return tuple(
        replace(
            r,
            cells=tuple(
                drawn(c, r.label, pair, r.metric in lower)
                for c, pair in zip(r.cells, limits[r.metric], strict=True)
            ),
        )
        for r in (NPS, EASY, SATISFIED, REPLY, RESOLVED, FAILURE, PROMISES, WAITING)
    )


def _methods() -> tuple[Method, ...]:
    text = (
        "Share of answered surveys at or above the named level, per customer and period. "
        "Customers are the clusters of the interval; an empty tier has no figure."
    )
    return tuple(
        Method(
            r.label,
            text,
            f"version 3f9a{i:02d}e · surveys, customers · matures 14 days · 90 % Wilson",
        )
        for i, r in enumerate(r for s in SECTIONS for r in s.rows)
    )


PACKET = replace(
    PACKET,
    experience=replace(PACKET.experience, rows=_experience_rows()),
    evidence=replace(PACKET.evidence, methods=_methods()),
)


def held(
    metric: str, label: str, unit: str, of: Cell, limits: str, funding: str, why: str
) -> StanceLine:
    label_of = next(t.label for t in TIERS if t.id == of.tier)
    return StanceLine(metric, label, unit, of, limits, funding, why, tier=label_of)


_BY_NAME = {r.metric: r for r in PACKET.experience.rows}
GOLD_REASON = (
    "We answer Bronze within two working days so that Gold hears from a person within four hours."
)
OWNER = OwnerScorecard(
    heading=replace(HEADING, kind="Owner scorecard"),
    owner="head-of-support",
    name="Mikael Lindqvist",
    role="Head of Support",
    team="Team North",
    purpose="Every customer I answer knows when a person will reply.",
    sentence="Three of six choices went as designed; Gold’s first reply was not delivered and "
    "Bronze’s is beyond what we accepted.",
    strengths=(
        held(
            "first_reply_p90",
            "First human reply, p90",
            "hours",
            _BY_NAME["first_reply_p90"].cells[0],
            "promised: 2 h or less",
            "paid by Premium plan (€38,000 a month)",
            "",
        ),
        held(
            "first_reply_p90",
            "First human reply, p90",
            "hours",
            _BY_NAME["first_reply_p90"].cells[1],
            "promised: 4 h or less",
            "paid by Silver first human reply, Bronze first human reply",
            GOLD_REASON,
        ),
        held(
            "first_contact",
            "Resolved at first contact",
            "%",
            _BY_NAME["first_contact"].cells[0],
            "promised: 70 % or more",
            "paid by the Premium plan",
            "",
        ),
    ),
    weaknesses=(
        held(
            "first_reply_p90",
            "First human reply, p90",
            "hours",
            _BY_NAME["first_reply_p90"].cells[2],
            "accepted: 12 h to 24 h",
            "pays for Gold first human reply, releases €61,000 a month",
            GOLD_REASON,
        ),
        held(
            "first_reply_p90",
            "First human reply, p90",
            "hours",
            _BY_NAME["first_reply_p90"].cells[3],
            "accepted: 12 h to 48 h",
            "pays for Gold first human reply, releases €94,000 a month",
            GOLD_REASON,
        ),
        held(
            "first_contact",
            "Resolved at first contact",
            "%",
            _BY_NAME["first_contact"].cells[2],
            "accepted: 50 % to 66 %",
            "pays for Platinum resolved at first contact, releases €40,000 a month",
            "",
        ),
    ),
    affected=(
        AffectedRow(
            "Gold · First human reply, p90",
            "Großküchen Müller & Söhne GmbH, 株式会社山田精機, Aldous Marine Ltd and 211 more",
            "214 of 1,930",
            "waited longer than the promised 4 h for a person, 12 to 19 October",
            "−€18,400 in 30 days (−€27,900 to −€9,100)",
        ),
        AffectedRow(
            "Bronze · First human reply, p90",
            "Kite Rail Catering, Petra Foods and 1,100 more",
            "1,102 of 14,880",
            "waited over 48 h, the level accepted in January",
            "not distinguishable from zero",
        ),
    ),
    margins=(("Platinum", "€4,812"), ("Gold", "€1,204"), ("Silver", "€188"), ("Bronze", "−€21")),
    notes=(
        "Ranges are 90 % intervals. Replies of the last two days of October may still arrive late.",
    ),
)
