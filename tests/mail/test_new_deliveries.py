"""Letters: whose page a mail says it has, and the figures that it shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from sample_documents import OWNER

from scorecard.delivery.new_deliveries import CONTENT, NewDeliveries
from scorecard.documents.formats import Formats
from scorecard.documents.summary import stances_summary
from scorecard.mail.edition_letter import whose
from scorecard.mail.templates import MailTemplates
from scorecard.project.scaffold import room
from scorecard.project.settings import Project

ADA = replace(OWNER, owner="ada", name="Ada Example", role="Head of service")
NOW = datetime(2026, 7, 15, 7, 0, tzinfo=UTC)
SETTINGS = """
[project]
name = "acme"
[tool.scorecard]
company = "Acme"
timezone = "Europe/London"
currency = "EUR"
[tool.scorecard.mail]
from = "Scorecards <cards@example.com>"
"""
POST = """
[[owner]]
id = "{}"
name = "{}"
role = "{}"
"""


def keyed(*parts):
    """What a ledger makes of these with its secret."""
    return sha256(repr(parts).encode()).hexdigest()


@pytest.fixture
def about(tmp_path):
    """Whose page a mail says a document is, beside owners of these ids, names and roles."""

    def of(document, *owners):
        (tmp_path / "pyproject.toml").write_text(SETTINGS)
        if owners:
            (tmp_path / "strategy.toml").write_text("".join(POST.format(*o) for o in owners))
        desk = NewDeliveries(Project.at(tmp_path, {}), Formats("en_GB", "EUR"), NOW, keyed)
        return whose(document, desk._roles)

    return of


POSTS = (("ada", "Ada Example", "Head of service"), ("cy", "Ada Example", "Head of shop"))


def test_a_page_is_told_by_name_and_role(about):
    assert about(ADA, *POSTS) == "Ada Example, Head of service"
    shop = replace(ADA, owner="cy", role="Head of shop")
    assert about(shop, *POSTS) == "Ada Example, Head of shop"
    vacant = replace(ADA, name="Head of service", role="")
    assert about(vacant, *POSTS) == "Head of service"


def test_the_id_stands_where_a_role_does_not_tell_posts_apart(about):
    alike = (*POSTS, ("bea", "Ada Example", "head of Service"))
    assert about(ADA, *alike) == "Ada Example (ada)"
    assert about(replace(ADA, owner="bea"), *alike) == "Ada Example (bea)"
    assert about(replace(ADA, role="Head of care"), *POSTS) == "Ada Example (ada)"
    assert about(replace(ADA, owner="gone"), *POSTS) == "Ada Example (gone)"


def test_the_id_stands_where_a_role_is_too_long_for_a_files_name(about):
    deputy = replace(ADA, role="Deputy since 1 Oct 2026 for Bea Tsukada, Head of service")
    assert about(deputy, *POSTS) == "Ada Example (ada)"


def test_without_a_strategy_the_id_stands(about):
    assert about(ADA) == "Ada Example (ada)"


def test_a_figure_that_is_not_there_has_no_unit():
    silent = replace(OWNER.strengths[0], cell=replace(OWNER.strengths[0].cell, text="–"))
    table = stances_summary(replace(OWNER, strengths=(silent, *OWNER.strengths[1:])))
    assert [row[1] for row in table.rows][:2] == ["–", "5.8 hours"]


def test_a_test_mail_asks_what_it_is_for(tmp_path):
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    parcel = NewDeliveries(Project.at(tmp_path, {}), Formats("en_GB", "EUR"), NOW, keyed).test(
        "ada@example.com"
    )
    letter = CONTENT.validate_json(parcel.letter)
    assert MailTemplates(None, room("templates")).subject(letter) == "Test: Does mail arrive?"
