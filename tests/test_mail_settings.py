"""What [tool.scorecard.mail] may say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scorecard.errors import ProjectError
from scorecard.project import Project

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
        "Bo@EXAMPLE.com": True, "Ada@elsewhere.eu": True,
        "bo@elsewhere.eu": False, "x@my.example.com": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('form = "a@b.eu"', 'mail] has "form", which is not a setting. Did you mean "from"?'),
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
