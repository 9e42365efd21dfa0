"""A desk for tests: two owners' pages of October, asked, and a server of their own on loopback."""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from http.cookiejar import CookieJar

from sample_documents import OWNER
from test_ledger import claim

from scorecard.answering.model import Question
from scorecard.delivery.links import LinkSigner
from scorecard.desk.server import DeskServer
from scorecard.documents.kinds import KINDS
from scorecard.ledger import ReplyLink
from scorecard.project.scaffold import init
from scorecard.project.settings import Project

NOW = datetime(2026, 11, 10, 16, 20, tzinfo=UTC)
DEADLINE = datetime(2026, 11, 13, 18, 0, tzinfo=UTC)
OTHERS = """
[[owner]]
id = "field"
name = "Bo Carr"
role = "Field service"
team = "service"
purpose = "Mended at the first visit."
email = "bo@example.com"
"""


@dataclass
class Answer:
    """A response: its status, headers and text."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def said(self) -> str:
        """The text without tags, blanks put together."""
        bare = re.sub(r"(?s)<(style|script).*?</\1>|<[^>]*>", " ", self.text)
        return " ".join(unescape(bare).split())


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args, **_more):
        return None


@dataclass
class Browser:
    """A client that keeps cookies, sends forms as they were given, and follows no redirects."""

    base: str
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        self.jar = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(self.jar),
            _Stay(),
        )

    def get(self, path, **headers) -> Answer:
        return self._do(urllib.request.Request(self._url(path), headers=self._named(headers)))

    def post(self, path, fields, **headers) -> Answer:
        body = fields if isinstance(fields, bytes) else urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(self._url(path), body, self._named(headers))
        return self._do(request)

    def send(self, path, **typed) -> Answer:
        """Open a page, fill its form in, and send it."""
        page = self.get(path)
        return self.post(path, {**form_of(page), **typed})

    def _named(self, headers):
        return {**self.headers, **{name.replace("_", "-"): v for name, v in headers.items()}}

    def _url(self, path):
        return path if path.startswith("http") else f"{self.base}{path}"

    def _do(self, request) -> Answer:
        try:
            with self._opener.open(request, timeout=30) as found:
                return Answer(
                    found.status, {k.lower(): v for k, v in found.headers.items()}, found.read()
                )
        except urllib.error.HTTPError as error:
            found = {k.lower(): v for k, v in error.headers.items()}
            return Answer(error.code, found, error.read())


def form_of(page: Answer) -> dict[str, str]:
    """The hidden fields of a page's form, and what stands in its text fields."""
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    for name, text in re.findall(
        r'(?s)<textarea id="[^"]*" name="([^"]+)"[^>]*>\n?(.*?)</textarea>', page.text
    ):
        fields[name] = unescape(text)
    return fields


def question(id, number, owner, about, text, raised_by, figure):
    trigger = "not delivered, routine"
    return Question(
        id,
        "2026-10",
        owner,
        number,
        trigger,
        "service",
        about,
        text,
        raised_by,
        figure,
        "Exceptions",
    )


QUESTIONS = [
    question(
        "aaaaaaaaaaa1",
        1,
        "support",
        "first_reply_p90/gold",
        "What happened from 12 to 19 October, to which of these 129 customers, and what did it "
        "cost?",
        "First human reply · Gold",
        "5.5 h (5.1–5.9), n 1,028",
    ),
    question(
        "aaaaaaaaaaa2",
        2,
        "support",
        "first_contact_resolution/silver",
        "It is resolved at first contact more often than we chose to pay for: which strength "
        "loses the effort?",
        "Resolved at first contact · Silver",
        "93 % (91–95), n 605",
    ),
    question(
        "bbbbbbbbbbb1",
        1,
        "field",
        "resolution_p90/gold",
        "Which visit took two attempts, and why?",
        "Resolved · Gold",
        "3.1 days, n 88",
    ),
]


