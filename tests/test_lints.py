"""Lints: what a strategy must hold to be one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from sample_strategy import METRICS, TEXT, stance, varied

from scorecard.base.findings import Finding
from scorecard.strategy.lints import LINTS, lint
from scorecard.strategy.model import Funding
from scorecard.strategy.reader import read_strategy

RULES = "\n[rules]\n"


@pytest.fixture
def read(tmp_path):
    def reading(*changes, more=""):
        path = tmp_path / "strategy.toml"
        path.write_text(varied(*changes, more=more), encoding="utf-8")
        strategy, found = read_strategy(path, METRICS, "EUR")
        assert found == []
        return strategy

    return reading


@pytest.fixture
def lints(read):
    """What lints say of the sample with lines replaced."""
    return lambda *changes, more="", usual=None: lint(
        read(*changes, more=more), METRICS, usual or {}
    )


def ids(findings):
    return [(f.id, f.severity) for f in findings]


def line(of, nth=1):
    rows = [n for n, row in enumerate(TEXT.split("\n"), 1) if row.startswith(of)]
    return rows[nth - 1]


def waiver(name, on):
    return f'\n[[waiver]]\nlint = "{name}"\non = "{on}"\nreason = "A trial until May"\nby = "coo"\n'


def meant(name, on):
    """The hint of a finding that a waiver answers."""
    return f'If it is meant: [[waiver]] lint = "{name}", on = "{on}", reason, by.'


def one(findings, id):
    found = [f for f in findings if f.id == id]
    assert len(found) == 1, findings
    return found[0]


def test_a_sound_strategy_has_nothing_against_it(lints):
    assert lints() == []


def test_every_lint_is_named_once():
    names = [rule.__name__ for rule in LINTS]
    assert len(set(names)) == len(names)


def test_a_weakness_that_funds_nothing_is_an_orphan(lints):
    found = lints(('funds = ["first_reply_p90/gold"]\n', ""))
    assert one(found, "orphan_weakness") == Finding(
        "orphan_weakness",
        "blocking",
        f"strategy.toml:{line('[[stance]]', 3)} (stance first_reply_p90/bronze)",
        'The weakness pays for no strength; name one in "funds" or remove it.',
        meant("orphan_weakness", "first_reply_p90/bronze"),
    )


def test_a_strength_is_paid_by_a_source_or_by_its_customers(lints):
    unpaid = ('funded_by = [{ weakness = "first_contact_resolution/gold" }]\n', "")
    assert ids(lints(unpaid)) == [("funding_mismatch", "warning")]
    row = TEXT.split("\n")[line("willingness_to_pay", 2) - 1]
    unwilling = (row + "\n", "")
    found = one(lints(unpaid, unwilling), "unfunded_strength")
    assert (found.severity, found.message) == (
        "blocking",
        'Nothing pays for the strength; name a source in "funded_by" or add willingness-to-pay '
        'evidence to tier "bronze".',
    )


def test_funding_refers_to_a_declared_weakness(lints):
    changes = ('{ weakness = "first_reply_p90/bronze" }', '{ weakness = "first_reply_p90/bronce" }')
    found = one(lints(changes), "funding_unknown")
    assert str(found) == (
        f"strategy.toml:{line('[[stance]]')} (stance first_reply_p90/gold): "
        "funded_by names first_reply_p90/bronce, which is not a declared weakness; "
        'correct the name or declare it. Did you mean "first_reply_p90/bronze"?'
    )


def test_a_strength_cannot_be_funded_by_a_strength(lints):
    strength = "first_contact_resolution/bronze"
    found = lints(("first_reply_p90/bronze", strength))
    assert "which is not a declared weakness" in one(found, "funding_unknown").message


def test_funds_refers_to_a_declared_strength(lints):
    found = lints(('funds = ["first_reply_p90/gold"]', 'funds = ["first_contact_resolution/gold"]'))
    assert "which is not a declared strength" in one(found, "funding_unknown").message


def test_both_ends_of_a_funding_agree(lints):
    found = lints(('  { weakness = "first_reply_p90/bronze" },\n', ""))
    assert found == [
        Finding(
            "funding_mismatch",
            "warning",
            f"strategy.toml:{line('[[stance]]', 3) - 1} (stance first_reply_p90/bronze)",
            "funds names first_reply_p90/gold, which does not name first_reply_p90/bronze in "
            '"funded_by"; add it there or remove it here.',
        )
    ]


def test_a_strength_that_names_a_weakness_is_named_by_it(lints):
    other = 'funds = ["first_contact_resolution/bronze"]'
    found = lints(('funds = ["first_reply_p90/gold"]', other))
    said = [f.message for f in found if f.id == "funding_mismatch"]
    assert said == [
        "funded_by names first_reply_p90/bronze, which does not name first_reply_p90/gold in "
        '"funds"; add it there or remove it here.',
        "funds names first_contact_resolution/bronze, which does not name first_reply_p90/bronze "
        'in "funded_by"; add it there or remove it here.',
    ]


def test_strengths_are_promised_no_more_than_a_weakness_releases(lints):
    more = '{ weakness = "first_reply_p90/bronze", amount = "95000 EUR/month" }'
    promised = ('{ weakness = "first_reply_p90/bronze" }', more)
    assert one(lints(promised), "funding_promised_twice").message == (
        "Strengths are promised 95,000 a month of it, and it releases 94,000; correct the amounts "
        "in funded_by, or releases."
    )
    exact = (promised[0], more.replace("95000 EUR/month", "1128000 EUR/year"))
    assert [f for f in lints(exact) if f.id == "funding_promised_twice"] == []


def test_a_release_can_be_found_in_the_costs_that_it_names(lints):
    released = '"94000 EUR/month"'
    named = f'{released}\npool = "desk"'
    said = one(lints((released, named)), "release_not_found")
    assert said.severity == "warning"
    assert said.message.startswith("It names a cost pool, but not what that cost in the tier")
    small = f'{named}\nbaseline = "90000 EUR/month"'
    assert one(lints((released, small)), "release_not_found").message == (
        "It is to release 94,000 a month of a pool that cost 90,000; correct releases or baseline."
    )
    enough = f'{named}\nbaseline = "94000 EUR/month"'
    assert [f for f in lints((released, enough)) if f.id == "release_not_found"] == []


def test_money_does_not_run_in_a_circle(read):
    strategy = read()
    strong, _, weak, _ = strategy.stances
    back = replace(weak, funded_by=(Funding("weakness", strong.key),))
    found = lint(
        replace(strategy, stances=tuple(back if s is weak else s for s in strategy.stances)),
        METRICS,
        {},
    )
    assert one(found, "funding_cycle").message == (
        "Funding runs in a circle through first_reply_p90/gold, first_reply_p90/bronze; "
        "take out a reference, because no money enters it."
    )


def test_a_stance_that_pays_for_itself_is_a_circle(read):
    strategy = read()
    own = replace(strategy.stances[0], funds=(strategy.stances[0].key,))
    found = lint(replace(strategy, stances=(own, *strategy.stances[1:])), METRICS, {})
    assert one(found, "funding_cycle").place.endswith("(stance first_reply_p90/gold)")


def test_strengths_only_end_in_exhausted_mediocrity(lints):
    weakness = stance("first_contact_resolution/gold")
    found = lints((weakness, ""), ('weakness = "first_contact_resolution/gold"', 'charge = "Fee"'))
    assert found == [
        Finding(
            "exhausted_mediocrity",
            "blocking",
            "strategy.toml (tier gold)",
            'Tier "gold" has no accepted weakness, which ends in exhausted mediocrity; '
            "accept one that pays for strengths.",
            meant("exhausted_mediocrity", "gold"),
        )
    ]


def test_more_than_half_strengths_end_in_exhausted_mediocrity(lints):
    second = stance("first_reply_p90/gold").replace('"first_reply_p90"', '"privacy"', 1)
    second = second.replace('"4 h"', '"80 %"').replace(
        '  { weakness = "first_reply_p90/bronze" },\n', ""
    )
    found = lints(more="\n" + second)
    assert one(found, "exhausted_mediocrity").message == (
        'Tier "gold" has 2 strengths among 3 stances, which ends in exhausted mediocrity; '
        "keep strengths to half of them."
    )


def test_every_tier_is_promised_something(lints):
    tier = '\n[[tier]]\nid = "tin"\nlabel = "Tin"\nneeds = "a"\nalternatives = "b"\n'
    paid = 'willingness_to_pay = [{ kind = "stated", amount = "1 EUR", on = 2025-01-01 }]\n'
    assert lints(more=tier + paid) == [
        Finding(
            "no_strength",
            "blocking",
            "strategy.toml (tier tin)",
            'Tier "tin" has no strength; promise its customers at least one.',
            meant("no_strength", "tin"),
        )
    ]


def three_in_gold(*ranks):
    """Changes that make gold's strength and two weaknesses rank so."""
    third = stance("first_contact_resolution/gold")
    third = third.replace('"first_contact_resolution"', '"response_rate"', 1)
    third = third.replace("importance = 2", f"importance = {ranks[2]}")
    third = third.replace('"first_contact_resolution/bronze"', '"first_reply_p90/gold"')
    return (
        ("importance = 2", f"importance = {ranks[1]}"),
        ("importance = 1", f"importance = {ranks[0]}"),
    ), third


