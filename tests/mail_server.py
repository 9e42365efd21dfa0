"""A real mail server on loopback, in a process of its own, that misbehaves as it is told.

    with MailServer.start(tmp_path, Behaviour(greylist=True)) as server:
        ...                       # hand over to Server.parse(server.url)
        server.accepted()         # everything that it answered 250 to, or meant to

What it accepts is appended to `accepted.jsonl` in its folder and forced to the
disk before it answers; what it complains of is in `server.log`. Whether chance
strikes a message depends on the seed, its recipient and how often that was
tried, and not on who comes first, so that runs with several senders at once
can be repeated.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, LoginPassword

LOG = "accepted.jsonl"
HOST = "localhost"
LONGEST_LINE = 998
"""Octets without the line end, by RFC 5322, 2.1.1."""


@dataclass(frozen=True)
class Behaviour:
    """What the server offers, and how it misbehaves. Chances are from 0 to 1.

    tls             "starttls", "implicit" (from the start) or "none"
    certificate     "good", "foreign" (of another authority), "misnamed" or "expired"
    user, password  what has to log in; empty: nobody has to
    auth            the ways to log in that it announces
    utf8            whether it takes addresses beyond ASCII
    size_limit      bytes, announced; `quiet_limit` is not announced, and met after the content
    refuse          recipients that get 550
    greylist        the first try of each recipient gets 451
    replies         a fixed answer by stage: connect, ehlo, auth, mail, rcpt, data, content, rset
    stall           a stage at which it stops answering; "reading" stops in the content
    goodbye_after   so many messages a conversation; the next MAIL gets 421
    hang_up_after   the same, but the connection is simply closed after so many
    busy            chance of 421 instead of a greeting
    later           chance of 451 after the content; nothing is accepted
    drop_mid_data   chance to hang up while the content is coming; nothing is accepted
    drop_accepted   chance to hang up after accepting, before the 250
    stalls          chance to stop answering for ever once the content came; nothing is accepted
    keep            whether messages are kept as files, one each, in `messages/`
    """

    tls: str = "starttls"
    certificate: str = "good"
    user: str = ""
    password: str = ""
    auth: str = "PLAIN LOGIN"
    utf8: bool = True
    size_limit: int = 0
    quiet_limit: int = 0
    refuse: Sequence[str] = ()
    greylist: bool = False
    replies: Mapping[str, str] = field(default_factory=dict)
    stall: str = ""
    goodbye_after: int = 0
    hang_up_after: int = 0
    busy: float = 0.0
    later: float = 0.0
    drop_mid_data: float = 0.0
    drop_accepted: float = 0.0
    stalls: float = 0.0
    keep: bool = False
    seed: int = 0


@dataclass(frozen=True)
class Accepted:
    """One message that the server took, whether or not its 250 was heard."""

    recipient: str
    sender: str
    message_id: str
    sha256: str
    size: int
    answered: bool


class MailServer:
    """The server's process, as its parent sees it. Stop it, or use it as a context manager."""

    def __init__(
        self, process: subprocess.Popen[str], port: int, folder: Path, behaviour: Behaviour
    ) -> None:
        self.process = process
        self.port = port
        self.folder = folder
        self.behaviour = behaviour

    @classmethod
    def start(cls, folder: Path, behaviour: Behaviour | None = None, port: int = 0) -> Self:
        """Start it and return when it listens. The same folder and port continue an earlier one."""
        behaviour = behaviour or Behaviour()
        folder.mkdir(parents=True, exist_ok=True)
        certify(folder, behaviour.certificate)
        (folder / "behaviour.json").write_text(json.dumps(asdict(behaviour)))
        with (folder / "server.log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, str(Path(__file__).resolve()), str(folder), str(port)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert process.stdout is not None
        said = process.stdout.readline()
        if not said.startswith("listening "):
            process.wait()
            raise RuntimeError((folder / "server.log").read_text())
        return cls(process, int(said.split()[1]), folder, behaviour)

    def url(self, *, ca: bool = True, host: str = HOST, **options: str) -> str:
        """The address for Server.parse; `options` are appended after ?ca=…, or stand in for it."""
        said = self.behaviour
        login = f"{quote(said.user, safe='')}:{quote(said.password, safe='')}@" if said.user else ""
        if said.tls == "none":
            options = {"tls": "none", **options}
        elif ca:
            options = {"ca": quote(str(self.folder / "ca.pem")), **options}
        scheme = "smtps" if said.tls == "implicit" else "smtp"
        query = "&".join(f"{k}={v}" for k, v in options.items())
        return f"{scheme}://{login}{host}:{self.port}" + (f"?{query}" if query else "")

    def accepted(self) -> list[Accepted]:
        """Everything taken so far, in order, also by earlier servers in this folder."""
        file = self.folder / LOG
        if not file.exists():
            return []
        lines = file.read_text(encoding="utf-8").splitlines()
        return [Accepted(**json.loads(line)) for line in lines]

    def messages(self) -> list[bytes]:
        """What was taken, in order, where the behaviour says `keep`."""
        return [f.read_bytes() for f in sorted((self.folder / "messages").glob("*.eml"))]

    def stop(self) -> None:
        """End the process. What it accepted stays."""
        self.process.terminate()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def certify(folder: Path, kind: str) -> None:
    """Lay down ca.pem for the client, and server.pem with the kind of certificate asked for."""
    if (folder / "server.pem").exists():
        return
    import trustme  # the server's own process has no use for it, and starts sooner

    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    if kind == "foreign":
        authority = trustme.CA()
    names = ["elsewhere.example"] if kind == "misnamed" else [HOST, "127.0.0.1"]
    until = datetime(2020, 1, 1, tzinfo=UTC) if kind == "expired" else None
    since = datetime(2019, 1, 1, tzinfo=UTC) if kind == "expired" else None
    issued = authority.issue_cert(*names, not_after=until, not_before=since)
    issued.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))


