"""Proposing: a folder of exports becomes the draft of a project that people correct."""

from __future__ import annotations

import csv
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from sample_exports import american, french, german, sheets, text
from sizes import sizes

from scorecard.base.findings import blocking
from scorecard.check import check
from scorecard.errors import ProjectError
from scorecard.facts.contracts import CONTRACTS, contract
from scorecard.project.scaffold import init
from scorecard.project.settings import Project
from scorecard.project.workspace import open_facts
from scorecard.proposing.lay_out import Chosen, proposed
from scorecard.proposing.translations import MEANINGS, allowed
from scorecard.proposing.vocabulary import NEVER, VOCABULARY
from scorecard.starters.facts import FACTS
from scorecard.strategy.reader import read_strategy

TESTS = Path(__file__).parent
ELSEWHERE = Path(os.environ.get("SCORECARD_DATA", TESTS.parents[1] / "shared" / "data"))
AS_OF = datetime(2026, 8, 1, tzinfo=UTC)


class Drafted:
    """A project that is drafted from a folder, and its facts as its own settings read them."""

    def __init__(self, folder: Path, exports: Path, currency="", as_of=AS_OF) -> None:
        with proposed(folder, exports, Chosen(currency)) as (proposal, skeleton):
            self.proposal = proposal
            list(init(folder, skeleton))
        self.project, self.as_of = Project.at(folder, {}), as_of
        self.text = self.project.file.read_text(encoding="utf-8")

    @property
    def tables(self):
        """{table: name of its file} of what stands."""
        return {d.table: d.export.file.name for d in self.proposal.standing}

    def columns(self, table):
        """{contract column: column of the export} of a table that stands."""
        return {n: x.theirs for n, x in self.proposal.draft(table).mapped.items() if x.theirs}

    def settings(self, table):
        source = self.project.source(table)
        return (
            source.encoding,
            source.writing.decimal,
            source.writing.thousands,
            source.writing.date,
        )

    def answer(self, **asked):
        """One row of figures, each a function of the facts."""
        facts, findings = open_facts(self.project, self.as_of)
        try:
            assert not blocking(findings), findings
            rows = {n: facts.answer(wanted(facts).as_table()) for n, wanted in asked.items()}
            return {name: next(iter(row.values())) for name, (row,) in rows.items()}
        finally:
            facts.close()

    def check(self, besides=("no_strength",)):
        """What check says that holds a run, besides what people have to choose."""
        found = check(self.project, period=None, as_of=self.as_of)
        return [f for f in blocking(found) if f.id not in besides]


def real(name: str) -> Path:
    source = TESTS / "data" / name if name == "cdnow" else ELSEWHERE / name
    if not source.is_dir():
        pytest.skip(f"the {name} data are not at {source}; set SCORECARD_DATA")
    return source


def test_real_purchases_without_customers_come_to_what_was_published(tmp_path):
    """CDNOW: 69,659 purchases of 23,570 customers for 2,500,315.63 dollars (Fader and Hardie)."""
    drafted = Drafted(tmp_path / "shop", real("cdnow"), as_of=datetime(1998, 10, 15, tzinfo=UTC))
    assert drafted.tables == {
        "customers": "cdnow_master.parquet",
        "transactions": "cdnow_master.parquet",
    }
    assert drafted.check() == []
    assert drafted.project.settings.currency == "USD"  # the column is called dollars
    found = drafted.answer(
        rows=lambda f: f.transactions.count(),
        net=lambda f: f.transactions.net_amount.sum(),
        customers=lambda f: f.customers.count(),
        first=lambda f: f.customers.acquired_on.min(),
    )
    assert (found["rows"], found["customers"]) == (69659, 23570)
    assert round(float(found["net"]), 2) == 2500315.63
    assert str(found["first"])[:10] == "1997-01-01"