@pytest.mark.parametrize(
    ("ranks", "told"),
    [
        ((1, 2, 3), []),
        ((2, 1, 3), ["first_contact_resolution/gold"]),
        ((3, 1, 2), ["first_reply_p90/gold", "first_contact_resolution/gold"]),
        ((2, 2, 2), []),
    ],
)
def test_strengths_lie_where_customers_care_most(lints, ranks, told):
    changes, third = three_in_gold(*ranks)
    found = [f for f in lints(*changes, more="\n" + third) if f.id == "importance_order"]
    assert [f.place.split("stance ")[1].rstrip(")") for f in found] == told
    assert all(f.severity == "warning" for f in found)


def test_importance_is_told_in_words(lints):
    changes, third = three_in_gold(3, 1, 2)
    found = [f.message for f in lints(*changes, more="\n" + third) if f.id == "importance_order"]
    assert found == [
        "The strength is in the third that matters least to the tier; promise something that "
        "matters more.",
        "The weakness is in the third that matters most to the tier; accept it on something that "
        "matters less.",
    ]


@pytest.mark.parametrize("rule", ["non_negotiable", "must_be"])
def test_no_weakness_on_what_must_not_lack(lints, rule):
    found = lints(more=f'{RULES}{rule} = ["first_contact_resolution"]\n')
    assert one(found, "weakness_on_must_be").message == (
        "A weakness may not be accepted on first_contact_resolution, which is listed in "
        f"{rule}; make it a strength or remove it."
    )


