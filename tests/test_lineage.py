from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cast import MARCH, METRICS, MONEY, stage

from scorecard.facts.contracts import Source
from scorecard.facts.tables import Facts, FactsOptions
from scorecard.facts.values import Zones
from scorecard.measuring.lineage import lineage, mapping


@pytest.fixture
def facts(tmp_path):
    return stage(tmp_path, **MONEY).facts


def test_a_metrics_sql_is_told_in_contract_names_down_to_the_tables(facts):
    text = lineage(facts, METRICS["cost_to_serve"], MARCH)
    assert [line for line in text.splitlines() if line.startswith("-- ")][:2] == [
        "-- cost_to_serve",
        "-- money",
    ]
    assert "ibis_" not in text and "fact_" not in text
    assert 'FROM "costs"' in text


def test_a_metric_that_cannot_be_measured_has_no_sql(facts):
    assert lineage(facts, METRICS["nps"], MARCH) == ""


def test_the_mapping_shows_how_each_needed_table_is_read(facts):
    text = mapping(facts, [METRICS["cost_to_serve"]])
    assert [line for line in text.splitlines() if line.startswith("-- ")] == [
        "-- costs",
        "-- customers",
    ]


SECRET = "k7-PASSWORD"
CUSTOMER = "Acme Corp"
QUERIES = {
    "customers": "SELECT 'C1' AS customer_id, DATE '2024-01-01' AS acquired_on, "
    f"'{CUSTOMER}' AS name, '{SECRET}' AS pw",
    "contracts": "SELECT 'K1' AS contract_id, 'C1' AS customer_id, DATE '2024-01-01' AS start_on, "
    f"DATE '2027-01-01' AS end_on, 100 AS recurring_amount, 'USD' AS currency, 'month' AS billing_period, '{SECRET}' AS pw",
    "transactions": "SELECT 'T1' AS txn_id, 'C1' AS customer_id, DATE '2026-03-02' AS event_on, "
    f"100 AS net_amount, 'USD' AS currency WHERE '{CUSTOMER}' <> ''",
    "fx": "SELECT DATE '2024-01-01' AS date, 'USD' AS \"from\", 'EUR' AS \"to\", 0.9 AS rate, "
    f"'{SECRET} of {CUSTOMER}' AS pw",
    "surveys": "SELECT 'S1' AS invite_id, 'C1' AS customer_id, 'csat' AS instrument, "
    f"TIMESTAMP '2026-03-02 08:00' AS sent_at, 5 AS score WHERE '{SECRET}' <> ''",
}


def test_no_lineage_has_a_sources_own_text(tmp_path):
    """Names and passwords in a query, also where a table is made of it that metrics share."""
    reading = FactsOptions("EUR", Zones("Europe/London", "UTC"), datetime(2026, 6, 15, tzinfo=UTC))
    sources = [Source(name, text, is_sql=True) for name, text in QUERIES.items()]
    facts, _findings = Facts.open("duckdb://", sources, tmp_path, reading)
    told = {name: lineage(facts, metric, MARCH) for name, metric in METRICS.items()}
    measured = [name for name, text in told.items() if text]
    assert {"net_revenue_retention", "csat", "customer_revenue"} <= set(measured)
    for text in told.values():
        assert SECRET not in text and CUSTOMER not in text
    assert "-- rates: read from its source" in told["net_revenue_retention"]
    # On one's own machine all of it is told.
    whole = lineage(facts, METRICS["net_revenue_retention"], MARCH, sources=True)
    assert SECRET in whole and SECRET in mapping(facts, METRICS.values())


def test_a_tables_own_name_is_in_no_lineage(tmp_path):
    facts = stage(tmp_path, **MONEY).facts
    for metric in METRICS.values():
        assert "read_csv" not in lineage(facts, metric, MARCH)
