"""Servers on loopback that do not mean well: SMTP and IMAP up to a stage, and then something else.

with EvilServer(smtp("rcpt", drip(b"250-wait\\r\\n"))) as server:
    ...                       # hand over to Server.parse(server.smtp)
    server.contents           # every message whose final dot came, in order
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Self

GAP = 0.05
"""Seconds between two pieces of what drips; each comes well within any limit."""


class Peer:
    """One conversation, from the server's side."""

    def __init__(self, connection: socket.socket, server: EvilServer) -> None:
        self.connection, self.server = connection, server
        self._heard = b""

    def say(self, data: bytes) -> None:
        self.connection.sendall(data)

    def hear(self, end: bytes = b"\r\n") -> bytes:
        """Up to `end`; empty where the client has gone."""
        while end not in self._heard:
            data = self.connection.recv(1 << 16)
            if not data:
                return b""
            self._heard += data
        heard, _, self._heard = self._heard.partition(end)
        return heard + end

    def encrypt(self) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.server.certificates / "server.pem")
        self.connection = context.wrap_socket(self.connection, server_side=True)

    def wait(self) -> None:
        """Do nothing more, until the test is over."""
        self.server.over.wait()


Script = Callable[[Peer], None]


class EvilServer:
    """A server that follows the script in each conversation. Use it as a context manager."""

    def __init__(self, script: Script, certificates: Path = Path()) -> None:
        self.script, self.certificates = script, certificates
        self.over = Event()
        self.contents: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._threads = [Thread(target=self._listen, daemon=True)]
        self._connections: list[socket.socket] = []
        self.port = self._listening.getsockname()[1]

    @property
    def smtp(self) -> str:
        if self.certificates == Path():
            return f"smtp://127.0.0.1:{self.port}?tls=none&name=client.example"
        ca = self.certificates / "ca.pem"
        return f"smtp://ann:s3cret@localhost:{self.port}?ca={ca}&name=client.example"

    @property
    def imap(self) -> str:
        return f"imap://ann:s3cret@127.0.0.1:{self.port}/INBOX?tls=none"

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._connections.append(connection)
                self._threads.append(Thread(target=self._converse, args=(connection,), daemon=True))
                self._threads[-1].start()

    def _converse(self, connection: socket.socket) -> None:
        peer = Peer(connection, self)
        with suppress(OSError):  # the client has had enough
            self.script(peer)
        with suppress(OSError):
            peer.connection.close()

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)


# What it does at the stage. `{}` stands for the code that would be in order.


def drip(piece: bytes, seconds: float = 1e9, finally_: bytes = b"") -> Script:
    """A piece now and then, for so long, and then an answer."""

    def evil(peer: Peer) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not peer.server.over.wait(GAP):
            peer.say(piece)
        peer.say(finally_)

    return evil


def flood(piece: bytes) -> Script:
    """The same again and again, as quickly as it is taken."""

    def evil(peer: Peer) -> None:
        block = piece * (1 + (1 << 16) // len(piece))
        while not peer.server.over.is_set():
            peer.say(block)

    return evil


def once(data: bytes, *, close: bool = False) -> Script:
    """One answer, after which it is silent, or has closed its half of the connection."""

    def evil(peer: Peer) -> None:
        peer.say(data)
        if close:
            peer.connection.shutdown(socket.SHUT_WR)
        peer.wait()

    return evil


def silent(peer: Peer) -> None:
    """Reads nothing, and says nothing."""
    peer.wait()


def slow(answer: bytes, seconds: float) -> Script:
    """The right answer, late."""

    def evil(peer: Peer) -> None:
        time.sleep(seconds)
        peer.say(answer)

    return evil


# Servers that are well until then


SMTP = {
    "banner": b"220 evil.example\r\n",
    "ehlo": b"250-evil.example\r\n250-SIZE 50000000\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n",
    "starttls": b"220 go on\r\n",
    "auth": b"235 in\r\n",
    "mail": b"250 ok\r\n",
    "rcpt": b"250 ok\r\n",
    "data": b"354 go on\r\n",
    "content": b"250 taken\r\n",
    "rset": b"250 ok\r\n",
    "quit": b"221 bye\r\n",
}
"""What each stage of a conversation answers."""


def smtp(at: str, evil: Script, *, instead: dict[str, bytes] | None = None) -> Script:
    """SMTP, with `evil` at a stage: a key of SMTP, "handshake", or "reading" for the content."""
    answers = SMTP | (instead or {})

    def script(peer: Peer) -> None:
        def answer(stage: str) -> None:
            if stage == at:
                evil(peer)
            else:
                peer.say(answers[stage])

        answer("banner")
        while line := peer.hear():
            stage = line.split()[0].lower().decode("ascii", "replace")
            if stage not in answers:
                peer.say(b"500 what?\r\n")
                continue
            answer(stage)
            if stage == "starttls":
                if at == "handshake":
                    evil(peer)
                peer.encrypt()
            elif stage == "data":
                if at == "reading":
                    evil(peer)
                if not (content := peer.hear(b"\r\n.\r\n")):
                    return
                peer.server.contents.append(content)
                answer("content")

    return script


MAIL = b"Subject: hello\r\n\r\nHello.\r\n"
IMAP = {
    "banner": b"* OK evil\r\n",
    "capability": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
    "authenticate": b"+ \r\n",
    "select": b"* 2 EXISTS\r\n",
    "search": b"* SEARCH 1 2\r\n",
    "fetch": b"* 1 FETCH (UID 1 BODY[]<0> {%d}\r\n%s)\r\n" % (len(MAIL), MAIL),
    "store": b"",
    "logout": b"* BYE\r\n",
}
"""What each stage of a conversation answers, before the line that ends the answer."""


def imap(at: str, evil: Script, *, instead: dict[str, bytes] | None = None) -> Script:
    """IMAP, with `evil` at a stage, a key of IMAP, before the command's last line."""
    answers = IMAP | (instead or {})

    def script(peer: Peer) -> None:
        def answer(stage: str) -> None:
            if stage == at:
                evil(peer)
            else:
                peer.say(answers[stage])

        answer("banner")
        while line := peer.hear():
            tag, stage = re.sub(rb"UID ", b"", line).split()[:2]
            answer(stage.lower().decode("ascii", "replace"))
            if stage == b"AUTHENTICATE":
                peer.hear()
            peer.say(tag + b" OK done\r\n")

    return script
