"""Generated sentences are English, of none, one, two and many."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import pytest
from sample_choices import chosen, witnessed
from sample_material import CSAT, MATERIAL, MATURES, PLAN, everything, spaced, view

from scorecard.definitions.results import Estimate, Result, Verdict
from scorecard.documents.grammar import agreeing, part_of, plural
from scorecard.documents.margin_page import margin_page
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.packet import executive_packet
from scorecard.documents.sentences import retention
from scorecard.documents.team import team_review
from scorecard.documents.view import ReportView
from scorecard.judging.affected import Effect, Touched
from scorecard.judging.verdict import WORDS
from scorecard.measuring.customer_flow import Account
from scorecard.measuring.earnings import Earned, WhaleCurve
from scorecard.strategy.model import Tier

NOUNS = "strength|weakness|choice|customer|verdict|row|table|promised experience|day"
MANY = "strengths|weaknesses|choices|customers|verdicts|rows|tables|promised experiences|days"
FAULTS = {
    "one of several": rf"\b1 ({MANY})\b",
    "several of one": rf"\b(0|[2-9]|\d[\d,]*\d) ({NOUNS})\b",
    "one were": rf"\b1 ({NOUNS}) (were|are|wait|lack|have|decide|came and \d+ were)\b",
    "several was": rf"(?<!one of )(?<!\b1 of )\b(0|[2-9]|\d[\d,]*\d) ({MANY}) (was|is|waits|lacks|has)\b",
    "a part of one": r"\b\d+ of (the )?1\b",
    "all of two": rf"\ball 2 ({MANY})\b",
    "none written as a number": rf"\b0 (of|{MANY})\b",
    "nothing behind a sign": r"(·|:|;|,)\s*$",
    "double": r"  |\.\.|\bthe the\b",
}


def faults(text: str) -> list[str]:
    return [what for what, pattern in FAULTS.items() if re.search(pattern, spaced(text))]


def with_choices(kind: str, regions: list[str], size: int = 1) -> ReportView:
    """A company with that many tiers, and in each a choice of that kind that went so."""
    tiers = tuple(Tier(f"t{n}", f"Tier {n}") for n in range(max(len(regions), 2)))
    held = [chosen(f"csat/t{n}", kind, 0.8) for n in range(len(regions))]
    results = [
        Result(
            "csat",
            "v1",
            f"t{n}",
            MATERIAL.period.key,
            Estimate(0.7 + n / 100, 0.65, 0.75, 40, 39),
            "sample",
            verdict=Verdict(
                WORDS[kind, region], region, "straddles_limit" if region == "straddle" else ""
            ),
            stance=f"csat/t{n}",
        )
        for n, region in enumerate(regions)
    ]
    touched = {
        (r.metric, r.tier): Touched(size, max(size, 2), ("Acme",), "harmed", Effect("few"))
        for r in results
    }
    plan = replace(PLAN, tiers=tiers)
    strategy = replace(MATERIAL.strategy, plan=plan, stances=tuple(held))
    data = replace(
        MATERIAL,
        metrics={"csat": CSAT},
        results={(r.metric, r.tier): r for r in results},
        stances=witnessed(*held),
        strategy=strategy,
        touched=touched,
        sizes={t.id: size for t in tiers},
        earned={},
        curve=None,
        counts=[Account("t0", size, 0, 0, 0, 0, 0, 0, size)],
        money=[],
    )
    return ReportView(data, view().formats, MATURES)


REGIONS = ("below", "within", "above", "straddle")
WENT = [
    *([r] * n for r in REGIONS for n in (1, 2, 5)),
    *([a, b] for a, b in product(REGIONS, REGIONS) if a != b),
    ["below", "within", "straddle", "above", "within"],
    [],
]


@pytest.mark.parametrize("kind", ["strength", "weakness"])
@pytest.mark.parametrize("regions", WENT, ids=lambda r: "-".join(r) or "none")
@pytest.mark.parametrize("size", [1, 2, 113])
def test_every_page_is_english(kind, regions, size):
    at = with_choices(kind, regions, size)
    pages = [executive_packet(at)]
    pages += [owner_scorecard(at, o) for o in at.holders]
    pages += [r for t in at.data.strategy.teams if (r := team_review(at, t))]
    for page in pages:
        # "0 of 1" stands in tables, under a head that says of what.
        said = [t for t in everything(page) if not re.fullmatch(r"\d+( of \d+)?", t)]
        assert [(t, wrong) for t in said if (wrong := faults(t))] == []


@pytest.mark.parametrize(
    ("kind", "regions", "said"),
    [
        ("strength", ["within"], "The strength was delivered."),
        ("strength", ["below"], "The strength was not delivered."),
        ("strength", ["above"], "The strength was over-served."),
        ("weakness", ["within"], "The weakness was as accepted."),
        ("weakness", ["below"], "The weakness went beyond acceptance."),
        ("strength", ["within"] * 2, "We delivered both strengths."),
        (
            "strength",
            ["below"] * 2,
            "We delivered none of 2 strengths. 2 strengths were not delivered.",
        ),
        (
            "weakness",
            ["within", "below", "within"],
            "We kept 2 of 3 weaknesses as accepted. 1 weakness went beyond acceptance.",
        ),
        ("strength", ["straddle"], "The choice lacks evidence."),
        ("strength", ["straddle"] * 3, "None of 3 choices has enough evidence."),
        ("strength", [], None),
    ],
)
def test_a_title_says_of_one_what_became_of_it(kind, regions, said):
    title = executive_packet(with_choices(kind, regions)).sentence
    assert title == (
        said or "No stance was in force: nothing was promised, so nothing can be held to it."
    )


@pytest.mark.parametrize(
    ("regions", "said"),
    [
        ([], "No verdict was passed, so none can be wrong by chance."),
        (["straddle"], "No verdict was passed, so none can be wrong by chance."),
        (["within"], "The verdict rests on a sample. … it could be wrong by chance."),
        (["within"] * 2, "Both verdicts rest on samples. … one of them could be wrong by chance."),
        (["within"] * 7, "All 7 verdicts rest on samples. … one of them could be wrong by chance."),
        (
            ["within"] * 25,  # a twentieth of 25 is more than one
            "All 25 verdicts rest on samples. … up to about 2 of them could be wrong by chance.",
        ),
    ],
)
def test_chance_is_told_of_one_as_of_many(regions, said):
    chance = spaced(executive_packet(with_choices("strength", regions)).evidence.chance)
    middle = "Each side of a 90 % interval errs one time in twenty:"
    assert chance == said.replace("…", middle)


@pytest.mark.parametrize(
    ("opening", "new", "lost", "said"),
    [
        (0, 0, 0, "No customer came and none left: there is none."),
        (1, 0, 0, "No customer came and none left: there is 1 as before."),
        (1, 1, 1, "1 customer came and 1 left: there is 1 as before."),
        (2, 0, 0, "No customer came and none left: there are 2 as before."),
        (0, 1, 0, "1 customer came and none left: there is 1 now."),
        (0, 3, 0, "3 customers came and none left: there are 3 now."),
        (2, 0, 2, "No customer came and 2 left: there is none left."),
        (2, 3, 1, "3 customers came and 1 left: 2 became 4."),
    ],
)
def test_who_came_and_left_is_told_of_none_one_and_many(opening, new, lost, said):
    counts = [Account("gold", opening, new, 0, 0, 0, lost, 0, opening + new - lost)]
    assert retention(view(counts=counts, results={})) == said


@pytest.mark.parametrize(
    ("negative", "customers", "said"),
    [
        (0, 40, "No customer cost more than they brought in."),
        (1, 40, "1 customer cost more than they brought in."),
        (3, 2000, "3 customers cost more than they brought in."),  # 0 % would be nobody
        (20, 40, "50 % of customers cost more than they brought in."),
    ],
)
def test_who_cost_more_is_told_of_none_one_and_many(negative, customers, said):
    whole = Earned("all", customers, 100, 0, 50, 0, 0, negative)
    curve = WhaleCurve(((0.0, 0.0), (1.0, 50.0)), 60, -10, 50, customers - negative, customers)
    page = margin_page(view(earned={"all": whole}, curve=curve))
    assert spaced(page.sentence).endswith(said)
    assert faults(page.whale.peak_text) + faults(page.whale.lost_text) == []
    assert ("take " in page.whale.lost_text) == (negative > 1)
    assert (" takes " in page.whale.lost_text.replace("nobody takes", "")) == (negative == 1)


def test_nouns_and_verbs_agree_in_number():
    assert [plural(n, "weakness") for n in (0, 1, 2)] == ["weaknesses", "weakness", "weaknesses"]
    assert agreeing(1, "were not satisfied") == "was not satisfied"
    assert agreeing(2, "were not satisfied") == "were not satisfied"
    assert agreeing(1, "pay less than a year ago") == "pays less than a year ago"
    assert agreeing(1, "left within the year") == "left within the year"
    assert [part_of(2, n, "choice") for n in (2, 3)] == ["both choices", "2 of 3 choices"]
    with pytest.raises(ValueError, match="None of one choice is no English"):
        part_of(0, 1, "choice")
