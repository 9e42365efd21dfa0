"""Two thousand recipients, a server that misbehaves, and senders that are killed: one each.

The mail server is real, speaks TLS and runs in a process of its own. It counts:
what it accepted is on its disk before it answers. The senders are processes
that are killed without warning at fifty random moments, two at a time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from mail_server import Behaviour, MailServer
from sample_documents import OWNER
from sender_lane import MONDAY
from test_ledger import claim

from scorecard.delivery.new_deliveries import NewDeliveries
from scorecard.delivery.recipients import Recipient
from scorecard.documents.formats import Formats
from scorecard.documents.kinds import path_of
from scorecard.documents.packet_model import Imprint
from scorecard.ledger import FAILED, Ledger, ReadBack
from scorecard.printing.edition_renderer import SOFTWARE
from scorecard.printing.renderer import Renderer
from scorecard.project.scaffold import room
from scorecard.project.settings import Project
from scorecard.schedules.model import Audience, BusinessDay, Schedule, When

PEOPLE, KILLS, REFUSED = 2000, 50, 5
HERE = Path(__file__).parent
SCHEDULE = Schedule(
    "owner-scorecards",
    "Owner scorecards",
    ("owner-scorecard",),
    When(BusinessDay(11), None, "Europe/London"),
    (Audience("owners"),),
)


def people():
    return [f"reader{n:04}@example.com" for n in range(PEOPLE)]


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
    desk = NewDeliveries(project, Formats("en_GB", "EUR"), MONDAY)
    people = (
        Recipient("owner-scorecard", edition.scope, "", reader, "You subscribed.")
        for reader in readers
    )
    return ledger.queue((desk.enclosing(edition, OWNER, p, SCHEDULE) for p in people), MONDAY)


def test_everybody_gets_one_message_whatever_happens(url, tmp_path):
    address = url if url.startswith("postgresql") else "sqlite:///ledger.db"
    project = laid_out(tmp_path / "acme", address)
    refused = people()[7::400]
    server = MailServer.start(
        tmp_path / "server",
        Behaviour(
            greylist=True,
            refuse=refused,
            busy=0.05,
            later=0.02,
            drop_mid_data=0.02,
            drop_accepted=0.01,
            stalls=0.002,
            seed=3,
        ),
    )
    with server, Ledger.open(project.ledger, project.root) as ledger:
        edition, pdf = published(project, ledger)
        assert queued(project, ledger, edition, people()) == PEOPLE
        began = time.time()
        lanes = [
            subprocess.Popen(
                [
                    sys.executable,
                    "sender_lane.py",
                    str(project.root),
                    lane,
                    str(KILLS // 2),
                    "1",
                    str(began),
                ],
                cwd=HERE,
                env={**os.environ, "SCORECARD_SMTP": server.url()},
                stdout=subprocess.PIPE,
                text=True,
            )
            for lane in ("left", "right")
        ]
        said = [lane.communicate()[0].split() for lane in lanes]
        assert [lane.returncode for lane in lanes] == [0, 0]
        assert Counter(word for words in said for word in words) == {"killed": KILLS}
        judge(ledger, server, edition, refused, pdf)


def judge(ledger, server, edition, refused, pdf):
    """Count at the server, and hold the ledger against it."""
    taken = [m for m in server.accepted() if m.recipient != "operator@example.org"]
    everyone = {d.recipient: d for d in ledger.deliveries(kind="document")}
    assert len(everyone) == PEOPLE
    states = Counter(d.state for d in everyone.values())
    assert states == {"sent": PEOPLE - len(refused), "refused": len(refused)}
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
