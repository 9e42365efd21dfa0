"""strategy.toml: what is read from it, and every fault with its line."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_strategy import METRICS, TEXT, stance, varied

from scorecard.errors import StrategyError
from scorecard.strategy.model import Executive, Funding, PriceEvidence
from scorecard.strategy.reader import read_strategy
from scorecard.strategy.stance_reader import amount_per_month


@pytest.fixture
def read(tmp_path):
    def reading(text):
        path = tmp_path / "strategy.toml"
        path.write_text(text, encoding="utf-8")
        return read_strategy(path, METRICS, "EUR")

    return reading


@pytest.fixture
def faults(read):
    """The findings of the sample with lines replaced, as (id, printed)."""

    def finding(*changes, more=""):
        _, found = read(varied(*changes, more=more))
        assert all(f.severity == "blocking" for f in found)
        return [(f.id, str(f)) for f in found]

    return finding


def line(text, of, after=1):
    """The number of the first line that begins with `of`, from line `after` on."""
    lines = text.split("\n")
    return next(n for n, row in enumerate(lines, 1) if n >= after and row.startswith(of))


STANCE = line(TEXT, "[[stance]]")


def test_a_valid_file_has_no_findings(read):
    strategy, found = read(TEXT)
    assert found == []
    assert strategy.plan.ids == ("gold", "bronze")
    assert [s.key for s in strategy.stances] == [
        "first_reply_p90/gold",
        "first_contact_resolution/gold",
        "first_reply_p90/bronze",
        "first_contact_resolution/bronze",
    ]
    assert strategy.channels == (("forum", "observe"),)
    assert strategy.brand.answered == 5 and strategy.offers[0].id == "care"


def test_limits_are_held_in_the_base_unit_and_kept_as_written(read):
    strategy, _ = read(TEXT)
    weakness = strategy.stances[1]
    assert (weakness.at_worst, weakness.at_best) == pytest.approx((0.6, 0.8))
    assert weakness.written == ("60 %", "80 %")
    assert weakness.usual_n == 100
    strength = strategy.stances[0]
    assert (strength.at_worst, strength.at_best, strength.written) == (4.0, None, ("4 h", ""))


def test_a_stance_knows_its_line_dates_and_funding(read):
    first = read(TEXT)[0].stances[0]
    assert first.line == STANCE
    assert (first.declared, first.effective, first.until) == (
        date(2025, 12, 10),
        date(2026, 1, 1),
        None,
    )
    assert first.funded_by == (
        Funding("weakness", "first_reply_p90/bronze"),
        Funding("charge", "Priority fee", "38000 EUR/month"),
    )
    assert first.offer == "care"


def test_tiers_have_shares_and_evidence_and_defaults(read):
    plan = read(TEXT)[0].plan
    assert (plan.method, plan.window, plan.history, plan.buffer, plan.since) == (
        "margin_percentile",
        12,
        12,
        0.05,
        "2024-01",
    )
    assert [t.share for t in plan.tiers] == pytest.approx([0.2, 0.8])
    assert plan.tiers[0].willingness_to_pay == (
        PriceEvidence("price paid", "1200 EUR/year", date(2025, 6, 30)),
    )


def test_rfm_looks_back_three_months_unless_told(read):
    assert read(varied(('"margin_percentile"', '"rfm"')))[0].plan.history == 3
    more = ('"margin_percentile"', '"rfm"\nhistory = 6\nbuffer = "10 %"')
    plan = read(varied(more))[0].plan
    assert (plan.history, plan.buffer) == (6, pytest.approx(0.1))


def test_all_faults_are_told_at_once(faults):
    found = faults(
        ('method = "margin_percentile"', 'method = "margin"'),
        ('team = "support"', 'team = "suport"'),
        ('kind = "strength"', 'kind = "strenght"'),
        ('metric = "first_contact_resolution"', 'metric = "first_contact"'),
        ('policy = "observe"', 'policy = "look"'),
    )
    assert {id for id, _ in found} == {"unknown_value", "unknown_team", "unknown_metric"}
    assert len(found) == 5


def test_a_syntax_error_is_one_finding_with_its_line(read):
    strategy, found = read(varied(('name = "Support"', 'name = "Support')))
    where = line(TEXT, 'name = "Support"')
    assert [f.place for f in found] == [f"strategy.toml:{where}"]
    assert found[0].severity == "blocking" and found[0].id == "syntax"
    assert strategy.stances == ()


def test_an_unfinished_file_is_told_at_its_last_line(read):
    _, found = read('[brand]\nname = """never closed')
    assert [(f.id, f.place) for f in found] == [("syntax", "strategy.toml:2")]


