"""A year of the demonstration company for tests: small, with its clock, its mails and its desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from command import scorecard
from mail_server import MailServer
from sample_desk import Browser, form_of
from sample_forms import filled_by_pypdf, letter
from sample_mail import enclosed, read, text_of
from sample_project import keep

from scorecard.answering.model import Asked
from scorecard.cli import options
from scorecard.delivery.due_runs import LiveSchedules
from scorecard.delivery.issuing import Issuer
from scorecard.delivery.post import post
from scorecard.delivery.serve import SchedulerLoop
from scorecard.demo.company import generate
from scorecard.desk.server import DeskServer
from scorecard.documents.kinds import read_document
from scorecard.ledger import Ledger
from scorecard.project.declared import declared
from scorecard.project.scaffold import init
from scorecard.project.settings import Project
from scorecard.replies.door import ANSWERABLE, Door

ZONE = "Europe/London"
FIRST = "2025-11"
CUSTOMERS = 150
METRICS = (
    "logo_retention",
    "gross_revenue_retention",
    "net_revenue_retention",
    "repeat_purchase",
)
TABLES = ("customers", "transactions", "contracts", "costs", "drivers", "fx")
CHOICES = """
logo_retention/platinum            strength key-accounts at_worst="94 %" of=gross_revenue_retention/platinum
gross_revenue_retention/platinum   weakness key-accounts at_worst="88 %" at_best="98 %" of=logo_retention/platinum
net_revenue_retention/gold         strength renewals     at_worst="101 %" of=gross_revenue_retention/gold
gross_revenue_retention/gold       weakness renewals     at_worst="87 %" at_best="97 %" of=net_revenue_retention/gold
repeat_purchase/silver             strength renewals     at_worst="70 %" of=gross_revenue_retention/silver
gross_revenue_retention/silver     weakness renewals     at_worst="60 %" at_best="99 %" of=repeat_purchase/silver
repeat_purchase/bronze             strength renewals     at_worst="50 %" evidence="sample" of=logo_retention/bronze
logo_retention/bronze              weakness renewals     at_worst="68 %" at_best="80 %" of=repeat_purchase/bronze
"""
"""What the small company chose: each choice with what pays for it, or what it pays for."""


def company(folder: Path, ledger: str = "") -> Project:
    """The demonstration's project, small: four metrics, eight choices that hold from the first
    month on, and two runs a month, since owners' pages go out with the packet."""
    generate(folder, customers=CUSTOMERS, months=13, seed=1)
    list(init(folder))
    _cut(folder)
    settings = folder / "pyproject.toml"
    text = settings.read_text()
    if ledger:
        text = text.replace("[tool.scorecard]\n", f'[tool.scorecard]\nledger = "{ledger}"\n', 1)
    settings.write_text(text + '\n[tool.scorecard.desk]\naddress = "http://desk.example"\n')
    return Project.at(folder, {})


def _cut(folder: Path) -> None:
    for file in (folder / "metrics").glob("[!_]*.py"):
        keep(file, set(METRICS))
    strategy = folder / "strategy.toml"
    head = strategy.read_text().partition("# Platinum\n\n[[stance]]")[0]
    strategy.write_text(head + "".join(map(_stance, CHOICES.strip().splitlines())))
    settings = folder / "pyproject.toml"
    lines = settings.read_text().splitlines(keepends=True)
    others = re.compile(rf"(?!(?:{'|'.join(TABLES)}) )\w+ = \"facts/|resolution_p90|margin ")
    settings.write_text("".join(line for line in lines if not others.match(line)))
    packet = folder / "schedules" / "monthly-executive-packet.toml"
    text = packet.read_text().replace(
        '["executive-packet"]', '["executive-packet", "owner-scorecard"]'
    )
    packet.write_text(text.replace('["executives"]', '["executives", "owners"]'))
    for other in ("team-review", "owner-scorecards"):
        (folder / "schedules" / f"{other}.toml").unlink()


