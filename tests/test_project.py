"""Project: finding the folder, and what its section may and may not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from scorecard.definitions.metric import metric
from scorecard.demo.company import PLANNED, generate
from scorecard.errors import FactsError, LedgerError, ProjectError
from scorecard.facts.contracts import Source
from scorecard.facts.engine import connect
from scorecard.facts.writing import Mapped, Writing
from scorecard.ledger import Ledger
from scorecard.project.settings import Project, Settings

NEEDED = 'company = "Acme"\ntimezone = "Europe/London"\ncurrency = "EUR"\n'


@pytest.fixture
def project(tmp_path):
    """Make a project of the lines that follow [tool.scorecard]."""

    def make(lines="", needed=NEEDED, env=None):
        text = f"[tool.scorecard]\n{needed}{lines}"
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
        return Project.at(tmp_path, env or {})

    return make


def refusal(project, *args, **kwargs):
    with pytest.raises(ProjectError) as caught:
        project(*args, **kwargs)
    return str(caught.value)


def test_company_timezone_and_currency_are_enough(project, tmp_path):
    acme = project()
    assert acme.settings == Settings(company="Acme", timezone="Europe/London", currency="EUR")
    assert (acme.root, acme.strategy) == (tmp_path, tmp_path / "strategy.toml")
    assert acme.metrics == tmp_path / "metrics"
    assert acme.output == tmp_path / "output"
    assert acme.state == tmp_path / ".scorecard"
    assert acme.ledger == "sqlite:///.scorecard/ledger.db"
    assert acme.connect == "duckdb://"
    assert acme.sources == ()


def test_everything_wrong_is_said_at_once(project):
    said = refusal(project, 'timezon = "UTC"\npaper = "A3"\n', needed='company = "Acme"\n')
    assert '"timezon", which is not a setting. Did you mean "timezone"?' in said
    assert 'needs "timezone"' in said
    assert 'needs "currency"' in said
    assert "paper = 'A3'" in said and "'A4' or 'Letter'" in said
    assert len(said.splitlines()) == 4


@pytest.mark.parametrize(
    ("line", "replaced", "said"),
    [
        ('timezone = "Europe/Londn"', "timezone", "not an IANA zone"),
        ('timezone = ""', "timezone", "not an IANA zone"),
        ('currency = "EURO"', "currency", "not an ISO 4217 code"),
        ('company = ""', "company", "at least 1 character"),
        ('locale = "xx_YY"', "locale", "not a locale"),
        ('period = "fortnight"', "", "'week', 'month', 'quarter' or 'year'"),
        ('stale_after = "45"', "", "valid integer"),
        ("acquisition_months = 0", "", "greater than or equal to 1"),
        ("freshness = { survey = 10 }", "", 'Did you mean "surveys"?'),
        ('timestamps = "Mars/Base"', "", "not an IANA zone"),
        ('words = "Orange"', "", "words = 'Orange': not a list of words; write one such as ["),
        ("words = [7]", "", "not a list of words"),
        ('words = ["Shell", "Zenith Works"]', "", '"Zenith Works" is not a single word; longer'),
        ('words = ["O’Hara"]', "", '"O’Hara" is not a single word'),
        ('words = [""]', "", '"" is not a single word'),
        ('words = ["2026"]', "", '"2026" is not a single word'),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_what_it_could_be(project, line, replaced, said):
    kept = [n for n in NEEDED.splitlines(True) if not replaced or not n.startswith(replaced)]
    message = refusal(project, line, needed="".join(kept))
    assert said in message
    assert "pyproject.toml: [tool.scorecard]" in message


def test_settings_cannot_be_changed(project):
    with pytest.raises(ValueError, match="frozen"):
        project().settings.paper = "Letter"


def test_the_nearest_project_above_is_found(project, tmp_path):
    project()
    inner = tmp_path / "facts" / "2026"
    inner.mkdir(parents=True)
    (tmp_path / "facts" / "pyproject.toml").write_text("[tool.scorecards]\n[tool.other]\n")
    assert Project.find(inner, {}).root == tmp_path


def test_a_mention_of_the_section_in_a_comment_does_not_make_a_project(tmp_path):
    (tmp_path / "pyproject.toml").write_text("# [tool.scorecard] some day\n")
    with pytest.raises(ProjectError, match="scorecard init"):
        Project.at(tmp_path, {})


def test_an_explicit_folder_is_not_searched_from(project, tmp_path):
    project()
    (tmp_path / "inner").mkdir()
    with pytest.raises(ProjectError, match="does not exist"):
        Project.at(tmp_path / "inner", {})
    assert Project.at(tmp_path / "pyproject.toml", {}).root == tmp_path


def test_no_project_anywhere_names_the_command_that_makes_one(tmp_path):
    with pytest.raises(ProjectError, match="scorecard init"):
        Project.find(tmp_path, {})


def test_toml_that_cannot_be_read_is_not_passed_over(project, tmp_path):
    project()
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("[tool.scorecard\n")
    with pytest.raises(ProjectError, match="not valid TOML"):
        Project.find(inner, {})
    (inner / "pyproject.toml").write_text("tool = 3\n")
    with pytest.raises(ProjectError, match="tool must be a section"):
        Project.find(inner, {})


def test_variables_are_filled_in_from_the_environment(project):
    lines = 'ledger = "postgresql://u:${PW}@db/x"\n[tool.scorecard.facts]\nconnect = "${DWH}"'
    acme = project(lines, env={"PW": "s3cret", "DWH": "duckdb://dwh.db"})
    assert acme.ledger == "postgresql://u:s3cret@db/x"
    assert acme.connect == "duckdb://dwh.db"
    assert "s3cret" not in repr(acme.settings)


def test_a_variable_that_is_not_set_is_an_error(project):
    assert "${LEDGER}" in refusal(project, 'ledger = "${LEDGER}"')


def test_sources_are_files_tables_and_queries(project):
    acme = project(
        "[tool.scorecard.facts]\n"
        'customers = "facts/customers.csv"\n'
        'transactions = { from = "sales_*.csv", columns = { customer_id = "CustNo" } }\n'
        'surveys = { sql = "select 1" }\n'
    )
    assert acme.sources == (
        Source("customers", "facts/customers.csv"),
        Source("transactions", "sales_*.csv", (("customer_id", "CustNo"),)),
        Source("surveys", "select 1", is_sql=True),
    )


def test_what_a_column_is_made_of_and_how_a_source_writes_is_read(project):
    acme = project(
        "[tool.scorecard.facts]\n"
        'customers = { from = "a.csv", columns = { customer_id = { join = ["Region", "No"], with = "-" } } }\n'
        'surveys = { from = "b.csv", columns = { instrument = { value = "nps" }, scale_min = { value = 0 }, eligible = { value = true } } }\n'
        'contracts = { from = "c.csv", columns = { billing_period = { from = "Billing", values = { Yearly = "year", X = "" } }, start_on = { from = "Begin", date = "%d %b %Y" }, recurring_amount = { from = "Fee", decimal = "," } } }\n'
        'transactions = { from = "d.csv", decimal = ",", thousands = ".", date = "%d.%m.%Y", refunds = "positive", credits = "negative" }\n'
        'costs = { from = "e.csv", thousands = " ", sign = "negative" }\n'
        'drivers = { from = "f.xlsx", sheet = "Data", first_row = 3 }\n'
    )
    columns = {s.table: dict(s.columns) for s in acme.sources}
    assert columns["customers"] == {"customer_id": Mapped(("Region", "No"), between="-")}
    assert columns["surveys"] == {
        "instrument": Mapped(value="nps"),
        "scale_min": Mapped(value="0"),
        "eligible": Mapped(value="true"),
    }
    assert columns["contracts"] == {
        "billing_period": Mapped(("Billing",), values=(("Yearly", "year"), ("X", ""))),
        "start_on": Mapped(("Begin",), date="%d %b %Y"),
        "recurring_amount": Mapped(("Fee",), decimal=","),
    }
    assert acme.source("transactions").writing == Writing(
        ",", ".", date="%d.%m.%Y", refunds="positive", credits="negative"
    )
    drivers = acme.source("drivers")
    assert (drivers.sheet, drivers.first_row) == ("Data", 3)
    assert acme.source("costs").writing == Writing(thousands=" ", sign="negative")


@pytest.mark.parametrize(
    ("table", "column", "said"),
    [
        ("surveys", 'instrument = { valeu = "nps" }', 'has "valeu". Did you mean "value"?'),
        ("surveys", 'instrument = { value = "nsp" }', 'is not one of nps, csat, ces. Did you mean "nps"?'),
        ("surveys", 'instrument = { value = " " }', '"value" is empty; leave the column out.'),
        ("surveys", "instrument = { value = [1] }", '"value" must be a text, a number'),
        ("surveys", 'instrument = { value = "nps", from = "A" }', 'needs one of "from", "value" and "join"'),
        ("surveys", "instrument = { }", 'needs one of "from", "value" and "join"'),
        ("surveys", 'instrument = { value = "nps", with = "-" }', 'has "with", which does not go with "value"'),
        ("contracts", 'billing_period = { from = "B", values = { Y = "yaer" } }', '"yaer" is not one of month, quarter, year. Did you mean "year"?'),
        ("contracts", 'billing_period = { from = "B", values = { } }', '"values" must be like'),
        ("contracts", 'billing_period = { from = "B", date = "%d/%m/%Y" }', '"date" is for days and moments'),
        ("contracts", 'start_on = { from = "B", decimal = "," }', "its marks are for numbers, and this is date"),
        ("contracts", 'recurring_amount = { from = "B", thousands = "." }', 'as in decimal = ","'),
        ("contracts", 'start_on = { from = "B", date = "%d/%m" }', "it needs a day, a month and a year"),
        ("customers", 'customer_id = { join = ["A"], with = "-" }', '"join" must name two columns or more'),
        ("customers", 'customer_id = { join = ["A", "B"] }', '"join" needs "with"'),
        ("customers", 'customer_id = { join = ["A", 3], with = "-" }', '"join" must be a text'),
        ("customers", 'acquired_on = { join = ["A", "B"], with = "-" }', '"join" makes a text'),
    ],
)  # fmt: skip
def test_a_column_that_cannot_be_made_so_is_refused(project, table, column, said):
    text = refusal(
        project, f'[tool.scorecard.facts]\n{table} = {{ from = "a.csv", columns = {{ {column} }} }}'
    )
    assert f"[tool.scorecard.facts] {table}: columns.{column.split()[0]}" in text
    assert said in text


@pytest.mark.parametrize(
    ("table", "line", "said"),
    [
        ("costs", 'decimal = ";"', '"decimal" is \';\'; write one of ".", ",".'),
        ("costs", 'thousands = "."', 'say that too, as in decimal = ",".'),
        ("costs", 'thousands = ",", decimal = ","', 'say that too, as in decimal = ".".'),
        ("costs", 'date = "%d/%m/%Q"', '"%Q" is none of %d, %m, %b, %Y, %y, %H, %I, %M, %S, %p'),
        ("costs", 'date = "%d/%m/%d %Y"', "it says a part twice"),
        ("costs", 'date = "%d/%m/%Y %H"', "a time needs an hour and a minute"),
        ("costs", "date = 3", "it is no text"),
        ("costs", 'sheet = "Data"', '"sheet" and "first_row" are said of Excel files only'),
        ("costs", 'refunds = "positive"', '"refunds" is said of transactions only'),
        ("surveys", 'sign = "negative"', '"sign" is said of transactions, costs, contracts only'),
        ("costs", 'sign = "minus"', 'write one of "positive", "negative"'),
    ],
)
def test_a_way_of_writing_that_cannot_be_is_refused(project, table, line, said):
    text = refusal(project, f'[tool.scorecard.facts]\n{table} = {{ from = "a.csv", {line} }}')
    assert f"[tool.scorecard.facts] {table}" in text
    assert said in text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('customer = "a.csv"', 'Did you mean "customers"?'),
        ('customers = { form = "a.csv" }', 'Did you mean "from"?'),
        ("customers = { columns = { } }", 'either "from" or "sql"'),
        ('customers = { from = "a.csv", sql = "select 1" }', 'either "from" or "sql"'),
        ('customers = ""', "not empty"),
        ("customers = 3", "a file, a glob"),
        (
            'customers = { from = "a.csv", columns = { custmer_id = "No" } }',
            'Did you mean "customer_id"?',
        ),
        ('customers = { from = "a.csv", columns = { name = 3 } }', "not empty"),
        ('customers = { from = "a.xlsx", sheet = 1 }', '"sheet" must be a text'),
        (
            'customers = { from = "a.xlsx", first_row = 0 }',
            '"first_row" must be the number of a row',
        ),
        (
            'customers = { from = "a.xlsx", first_row = true }',
            '"first_row" must be the number of a row',
        ),
        ("connect = 1", "connection URL"),
    ],
)
def test_a_source_that_cannot_be_is_refused(project, line, said):
    assert said in refusal(project, f"[tool.scorecard.facts]\n{line}\n")


def test_freshness_is_by_table_where_it_is_said(project):
    acme = project("stale_after = 30\nfreshness = { surveys = 60 }")
    assert acme.settings.fresh_within("surveys") == 60
    assert acme.settings.fresh_within("costs") == 30


def test_words_that_are_also_names_of_customers_are_listed(project):
    assert project().settings.words == ()
    listed = ["Orange", " 3M ", "Citroe\u0308n", "現場"]
    assert project(f"words = {listed}").settings.words == ("Orange", "3M", "Citroe\u0308n", "現場")


def test_maturity_is_by_metric_then_family_then_the_metrics_own(project):
    acme = project("matures = { csat = 21, experience = 10 }")
    families = {"csat": "experience", "ces": "experience", "fcr": "service"}
    days = {n: acme.settings.matures_after(declared(n, f)) for n, f in families.items()}
    assert days == {"csat": 21, "ces": 10, "fcr": 14}


def declared(name, family):
    def observe(facts, window):
        """Nothing."""

    observe.__name__ = name
    return metric(
        label=name,
        unit="share",
        better="higher",
        kind="proportion",
        family=family,
        needs=["surveys"],
        evidence="sample",
        section="experienced",
        matures=14,
    )(observe)


def test_timestamps_without_a_zone_are_the_companys_unless_said(project):
    assert project().timestamps.key == "Europe/London"
    assert project('timestamps = "UTC"').timestamps.key == "UTC"


def test_this_checkout_is_the_demonstrations_project(tmp_path):
    generate(tmp_path, customers=PLANNED, months=24, seed=1)
    here, made = Project.find(Path(__file__).parent, {}), Project.at(tmp_path, {})
    assert here.root == Path(__file__).parents[1]
    assert made.settings.project, "a new company's ledger belongs to it alone"
    assert here.settings == made.settings.model_copy(update={"project": ""})
    assert here.strategy.read_bytes() == made.strategy.read_bytes()
    assert here.sources == made.sources


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u:p@[bad/x",
        "postgres://ann:S3CRET@[bad/x",
        "trino://ann:S3CRET@[bad",
        "duckdb:ann:S3CRET",
        "nosuch://ann:S3CRET@host/x?key=S3CRET",
        "host=h password=S3CRET",
    ],
)
def test_facts_at_an_address_that_is_none_are_one_sentence_without_the_password(url, tmp_path):
    with pytest.raises(
        FactsError,
        match=r"^facts\.connect: (cannot connect \(.*\); check|the address cannot be read; write|.* not from \".*\"; copy)",
    ) as caught:
        connect(url, tmp_path)
    said = str(caught.value)
    assert len(said.splitlines()) == 1
    assert "S3CRET" not in said and ":p@" not in said


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite://ann:S3CRET@host/x", '"sqlite://ann:***@host/x" is not an address; write '),
        ("sqlite://host/x", '"sqlite://host/x" is not an address; write '),
        ("sqlite:///x.db?timeout=S3CRET", '"sqlite:///x.db?timeout=***" is not an address; '),
        (
            "postgresql://ann@127.0.0.1:1/x?foo=S3CRET&sslmode=prefer",
            "Ledger postgresql+psycopg://***@127.0.0.1:1/x?foo=***&sslmode=prefer could not be ",
        ),
        (
            "postgresql://ann:S3CRET@127.0.0.1:1/x",
            "Ledger postgresql+psycopg://ann:***@127.0.0.1:1/x could not be opened",
        ),
        ("mysql://ann:S3CRET@host/x?key=S3CRET", '"mysql://ann:***@host/x?key=***" is neither'),
    ],
)
def test_a_ledger_that_cannot_be_is_one_sentence_without_the_password(url, shown, tmp_path):
    with pytest.raises(LedgerError) as caught:
        Ledger.open(url, tmp_path)
    said = str(caught.value)
    assert shown in said and "S3CRET" not in said
    assert len(said.splitlines()) == 1