def test_a_missing_file_is_one_finding(tmp_path):
    _, found = read_strategy(tmp_path / "strategy.toml", METRICS, "EUR")
    assert [str(f) for f in found] == [
        "strategy.toml: Cannot be opened (No such file or directory); put it in place."
    ]


def test_a_file_in_another_encoding_is_one_finding(tmp_path):
    path = tmp_path / "strategy.toml"
    path.write_bytes('[brand]\nname = "Märklin"\n'.encode("latin-1"))
    assert [f.id for f in read_strategy(path, METRICS, "EUR")[1]] == ["unreadable"]


def test_an_unknown_metric_is_told_with_the_nearest_name(faults):
    where = line(TEXT, "metric", STANCE)
    assert faults(('metric = "first_reply_p90"', 'metric = "first_reply_p9"')) == [
        (
            "unknown_metric",
            f"strategy.toml:{where} (stance first_reply_p9/gold): "
            'Metric "first_reply_p9" is not declared; declare or correct it. '
            'Did you mean "first_reply_p90"?',
        )
    ]


def test_an_unknown_tier_is_told_with_the_nearest_name(faults):
    where = line(TEXT, "tier =", STANCE)
    assert faults(('tier = "gold"', 'tier = "golt"')) == [
        (
            "unknown_tier",
            f"strategy.toml:{where} (stance first_reply_p90/golt): "
            'Tier "golt" is not declared; declare or correct it. Did you mean "gold"?',
        )
    ]


@pytest.mark.parametrize("state", ["new", "lost", "unrated"])
def test_no_stance_on_a_state(faults, state):
    [(id, said)] = faults(('tier = "gold"', f'tier = "{state}"'))
    assert id == "unknown_tier"
    assert said.endswith(
        f'"{state}" is a state and not a tier, so no stance can be taken on it; name a tier.'
    )


def test_no_tier_has_the_name_of_a_state(faults):
    assert "tier_is_state" in [id for id, _ in faults(('id = "gold"', 'id = "lost"'))]


def test_a_tier_cannot_be_called_by_the_name_of_all_customers(faults):
    assert "tier_is_whole" in [id for id, _ in faults(('id = "gold"', 'id = "all"'))]


def test_an_unknown_owner_is_told(faults):
    [(id, said)] = faults(('owner = "ada"', 'owner = "eda"'))
    assert (id, said.split("): ")[1]) == (
        "unknown_owner",
        'Owner "eda" is not declared; declare or correct it. Did you mean "ada"?',
    )


def test_an_unknown_offer_is_told(faults):
    assert [id for id, _ in faults(('offer = "care"', 'offer = "cure"'))] == ["unknown_offer"]


def test_two_owners_for_one_stance_names_both_lines_and_owners(faults):
    again = "\n" + stance("first_reply_p90/gold").replace('"ada"', '"ben"')
    second = line(TEXT + again, "[[stance]]", len(TEXT.split("\n")))
    assert faults(more=again) == [
        (
            "two_stances",
            f"strategy.toml:{second} (stance first_reply_p90/gold): "
            "first_reply_p90/gold has two owners for one stance, "
            f"ada on line {STANCE} and ben on line {second}; "
            'remove one, or end the earlier with "until".',
        )
    ]


def test_a_stance_twice_with_one_owner_is_refused(faults):
    [(id, said)] = faults(more="\n" + stance("first_reply_p90/gold"))
    assert id == "two_stances" and "has two stances at one time" in said


def test_a_stance_may_follow_one_that_ends(read):
    later = stance("first_reply_p90/gold").replace("2026-01-01", "2026-07-01")
    ends = ("effective = 2026-01-01", "effective = 2026-01-01\nuntil = 2026-07-01")
    strategy, found = read(varied(ends, more="\n" + later))
    assert found == []
    held = [s for s in strategy.stances if s.key == "first_reply_p90/gold"]
    assert [s.holds_on(date(2026, 6, 30)) for s in held] == [True, False]
    assert [s.holds_on(date(2026, 7, 1)) for s in held] == [False, True]