def _stance(line: str) -> str:
    key, kind, owner, rest = line.split(maxsplit=3)
    metric, tier = key.split("/")
    limits, other = rest.split("of=")
    pays = (
        f'funded_by = [{{ weakness = "{other}", amount = "5000 EUR/month" }}]'
        if kind == "strength"
        else f'funds = ["{other}"]\nreleases = "5000 EUR/month"'
    )
    said = "\n".join(re.findall(r'\w+="[^"]*"', limits)).replace("=", " = ")
    return f"""
[[stance]]
metric = "{metric}"
tier = "{tier}"
kind = "{kind}"
{said}
importance = 1
owner = "{owner}"
{pays}
trade_off = "Who buys {metric.replace("_", " ")} in {tier} knows what it costs."
approved_by = "Oriane Falkenrath, managing director"
declared = 2025-10-10
effective = 2025-11-01
"""


@dataclass(frozen=True)
class Promise:
    """A commitment to be made: its words, the choice whose figure decides, and when it is due."""

    text: str
    key: str
    due: str


@dataclass(frozen=True)
class Said:
    """All that somebody says about a month: texts by question, commitments, and what becomes of
    earlier ones: by number (the later period, or "" where it is withdrawn; the reason)."""

    answers: dict[str, str]
    promises: tuple[Promise, ...] = ()
    steps: tuple[tuple[int, str, str], ...] = ()