def test_real_invoice_lines_without_an_amount_are_pieces_times_their_price(tmp_path):
    """Online Retail: net 9,747,747.93; 4,372 customers; 135,080 lines of nobody stay."""
    drafted = Drafted(
        tmp_path / "gifts", real("online_retail"), "GBP", datetime(2012, 1, 31, tzinfo=UTC)
    )
    assert drafted.check() == []
    assert "txn_id" not in drafted.proposal.draft("transactions").mapped  # an invoice has lines
    found = drafted.answer(
        net=lambda f: f.transactions.net_amount.sum(),
        nobodys=lambda f: f.transactions.count(where=f.transactions.customer_id.isnull()),
        customers=lambda f: f.customers.count(),
        came_back=lambda f: f.transactions.count(where=f.transactions.kind == "refund"),
        below=lambda f: f.transactions.count(where=f.transactions.qty < 0),
    )
    assert round(float(found["net"]), 2) == 9747747.93
    assert (found["nobodys"], found["customers"]) == (135080, 4372)
    assert found["came_back"] == found["below"] > 0


def test_a_software_companys_five_files_are_told_apart(tmp_path):
    """RavenStack: open subscriptions of 10,159,608 dollars a month; 3.981 over 1,175 ratings."""
    drafted = Drafted(
        tmp_path / "raven", real("ravenstack"), "USD", datetime(2025, 3, 1, tzinfo=UTC)
    )
    assert drafted.tables == {
        "customers": "ravenstack_accounts.csv",
        "contracts": "ravenstack_subscriptions.csv",
        "interactions": "ravenstack_support_tickets.csv",
        "surveys": "ravenstack_support_tickets.csv",
    }
    assert drafted.check() == []
    assert drafted.columns("customers")["tier"] == "plan_tier"
    found = drafted.answer(
        monthly=lambda f: f.contracts.recurring_amount.sum(where=f.contracts.end_on.isnull()),
        answers=lambda f: f.surveys.score.count(),
        mean=lambda f: f.surveys.score.mean(),
        asked=lambda f: f.surveys.count(),
    )
    assert (found["monthly"], found["answers"], found["asked"]) == (10159608, 1175, 2000)
    assert round(found["mean"], 3) == 3.981
    strategy, findings = read_strategy(drafted.project.strategy, {}, "USD")
    assert (strategy.plan.method, strategy.plan.ids, findings) == (
        "declared",
        ("enterprise", "pro", "basic"),
        [],
    )


@pytest.mark.parametrize("trade", FACTS)
def test_tables_that_are_named_as_ours_are_ours_in_every_column(tmp_path, trade):
    (tmp_path / "exports").mkdir()
    FACTS[trade](tmp_path / "exports")
    drafted = Drafted(tmp_path / "acme", tmp_path / "exports")
    for draft in drafted.proposal.drafts:
        assert draft.stands and draft.table == draft.export.file.stem
        assert set(draft.mapped) == set(draft.export.columns)
    assert drafted.proposal.passed_over == ()
    assert drafted.check() == []


def test_german_exports_are_read_without_a_word_of_sql(tmp_path):
    """Ninety customers; six invoices of 300, 200 or 100 each, and 300, 200 and 100 given back."""
    drafted = Drafted(tmp_path / "acme", german(tmp_path / "exports"))
    assert drafted.check() == []
    assert drafted.settings("customers") == ("cp1252", "", "", "%d.%m.%Y")
    assert drafted.columns("customers") == {
        "customer_id": "Kundennr",
        "name": "Firma",
        "acquired_on": "Kunde seit",
        "channel": "Herkunft",
        "tier": "Stufe",
    }
    assert drafted.columns("transactions")["net_amount"] == "Netto"
    found = drafted.answer(
        net=lambda f: f.transactions.net_amount.sum(),
        back=lambda f: f.transactions.net_amount.sum(where=f.transactions.kind == "credit"),
        last=lambda f: f.customers.acquired_on.max(),
        named=lambda f: f.customers.name.min(),
        answers=lambda f: f.surveys.score.count(),
    )
    assert (found["net"], found["back"]) == (6 * 30 * 600 - 600, -600)
    assert str(found["last"])[:10] == "2024-09-24"  # the first of January and 89 times 3 days
    assert (found["named"], found["answers"]) == ("Müller & Söhne 1", 90)