def test_limits_the_wrong_way_round_where_lower_is_better(faults):
    [(id, said)] = faults(('at_worst = "48 h"', 'at_worst = "6 h"'))
    assert (id, said.split("): ")[1]) == (
        "limit_order",
        'at_worst "6 h" is not worse than at_best "12 h", because lower is better for '
        "first_reply_p90; exchange or correct them.",
    )


def test_limits_the_wrong_way_round_where_higher_is_better(faults):
    [(id, said)] = faults(('at_worst = "60 %"', 'at_worst = "80 %"'))
    assert id == "limit_order" and "because higher is better" in said


def test_a_metric_without_better_direction_needs_both_limits(faults):
    two_sided = ('metric = "first_contact_resolution"', 'metric = "response_rate"')
    assert faults(two_sided) == []
    [(id, said)] = faults(two_sided, ('at_best = "80 %"\n', ""))
    assert id == "missing_field" and '"at_best" is missing' in said


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("4", 'at_worst "4" does not say its unit as hours is written; write "40 min".'),
        ('"4 weeks"', 'at_worst "4 weeks" does not say its unit as hours is written'),
        ('"-4 h"', 'at_worst "-4 h" is outside what hours can be'),
        ('"soon"', 'at_worst "soon" is not a number with a unit'),
    ],
)
def test_a_limit_says_its_unit(faults, limit, said):
    [(id, printed)] = faults(('at_worst = "4 h"', f"at_worst = {limit}"))
    assert id == "limit_unit" and said in printed


def test_a_money_limit_is_in_the_currency_of_the_company(faults, read):
    swap = ('metric = "first_reply_p90"', 'metric = "cost_to_serve"')
    assert faults(swap, ('"4 h"', '"400 EUR"')) == []
    assert read(varied(swap, ('"4 h"', '"1,400 EUR"')))[0].stances[0].at_worst == 1400.0
    assert [id for id, _ in faults(swap, ('"4 h"', '"400 USD"'))] == ["limit_unit"]


@pytest.mark.parametrize(
    ("removed", "key"),
    [
        ('metric = "first_reply_p90"\n', "metric"),
        ('tier = "gold"\n', "tier"),
        ('kind = "strength"\n', "kind"),
        ('owner = "ada"\n', "owner"),
        ("declared = 2025-12-10\n", "declared"),
        ("effective = 2026-01-01\n", "effective"),
        ('approved_by = "coo"\n', "approved_by"),
        ('trade_off = "Bronze waits so that Gold does not."\n', "trade_off"),
        ('at_worst = "4 h"\n', "at_worst"),
    ],
)
def test_required_fields_of_a_stance(faults, removed, key):
    [(id, said)] = faults((removed, ""))
    assert id == "missing_field"
    assert f'"{key}" is missing; add ' in said


def test_an_empty_text_is_missing(faults):
    [(id, said)] = faults(('approved_by = "coo"', 'approved_by = " "'))
    assert (id, said.split("): ")[1]) == (
        "missing_field",
        '"approved_by" is missing; add approved_by = "…".',
    )


def test_an_unbounded_weakness_is_refused(faults):
    [(id, said)] = faults(('at_worst = "48 h"\n', ""))
    where = line(TEXT, "[[stance]]", line(TEXT, 'trade_off = "A second call'))
    assert (id, said) == (
        "unbounded_weakness",
        f"strategy.toml:{where} (stance first_reply_p90/bronze): "
        '"at_worst" is missing; add the level below which the weakness is no longer accepted.',
    )


@pytest.mark.parametrize("approver", ["ada", "Ada Lovelace", "ADA LOVELACE", "Head of support"])
def test_nobody_approves_their_own_stance(faults, approver):
    [(id, said)] = faults(('approved_by = "coo"', f'approved_by = "{approver}"'))
    assert (id, said.split("): ")[1]) == (
        "approves_own_stance",
        "Ada Lovelace approves a stance that Ada Lovelace owns; have another person approve it.",
    )


def test_a_stance_ends_after_it_begins(faults):
    ends = ("effective = 2026-01-01", "effective = 2026-01-01\nuntil = 2026-01-01")
    assert [id for id, _ in faults(ends)] == ["dates_reversed"]


@pytest.mark.parametrize("written", ['"2026-01-01"', "2026-01-01T00:00:00", "2026"])
def test_a_date_is_written_as_a_date(faults, written):
    [(id, said)] = faults(("declared = 2025-12-10", f"declared = {written}"))
    assert id == "wrong_type" and "write declared = 2026-01-01." in said