class Year:
    """The company with its ledger, its clock, its outbox, and the three ways to answer.

    The clock stands where it was put. `until` moves it on, and does what is due meanwhile.
    """

    def __init__(self, project: Project, ledger: Ledger, server: MailServer, at: datetime) -> None:
        self.project, self.ledger, self.server, self.at = project, ledger, server, at
        self.schedules = LiveSchedules(project, self.now)
        self.clock = SchedulerLoop(
            self.schedules, ledger, self.now, "clock", self._make, self._post, lambda: None
        )
        self.clock.beat()
        self.clock.look()  # a schedule that is seen for the first time owes nothing from before
        self.clock.finish()

    def now(self) -> datetime:
        return self.at

    def until(self, moment: datetime) -> None:
        """Let time pass; whatever falls due is done a minute later."""
        while True:
            seen = self.schedules()
            coming = (seen.upcoming(id, self.at, 1) for id in seen.schedules)
            due = min((o.due for of in coming for o in of), default=moment)
            self.at = min(due + timedelta(minutes=1), moment)
            self.clock.beat()
            self.clock.look()
            assert self.clock.finish()
            if self.at == moment:
                return

    def _make(self, expected) -> None:
        issuer = Issuer(self.project, self.ledger, self.now, "clock", lambda *_: None)
        schedules = self.schedules()
        done = issuer.issue(schedules.schedule(expected.schedule), schedules.period_of(expected))
        assert done.state == "done", done.reason

    def _post(self) -> None:
        env = {"SCORECARD_SMTP": self.server.url()}
        tally = post(self.project, self.ledger, env, self.now, "clock", timeout=20.0)
        assert (tally.failed, tally.waiting) == (0, "")

    def typed(self, *words) -> str:
        """What a command prints that is typed now; it has to succeed."""
        env = {"SCORECARD_SMTP": self.server.url()}
        with _at(self.now):
            ended, out, wrong = scorecard(*words, cwd=self.project.root, **env)
        assert ended == 0, out + wrong
        return out

    def refused(self, *words) -> str:
        """What a command says that cannot be carried out."""
        with _at(self.now):
            ended, out, wrong = scorecard(*words, cwd=self.project.root)
        assert ended == 1
        return out + wrong

    @property
    def door(self) -> Door:
        strategy = declared(self.project).usable().strategy
        return Door(self.ledger, strategy, ZONE, lambda m: self.project.formats.moment(m, ZONE))

    def speaker(self, owner: str):
        """Who answers for a post today."""
        return self.door.speakers(owner, self.at)[0]

    def asked(self, month: str) -> list[Asked]:
        return self.ledger.asked(self.project.period(month))

    def documents(self, kind: str) -> dict[tuple[str, str], list]:
        """Documents of a kind as they were frozen, by period and scope, edition by edition."""
        found: dict[tuple[str, str], list] = {}
        for edition in self.ledger.edition_list():
            if edition.document == kind:
                content = self.ledger.edition(edition.id).content
                of = found.setdefault((edition.period, edition.scope), [])
                of.append(read_document(kind, content))
        return found

    def mails(self, to: str = "") -> list[bytes]:
        """What the server took, in order; of one address or of all."""
        return [m for m in self.server.messages() if not to or to in str(read(m)["To"])]

    def _mails_about(self, owner: str) -> list[bytes]:
        """The mails about a post to whoever answers for it, the newest last."""
        named = (f"({owner})", declared(self.project).strategy.owner(owner).role)
        mine = self.mails(self.speaker(owner).email)
        return [m for m in mine if any(each in str(read(m)["Subject"]) for each in named)]

    # The three ways in.

    def by_desk(self, owner: str, said: Said) -> None:
        """Open the link of the newest mail about that post, fill the form in, send it."""
        texts = map(text_of, self._mails_about(owner))
        links = [re.search(r"http://desk\.example(/r/\S+)", text) for text in texts]
        path = next(found[1] for found in reversed(links) if found)
        fields = {f"answer-{id}": text for id, text in said.answers.items()} | {"read": "yes"}
        for number, due, reason in said.steps:
            fields |= {f"step-{number}": "renegotiate" if due else "withdraw"}
            fields |= {f"due-{number}": due, f"reason-{number}": reason}
        with self._desk() as base:
            browser = Browser(base)
            for promise in said.promises or (None,):
                page = browser.get(path)
                filled = {**form_of(page), **fields}
                if promise:
                    filled |= {
                        "promise-text": promise.text,
                        "promise-stance": promise.key,
                        "promise-due": promise.due,
                    }
                sent = browser.post(path, filled)
                assert sent.status == 303, sent.said
                fields = {}

    @contextmanager
    def _desk(self) -> Iterator[str]:
        settings = self.project.desk.model_copy(update={"port": 0})
        server = DeskServer(replace(self.project, desk=settings), self.ledger, self.now)
        server.start()
        try:
            yield f"http://127.0.0.1:{server.port}"
        finally:
            assert server.stop()

    def by_command(self, owner: str, said: Said) -> None:
        """Type a command for each thing that is said."""
        numbers = {
            q.question.id: q.question.number
            for q in self.asked(self._page(owner).period)
            if q.question.owner == owner
        }
        for id, text in said.answers.items():
            self.typed("answer", owner, numbers[id], text)
        for each in said.promises:
            self.typed("commit", owner, each.text, "--moves", each.key, "--due", each.due)
        for number, due, reason in said.steps:
            if due:
                self.typed("renegotiate", owner, number, "--due", due, "--because", reason)
            else:
                self.typed("withdraw", owner, number, "--because", reason)
        self.typed("acknowledge", owner)

    def by_form(self, owner: str, said: Said) -> None:
        """Fill the PDF of the newest mail in, send it back, and have what came back collected."""
        mail = next(m for m in reversed(self._mails_about(owner)) if enclosed(m))
        (pdf,) = enclosed(mail).values()
        fields = {f"answer-{id}": text for id, text in said.answers.items()} | {"read": "on"}
        for number, due, reason in said.steps:
            fields |= {f"step-{number}": "renegotiate" if due else "withdraw"}
            fields |= {f"due-{number}": due, f"reason-{number}": reason}
        for promise in said.promises or (None,):
            if promise:
                fields |= {
                    "promise-text": promise.text,
                    "promise-stance": promise.key,
                    "promise-due": promise.due,
                }
            form = filled_by_pypdf(pdf, **fields)
            back = self.project.root / "back"
            back.mkdir(exist_ok=True)
            sent = letter(self.speaker(owner).email, ("Pre-read.pdf", form))
            (back / "1.eml").write_bytes(sent)
            self.typed("collect", back)
            fields = {}

    def _page(self, owner: str):
        edition = self.ledger.newest_of(ANSWERABLE, owner)
        assert edition is not None
        return edition


@contextmanager
def _at(now) -> Iterator[None]:
    """Let commands that are typed go by this clock."""
    before = options.now.__code__
    options.YEARS_NOW = now
    options.now.__code__ = _now.__code__
    try:
        yield
    finally:
        options.now.__code__ = before
        del options.YEARS_NOW


def _now():
    return YEARS_NOW()  # noqa: F821  a name of the module whose clock this becomes