def test_french_exports(tmp_path):
    drafted = Drafted(tmp_path / "acme", french(tmp_path / "exports"))
    assert drafted.tables == {
        "customers": "clients.csv",
        "transactions": "factures.csv",
        "interactions": "tickets.csv",
        "surveys": "tickets.csv",
    }
    assert drafted.check() == []
    assert drafted.settings("transactions") == ("cp1252", ",", "", "%d/%m/%Y")
    assert drafted.settings("interactions")[3] == "%d/%m/%Y %H:%M"
    found = drafted.answer(
        net=lambda f: f.transactions.net_amount.sum(),
        mean=lambda f: f.surveys.score.mean(),
        named=lambda f: f.customers.name.min(),
        least=lambda f: f.interactions.opened_at.min(),
    )
    assert (float(found["net"]), found["mean"], found["named"]) == (6030, 3, "Société 0")
    assert str(found["least"]) == "2026-06-01 09:00:00"


def test_exports_of_american_tools(tmp_path):
    """Costs have a column "Account" that is of the books, and no customer."""
    drafted = Drafted(tmp_path / "acme", american(tmp_path / "exports"))
    assert drafted.tables == {
        "customers": "organizations.csv",
        "contracts": "stripe_subscriptions.csv",
        "costs": "expenses.csv",
        "interactions": "zendesk_tickets.csv",
        "surveys": "delighted_nps.csv",
    }
    assert drafted.check() == []
    assert drafted.columns("costs").keys() == {"event_on", "amount", "category"}
    assert drafted.columns("contracts")["start_on"] == "created"
    assert drafted.columns("interactions")["customer_id"] == "Organization ID"
    for table in ("contracts", "interactions", "surveys"):
        assert drafted.proposal.draft(table).mapped["customer_id"].certainty == "certain"
    strategy, _ = read_strategy(drafted.project.strategy, {}, "USD")
    assert strategy.plan.ids == ("enterprise", "pro", "free")


def test_customers_without_a_day_came_with_their_first_row_elsewhere(tmp_path):
    text(tmp_path / "x" / "kunden.csv", ["Kundennr;Name;Stufe", "K1;A;Gold", "K2;B;Silber"])
    sales = ["K1;13.05.2026;10,50", "K2;02.06.2026;2,25", "K1;01.04.2026;1,00"]
    text(tmp_path / "x" / "verkauf.csv", [SALES, *sales])
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    assert drafted.check() == []
    found = drafted.answer(
        first=lambda f: f.customers.acquired_on.min(), last=lambda f: f.customers.acquired_on.max()
    )
    assert [str(day)[:10] for day in found.values()] == ["2026-04-01", "2026-06-02"]
    assert drafted.columns("customers")["tier"] == "Stufe"


def test_two_files_that_only_their_customers_tell_are_one_table_at_most(tmp_path):
    """Neither names the customer; by their values both do, and both may be the contracts."""
    text(
        tmp_path / "x" / "customers.csv", ["customer_no,since", "Q-1,2024-01-15", "Q-2,2024-02-15"]
    )
    for name in ("contracts_a.csv", "contracts_b.csv"):
        lines = ["Q-1,2025-01-01,10", "Q-2,2025-02-01,20"]
        text(tmp_path / "x" / name, ["holder,start_date,monthly_fee", *lines])
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    assert list(drafted.tables) == ["customers"]
    assert "is as likely to be contracts; choose one of them" in drafted.text


