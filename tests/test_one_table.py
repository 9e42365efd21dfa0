"""A company with customers and one table beside them: a whole citizen, whose money is not known.

The example company keeps one of its tables and loses all the others.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader
from sample_facts import CUSTOMERS, opened, reading
from sample_project import small

from scorecard.base.findings import blocking
from scorecard.check import check
from scorecard.facts.contracts import CONTRACTS, DATED, FLOWING, Source
from scorecard.facts.tables import Facts
from scorecard.pipeline.run import Pipeline
from scorecard.project.settings import Project
from scorecard.project.workspace import open_ledger, open_workspace
from scorecard.quality.inspection import inspect
from scorecard.strategy.model import Tier, TierPlan
from scorecard.tiers.assignment import Tiers

AS_OF = datetime(2026, 8, 17, 5, tzinfo=UTC)
SINCE, PERIOD = "2026-05", "2026-06"
BRONZE = 7
"""Bronze customers as June opens: eight, less one that was lost in February."""
CONTRACTS_TEXT = ["contract_id", "customer_id", "start_on", "recurring_amount"]


def alone(folder, table: str, *metrics: str) -> Project:
    """The small example company with customers and that table; contracts are of 100 a month."""
    project = small(folder, *metrics, since=SINCE)
    if table == "contracts":
        with (project.root / "facts" / "customers.csv").open(newline="") as read:
            here = [r for r in csv.DictReader(read) if not r["closed_on"]]
        rows = [[f"K{r['customer_id']}", r["customer_id"], r["acquired_on"], 100] for r in here]
        with (project.root / "facts" / "contracts.csv").open("w", newline="") as file:
            csv.writer(file).writerows([CONTRACTS_TEXT, *rows])
    settings = project.file.read_text()
    lines = [
        line
        for line in settings.splitlines()
        if not (line.partition(" = ")[0] in CONTRACTS and line.partition(" = ")[0] != "customers")
    ]
    place = lines.index('customers = "facts/customers.csv"') + 1
    lines.insert(place, f'{table} = "facts/{table}.csv"')
    project.file.write_text("\n".join(lines) + "\n")
    for schedule in project.schedules.glob("*.toml"):
        asked = 'complete = ["transactions"]'
        ours = f'complete = ["{table}"]' if table in FLOWING else ""
        schedule.write_text(schedule.read_text().replace(asked, ours))
    return Project.at(folder, {})


def packet(project: Project) -> tuple[str, list[str]]:
    """The words of the packet of a run, and the names of all files, after a backfill."""
    work = open_workspace(project, AS_OF)
    with open_ledger(project) as ledger:
        pipeline = Pipeline(work, ledger, lambda: AS_OF, lambda *_: None)
        pipeline.backfill(work.period(SINCE), work.period(PERIOD), AS_OF)
        published = pipeline.run(work.period(PERIOD), AS_OF).published
    work.facts.close()
    pages = PdfReader(published[0].path).pages
    text = " ".join(" ".join(p.extract_text() for p in pages).split())
    return text, [p.path.name for p in published]


@pytest.mark.parametrize(
    ("table", "metric", "lacking"),
    [
        ("surveys", "csat_mean", "no transactions, costs"),
        ("interactions", "first_reply_p50", "no transactions, costs"),
        ("contracts", "gross_revenue_retention", "no transactions, costs"),
        ("transactions", "customer_revenue", "no costs"),
        ("costs", "cost_to_serve", "no transactions"),
    ],
)
def test_any_one_table_beside_customers_leads_to_every_document(tmp_path, table, metric, lacking):
    project = alone(tmp_path, table, metric)
    assert blocking(check(project, period=None, as_of=AS_OF)) == []
    text, files = packet(project)
    assert files == ["executive-packet.pdf", "service.pdf", "head-of-service.pdf"]
    known = "Customer margin is not known" if table == "transactions" else "Customer margin"
    assert f"{known}: {lacking}." in text
    assert f"Bronze {BRONZE} customers" in text
    for invented in ("margin was nil", "of margin ", "cost more than they brought in"):
        assert invented not in text
    if table != "transactions":
        told = text.replace("in no rate of revenue kept", "")  # of customers without a contract
        assert "of revenue" not in told and "Revenue is known" not in text


def test_a_company_without_money_has_customer_math_in_customers_alone(tmp_path):
    text, _files = packet(alone(tmp_path, "surveys", "csat_mean"))
    assert "Customer math, customers" in text
    assert "Customer math, revenue" not in text and "Customer math, recurring" not in text
    assert "What customers pay is not known: no contracts, transactions." in text


def test_a_company_of_contracts_has_customer_math_in_recurring_money(tmp_path):
    text, _files = packet(alone(tmp_path, "contracts", "gross_revenue_retention"))
    assert "Customer math, recurring amount a month" in text
    assert "What customers pay is not known" not in text


@pytest.mark.parametrize("table", DATED)
def test_any_dated_table_will_do_beside_customers(tmp_path, table):
    columns = [c.name for c in CONTRACTS[table].required]
    (tmp_path / "customers.csv").write_text("customer_id,acquired_on\nanna,2024-01-10\n")
    (tmp_path / "one.csv").write_text(",".join(columns) + "\n")
    sources = [Source("customers", "customers.csv"), Source(table, "one.csv")]
    facts, found = Facts.open("duckdb://", sources, tmp_path, reading())
    assert found == []
    facts.close()


@pytest.mark.parametrize("table", sorted(set(CONTRACTS) - set(DATED) - {"customers"}))
def test_a_table_without_days_does_not_do(tmp_path, table):
    columns = [c.name for c in CONTRACTS[table].required]
    (tmp_path / "customers.csv").write_text("customer_id,acquired_on\nanna,2024-01-10\n")
    (tmp_path / "one.csv").write_text(",".join(columns) + "\n")
    sources = [Source("customers", "customers.csv"), Source(table, "one.csv")]
    facts, (found,) = Facts.open("duckdb://", sources, tmp_path, reading())
    assert (found.id, found.severity) == ("facts.required", "blocking")
    facts.close()


@pytest.mark.parametrize(
    ("method", "tables", "lacking"),
    [
        ("margin_percentile", {}, "not mapped: transactions, costs."),
        ("rfm", {}, "not mapped: transactions."),
        (
            "margin_percentile",
            {"transactions": "customer_id,event_on,net_amount\nanna,2026-10-01,5\n"},
            "not mapped: costs.",
        ),
    ],
)
def test_computed_tiers_without_money_are_a_finding(tmp_path, method, tables, lacking):
    surveys = "customer_id,instrument,sent_at\nanna,nps,2026-10-01 08:00\n"
    facts = opened(tmp_path, customers=CUSTOMERS, surveys=surveys, **tables)
    plan = TierPlan(method, (Tier("gold", "Gold", share=0.2), Tier("rest", "Rest")))
    found = inspect(
        facts,
        period=None,
        as_of=facts.options.as_of,
        fresh_within=lambda _table: 45,
        tiers=Tiers(facts, plan, tmp_path / "tiers"),
    )
    (one,) = blocking(found)
    assert (one.id, one.place) == ("tiers.no_money", "strategy.toml [tiers]")
    assert f'tiers by method "{method}" are computed from transactions' in one.message
    assert one.message.endswith(lacking)
    assert 'method = "declared"' in one.hint
    facts.close()
