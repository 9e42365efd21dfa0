"""Many recipients, a server that misbehaves, and senders that are killed: one each.

The mail server is real, speaks TLS and runs in a process of its own. It counts:
what it accepted is on its disk before it answers. The senders are processes
that are killed without warning at random moments, two at a time: two thousand
recipients and fifty kills in `make prove`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from mail_server import Behaviour, MailServer
from sample_documents import OWNER
from sender_lane import MONDAY
from sizes import sizes
from test_ledger import claim

from scorecard.delivery.new_deliveries import NewDeliveries
from scorecard.delivery.recipients import Recipient
from scorecard.documents.formats import Formats
from scorecard.documents.kinds import path_of
from scorecard.documents.model import Imprint
from scorecard.ledger import FAILED, Ledger, ReadBack
from scorecard.printing.edition_renderer import SOFTWARE
from scorecard.printing.renderer import Renderer
from scorecard.project.scaffold import room
from scorecard.project.settings import Project
from scorecard.schedules.model import Audience, BusinessDay, Schedule, When

HERE = Path(__file__).parent
SCHEDULE = Schedule(
    "owner-scorecards",
    "Owner scorecards",
    ("owner-scorecard",),
    When(BusinessDay(11), None, "Europe/London"),
    (Audience("owners"),),
)


@dataclass(frozen=True)
class Size:
    """How many, and how often chance strikes: more often where there are fewer.

    life   the longest that a sender lives before it is killed, in seconds
    fast   how many times as fast as the wall's the senders' clock runs
    """

    people: int
    kills: int
    refused_every: int
    life: float
    fast: int
    later: float
    dropped: float
    stalls: float
    seed: int

    @property
    def everyone(self) -> list[str]:
        return [f"reader{n:04}@example.com" for n in range(self.people)]


# By the small one's seed chance strikes in each of its ways, and nobody twice, which would be an
# hour's delay.
SIZES = sizes(
    Size(60, 6, 20, life=0.25, fast=240, later=0.05, dropped=0.04, stalls=0.01, seed=146),
    Size(2000, 50, 400, life=0.9, fast=60, later=0.02, dropped=0.01, stalls=0.002, seed=3),
)


def laid_out(folder: Path, ledger: str) -> Project:
    """A project with just enough to send: settings, and a strategy nobody reads."""
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        f"""
[tool.scorecard]
company = "Acme"
timezone = "Europe/London"
currency = "EUR"
ledger = "{ledger}"
[tool.scorecard.mail]
from = "Scorecards <scorecards@example.org>"
operator = ["operator@example.org"]
"""
    )
    return Project.at(folder)


def published(project: Project, ledger: Ledger):
    """An owner's page, frozen, drawn, read back and lying in the output folder."""
    content = json.dumps(asdict(OWNER), ensure_ascii=False, sort_keys=True)
    edition = ledger.freeze("owner-scorecard", OWNER.owner, content, claim(ledger), MONDAY)
    imprint = Imprint(1, "16 November 2026", "October 2026", edition.content_hash, SOFTWARE)
    pdf = Renderer(None, room("templates")).render(OWNER, imprint, {})
    ledger.record_readings(
        [ReadBack(edition.id, sha256(pdf).hexdigest(), [], {}, SOFTWARE, MONDAY)]
    )
    path = project.output / edition.period / path_of(edition.document, edition.scope)
    path.parent.mkdir(parents=True)
    path.write_bytes(pdf)
    return edition, pdf


def queued(project: Project, ledger: Ledger, edition, readers) -> int:
    desk = NewDeliveries(project, Formats("en_GB", "EUR"), MONDAY, ledger.keyed)
    people = (
        Recipient("owner-scorecard", edition.scope, "", reader, "You subscribed.")
        for reader in readers
    )
    return ledger.queue((desk.enclosing(edition, OWNER, p, SCHEDULE) for p in people), MONDAY)


@pytest.mark.parametrize("size", SIZES)
def test_everybody_gets_one_message_whatever_happens(url, tmp_path, size):
    address = url if url.startswith("postgresql") else "sqlite:///ledger.db"
    project = laid_out(tmp_path / "acme", address)
    refused = size.everyone[7 :: size.refused_every]
    server = MailServer.start(
        tmp_path / "server",
        Behaviour(
            greylist=True,
            refuse=refused,
            busy=0.05,
            later=size.later,
            drop_mid_data=2 * size.dropped,
            drop_accepted=size.dropped,
            stalls=size.stalls,
            seed=size.seed,
        ),
    )
    with server, Ledger.open(project.ledger, project.root) as ledger:
        edition, pdf = published(project, ledger)
        assert queued(project, ledger, edition, size.everyone) == size.people
        said = subprocess.run(
            [
                sys.executable,
                "sender_lane.py",
                *map(str, (project.root, size.kills, size.life, size.fast, "1", time.time())),
            ],
            cwd=HERE,
            env={**os.environ, "SCORECARD_SMTP": server.url()},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout.split()
        assert Counter(said) == {"killed": size.kills}
        judge(ledger, server, refused, pdf, size.people)


def judge(ledger, server, refused, pdf, people):
    """Count at the server, and hold the ledger against it."""
    taken = [m for m in server.accepted() if m.recipient != "operator@example.org"]
    everyone = {d.recipient: d for d in ledger.deliveries(kind="document")}
    assert len(everyone) == people
    states = Counter(d.state for d in everyone.values())
    assert states == {"sent": people - len(refused), "refused": len(refused)}
    assert {r for r, d in everyone.items() if d.state == "refused"} == set(refused)
    # None lost: whoever was not refused has the message; nobody has another's.
    by_reader = Counter(m.recipient for m in taken)
    assert set(by_reader) == set(everyone) - set(refused)
    # None twice: one Message-ID each, and the very same bytes wherever it came again.
    assert len({(m.recipient, m.message_id) for m in taken}) == len(by_reader)
    assert len({(m.message_id, m.sha256) for m in taken}) == len(by_reader)
    assert all(everyone[m.recipient].message_id == m.message_id for m in taken)
    # What came again are lost answers, each of them counted as a doubt.
    again = {reader: n - 1 for reader, n in by_reader.items() if n > 1}
    assert all(n <= everyone[reader].doubts for reader, n in again.items())
    doubts = sum(d.doubts for d in everyone.values())
    sys.stdout.write(
        f"\n{len(taken)} accepted, {len(again)} again after a lost answer, {doubts} doubts\n"
    )
    assert sum(d.sha256 == sha256(pdf).hexdigest() for d in everyone.values()) >= len(by_reader)
    assert [d for d in ledger.deliveries(states=FAILED) if not d.told] == []
    told = [m for m in server.accepted() if m.recipient == "operator@example.org"]
    assert len(told) >= 1