def test_customers_whom_no_query_can_read_are_said_to_be_missing(tmp_path):
    text(tmp_path / "x" / "verkäufe.csv", [SALES, "Ä1;13.05.2026;10,50"], "cp1252")
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    assert list(drafted.tables) == ["transactions"]
    assert "# customers: no file has a row for each" in drafted.text


SALES = "Kundennr;Kaufdatum;Umsatz"
PEOPLE = "Kundennr;Kunde seit"


def shop(folder: Path, days: list[str], amounts: list[str], since: str = "15.02.2024") -> Path:
    """Sales of as many customers as there are days."""
    n = range(len(days))
    text(folder / "kunden.csv", [PEOPLE, *(f"K{i};{since}" for i in n)])
    text(
        folder / "verkauf.csv",
        [SALES, *(f"K{i};{d};{a}" for i, d, a in zip(n, days, amounts, strict=True))],
    )
    return folder


def test_decimal_commas_and_marks_between_thousands_are_said(tmp_path):
    days = ["13.05.2026", "02.06.2026"]
    drafted = Drafted(tmp_path / "acme", shop(tmp_path / "x", days, ["1.234,50", "2,25"]))
    assert drafted.settings("transactions") == ("", ",", ".", "%d.%m.%Y")
    found = drafted.answer(net=lambda f: f.transactions.net_amount.sum())
    assert float(found["net"]) == 1236.75


def test_numbers_with_two_readings_are_left_to_people(tmp_path):
    """1.200 is 1.2 or 1,200: both are there as comments, and check holds the run."""
    days = ["13.05.2026", "02.06.2026"]
    drafted = Drafted(tmp_path / "acme", shop(tmp_path / "x", days, ["1.200", "2.500"]))
    assert drafted.settings("transactions")[1:3] == ("", "")
    assert '# decimal = "."' in drafted.text and '# decimal = ","' in drafted.text
    assert [f.id for f in drafted.check()] == ["facts.two_readings"]


def test_days_with_two_readings_are_left_to_people(tmp_path):
    exports = shop(tmp_path / "x", ["03/04/2026", "05/06/2026"], ["10.50", "2.25"], "2024-02-01")
    drafted = Drafted(tmp_path / "acme", exports)
    assert drafted.settings("transactions")[3] == ""
    assert '# date = "%d/%m/%Y"' in drafted.text and '# date = "%m/%d/%Y"' in drafted.text
    assert "can be read in two ways" in drafted.text
    assert "facts.type" in [f.id for f in drafted.check()]


@pytest.mark.parametrize(
    ("day", "format"), [("13/04/2026", "%d/%m/%Y"), ("04/13/2026", "%m/%d/%Y")]
)
def test_one_day_after_the_twelfth_proves_the_order(tmp_path, day, format):
    exports = shop(tmp_path / "x", [day, "05/06/2026"], ["10.50", "2.25"], "2024-02-01")
    drafted = Drafted(tmp_path / "acme", exports)
    assert drafted.settings("transactions")[3] == format
    assert drafted.check() == []


def test_an_order_number_is_no_customer(tmp_path):
    lines = ["order_id,order_date,amount"]
    lines += [f"{n},2026-05-{1 + n % 28:02},10.50" for n in range(1, 40)]
    text(tmp_path / "x" / "orders.csv", lines)
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    assert drafted.columns("transactions") == {
        "txn_id": "order_id",
        "event_on": "order_date",
        "net_amount": "amount",
    }
    assert "customers" not in drafted.tables


def test_a_column_whose_values_are_all_customers_is_the_customer_whatever_its_name(tmp_path):
    ids = [f"Q-{n:03}" for n in range(30)]
    text(tmp_path / "x" / "clients.csv", ["client_no,since", *(f"{i},2024-01-15" for i in ids)])
    lines = [f"T{n},{i},2026-05-04 09:00" for n, i in enumerate(ids)]
    text(tmp_path / "x" / "tickets.csv", ["ticket_id,Konto-Schlüssel,created_at", *lines])
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    line = drafted.proposal.draft("interactions").mapped["customer_id"]
    assert (line.theirs, line.certainty) == ("Konto-Schlüssel", "certain")
    assert "every value is in customers.customer_id" in drafted.text


