from __future__ import annotations

import pytest
from cast import MARCH, METRICS, MONEY, stage

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