def test_a_non_negotiable_is_a_strength_in_every_tier(lints):
    found = lints(more=f'{RULES}non_negotiable = ["privacy"]\n')
    assert found == [
        Finding(
            "non_negotiable_not_strength",
            "blocking",
            "strategy.toml (non-negotiable privacy)",
            "privacy is non-negotiable but no strength in gold, bronze; declare one with the "
            "requirement as its limit.",
            meant("non_negotiable_not_strength", "privacy"),
        )
    ]


def test_a_non_negotiable_is_counted_in_full(lints):
    rules = f'{RULES}non_negotiable = ["first_reply_p90"]\n'
    found = [f for f in lints(more=rules) if f.id == "non_negotiable_sampled"]
    assert [f.message for f in found] == [
        'first_reply_p90 is non-negotiable but judged from a sample; set evidence = "census".'
    ] * 2
    counted = ('offer = "care"', 'offer = "care"\nevidence = "census"')
    assert len([f for f in lints(counted, more=rules) if f.id == "non_negotiable_sampled"]) == 1


def test_one_size_does_not_fit_all(lints):
    promised = stance("first_reply_p90/gold").replace("gold", "bronze")
    alike = (stance("first_reply_p90/bronze"), promised)
    found = one(lints(alike), "one_size_fits_all")
    assert (found.severity, found.message) == (
        "warning",
        "first_reply_p90 has the same strength and limits in all tiers, so one size fits all; "
        "let tiers differ or waive this with the reason.",
    )
    other = (alike[0], alike[1].replace('"4 h"', '"5 h"'))
    assert "one_size_fits_all" not in dict(ids(lints(other)))


def test_what_only_one_tier_has_is_not_one_size_for_all(lints):
    found = lints((stance("first_contact_resolution/bronze"), ""))
    assert "one_size_fits_all" not in dict(ids(found))