def test_of_two_files_that_may_be_one_table_neither_is_chosen(tmp_path):
    for name in ("invoices_a.csv", "invoices_b.csv"):
        lines = [f"R{n},C{n},2026-05-0{n},10.50" for n in range(1, 9)]
        text(tmp_path / "x" / name, [f"invoice_no,customer_no,invoice_date,{name[9]}mount", *lines])
    lines = [f"C{n},2024-01-15" for n in range(1, 9)]
    text(tmp_path / "x" / "customers.csv", ["customer_no,since", *lines])
    shutil.copy(tmp_path / "x" / "invoices_a.csv", tmp_path / "x" / "invoices_old.csv")
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    assert "transactions" not in drafted.tables
    assert "invoices_old.csv is as likely to be transactions; choose one of them." in drafted.text
    assert "invoices_a.csv is as likely to be transactions; choose one of them." in drafted.text


def test_of_two_files_of_customers_the_one_that_others_refer_to_is_taken(tmp_path):
    for name, letter in (("accounts_old.csv", "X"), ("accounts_crm.csv", "C")):
        lines = [f"{letter}{n},2024-01-15,Gold" for n in range(9)]
        text(tmp_path / "x" / name, ["account_no,since,tier", *lines])
    lines = [f"C{n},2026-05-0{n + 1},10.50" for n in range(9)]
    text(tmp_path / "x" / "sales.csv", ["account_no,sale_date,net_amount", *lines])
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    assert drafted.tables["customers"] == "accounts_crm.csv"
    assert "accounts_crm.csv was taken for customers, for it fits better." in drafted.text
    assert drafted.proposal.draft("transactions").mapped["customer_id"].certainty == "certain"


def test_where_either_of_two_files_may_be_the_customers_no_query_stands_in(tmp_path):
    for name in ("customers_a.csv", "customers_b.csv"):
        text(tmp_path / "x" / name, ["account_no,since,tier", "C1,2024-01-15,A", "C2,2024-01-15,B"])
    lines = [f"C{n},2026-05-0{n},10.50" for n in (1, 2)]
    text(tmp_path / "x" / "sales.csv", ["account_no,sale_date,net_amount", *lines])
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    assert list(drafted.tables) == ["transactions"]
    assert drafted.text.count("is as likely to be customers; choose one of them") == 2
    assert "sql" not in drafted.text.partition("[tool.scorecard.facts]\n")[2]


@pytest.mark.parametrize(("closed", "stands"), [("2026-05-03", True), ("2026-04-01", False)])
def test_what_lies_before_its_beginning_is_no_end(tmp_path, closed, stands):
    """Nine of ten tickets are closed on that day; all were opened on the second of May."""
    head = "ticket_id,customer_no,opened_at,closed_at"
    lines = [f"{n},C{n},2026-05-02,{closed if n else '2026-05-01'}" for n in range(10)]
    text(tmp_path / "x" / "tickets.csv", [head, *lines])
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    line = next(
        x for x in drafted.proposal.draft("interactions").lines if x.column == "resolved_at"
    )
    assert line.stands == stands
    assert f'{1 if stands else 10} of 10 lie before "opened_at"' in line.why


