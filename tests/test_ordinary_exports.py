"""What people really export: placeholders, answers that are none, days written as moments. Each
figure is worked out by hand; nothing leaves one without being counted in a finding."""

from __future__ import annotations

import pytest
from sample_company import CUSTOMERS, Company
from sample_facts import reading
from test_inspection import inspected

from scorecard.facts.contracts import Source
from scorecard.facts.tables import Facts
from scorecard.measuring.earnings import earned, outside


def surveys(scores, answered=True):
    """Eight invitations of June, one a person, with these scores; and when each was answered."""
    lines = ["invite_id customer_id contact_id instrument kind sent_at answered_at score"]
    for n, score in enumerate(scores):
        moment = "2026-06-04T09:00:00Z" if answered is True or answered[n] else "-"
        who = ("A1", "A2", "B1", "B2")[n % 4]
        lines.append(f"S{n} {who} p{n} nps relationship 2026-06-03T09:00:00Z {moment} {score}")
    return "\n".join(lines)


@pytest.mark.parametrize("nothing", ["NaN", "nan", "N/A", "null", "None", "inf", "unknown", "--"])
def test_a_placeholder_is_no_answer_and_is_counted(tmp_path, nothing):
    company = Company(tmp_path, surveys=surveys([10, nothing] * 4))
    assert company.figure("response_rate").value == 0.5
    nps = company.figure("nps")
    assert (nps.value, nps.n) == (100, 4)
    said = company.finding("facts.placeholder", "facts.surveys.score")
    assert said.message == (f'4 values stand for nothing, for example "{nothing}"; taken as empty.')


def test_a_score_without_a_moment_of_answering_is_no_answer(tmp_path):
    company = Company(tmp_path, surveys=surveys([10, 0] * 4, [True, False] * 4))
    assert company.figure("response_rate").value == 0.5
    nps = company.figure("nps")
    assert (nps.value, nps.n) == (100, 4)
    said = company.finding("facts.no_answer", "facts.surveys.score")
    assert said.message.startswith("4 scores have no moment of answering")


def test_where_moments_of_answering_are_not_kept_every_score_is_an_answer(tmp_path):
    told = surveys([10, 0] * 4).splitlines()
    without = "\n".join(" ".join(w for i, w in enumerate(t.split()) if i != 6) for t in told)
    company = Company(tmp_path, surveys=without)
    assert company.figure("response_rate").value == 1
    assert company.figure("nps").value == 0


@pytest.mark.parametrize("code", ["-1", "99", "11"])
def test_a_code_off_the_scale_is_no_answer(tmp_path, code):
    company = Company(tmp_path, surveys=surveys([10, code] * 4))
    assert company.figure("response_rate").value == 0.5
    assert company.figure("nps").n == 4
    assert company.finding("facts.off_scale", "facts.surveys.score").message.startswith("4 answers")


def test_a_broken_recommendation_stays_out_and_is_counted(tmp_path):
    company = Company(tmp_path, surveys=surveys([10, 9.5] * 4))
    assert company.figure("nps").n == 4
    said = company.finding("facts.broken_answer", "facts.surveys.score").message
    assert said.startswith("4 answers are no whole number") and "9.5" in said


def test_of_a_monthly_pulse_each_month_has_a_figure(tmp_path):
    lines = ["invite_id customer_id contact_id instrument kind sent_at answered_at score"]
    for month in ("05", "06"):
        for who in ("A1", "A2", "B1", "B2"):
            sent = f"2026-{month}-05T09:00:00Z 2026-{month}-05T10:00:00Z"
            lines.append(f"S{month}{who} {who} c-{who} nps relationship {sent} 9")
    company = Company(tmp_path, surveys="\n".join(lines))
    for period in ("2026-05", "2026-06"):
        nps = company.figure("nps", period=period)
        assert (nps.value, nps.n) == (100, 4)


def test_of_a_person_who_answers_twice_in_a_period_the_last_answer_counts(tmp_path):
    lines = [
        "invite_id customer_id contact_id instrument kind sent_at answered_at score",
        "S1 A1 p nps relationship 2026-06-03T09:00:00Z 2026-06-04T09:00:00Z 10",
        "S2 A1 p nps relationship 2026-06-20T09:00:00Z 2026-06-21T09:00:00Z 0",
    ]
    nps = Company(tmp_path, surveys="\n".join(lines)).figure("nps")
    assert (nps.value, nps.n) == (-100, 1)


