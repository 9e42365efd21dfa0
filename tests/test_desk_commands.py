"""The commands desk, link, links and revoke, the PDFs that pages give out, and the settings."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from command import refused, scorecard
from pypdf import PdfReader
from sample_desk import Browser, Desk, form_of, served
from sample_mail import read, text_of
from sample_project import small

from scorecard.errors import ProjectError
from scorecard.ledger import Ledger
from scorecard.pipeline.request import RunRequest
from scorecard.pipeline.run import Pipeline
from scorecard.project.desk_settings import DeskSettings
from scorecard.project.settings import Project
from scorecard.project.workspace import open_ledger, open_workspace

RUN_AT = datetime(2026, 8, 17, 5, tzinfo=UTC)
OWNER = "head-of-service"


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The small company with its one owner's page of June, made in August."""
    project = small(tmp_path_factory.mktemp("desk") / "acme")
    work = open_workspace(project, RUN_AT)
    with open_ledger(project) as ledger:
        order = RunRequest(("owner-scorecard",))
        pipeline = Pipeline(work, ledger, lambda: RUN_AT, lambda *_: None, order)
        pipeline.run(work.period("2026-06"), RUN_AT)
    return project.root


@pytest.fixture
def acme(printed, tmp_path):
    shutil.copytree(printed, tmp_path / "acme")
    return tmp_path / "acme"


def setting(folder, section, *lines):
    """Write lines into a section of the settings."""
    file = folder / "pyproject.toml"
    text = file.read_text(encoding="utf-8")
    head = f"[tool.scorecard.{section}]\n"
    file.write_text(text.replace(head, head + "".join(f"{line}\n" for line in lines)), "utf-8")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def test_a_link_is_made_printed_once_listed_and_revoked(acme):
    setting(acme, "desk", 'address = "https://cards.example.com/desk/"')
    code, said, wrong = scorecard("link", OWNER, cwd=acme)
    url = said.strip()
    assert code == 0
    id = re.fullmatch(r"https://cards\.example\.com/desk/r/([0-9a-f]{24})\.[\w-]{43}", url)[1]
    assert "for Ada Example, until" in wrong and f"scorecard revoke {id}" in wrong
    _code, listed, _ = scorecard("links", cwd=acme)
    assert id in listed and "open" in listed and url.rpartition(".")[2] not in listed
    assert scorecard("links", id, cwd=acme)[1] == "It was not used yet.\n"
    assert scorecard("revoke", id, cwd=acme)[1] == f"{id}, of Ada Example: revoked\n"
    assert scorecard("revoke", id, cwd=acme)[1].endswith("was revoked already\n")
    assert "revoked" in scorecard("links", "--owner", OWNER, cwd=acme)[1]
    (use,) = json.loads(scorecard("links", id, "--json", cwd=acme)[1])
    assert (use["event"], use["said"]) == ("revoked", "by hand")
    (known,) = json.loads(scorecard("links", "--json", cwd=acme)[1])
    assert (known["id"], known["owner"], known["uses"]) == (id, OWNER, 1)
    assert url.rpartition(".")[2] not in json.dumps(known)


def test_an_executive_gets_a_link_to_what_they_were_sent(acme):
    _code, said, wrong = scorecard("link", "managing-director", cwd=acme)
    assert said.startswith("http://127.0.0.1:8765/a/") and "for Grace Example" in wrong


def test_what_cannot_be_linked_is_a_sentence(acme):
    assert 'There is no owner "head-of-servise". Did you mean "head-of-service"?' in refused(
        "link", "head-of-servise", cwd=acme
    )
    assert f'There is no page of "{OWNER}" for 2026-05 yet' in refused(
        "link", OWNER, "--period", "2026-05", cwd=acme
    )
    assert 'There is no link "abc"' in refused("revoke", "abc", cwd=acme)
    assert 'There is no link "abc"' in refused("links", "abc", cwd=acme)
    assert "--once stops" in refused("serve", "--once", "--desk", cwd=acme, code=2)