def test_tiers_without_a_known_order_are_by_what_their_customers_pay(tmp_path):
    """A customer of Haupt pays 3.50 and 2.50, two of Neben 5.00 and 4.00, one of Alt 9.00."""
    people = ["K1;15.02.2024;Haupt;1", "K2;15.02.2024;Neben;1", "K3;15.02.2024;Neben;1"]
    head = "Kundennr;Kunde seit;Stufe;Umsatz"
    text(tmp_path / "x" / "kunden.csv", [head, *people, "K4;15.02.2024;Alt;1"])
    sales = ["K1;13.05.2026;3,50", "K1;14.05.2026;2,50", "K2;13.05.2026;5,00"]
    text(
        tmp_path / "x" / "verkauf.csv", [SALES, *sales, "K3;13.05.2026;4,00", "K4;13.05.2026;9,00"]
    )
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    strategy, _ = read_strategy(drafted.project.strategy, {}, "EUR")
    assert strategy.plan.ids == ("alt", "haupt", "neben")  # 9.00, 6.00 and 4.50 each
    assert strategy.plan.label("haupt") == "Haupt"


def test_files_of_several_months_are_one_table(tmp_path):
    for month in ("04", "05"):
        lines = [f"{month}{n},C{n},2026-{month}-0{n},10.50" for n in range(1, 9)]
        name = f"sales_2026-{month}.csv"
        text(tmp_path / "x" / name, ["sale_no,customer_no,sale_date,net_amount", *lines])
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    assert drafted.project.source("transactions").of == "../x/sales_*.csv"
    assert drafted.check() == []
    found = drafted.answer(
        rows=lambda f: f.transactions.count(), customers=lambda f: f.customers.count()
    )
    assert found == {"rows": 16, "customers": 8}


def test_gross_amounts_are_not_taken_for_net_ones(tmp_path):
    text(
        tmp_path / "x" / "invoices.csv",
        ["invoice_no,customer_no,invoice_date,gross_amount", "R1,C1,2026-05-01,11.90"],
    )
    text(tmp_path / "x" / "customers.csv", ["customer_no,since", "C1,2024-01-15"])
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    assert "transactions" not in drafted.tables
    assert '# columns.net_amount = "gross_amount"' in drafted.text
    assert "is named gross" in drafted.text


def test_what_a_contract_costs_a_year_is_not_taken_for_a_months(tmp_path):
    lines = [f"V{n},C{n},2025-03-01,1200" for n in range(1, 9)]
    head = "contract_id,customer_no,start_date,annual_fee"
    text(tmp_path / "x" / "contracts.csv", [head, *lines])
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    line = drafted.proposal.draft("contracts").mapped["billing_period"]
    assert line.says == '{ value = "year" }'
    assert drafted.check() == []


def test_costs_whose_kinds_are_not_known_are_left_to_people(tmp_path):
    head = "booked_on,cost,category"
    text(tmp_path / "x" / "costs.csv", [head, "2026-05-01,10,Marketing", "2026-05-02,20,Sonstiges"])
    text(tmp_path / "x" / "customers.csv", ["customer_no,since", "C1,2024-01-15"])
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    assert "costs" not in drafted.tables
    assert "what Sonstiges mean is not known" in drafted.text


def test_a_survey_by_its_scale(tmp_path):
    """Whole numbers from 0 to 10 are a recommendation; who did not answer is not in the file."""
    lines = [f"C{n},2026-05-0{n % 9 + 1},{n}" for n in range(11)]
    text(tmp_path / "x" / "feedback.csv", ["customer_no,date,score", *lines])
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    assert drafted.proposal.draft("surveys").mapped["instrument"].says == '{ value = "nps" }'
    assert drafted.check() == []  # everybody is in one tier, and customers are who answered
    assert drafted.answer(n=lambda f: f.customers.count()) == {"n": 11}


def test_of_two_questions_in_a_row_one_is_taken_and_the_other_named(tmp_path):
    lines = [f"C{n},2026-05-0{n % 9 + 1},{1 + n % 5},{n}" for n in range(11)]
    text(tmp_path / "x" / "feedback.csv", ["customer_no,date,csat,nps", *lines])
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    assert drafted.columns("surveys")["score"] == "nps"
    assert drafted.proposal.draft("surveys").mapped["instrument"].says == '{ value = "nps" }'
    assert 'for "csat" as well, append these rows in a query' in drafted.text
    assert drafted.check() == []