def contacts(key, days=range(1, 29, 4)):
    lines = [
        "interaction_id customer_id issue_key channel opened_at first_human_reply_at resolved_at"
    ]
    for day in days:
        at = [f"2026-06-{day:02}T{hour:02}:00:00Z" for hour in (9, 10, 11)]
        lines += [f"I{day}{who} {who} {key} mail {' '.join(at)}" for who in ("A1", "B1")]
    return "\n".join(lines)


@pytest.mark.parametrize("nothing", ["N/A", "0", "-1", "none", "UNKNOWN"])
def test_contacts_whose_key_stands_for_nothing_are_issues_of_their_own(tmp_path, nothing):
    company = Company(tmp_path, interactions=contacts(nothing))
    found = company.figure("first_contact_resolution")
    assert (found.value, found.n) == (1, 14)
    said = company.finding("facts.placeholder", "facts.interactions.issue_key")
    assert said.message.startswith("14 values stand for nothing")


def test_contacts_with_one_key_are_one_issue(tmp_path):
    company = Company(tmp_path, interactions=contacts("K7"))
    assert company.figure("first_contact_resolution").value == 0


def test_a_word_that_a_column_knows_is_a_value(tmp_path):
    customers = CUSTOMERS.replace("acquired_on", "acquired_on acquired_how")
    customers = customers.replace("2023-01-01", "2023-01-01 unknown")
    company = Company(tmp_path, customers=customers)
    found = inspected(company.facts, company.period)
    assert not [f for f in found if f.place == "facts.customers.acquired_how"]


def test_a_project_names_placeholders_of_its_own(tmp_path):
    (tmp_path / "customers.csv").write_text(
        "customer_id,acquired_on,segment\na,2024-01-01,TBD\nb,2024-01-01,NA\n"
    )
    sources = [Source("customers", "customers.csv")]
    how = reading()
    facts, _ = Facts.open(
        "duckdb://",
        sources,
        tmp_path,
        type(how)(how.currency, how.zones, how.as_of, placeholders=("tbd",)),
    )
    table = facts.customers.select("customer_id", "segment")
    segments = {row["customer_id"]: row["segment"] for row in facts.answer(table)}
    assert segments == {"a": None, "b": "NA"}  # of Namibia, or North America


@pytest.mark.parametrize("time", ["T00:00:00Z", " 00:00:00", "T00:00:00.000+00:00", ""])
def test_a_day_that_is_written_as_a_moment_is_that_day(tmp_path, time):
    """Midnight in UTC is the evening before in New York."""
    sales = "\n".join(
        [
            "txn_id,customer_id,event_on,net_amount",
            f"T1,A1,2026-05-01{time},100",
            f"T2,A1,2026-06-01{time},900",
            f"T3,A1,2026-06-15{time},100",
        ]
    )
    company = Company(tmp_path, zone="America/New_York", written={"transactions": sales})
    assert company.figure("customer_revenue", "gold", "2026-05").value == 50  # 100 of two customers
    assert company.figure("customer_revenue", "gold").value == 500


SPENT = """
event_on   amount category customer_id
2026-06-10 9000   acquire  -
2026-06-10 10     deliver  A1
2026-06-10 70     deliver  -
"""


def test_spend_on_winning_nobody_stays_outside_the_margins_and_every_euro_is_somewhere(tmp_path):
    company = Company(tmp_path, costs=SPENT)
    beside = outside(company.facts, company.period)
    assert (beside.unwon, beside.unallocated) == (9000, 70)
    whole = earned(company.measuring, company.period)["all"]
    attributed = whole.acquire + whole.deliver + whole.support + whole.service
    assert attributed + beside.unwon + beside.unallocated == 9080


def test_spend_of_a_month_in_which_somebody_was_won_is_theirs(tmp_path):
    won = CUSTOMERS + "N1 gold 2026-06-20\n"
    company = Company(tmp_path, customers=won, costs=SPENT)
    assert outside(company.facts, company.period).unwon == 0


@pytest.mark.parametrize(
    ("table", "column", "row"),
    [
        ("contracts", "billing_period", "C1 A1 2026-01-01 100 N/A"),
        ("transactions", "currency", "T1 A1 2026-06-01 100 unknown"),
    ],
)
def test_a_placeholder_that_would_change_an_amount_holds_the_run(tmp_path, table, column, row):
    """Without a billing period it would be monthly, without a currency in the company's own."""
    names = {
        "contracts": "contract_id customer_id start_on recurring_amount billing_period",
        "transactions": "txn_id customer_id event_on net_amount currency",
    }
    company = Company(tmp_path, **{table: f"{names[table]}\n{row}"})
    found = company.finding("facts.placeholder", f"facts.{table}.{column}")
    assert found.severity == "blocking"