@pytest.mark.parametrize(
    ("old", "new", "id"),
    [
        ("importance = 1", 'importance = "first"', "wrong_type"),
        ("importance = 1", "importance = true", "wrong_type"),
        ("importance = 1", "importance = 0", "wrong_value"),
        ("usual_n = 100", "usual_n = -1", "wrong_value"),
        ('funds = ["first_reply_p90/gold"]', "funds = [3]", "wrong_type"),
        ('funds = ["first_reply_p90/gold"]', 'funds = "first_reply_p90/gold"', "wrong_type"),
        ('funds = ["first_reply_p90/gold"]', 'funds = ["gold"]', "funding_form"),
        ('{ weakness = "first_reply_p90/bronze" }', '{ weakness = "bronze" }', "funding_form"),
        ('{ weakness = "first_reply_p90/bronze" }', '{ amount = "3 EUR/month" }', "funding_form"),
        ('{ charge = "Priority fee",', '{ charge = "a", cost_cut = "b",', "funding_form"),
        ('"38000 EUR/month"', '"38000 EUR"', "amount_form"),
        ('"94000 EUR/month"', '"94000 USD/month"', "amount_form"),
        ('"94000 EUR/month"', '"94000 EUR/month"\nbaseline = "9 EUR/month"', "amount_form"),
        ('"94000 EUR/month"', '"94000 EUR/month"\ncosts = "9 EUR/month"', "amount_form"),
        ('"94000 EUR/month"', '"94000 EUR/month"\npool = 3', "wrong_type"),
        ('"94000 EUR/month"', '"94000 EUR/month"\npool = " "', "missing_field"),
        ("share = 0.2", "share = 20", "wrong_value"),
        ("share = 0.2", "share = [2]", "wrong_type"),
        ('share = "80 %"', 'share = "80"', "wrong_value"),
        ('since = "2024-01"', 'since = "2024-Q1"', "wrong_value"),
        ('since = "2024-01"', 'since = "January"', "wrong_value"),
        ('"price paid"', '"guessed"', "unknown_value"),
        ("since = 2025-01-01", "since = 2025-01-01\nuntil = 2024-01-01", "dates_reversed"),
        ('id = "ben"', 'id = "ada"', "duplicate_id"),
    ],
)
def test_values_of_the_wrong_form(faults, old, new, id):
    assert id in [found for found, _ in faults((old, new))]


MONEY = (
    '"94000 EUR/month"',
    '"94000 EUR/month"\npool = ["desk", "visits"]\nbaseline = "1 EUR/year"',
)
COSTS = ('offer = "care"', 'offer = "care"\ncosts = "128000 EUR/month"\npool = "desk"')


def test_a_stance_says_in_which_pools_its_money_is_found(read):
    strategy, _ = read(varied(MONEY, COSTS))
    strong, _, weak, _ = strategy.stances
    assert (strong.costs, strong.pool, strong.baseline) == ("128000 EUR/month", ("desk",), "")
    assert (weak.releases, weak.pool) == ("94000 EUR/month", ("desk", "visits"))
    assert weak.baseline == "1 EUR/year"


def test_a_pool_of_a_tier_belongs_to_one_stance(faults):
    again = ("usual_n = 100", 'usual_n = 100\npool = "desk"')
    assert faults(MONEY, COSTS) == []
    ((id, said),) = faults(COSTS, again)
    assert id == "pool_taken"
    assert 'Pool "desk" in tier gold is that of first_reply_p90/gold on line ' in said


def test_a_key_of_money_that_is_misspelt_is_guessed(faults):
    ((id, said),) = faults(('"94000 EUR/month"', '"94000 EUR/month"\nbasline = "9 EUR/month"'))
    assert id == "unknown_key"
    assert "basline" in said


def test_a_repeated_id_names_the_first_line(faults):
    tier = '\n[[team]]\nid = "support"\nname = "Again"\n'
    where = len(TEXT.split("\n")) + 2
    assert faults(more=tier) == [
        (
            "duplicate_id",
            f'strategy.toml:{where} (team support): Team "support" is already on line '
            f"{line(TEXT, '[[team]]')}; give one of them another id.",
        )
    ]