def test_without_the_extra_the_commands_say_what_to_install(acme):
    code = (
        "import sys; sys.modules['itsdangerous'] = None; sys.modules['uvicorn'] = None; "
        "from scorecard.cli.app import main; main()"
    )
    for words in (("link", OWNER), ("desk",), ("serve", "--desk")):
        done = subprocess.run(
            [sys.executable, "-c", code, *words], cwd=acme, capture_output=True, text=True
        )
        assert done.returncode == 1
        assert 'pip install "deliberate-scorecard[desk]"' in done.stderr


@pytest.mark.parametrize("command", [("desk",), ("serve", "--desk")])
def test_it_serves_until_it_is_told_to_stop(acme, command):
    port = free_port()
    setting(acme, "desk", f"port = {port}")
    url = scorecard("link", OWNER, cwd=acme)[1].strip()
    process = subprocess.Popen(
        [sys.executable, "-m", "scorecard", *command, "-C", str(acme)],
        env={k: v for k, v in os.environ.items() if not k.startswith("SCORECARD_")},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        browser, until = Browser(f"http://127.0.0.1:{port}"), time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            try:
                assert browser.get("/health").said == "ok"
                break
            except OSError:
                time.sleep(0.1)
        page = browser.get(url)
        assert "Ada Example" in page.said
        path = url.removeprefix(browser.base)
        assert browser.post(path, {**form_of(page), "read": "yes"}).status == 303
    finally:
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=40)[1]
    assert process.returncode == 0, said
    assert "the desk is served at" in said and "Traceback" not in said
    assert url.rpartition(".")[2] not in said


SCHEDULES = {
    "pages": ("owner-scorecard", "owners"),
    "packet": ("executive-packet", "executives"),
}
ADDRESSES = ("ada@example.com", "grace@example.com")


def test_mails_give_their_readers_the_link_that_is_theirs(acme):
    """An owner's opens their page, an executive's what they were sent."""
    for name, (document, to) in SCHEDULES.items():
        text = f'title = "{name}"\ndocuments = ["{document}"]\nto = ["{to}"]\n'
        when = '[when]\nbusiness_day = 3\nat = "07:00"\nzone = "Europe/London"\n'
        (acme / "schedules" / f"{name}.toml").write_text(text + when, encoding="utf-8")
    setting(acme, "desk", 'address = "http://cards.example.com"')
    for name in SCHEDULES:
        words = ("run", name, "--period", "2026-06")
        code, _said, wrong = scorecard(*words, cwd=acme, SCORECARD_SMTP="folder:mail")
        assert code == 0, wrong
    paths = {}
    for file in (acme / "mail").rglob("*.eml"):
        message = file.read_bytes()
        (to,) = [each for each in ADDRESSES if each in read(message)["to"]]
        (paths[to],) = re.findall(r"http://cards\.example\.com(/[ra]/\S+)", text_of(message))
        html = read(message).get_body(("html",)).get_content()
        assert f'href="http://cards.example.com{paths[to]}"' in html
    desk = desk_of(acme)
    with desk.ledger, served(desk) as base:
        browser = Browser(base)
        assert "Ada Example" in browser.get(paths["ada@example.com"]).said
        archive = browser.get(paths["grace@example.com"])
        assert "Executive packet" in archive.said and "Owner scorecard" not in archive.said
        (pdf,) = re.findall(r'href="(/a/[^"]+\.pdf)"', archive.text)
        assert browser.get(pdf).body.startswith(b"%PDF-")
        mailed = [link for link in desk.ledger.reply_links() if link.id in str(paths)]
        assert {(link.email, link.opens, link.owner) for link in mailed} == {
            ("ada@example.com", "page", OWNER),
            ("grace@example.com", "archive", "managing-director"),
        }


