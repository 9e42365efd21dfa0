"""Engines that facts are not read from yet: what is asked can be put into their SQL, save for what
is named here, and why they are refused is said at once."""

from __future__ import annotations

import pytest
import sqlglot
from ibis.backends.duckdb import Backend
from ibis.backends.sql import compilers
from ibis.common.exceptions import OperationNotDefinedError, UnsupportedOperationError
from sample_engines import METRICS, company, measuring, opened
from sqlglot.expressions import Anonymous
from test_inspection import inspected

from scorecard.base.periods import Period
from scorecard.errors import FactsError
from scorecard.facts.engine import connect
from scorecard.judging.affected import fragility, touched
from scorecard.judging.associated import associated
from scorecard.measuring.lineage import lineage
from scorecard.strategy.reader import read_strategy
from scorecard.tiers.movement import movement

OCTOBER = Period.parse("2026-10", "Europe/London")
COMPILERS = {
    "trino": compilers.TrinoCompiler,
    "bigquery": compilers.BigQueryCompiler,
    "snowflake": compilers.SnowflakeCompiler,
    "clickhouse": compilers.ClickHouseCompiler,
    "databricks": compilers.DatabricksCompiler,
}
LACKING = {
    "trino": {"an exact quantile", "timezone()"},
    "bigquery": {"an exact quantile", "timezone()"},
    "snowflake": {"timezone()"},
    "clickhouse": {"timezone()"},
    "databricks": {"timezone()"},
}
"""What Ibis cannot say in an engine's SQL, so that we would have to."""


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Every expression, with what fills its slots, that checks, tiers, metrics, lineage and
    affected customers put to the engine."""
    found = []
    compile = Backend.compile

    def recording(self, expr, *words, **named):
        found.append((expr, named.get("params")))
        return compile(self, expr, *words, **named)

    folder = tmp_path_factory.mktemp("elsewhere")
    facts = opened(project := company(folder / "acme", customers=60, months=6), "duckdb://")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Backend, "compile", recording)
        measured = measuring(project, facts, folder / "tiers")
        list(measured.tiers.freeze(OCTOBER.next()))
        strategy, _ = read_strategy(project.strategy, METRICS, project.settings.currency)
        assert movement(measured.tiers, OCTOBER)
        results = measured.results_of(list(METRICS.values()), OCTOBER)
        assert len(results) == len(METRICS)
        inspected(facts, OCTOBER)
        for metric in METRICS.values():
            assert lineage(facts, metric, OCTOBER) or facts.missing(metric.needs)
        for stance in strategy.stances:
            metric = METRICS[stance.metric]
            for result in results[stance.metric]:
                at = touched(measured, metric, OCTOBER, result, stance)
                associated(measured, metric, OCTOBER, result, stance, at)
                fragility(measured, metric, OCTOBER, result, stance)
    facts.close()
    return found


def lacking(compiler, asked):
    """What cannot be said in SQL of that compiler, of all that is asked."""
    found = set()
    for expression, params in asked:
        try:
            query = compiler.to_sqlglot(expression.as_table(), params=params)
        except (OperationNotDefinedError, UnsupportedOperationError) as error:
            found.add("an exact quantile" if "Quantile" in str(error) else str(error))
            continue
        text = query.sql(dialect=compiler.dialect)
        parsed = sqlglot.parse_one(text, dialect=compiler.dialect)
        names = {function.name.lower() for function in parsed.find_all(Anonymous)}
        found |= {f"{name}()" for name in names & {"timezone"}}
    return found


@pytest.mark.parametrize("engine", COMPILERS)
def test_all_that_is_asked_can_be_put_into_sql_save_what_is_known_to_lack(engine, asked):
    assert len(asked) > 100
    assert lacking(COMPILERS[engine](), asked) == LACKING[engine]


@pytest.mark.parametrize("engine", [*COMPILERS, "sqlite", "mysql", "redshift"])
def test_other_engines_are_refused_at_once_driver_or_not(engine, tmp_path):
    with pytest.raises(
        FactsError, match=rf'^facts\.connect: facts are read .* not from "{engine}"'
    ):
        connect(f"{engine}://somewhere", tmp_path)