@pytest.mark.parametrize("table", ["team", "owner", "tier"])
@pytest.mark.parametrize("id", ["../../evil", "a/b", "Ada", "-x", "ä", "a b", "x\\u0000", "."])
def test_ids_that_name_files_are_plain(faults, table, id):
    old = {"team": "support", "owner": "ada", "tier": "gold"}[table]
    found = faults((f'[[{table}]]\nid = "{old}"', f'[[{table}]]\nid = "{id}"'))
    if "\\u" in id:  # no text may have that, wherever it stands
        assert "line_break" in [name for name, _said in found]
        return
    (said,) = [said for name, said in found if name == "malformed_id"]
    where = line(TEXT, f'id = "{old}"')
    assert said.startswith(f"strategy.toml:{where} ({table} ")
    assert "lowercase letters, digits, - and _ only" in said


def test_codes_of_the_facts_and_names_of_channels_may_be_any_text(read):
    offer, channel = (
        '[[offer]]\nid = "care"',
        '[[channel]]\nid = "users\' forum"\npolicy = "observe"',
    )
    assert offer in TEXT
    text = TEXT.replace(offer, '[[offer]]\nid = "CARE/2 plus"').replace(
        'offer = "care"', 'offer = "CARE/2 plus"'
    )
    strategy, findings = read(f"{text}\n{channel}\n")
    assert findings == []
    assert [o.id for o in strategy.offers] == ["CARE/2 plus"]


def test_an_unknown_key_is_told_with_the_nearest_one(faults):
    where = line(TEXT, "at_best", line(TEXT, 'at_worst = "48 h"'))
    assert faults(('at_best = "12 h"', 'at_bets = "12 h"')) == [
        (
            "unknown_key",
            f"strategy.toml:{where} (stance first_reply_p90/bronze): "
            'Key "at_bets" does not belong in [[stance]]; correct or remove it. '
            'Did you mean "at_best"?',
        )
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('promise = "You', 'promis = "You'),
        ('promise = "It', 'promis = "It'),
        ("since = ", "sinse = "),
        ('alternatives = "A', 'alternative = "A'),
        ('purpose = "I get', 'purpos = "I get'),
        ('name = "Support"', 'name = "Support"\nhead = "ada"'),
        ('policy = "observe"', 'policy = "observe"\nwho = "ada"'),
        ('amount = "38000', 'amuont = "38000'),
        ("on = 2025-06-30 }", "on = 2025-06-30, by = 3 }"),
    ],
)
def test_unknown_keys_anywhere(faults, old, new):
    assert [id for id, _ in faults((old, new))] == ["unknown_key"]


def test_an_unknown_table_is_told_with_its_line(faults):
    [(id, said)] = faults(("[[channel]]", "[[chanel]]"))
    assert id == "unknown_key"
    assert said == (
        f'strategy.toml:{line(TEXT, "[[channel]]")}: "chanel" is not known here; '
        'correct or remove it. Did you mean "channel"?'
    )


def test_a_table_of_the_wrong_form(faults):
    [(id, said)] = faults(("[[channel]]", "[channel]"))
    assert id == "wrong_type"
    assert said.endswith('"channel" is not a table of the right form; write [[channel]].')


def test_a_header_inside_a_text_does_not_count(faults):
    promise = 'promise = """\n[[stance]]\nkind = 1\n"""'
    [(_, said)] = faults(
        ('promise = "You hear from a person."', promise), ('kind = "strength"', 'kind = "none"')
    )
    where = line(TEXT, "kind", STANCE) + 3
    assert said == (
        f"strategy.toml:{where} (stance first_reply_p90/gold): "
        'kind "none" does not exist; write "strength" or "weakness".'
    )


def test_shares_add_up_to_the_whole_at_most(faults):
    [(id, said)] = faults(("share = 0.2", "share = 0.3"))
    assert (id, said.split("): ")[1]) == (
        "tier_shares",
        "Shares of tiers add up to 110 %; lower them to 100 % at most.",
    )


def test_shares_and_boundaries_do_not_mix(faults):
    [(id, said)] = faults(("share = 0.2", "boundary = 70"))
    assert (id, said.split("): ")[1]) == (
        "tiers_mixed",
        'Tier "bronze" has a share and tier "gold" a boundary; use one of the two for all tiers.',
    )