def desk_of(folder):
    """The desk of a project, with a link to its one page."""
    project = Project.at(folder, dict(os.environ))
    ledger = Ledger.open(project.ledger, project.root)
    edition = next(e for e in ledger.editions(project.period("2026-06")) if e.scope == OWNER)
    desk = Desk(project, ledger, None, {OWNER: edition}, {}, now=datetime.now(UTC))
    desk.project = type(project)(
        **{**vars(project), "desk": project.desk.model_copy(update={"port": 0})}
    )
    desk.links = {OWNER: desk.link(OWNER, "Ada Example", email="ada@example.com")}
    return desk


def test_the_pdf_is_the_archived_one_or_drawn_again_as_it_was(acme):
    desk = desk_of(acme)
    file = acme / "output" / "2026-06" / "owners" / f"{OWNER}.pdf"
    archived = file.read_bytes()
    with desk.ledger, served(desk) as base:
        browser, path = Browser(base), f"{desk.paths[OWNER]}/page.pdf"
        got = browser.get(path)
        assert (got.status, got.body) == (200, archived)
        assert got.headers["content-disposition"] == (
            f'attachment; filename="owner-scorecard-{OWNER}-2026-06-edition-1.pdf"'
        )
        file.write_bytes(b"%PDF-1.7 something else")
        assert browser.get(path).body == archived
        uses = [(u.event, u.said) for u in desk.ledger.link_uses(desk.links[OWNER].id)]
        edition = desk.editions[OWNER].id
        assert uses == [("downloaded", f"edition {edition}")] * 2


def test_a_pdf_has_the_password_that_its_mail_would_have(acme):
    setting(acme, "mail", 'passwords = { "ada@example.com" = "open-sesame" }')
    desk = desk_of(acme)
    with desk.ledger, served(desk) as base:
        got = Browser(base).get(f"{desk.paths[OWNER]}/page.pdf")
    reader = PdfReader(BytesIO(got.body))
    assert reader.is_encrypted and reader.decrypt("open-sesame")


def test_an_altered_edition_is_given_to_nobody(acme):
    desk = desk_of(acme)
    with desk.ledger, served(desk) as base:
        with desk.ledger._engine.begin() as connection:
            change = "UPDATE edition SET content = replace(content, 'Gold', 'Lead')"
            connection.exec_driver_sql(change)
        for path in (desk.paths[OWNER], f"{desk.paths[OWNER]}/page.pdf"):
            got = Browser(base).get(path)
            assert (got.status, "Lead" in got.text) == (503, False)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('address = "cards.example.com"', "not an address of a site"),
        ('address = "https://user:word@cards.example.com"', "not an address of a site"),
        ('address = "https://cards.example.com/?x=1"', "not an address of a site"),
        ('address = "ftp://cards.example.com"', "not an address of a site"),
        ('address = "https://"', "not an address of a site"),
        ("port = 0", "greater than or equal to 1"),
        ('port = "8765"', "valid integer"),
        ('proxies = ["proxy.example.com"]', "neither an address nor a network"),
        ('proxies = ["*"]', "neither an address nor a network"),
        ('links = "forever"', "not a duration"),
        ('adress = "x"', 'Did you mean "address"?'),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path, lines, said):
    head = '[tool.scorecard]\ncompany = "Acme"\ntimezone = "Europe/London"\ncurrency = "EUR"\n'
    file = tmp_path / "pyproject.toml"
    file.write_text(f"{head}[tool.scorecard.desk]\n{lines}\n", encoding="utf-8")
    with pytest.raises(ProjectError) as error:
        Project.at(tmp_path, {})
    assert said in str(error.value) and "[tool.scorecard.desk]" in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_addresses_follow_from_the_settings():
    plain = DeskSettings()
    assert (plain.public, plain.prefix, plain.secure) == ("http://127.0.0.1:8765", "", False)
    six = DeskSettings(host="::1", port=80)
    assert six.public == "http://[::1]:80"
    behind = DeskSettings(address="https://cards.example.com/desk/", links="2 weeks")
    assert (behind.public, behind.prefix, behind.secure, behind.links) == (
        "https://cards.example.com/desk",
        "/desk",
        True,
        timedelta(days=14),
    )