def document(owner="support", name="Mikael Lindqvist", role="Head of Support"):
    """An owner's page as it is frozen, with stances that the questions are about."""
    gold, silver = OWNER.strengths[1], OWNER.weaknesses[0]
    lines = (
        replace(
            gold,
            key="first_reply_p90/gold",
            label="First human reply",
            tier="Gold",
            limits="promised: 4 h or less",
            cell=replace(gold.cell, mark="strength", region="below", words="not delivered"),
        ),
        replace(
            silver,
            key="first_contact_resolution/silver",
            label="Resolved at first contact",
            tier="Silver",
            limits="accepted: 65 % to 85 %",
            cell=replace(silver.cell, mark="weakness", region="above", words="over-served"),
        ),
    )
    heading = replace(OWNER.heading, period="October 2026")
    return replace(
        OWNER,
        heading=heading,
        owner=owner,
        name=name,
        role=role,
        standing="",
        strengths=lines[:1],
        weaknesses=lines[1:],
    )


def frozen(ledger, run, owner="support", **more):
    """An edition of an owner's page."""
    content = KINDS["owner-scorecard"].model.dump_json(document(owner, **more)).decode()
    return ledger.freeze("owner-scorecard", owner, content, run, NOW)


@dataclass
class Desk:
    """A project with a ledger, two pages, their links, and a clock that tests set."""

    project: Project
    ledger: object
    run: object
    editions: dict
    links: dict
    now: datetime = NOW
    seconds: float = 0.0

    def time(self):
        return self.now

    def link(self, owner="support", person="Mikael Lindqvist", **more) -> ReplyLink:
        """A new link, and nothing said about it to anybody."""
        edition = self.editions[owner].id if owner in self.editions else None
        given = {
            "id": f"l{len(self.ledger.reply_links())}".rjust(24, "0"),
            "opens": "page",
            "owner": owner,
            "person": person,
            "email": "",
            "edition_id": edition,
            "issued_at": self.now,
            "expires_at": self.now + timedelta(days=14),
            **more,
        }
        return self.ledger.issue_link(ReplyLink(**given))

    def path(self, link: ReplyLink) -> str:
        kind = {"page": "r", "archive": "a"}[link.opens]
        return f"/{kind}/{LinkSigner(self.ledger.keyed).token(link.id)}"

    @property
    def paths(self):
        return {owner: self.path(link) for owner, link in self.links.items()}


def desk_project(folder, **desk) -> Project:
    """The example company with the two owners, and the desk at a free port."""
    list(init(folder))
    strategy = folder / "strategy.toml"
    text = strategy.read_text(encoding="utf-8").replace("head-of-service", "support")
    text = text.replace("Ada Example", "Mikael Lindqvist").replace("ada@", "mikael@")
    strategy.write_text(text.replace("[[stance]]", f"{OTHERS}[[stance]]", 1), encoding="utf-8")
    project = Project.at(folder, {})
    return replace(project, desk=project.desk.model_copy(update={"port": 0, **desk}))


def made(folder, ledger, **desk) -> Desk:
    """A desk before it is served: two pages of October, their questions and links."""
    project = desk_project(folder, **desk)
    ledger.claim_for(project.identity, NOW)
    run = claim(ledger)
    editions = {
        "support": frozen(ledger, run),
        "field": frozen(ledger, run, "field", name="Bo Carr", role="Field service"),
    }
    for owner, edition in editions.items():
        own = [q for q in QUESTIONS if q.owner == owner]
        ledger.ask(own, edition.id, DEADLINE, NOW - timedelta(days=3))
    ledger.advance(run, "done", NOW)
    built = Desk(project, ledger, run, editions, {})
    built.links = {
        "support": built.link(),
        "field": built.link("field", "Bo Carr"),
    }
    return built


@contextmanager
def served(desk: Desk):
    """The address of a server of the desk, for as long as it is needed."""
    server = DeskServer(desk.project, desk.ledger, desk.time, lambda: desk.seconds)
    server.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        assert server.stop()