def test_boundaries_fall_from_tier_to_tier(faults):
    bounded = ('share = "80 %"', "boundary = 20")
    assert faults(("share = 0.2", "boundary = 70"), bounded) == []
    [(id, _)] = faults(("share = 0.2", "boundary = 20"), bounded)
    assert id == "tier_boundaries"


def test_a_computed_tier_is_cut_somewhere_and_a_declared_one_need_not(faults):
    uncut = ("share = 0.2\n", "")
    assert [id for id, _ in faults(uncut)] == ["tier_uncut"]
    assert faults(uncut, ('"margin_percentile"', '"declared"')) == []


@pytest.mark.parametrize("label", ["Bronze", " bronze", "BRONZE"])
def test_no_two_tiers_have_one_name(faults, label):
    """A customer is put into a tier by its id or its label, in any case."""
    [(id, said)] = faults(('label = "Gold"', f'label = "{label}"'))
    assert id == "tiers_alike"
    assert said.split("): ")[1] == (
        '"bronze" names the tiers "gold" and "bronze", so that nobody can say which of them a '
        "customer is in; give one another label."
    )


def test_a_file_without_tiers_says_so(read):
    _, found = read('[tiers]\nmethod = "declared"\n')
    assert [str(f) for f in found] == [
        "strategy.toml:1 (tiers): No tier is declared; add a [[tier]] for each, the best first."
    ]


@pytest.mark.parametrize("email", ["ada", "ada@", "ada@example", "a b@example.com", "a@b..c"])
def test_a_malformed_address_is_told(faults, email):
    [(id, said)] = faults(('"ada@example.com"', f'"{email}"'))
    assert (id, said.split("): ")[1]) == (
        "email_malformed",
        f'"{email}" is not an e-mail address; write one such as "ada@example.com".',
    )


EXECUTIVE = """
[[executive]]
id = "md"
name = "Grace Hopper"
role = "Managing director"
email = "grace@example.com"
deputy = "ben"
since = 2024-01-01
until = 2027-01-01
"""


def test_executives_leads_and_deputies_refer_to_one_another(read):
    strategy, found = read(
        varied(
            ('name = "Support"', 'name = "Support"\nlead = "md"'),
            ('email = "ada@example.com"', 'email = "ada@example.com"\ndeputy = "ben"'),
            more=EXECUTIVE,
        )
    )
    assert found == []
    assert strategy.executives == (
        Executive(
            "md",
            "Grace Hopper",
            "Managing director",
            "grace@example.com",
            "ben",
            date(2024, 1, 1),
            date(2027, 1, 1),
        ),
    )
    assert (strategy.teams[0].lead, strategy.owners[0].deputy) == ("md", "ben")
    assert strategy.person("md") == strategy.executives[0]
    assert strategy.person("ben") == strategy.owners[1]


def test_a_lead_may_be_an_owner(read):
    strategy, found = read(varied(('name = "Support"', 'name = "Support"\nlead = "ben"')))
    assert (strategy.teams[0].lead, found) == ("ben", [])


@pytest.mark.parametrize(
    ("old", "new", "id", "said"),
    [
        (
            'name = "Support"',
            'name = "Support"\nlead = "bem"',
            "unknown_lead",
            'Lead "bem" is not declared; declare or correct it. Did you mean "ben"?',
        ),
        (
            "since = 2025-01-01",
            'deputy = "bean"',
            "unknown_deputy",
            'Deputy "bean" is not declared; declare or correct it. Did you mean "ben"?',
        ),
        (
            "since = 2025-01-01",
            'deputy = "md"',
            "unknown_deputy",
            'Deputy "md" is not declared; declare or correct it. Known: ada, ben.',
        ),
        (
            "since = 2025-01-01",
            'deputy = "ada"',
            "own_deputy",
            "Ada Lovelace cannot be their own deputy; name somebody else, or remove the deputy.",
        ),
        (
            'name = "Ben Ito"',
            'name = "Ada Lovelace"\ndeputy = "ada"',
            "own_deputy",
            "Ada Lovelace cannot be their own deputy; name somebody else, or remove the deputy.",
        ),
        (
            'id = "md"',
            'id = "ada"',
            "duplicate_id",
            '"ada" is the id of an owner already; give the executive another one.',
        ),
        (
            'deputy = "ben"',
            'deputy = "bob"',
            "unknown_deputy",
            'Deputy "bob" is not declared; declare or correct it. Known: ada, ben, md.',
        ),
        (
            '"grace@example.com"',
            '"grace"',
            "email_malformed",
            '"grace" is not an e-mail address; write one such as "ada@example.com".',
        ),
        (
            "until = 2027-01-01",
            "until = 2023-01-01",
            "dates_reversed",
            "until 2023-01-01 is not after since 2024-01-01; correct one of them.",
        ),
    ],
)
def test_faults_of_people(read, old, new, id, said):
    text = varied(more=EXECUTIVE)
    assert old in text
    _, found = read(text.replace(old, new, 1))
    assert [(f.id, str(f).split("): ")[1]) for f in found] == [(id, said)]