def test_a_weakness_has_a_floor(read):
    strategy = read()
    stances = tuple(replace(s, at_worst=None) for s in strategy.stances)
    found = [
        f
        for f in lint(replace(strategy, stances=stances), METRICS, {})
        if f.id == "unbounded_weakness"
    ]
    assert [f.message for f in found] == [
        "The weakness has no floor; add at_worst, the level below which it is no longer accepted."
    ] * 2


@pytest.mark.parametrize(("declared", "late"), [("2025-12-31", 0), ("2026-01-01", 1)])
def test_a_stance_is_declared_before_it_holds(lints, declared, late):
    found = lints(("declared = 2025-12-10", f"declared = {declared}"))
    assert ids(found) == [("late_declaration", "warning")] * late
    if late:
        assert found[0].message == (
            "Declared on 2026-01-01 for 2026-01-01, which is too late and will be printed so; "
            "let it take effect later."
        )


def test_no_sample_proves_everything(lints):
    found = lints(('at_worst = "75 %"', 'at_worst = "100 %"'))
    assert one(found, "unprovable_limit").message == (
        "No sample can prove 100 %; move the limit or judge by census."
    )
    counted = ('at_worst = "75 %"', 'at_worst = "100 %"\nevidence = "census"')
    assert lints(counted) == []


@pytest.mark.parametrize(("n", "provable"), [(30, True), (29, False)])
def test_a_limit_of_90_per_cent_needs_30_of_30(lints, n, provable):
    # Exact, two-sided 90 %: 30 of 30 proves 90.5 %; fewer than 30 are no evidence at all.
    key = "first_contact_resolution/bronze"
    found = lints(('at_worst = "75 %"', 'at_worst = "90 %"'), usual={key: n})
    assert (found == []) is provable


def test_95_per_cent_is_beyond_50_answers(lints):
    # Exact, two-sided 90 %: 50 of 50 proves 94.2 %.
    limit = ('at_worst = "75 %"', 'at_worst = "95 %"\nusual_n = 50')
    assert one(lints(limit), "unprovable_limit").message == (
        "50 observations, as usual here, can never prove 95 %; "
        "move the limit, raise the evidence or judge by census."
    )


def test_what_was_counted_goes_before_what_was_declared(lints):
    limit = ('at_worst = "75 %"', 'at_worst = "95 %"\nusual_n = 50')
    assert lints(limit, usual={"first_contact_resolution/bronze": 100}) == []


def test_too_few_as_counted_warn_and_as_declared_block(lints):
    declared = ('at_worst = "75 %"', 'at_worst = "95 %"\nusual_n = 50')
    few = {"first_contact_resolution/bronze": 50}
    assert one(lints(declared), "unprovable_limit").severity == "blocking"
    assert one(lints(declared, usual=few), "unprovable_limit").severity == "warning"
    never = ('at_worst = "75 %"', 'at_worst = "100 %"')
    assert one(lints(never, usual=few), "unprovable_limit").severity == "blocking"


def test_an_offer_without_its_answers_carries_no_strength(lints):
    found = lints(('problem = "Nobody on site can repair it."\n', ""))
    assert found == [
        Finding(
            "strategy_card_incomplete",
            "warning",
            "strategy.toml (offer care)",
            "Care contract has 4 of 5 answers; write what is missing: problem.",
        ),
        Finding(
            "strategy_card_incomplete",
            "blocking",
            f"strategy.toml:{line('[[stance]]') - 1} (stance first_reply_p90/gold)",
            "The strength is promised on Care contract, which has 4 of 5 answers; "
            "complete them first.",
        ),
    ]


def test_the_brand_has_five_answers(lints):
    found = lints(('promise = "You hear from a person."\n', ""), ('offers = "Care contract"\n', ""))
    assert [str(f) for f in found] == [
        "strategy.toml (brand brand): Meridian has 3 of 5 answers; "
        "write what is missing: promise, offers."
    ]
    without = TEXT[: TEXT.index("[[offer]]")]
    assert ids(lints((without, ""))) == [("strategy_card_incomplete", "warning")]


def test_a_tier_says_what_it_needs(lints):
    found = lints(('needs = "A fair price"\n', ""))
    assert [(f.severity, f.message) for f in found] == [
        ("warning", 'Tier "bronze" does not say all of its card; write what is missing: needs.')
    ]