class Desk:
    """What the conversations of one server share: the log, and how often who was tried."""

    def __init__(self, folder: Path, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self._tries: Counter[tuple[str, str]] = Counter()
        self._messages = folder / "messages"
        if behaviour.keep:
            self._messages.mkdir(exist_ok=True)
            self._kept = len(list(self._messages.iterdir()))
        self._log = os.open(folder / LOG, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o644)

    def strikes(self, what: str, chance: float, key: str) -> bool:
        """Whether chance strikes at this try."""
        if not chance:
            return False
        self._tries[what, key] += 1
        said = f"{self.behaviour.seed}|{what}|{key}|{self._tries[what, key]}"
        return int(hashlib.sha256(said.encode()).hexdigest()[:8], 16) / 2**32 < chance

    def is_first(self, key: str) -> bool:
        """Whether this is asked for the first time."""
        self._tries["first", key] += 1
        return self._tries["first", key] == 1

    def record(self, sender: str, recipient: str, content: bytes, answered: bool) -> None:
        """Append to the log, on the disk when this returns."""
        digest = hashlib.sha256(content).hexdigest()
        said = BytesHeaderParser().parsebytes(content).get("Message-ID", "")
        message_id = str(said).strip()
        row = Accepted(recipient, sender, message_id, digest, len(content), answered)
        if self.behaviour.keep:
            (self._messages / f"{self._kept:06}.eml").write_bytes(content)
            self._kept += 1
        os.write(self._log, (json.dumps(asdict(row)) + "\n").encode())
        os.fdatasync(self._log)


class Hooks:
    """What aiosmtpd asks at each step."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, name: str, answers: list[str]
    ) -> list[str]:
        session.host_name = name
        fixed = await server.stage("ehlo")
        offered = [line for line in answers if not line.startswith("250-AUTH")]
        if len(offered) < len(answers) and self.desk.behaviour.user:
            offered.insert(1, f"250-AUTH {self.desk.behaviour.auth}")
        return [fixed] if fixed else offered

    async def handle_AUTH(
        self, server: Any, session: Any, envelope: Any, arguments: list[str]
    ) -> Any:
        return await server.stage("auth") or MISSING

    async def handle_RSET(self, server: Any, session: Any, envelope: Any) -> str:
        return await server.stage("rset") or "250 OK"

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        fixed = await server.stage("mail")
        if fixed and not fixed.startswith("2"):
            return fixed
        said = self.desk.behaviour
        if said.goodbye_after and server.taken >= said.goodbye_after:
            server.loop.call_soon(server.transport.close)
            return "421 4.7.0 enough for one conversation"
        envelope.mail_from = address
        return fixed or "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        fixed = await server.stage("rcpt")
        if fixed and not fixed.startswith("2"):
            return fixed
        if address in self.desk.behaviour.refuse:
            return f"550 5.1.1 <{address}>: no such mailbox"
        if self.desk.behaviour.greylist and self.desk.is_first(address):
            return "451 4.7.1 greylisted, come again"
        envelope.rcpt_tos.append(address)
        return fixed or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        said, (recipient, *_) = self.desk.behaviour, envelope.rcpt_tos
        fixed = await server.stage("content")
        if fixed:
            return fixed
        if said.quiet_limit and len(envelope.content) > said.quiet_limit:
            return "552 5.3.4 message too big"
        if self.desk.strikes("later", said.later, recipient):
            return "451 4.3.0 not now"
        if self.desk.strikes("stalls", said.stalls, recipient):
            await asyncio.Event().wait()
        lost = self.desk.strikes("drop_accepted", said.drop_accepted, recipient)
        self.desk.record(envelope.mail_from, recipient, envelope.content, not lost)
        server.taken += 1
        if lost:
            server.abort()
        if said.hang_up_after and server.taken >= said.hang_up_after:
            server.loop.call_soon(server.transport.close)
        return "250 2.0.0 taken"


class Conversation(SMTP):
    """aiosmtpd's conversation, with the manners of the desk."""

    def __init__(self, desk: Desk, **options: Any) -> None:
        self.desk = desk
        self.taken = 0
        super().__init__(Hooks(desk), **options)

    async def stage(self, name: str) -> str:
        """Stop for ever at the stage that stalls; else the fixed answer of this stage, or none."""
        if self.desk.behaviour.stall == name:
            await asyncio.Event().wait()
        return self.desk.behaviour.replies.get(name, "")

    def abort(self) -> None:
        """Cut the connection without a word."""
        (self._original_transport or self.transport).abort()
        raise ConnectionResetError

    async def _handle_client(self) -> None:
        fixed = await self.stage("connect")
        if not fixed and self.desk.strikes("busy", self.desk.behaviour.busy, "anyone"):
            fixed = "421 4.3.2 too busy"
        if fixed:
            await self.push(fixed)
            self.transport.close()
            return
        await super()._handle_client()

    async def smtp_DATA(self, arg: str) -> None:
        """aiosmtpd reads line by line, which is slow for enclosures; this reads what has come."""
        if arg or not self.envelope.rcpt_tos:
            await super().smtp_DATA(arg)
            return
        fixed = await self.stage("data")
        if fixed:
            await self.push(fixed)
            return
        await self.push("354 go on")
        await self.stage("reading")
        chance = self.desk.behaviour.drop_mid_data
        if self.desk.strikes("drop_mid_data", chance, self.envelope.rcpt_tos[0]):
            await self._reader.read(100)
            self.abort()
        status = await self._taken(await self._content())
        self._set_post_data_state()
        await self.push(status)

    async def _content(self) -> bytes:
        """The content up to the line with the dot, which itself and doubled dots are left out."""
        read = bytearray(b"\r\n")
        while not read.endswith(b"\r\n.\r\n"):
            piece = await self._reader.read(1 << 16)
            if not piece:
                raise ConnectionResetError
            read += piece
        return re.sub(rb"(?m)^\.", b"", bytes(read[2:-3]))

    async def _taken(self, content: bytes) -> str:
        if max(map(len, content.split(b"\r\n"))) > LONGEST_LINE:
            return "500 5.6.0 line too long"
        if self.data_size_limit and len(content) > self.data_size_limit:
            return "552 5.3.4 message too big"
        self.envelope.content = content
        return str(await self.event_handler.handle_DATA(self, self.session, self.envelope))


def _authenticator(behaviour: Behaviour) -> Any:
    def decide(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        wanted = LoginPassword(behaviour.user.encode(), behaviour.password.encode())
        return AuthResult(success=data == wanted, handled=False)

    return decide


async def _serve(folder: Path, port: int) -> None:
    behaviour = Behaviour(**json.loads((folder / "behaviour.json").read_text()))
    desk, loop = Desk(folder, behaviour), asyncio.get_running_loop()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem")
    options: dict[str, Any] = {
        "hostname": HOST,
        "ident": "tests",
        "enable_SMTPUTF8": behaviour.utf8,
        "data_size_limit": behaviour.size_limit,
        "auth_required": bool(behaviour.user),
        "authenticator": _authenticator(behaviour),
        "auth_require_tls": behaviour.tls == "starttls",
        "tls_context": context if behaviour.tls == "starttls" else None,
    }
    server = await loop.create_server(
        lambda: Conversation(desk, loop=loop, **options),
        "127.0.0.1",
        port,
        ssl=context if behaviour.tls == "implicit" else None,
        backlog=512,
    )
    print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201
    gone = asyncio.Event()
    loop.add_reader(sys.stdin, gone.set)  # the parent's end of the pipe closes when it dies
    await gone.wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