def test_pieces_times_their_price_as_germans_write_it(tmp_path):
    head = "Beleg;Kundennr;Belegdatum;Menge;Einzelpreis"
    lines = ["R1;K1;13.05.2026;2;1.234,50", "R1;K1;13.05.2026;-1;1.000,00"]
    text(tmp_path / "x" / "verkauf.csv", [head, *lines])
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    assert drafted.check() == []
    found = drafted.answer(
        net=lambda f: f.transactions.net_amount.sum(),
        back=lambda f: f.transactions.net_amount.sum(where=f.transactions.kind == "refund"),
    )
    assert [float(amount) for amount in found.values()] == [1469, -1000]


def test_sheets_of_one_file_are_told_apart(tmp_path):
    sheets(
        tmp_path / "x" / "export.xlsx",
        Customers=[["Report of May"], [], ["customer_no", "since"], ["C1", "2024-01-15"]],
        Tickets=[["ticket_id", "customer_no", "created_at"], [1, "C1", "2026-05-04 09:00:00"]],
    )
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    customers, tickets = (drafted.project.source(t) for t in ("customers", "interactions"))
    assert (customers.sheet, customers.first_row) == ("Customers", 3)
    assert (tickets.sheet, tickets.first_row) == ("Tickets", 1)
    assert drafted.check() == []


