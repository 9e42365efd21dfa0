"""Real and realistic company data, read by configuration alone, against published figures.

CDNOW travels with the tests. The other two are larger: they are read from where
SCORECARD_DATA says, or from the folder beside this checkout, and skipped without.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from scorecard.check import check
from scorecard.measuring.customer_flow import money, moves
from scorecard.pipeline.run import Pipeline
from scorecard.project.scaffold import room
from scorecard.project.settings import Project
from scorecard.project.workspace import open_ledger, open_workspace

TESTS = Path(__file__).parent
ELSEWHERE = Path(os.environ.get("SCORECARD_DATA", TESTS.parents[1] / "shared" / "data"))
SPANS = {
    "cdnow": ("1997-Q1", "1998-Q3", datetime(1998, 10, 15, tzinfo=UTC)),
    "online_retail": ("2010-12", "2011-12", datetime(2012, 1, 31, tzinfo=UTC)),
    "ravenstack": ("2023-01", "2024-12", datetime(2025, 3, 1, tzinfo=UTC)),
}


class Company:
    """A project over real data, backfilled once."""

    def __init__(self, name: str, folder: Path) -> None:
        source = TESTS / "data" / name if name == "cdnow" else ELSEWHERE / name
        if not source.is_dir():
            pytest.skip(f"the {name} data are not at {source}; set SCORECARD_DATA")
        shutil.copytree(TESTS / "projects" / name, folder)
        shutil.copytree(source, folder / "facts")
        for shipped in ("metrics", "templates"):
            shutil.copytree(room(shipped), folder / shipped)
        self.first, self.last, self.as_of = SPANS[name]
        self.project = Project.at(folder)
        self.work = open_workspace(self.project, self.as_of)
        self.ledger = open_ledger(self.project)
        self.pipeline = Pipeline(self.work, self.ledger, lambda: self.as_of, lambda *_: None)
        self.pipeline.backfill(self.period(self.first), self.period(self.last), self.as_of)

    def period(self, key):
        return self.work.period(key)

    def figures(self, metric, tier="all"):
        """{period: estimate} of one metric over everything backfilled."""
        found = {}
        for period in self.period(self.first).until(self.period(self.last)):
            for result in self.ledger.results(period):
                if (result.metric, result.tier) == (metric, tier):
                    found[period.key] = result.estimate
        return found

    def said(self):
        """What check says, as {id: "place: message"}, several of one id joined."""
        found: dict[str, str] = {}
        for f in check(self.project, period=None, as_of=self.as_of):
            found[f.id] = f"{found.get(f.id, '')}{f.place}: {f.message}\n"
        return found

    def packet(self):
        """The text of the packet of the last whole period, and the files written."""
        outcome = self.pipeline.run(
            self.period(SPANS_SHOWN[self.work.project.settings.company]), self.as_of
        )
        text = "\n".join(page.extract_text() for page in PdfReader(outcome.published[0].path).pages)
        return " ".join(text.split()), [p.path.name for p in outcome.published]


SPANS_SHOWN = {"CDNOW": "1998-Q2", "Online Retail": "2011-11", "RavenStack": "2024-12"}


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory):
    return Company("cdnow", tmp_path_factory.mktemp("real") / "cdnow")


@pytest.fixture(scope="module")
def online_retail(tmp_path_factory):
    return Company("online_retail", tmp_path_factory.mktemp("real") / "online_retail")


@pytest.fixture(scope="module")
def ravenstack(tmp_path_factory):
    return Company("ravenstack", tmp_path_factory.mktemp("real") / "ravenstack")


def test_cdnow_spends_what_was_published_in_every_quarter(cdnow):
    """Spend by quarter and over all 69,659 purchases, duplicates kept (Fader and Hardie)."""
    quarters = list(cdnow.figures("customer_revenue").values())
    spend = [round(e.total, 2) for e in quarters if e.total is not None]
    assert spend[:6] == [1071805.47, 359153.66, 292395.37, 300806.76, 262823.89, 213330.48]
    assert round(sum(spend), 2) == 2500315.63
    assert cdnow.work.facts.con.execute(cdnow.work.facts.transactions.count()) == 69659


def test_cdnow_has_the_published_number_of_active_customers_in_every_quarter(cdnow):
    """Who bought in a quarter is the denominator of repeat purchase in the next one.

    Of the published 23,570 who came in the first quarter 70 were only given something then, which
    is no purchase. Nothing is known of the third quarter of 1998, so who came back in it is not
    zero.
    """
    active = [e.n for e in cdnow.figures("repeat_purchase").values()]
    assert active == [0, 23570 - 70, 5376, 4263, 4221, 3817, 0]


def test_cdnow_tiers_add_up_to_the_whole(cdnow):
    period = cdnow.period("1998-Q1")
    parts = [r for r in cdnow.ledger.results(period) if r.metric == "customer_revenue"]
    whole = next(r.estimate for r in parts if r.tier == "all")
    tiers = [r.estimate for r in parts if r.tier != "all"]
    assert sum(e.n for e in tiers) == whole.n == 23570
    assert sum(e.total for e in tiers if e.total) == pytest.approx(whole.total, abs=0.005)


def test_cdnow_says_that_its_duplicates_are_kept(cdnow):
    assert (
        "255 rows repeat another in every column; all are kept"
        in cdnow.said()["facts.duplicate_row"]
    )


def test_a_packet_without_costs_says_prominently_that_margin_is_not_known(cdnow):
    text, files = cdnow.packet()
    assert "Customer margin is not known: no costs." in text
    assert "Revenue is known; what it takes to win and to serve these customers is not" in text
    assert files == ["executive-packet.pdf", "shop.pdf", "merchandising.pdf"]


@pytest.mark.prove
def test_online_retail_nets_what_its_lines_add_up_to(online_retail):
    """Of 9,747,747.93 in all, 8,300,065.81 are of known customers, and so in their mean."""
    known, nobodys = (
        sum(e.total for e in online_retail.figures("customer_revenue", tier).values() if e.total)
        for tier in ("all", "unattributed")
    )
    assert (round(known, 2), round(known + nobodys, 2)) == (8300065.81, 9747747.93)
    customers = online_retail.work.facts.customers
    assert online_retail.work.facts.con.execute(customers.count()) == 4372


@pytest.mark.prove
def test_online_retail_reports_lines_without_a_customer_instead_of_dropping_them(online_retail):
    nobody = online_retail.figures("customer_revenue", "unattributed")
    assert round(sum(e.total for e in nobody.values()), -4) == 1450000
    assert "135,080 of 541,909 rows have no customer" in online_retail.said()["facts.unattributed"]
    text, _ = online_retail.packet()
    assert "belongs to no known customer" in text
    assert "Customer margin is not known: no costs." in text


@pytest.mark.prove
def test_ravenstack_keeps_the_open_subscriptions_recurring_amount(ravenstack):
    """Open subscriptions at the end of 2024: 10,159,608 dollars a month."""
    work, period = ravenstack.work, ravenstack.period("2024-12")
    found = moves(work.facts, work.tiers, period)
    closing = sum(m.closing for m in found)
    assert closing == 10159608
    assert all(account.balances for account in money(found, work.strategy.plan.ids))


@pytest.mark.prove
def test_ravenstack_counts_a_blank_satisfaction_as_no_answer(ravenstack):
    """3.981 over 1,175 rated tickets; the other 825 are blank, not a score."""
    answers = ravenstack.figures("csat_mean").values()
    n = sum(e.n for e in answers)
    assert n == 1175
    assert round(sum(e.value * e.n for e in answers if e.n) / n, 3) == 3.981
    asked = ravenstack.figures("response_rate").values()
    assert sum(e.n for e in asked) == 2000


@pytest.mark.prove
def test_ravenstack_contradictions_are_reported_not_repaired(ravenstack):
    said = ravenstack.said()
    everything = "\n".join(said.values())
    assert "of 352 customers with a closed_on have status" in everything
    assert "of 110 customers with status" in everything
    assert (
        "1,077 of 2,000 interactions were opened before their customer was acquired" in everything
    )
    assert "21 rows repeat the driver_id of another" in everything


@pytest.mark.prove
def test_ravenstack_reaches_a_packet(ravenstack):
    text, files = ravenstack.packet()
    assert "Customer margin: no costs, no transactions." in text
    assert files == ["executive-packet.pdf", "success.pdf", "success-lead.pdf"]
