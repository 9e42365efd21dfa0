"""What [tool.scorecard.mail] may say."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from scorecard.base.findings import blocking
from scorecard.delivery.lints import delivery_findings
from scorecard.errors import ProjectError
from scorecard.project.settings import Project
from scorecard.strategy.model import Strategy

HEAD = '[tool.scorecard]\ncompany = "Acme"\ntimezone = "Europe/London"\ncurrency = "EUR"\n'


@pytest.fixture
def project(tmp_path):
    """Make a project of the lines that follow [tool.scorecard.mail]."""

    def make(lines=""):
        text = f"{HEAD}[tool.scorecard.mail]\n{lines}\n"
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
        return Project.at(tmp_path, {})

    return make


def test_nothing_needs_to_be_said(tmp_path):
    (tmp_path / "pyproject.toml").write_text(HEAD, encoding="utf-8")
    mail = Project.at(tmp_path, {}).mail
    assert (mail.sender, mail.size_limit, mail.give_up) == ("", 10_000_000, timedelta(days=3))
    assert mail.may_write_to("anybody@example.com")


def test_a_list_allows_addresses_and_domains_without_regard_to_case(project):
    mail = project('allow = ["@Example.com", "ada@elsewhere.eu"]').mail
    said = {
        address: mail.may_write_to(address)
        for address in ("Bo@EXAMPLE.com", "Ada@elsewhere.eu", "bo@elsewhere.eu", "x@my.example.com")
    }
    assert said == {
        "Bo@EXAMPLE.com": True,
        "Ada@elsewhere.eu": True,
        "bo@elsewhere.eu": False,
        "x@my.example.com": False,
    }


def test_a_list_keeps_domains_apart_that_only_look_the_same_in_capitals(project):
    """STRASSE is how both are written in capitals; to the name servers they are two."""
    mail = project(
        'allow = ["@strasse.example", "@xn--bcher-kva.example"]\n'
        'passwords = { "ada@strasse.example" = "s3cret" }'
    ).mail
    said = {
        address: (mail.may_write_to(address), mail.password_for(address))
        for address in (
            "Ada@Strasse.example",
            "ada@straße.example",
            "ada@bücher.example",
            "ada@büch.example",
        )
    }
    assert said == {
        "Ada@Strasse.example": (True, "s3cret"),
        "ada@straße.example": (False, ""),
        "ada@bücher.example": (True, ""),
        "ada@büch.example": (False, ""),
    }


def test_a_list_with_a_sharp_s_lets_only_its_own_domain_through(project):
    mail = project('allow = ["@straße.example"]').mail
    assert mail.may_write_to("ada@STRAßE.example")
    assert mail.may_write_to("ada@xn--strae-oqa.example")
    assert not mail.may_write_to("ada@strasse.example")


@pytest.mark.parametrize(
    "line",
    [
        'reply_to = "Support <support@example.com>"',
        "reply_to = '\"Support, Inc\" <support@example.com>'",
        'from = "Scorecards <cards@straße.example>"',
        f'from = "cards@{"long." * 40}example"',
        f'from = "cards@{"ü" * 70}.example"',
        'unsubscribe = "mailto:cards@bücher.example"',
        'unsubscribe = "https://example.com/off?from=scorecards"',
        f'unsubscribe = "https://example.com/{"a" * 780}"',
    ],
)
def test_with_whatever_is_taken_every_kind_of_mail_can_be_composed(project, line):
    acme = project(line if "from =" in line else f'from = "cards@example.com"\n{line}')
    strategy = Strategy(())
    assert blocking(delivery_findings(acme, strategy, [], date(2026, 11, 16), {})) == []


@pytest.mark.parametrize("name", [r"Acme\nInc", r"Acme \u202eInc", "A" * 201])
def test_a_company_that_no_mail_can_have_is_refused_where_it_is_declared(project, tmp_path, name):
    project('from = "cards@example.com"')
    file = tmp_path / "pyproject.toml"
    file.write_text(file.read_text().replace('"Acme"', f'"{name}"'))
    with pytest.raises(ProjectError, match=r"\[tool\.scorecard\] company = "):
        Project.at(tmp_path, {})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('frm = "a@b.eu"', 'mail] has "frm", which is not a setting. Did you mean "from"?'),
        ('from = "Scorecards"', "from = 'Scorecards': not an address"),
        ('from = "a@b.eu\\nBcc: x@y.eu"', "not an address"),
        ('operator = ["ada"]', '"ada" is not an address'),
        ('allow = ["example.com"]', '"example.com" is neither an address nor a domain'),
        ('size_limit = "10"', "not a size; write one such as"),
        ('size_limit = "1 KB"', "greater than or equal to 10000"),
        ('give_up = "soon"', '"soon" is not a duration'),
        ('too_large = "zip"', "'link' or 'withhold'"),
        ('link = "https://host/{period}"', "not an address with {file} in it"),
        ('unsubscribe = "http://host"', 'neither "mailto:…" nor "https://…"'),
        ('unsubscribe = "mailto:Cards <cards@example.com>"', "not one bare address; write"),
        ('unsubscribe = "mailto:a@b.eu,c@d.eu"', "not one bare address; write"),
        ('unsubscribe = "https://example.com/get off"', "write blanks and letters beyond ASCII"),
        ('unsubscribe = "mailto:jörg@example.com"', "write blanks and letters beyond ASCII"),
        (f'unsubscribe = "https://example.com/{"a" * 800}"', "too long for a mail's head"),
        ('unsubscribe = "https:///off"', "not a page; write one such as"),
        ('unsubscribe = "https://[bad/off"', "not a page; write one such as"),
        ('unsubscribe = "https://example.com/#off"', "not a page; write one such as"),
        ('reply_to = "A <a@b.eu>, B <b@c.eu>"', "not an address"),
        ('reply_to = "Support"', "not an address"),
        ("password = 7", "password = ***"),
        ('in_doubt = "maybe"', "'send again' or 'ask'"),
    ],
)
def test_what_cannot_be_is_one_sentence(project, line, said):
    with pytest.raises(ProjectError) as caught:
        project(line)
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_secrets_come_from_the_environment_and_are_asked_for_only_when_sending(project):
    acme = project(
        'password = "${PDF}"\npasswords = { "Ada@b.eu" = "${ADA}" }\n'
        'bounces = "imaps://me:${BOX}@host/INBOX"'
    )
    mail = acme.secret_mail({"PDF": "one", "ADA": "two", "BOX": "three"})
    assert (mail.password_for("bo@b.eu"), mail.password_for("ada@B.eu")) == ("one", "two")
    assert mail.bounces == "imaps://me:three@host/INBOX"
    assert "one" not in repr(mail) and "two" not in repr(mail) and "three" not in repr(mail)
    with pytest.raises(ProjectError, match=r"mail\.password refers to \$\{PDF\}"):
        acme.secret_mail({})