def test_what_was_passed_over_is_named_with_the_reason(tmp_path):
    exports = shop(tmp_path / "x", ["13.05.2026"], ["1,50"])
    (exports / "contract.pdf").write_bytes(b"%PDF-1.7")
    (exports / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    text(exports / "pasted.csv", ["a,b", "1,2", "1;2;3"])
    text(exports / "empty.csv", ["a,b"])
    text(exports / "colours.csv", ["colour,taste", "red,sweet"])
    drafted = Drafted(tmp_path / "acme", exports)
    why = {over.label: over.why for over in drafted.proposal.passed_over}
    assert why["contract.pdf"] == "a document, no table"
    assert why["old.xls"] == "save it as .xlsx"
    assert "line 3 of pasted.csv" in why["pasted.csv"]
    assert "no rows" in why["empty.csv"]
    assert '"colour", "taste"' in why["colours.csv"]
    assert all(f"# {label}: " in drafted.text for label in why)


def test_where_nothing_can_be_proposed_nothing_is_laid_out(tmp_path):
    text(tmp_path / "x" / "colours.csv", ["colour,taste", "red,sweet"])
    with pytest.raises(ProjectError, match=r"nothing in it is a table of facts.*colours\.csv"):
        Drafted(tmp_path / "acme", tmp_path / "x")
    assert not (tmp_path / "acme").exists()


def test_no_value_or_name_of_an_export_can_break_the_settings(tmp_path):
    head = 'customer_id;"na""me\\ \t]";acquired_on;tier'
    lines = [f'C{n};"x";2024-01-15;"{t}"' for n, t in enumerate(("a\t[x]", "# b", 'c""', "'''"))]
    text(tmp_path / "x" / "customers.csv", [head, *lines])
    head = 'customer_id;event_on;qty;"unit price ""\'\'\'"'
    text(tmp_path / "x" / "sales.csv", [head, "C1;2026-05-01;2;1.50"])
    drafted = Drafted(tmp_path / "acme", tmp_path / "x")
    assert drafted.columns("customers")["tier"] == "tier"
    found = drafted.answer(net=lambda f: f.transactions.net_amount.sum())
    assert float(found["net"]) == 3


def test_a_stance_is_shown_only_on_what_the_facts_can_measure(tmp_path):
    drafted = Drafted(tmp_path / "acme", german(tmp_path / "exports"))
    said = (drafted.project.root / "strategy.toml").read_text(encoding="utf-8")
    assert "#   nps: " in said and "#   customer_revenue: " in said
    assert "csat" not in said and "customer_margin" not in said
    assert "\n[[stance]]" not in said


def test_the_vocabulary_is_of_tables_and_columns_that_there_are():
    for table, words in VOCABULARY.items():
        assert [c for c in words.columns if CONTRACTS[table].column(c) is None] == []
        missing = [c.name for c in CONTRACTS[table].required if c.name not in words.columns]
        assert missing in ([], ["amount"])
    columns = {c.name for contract in CONTRACTS.values() for c in contract.columns}
    assert set(NEVER) <= columns
    for place, meanings in MEANINGS.items():
        table, _, column = place.partition(".")
        assert set(meanings) <= set(allowed(CONTRACTS[table].column(column)))


COLUMNS = {
    "id": str,
    "Kundennr": lambda n: f"K{n % 7}",
    "customer": lambda n: f"K{n}",
    "date": lambda n: f"{n % 28 + 1:02}.05.2026",
    "created_at": lambda n: f"2026-05-{n % 28 + 1:02}T0{n % 9}:00:00Z",
    "closed": lambda n: ("", f"2026-06-{n % 28 + 1:02}")[n % 2],
    "since": lambda n: f"{n % 12 + 1:02}/{n % 12 + 1:02}/2024",
    "amount": lambda n: f"{n}.{n % 1000:03}",
    "Netto": lambda n: f"{n},5",
    "nps": lambda n: n % 11,
    "csat": lambda n: ("N/A", 1 + n % 5)[n % 2],
    "plan": lambda n: "ABC"[n % 3],
    "category": lambda n: ("Marketing", "Support", "Miete")[n % 3],
    "churned": lambda n: ("yes", "no")[n % 2],
    "comment": lambda n: f"\"; #{n}\\ ''' [x]",
}


@pytest.mark.parametrize("folders", sizes(4, 40))
def test_whatever_is_in_a_folder_the_settings_can_be_read_and_checked(tmp_path, folders):
    """Columns under their own names, and now and then under that of another."""
    laid_out = 0
    for seed in range(folders):
        chance, folder = Random(seed), tmp_path / str(seed)
        (folder / "x").mkdir(parents=True)
        for file in ("customers", "sales", "tickets", "survey", "costs", "a b"):
            names = chance.sample(list(COLUMNS), chance.randint(3, 9))
            swapped = [n if chance.random() < 0.9 else chance.choice(list(COLUMNS)) for n in names]
            rows = [[COLUMNS[name](n) for name in swapped] for n in range(chance.randint(1, 40))]
            with (folder / "x" / f"{file}.csv").open("w", newline="", encoding="utf-8") as out:
                csv.writer(out, delimiter=chance.choice(",;")).writerows([names, *rows])
        try:
            drafted = Drafted(folder / "acme", folder / "x")
        except ProjectError as error:
            assert "nothing in it is a table of facts" in str(error)
            continue
        laid_out += 1
        assert {s.table for s in drafted.project.sources} == set(drafted.tables)
        assert [f for f in drafted.check() if f.group == "strategy"] == []
        for draft in drafted.proposal.standing:
            mapped = draft.mapped.values()
            assert all(contract(draft.table).column(line.column) for line in mapped)
            required = {c.name for c in contract(draft.table).required}
            assert required <= set(draft.mapped)
    assert laid_out > folders / 2


def test_the_same_exports_give_the_same_bytes(tmp_path):
    german(tmp_path / "exports")
    for n in ("a", "b"):
        Drafted(tmp_path / n / "acme", tmp_path / "exports")
    for name in ("pyproject.toml", "strategy.toml"):
        texts = [(tmp_path / n / "acme" / name).read_text() for n in ("a", "b")]
        assert len({re.sub(r'(?m)^project = "[0-9a-f]+"', "project", text) for text in texts}) == 1