@pytest.mark.parametrize(("count", "told"), [(9, 0), (10, 1)])
def test_an_owner_answers_for_nine_stances_at_most(read, count, told):
    strategy = read()
    stances = tuple(replace(strategy.stances[1], metric=f"m{n}", owner="ada") for n in range(count))
    found = lint(replace(strategy, stances=stances), METRICS, {})
    found = [f for f in found if f.id == "too_many_stances"]
    assert [f.message for f in found] == [
        "Ada Lovelace answers for 10 stances and a page holds 9; hand 1 to another owner."
    ] * told


@pytest.mark.parametrize("purpose", ["", "Head of support"])
def test_an_owner_has_a_purpose_and_not_only_a_title(lints, purpose):
    found = lints(('"I get laboratories running again."', f'"{purpose}"'))
    assert [str(f) for f in found] == [
        "strategy.toml (owner ada): Ada Lovelace has no purpose in customer terms; "
        'write in "purpose" what is done for which customer.'
    ]


ORPHAN = ('funds = ["first_reply_p90/gold"]\n', "")


@pytest.mark.parametrize("on", ["first_reply_p90/bronze", "first_reply_p90", "bronze", "*"])
def test_a_waiver_turns_a_lint_into_a_note_that_names_who_and_why(lints, on):
    found = one(lints(ORPHAN, more=waiver("orphan_weakness", on)), "orphan_weakness")
    assert (found.severity, found.message) == (
        "note",
        "Waived by coo (A trial until May): The weakness pays for no strength; "
        'name one in "funds" or remove it.',
    )


@pytest.mark.parametrize("on", ["first_reply_p90/gold", "gold", "first_contact_resolution"])
def test_a_waiver_on_something_else_waives_nothing(lints, on):
    found = lints(ORPHAN, more=waiver("orphan_weakness", on))
    assert one(found, "orphan_weakness").severity == "blocking"
    assert one(found, "waiver_unmatched") == Finding(
        "waiver_unmatched",
        "warning",
        "strategy.toml (waiver orphan_weakness)",
        f'The waiver of orphan_weakness on "{on}" sets nothing aside; remove or correct it.',
    )


def test_a_waiver_of_an_unknown_lint_is_told_with_the_nearest_name(lints):
    found = one(lints(more=waiver("orphan_weaknes", "*")), "waiver_unmatched")
    assert found.hint == 'Did you mean "orphan_weakness"?'


def test_a_stance_to_come_replaces_the_one_that_ends(lints, read):
    later = stance("first_reply_p90/bronze").replace("2026-01-01", "2026-07-01")
    ends = (
        stance("first_reply_p90/bronze"),
        stance("first_reply_p90/bronze").replace('funds = ["first_reply_p90/gold"]\n', "")
        + "until = 2026-07-01\n",
    )
    assert lints(ends, more="\n" + later) == []
    strategy = read(ends, more="\n" + later)
    before, after = date(2026, 6, 30), date(2026, 7, 1)
    assert "orphan_weakness" in dict(ids(lint(strategy, METRICS, {}, before)))
    assert lint(strategy, METRICS, {}, after) == []


@pytest.mark.parametrize(
    "changes",
    [
        (('funds = ["first_reply_p90/gold"]\n', ""),),
        ((stance("first_contact_resolution/gold"), ""),),
        (
            (
                stance("first_reply_p90/bronze"),
                stance("first_reply_p90/gold").replace("gold", "bronze"),
            ),
        ),
    ],
)
def test_the_waiver_that_a_finding_mentions_sets_it_aside(lints, changes):
    found = lints(*changes)
    named = [re.search(r'lint = "(.+?)", on = "(.+?)"', f.hint) for f in found]
    assert any(named)
    for finding, words in zip(found, named, strict=True):
        if words:
            after = lints(*changes, more=waiver(*words.groups()))
            waived = [f for f in after if f.id == finding.id and f.place == finding.place]
            assert [f.severity for f in waived] == ["note"]


def test_a_slip_that_nobody_means_mentions_no_waiver(lints):
    found = lints(('weakness = "first_reply_p90/bronze"', 'weakness = "first_reply_p90/bronz"'))
    assert "[[waiver]]" not in one(found, "funding_unknown").hint