def test_a_person_whose_name_is_of_the_wrong_type_is_told_once(faults):
    assert [id for id, _ in faults(('name = "Ben Ito"', "name = 3"))] == ["wrong_type"]


def test_rules_name_metrics(read):
    rules = '\n[rules]\nnon_negotiable = ["privacy", "pricacy"]\nmust_be = ["cost_to_serve"]\n'
    strategy, found = read(varied(more=rules))
    assert (strategy.non_negotiable, strategy.must_be) == (("privacy",), ("cost_to_serve",))
    where = len(TEXT.split("\n")) + 2
    assert [str(f) for f in found] == [
        f'strategy.toml:{where} (rules): Metric "pricacy" is not declared; declare or correct it. '
        'Did you mean "privacy"?'
    ]


def test_a_waiver_says_who_and_why(read):
    waiver = '\n[[waiver]]\nlint = "no_strength"\non = "gold"\nreason = "A trial"\n'
    assert [f.id for f in read(varied(more=waiver))[1]] == ["missing_field"]
    strategy, found = read(varied(more=waiver + 'by = "coo"\n'))
    assert found == [] and strategy.waivers[0].by == "coo"


@pytest.mark.parametrize(
    ("text", "per_month"),
    [
        ("38000 EUR/month", 38000.0),
        ("12,000 EUR / quarter", 4000.0),
        ("600 EUR/year", 50.0),
        ("0 EUR/month", 0.0),
    ],
)
def test_amounts_are_turned_into_money_per_month(text, per_month):
    assert amount_per_month(text, "EUR") == per_month


def test_a_negative_amount_is_refused():
    with pytest.raises(StrategyError, match="below zero"):
        amount_per_month("-5 EUR/month", "EUR")


@given(st.lists(st.sampled_from(TEXT.split("\n")), max_size=60))
def test_any_lines_of_the_file_give_findings_and_never_an_exception(tmp_path_factory, lines):
    path = tmp_path_factory.getbasetemp() / "strategy.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    strategy, found = read_strategy(path, METRICS, "EUR")
    assert found or strategy.plan.tiers


BASELINE = """
[[baseline]]
metric = "first_reply_p90"
tier   = "gold"
from   = 2026-03-01
reason = "A second shift answers at night."
by     = "coo"
"""


def test_a_baseline_begins_anew_from_a_day_for_a_reason(read):
    whole = BASELINE.replace('tier   = "gold"\n', "")
    strategy, found = read(TEXT + BASELINE + whole)
    assert found == []
    one, two = strategy.baselines
    assert (one.metric, one.tier, one.day) == ("first_reply_p90", "gold", date(2026, 3, 1))
    assert (one.reason, one.by) == ("A second shift answers at night.", "coo")
    assert (two.metric, two.tier) == ("first_reply_p90", "")


@pytest.mark.parametrize(
    ("right", "wrong", "id"),
    [
        ("first_reply_p90", "first_repl", "unknown_metric"),
        ('"gold"', '"golden"', "unknown_tier"),
        ("2026-03-01", '"March"', "wrong_type"),
        ("from   = 2026-03-01\n", "", "missing_field"),
        ('reason = "A second shift answers at night."\n', "", "missing_field"),
        ('by     = "coo"\n', "", "missing_field"),
    ],
)
def test_a_faulty_baseline_is_named_and_left_out(read, right, wrong, id):
    strategy, found = read(TEXT + BASELINE.replace(right, wrong))
    assert [f.id for f in found] == [id]
    assert strategy.baselines == ()


def test_a_baseline_is_declared_once(read):
    strategy, found = read(TEXT + BASELINE + BASELINE)
    assert [f.id for f in found] == ["duplicate_baseline"]
    assert len(strategy.baselines) == 1
