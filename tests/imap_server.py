"""A real IMAP server (pymap) on loopback with TLS, in a process of its own, with one user.

with ImapServer.start(tmp_path) as server:
    server.put(b"From: …")
    ...                       # open_box(server.url())
    server.flags()            # flags of every mail, in order
"""

from __future__ import annotations

import asyncio
import imaplib
import ssl
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Self
from urllib.parse import quote

from mail_server import HOST, certify
from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.version import ProxyProtocolVersion
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer

USER, PASSWORD = "bounces@example.com", "gehéim:/@#"


class ImapServer:
    """The server's process, as its parent sees it. Stop it, or use it as a context manager."""

    def __init__(self, process: subprocess.Popen[str], port: int, folder: Path) -> None:
        self.process = process
        self.port = port
        self.folder = folder

    @classmethod
    def start(cls, folder: Path) -> Self:
        """Start it with an empty INBOX and return when it listens."""
        folder.mkdir(parents=True, exist_ok=True)
        certify(folder, "good")
        with (folder / "imap.log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, str(Path(__file__).resolve()), str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert process.stdout is not None
        said = process.stdout.readline()
        if not said.startswith("listening "):
            process.wait()
            raise RuntimeError((folder / "imap.log").read_text())
        return cls(process, int(said.split()[1]), folder)

    def url(self, password: str = PASSWORD, mailbox: str = "INBOX", ca: bool = True) -> str:
        query = f"?ca={quote(str(self.folder / 'ca.pem'))}" if ca else ""
        login = f"{quote(USER, safe='')}:{quote(password, safe='')}"
        return f"imaps://{login}@{HOST}:{self.port}/{mailbox}{query}"

    def put(self, raw: bytes) -> None:
        """Append a mail to INBOX, by another conversation."""
        with self._conversation() as imap:
            assert imap.append("INBOX", "", "", raw)[0] == "OK"

    def flags(self) -> list[set[str]]:
        """The flags of every mail in INBOX, \\Recent left out."""
        with self._conversation() as imap:
            imap.select("INBOX", readonly=True)
            _, found = imap.fetch("1:*", "(FLAGS)")
        said = [imaplib.ParseFlags(line) for line in found if line]
        return [{flag.decode() for flag in flags} - {"\\Recent"} for flags in said]

    def _conversation(self) -> imaplib.IMAP4_SSL:
        context = ssl.create_default_context(cafile=self.folder / "ca.pem")
        imap = imaplib.IMAP4_SSL(HOST, self.port, ssl_context=context, timeout=30)
        imap.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        return imap

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


async def _serve(folder: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem")
    args = Namespace(
        demo_user=USER,
        demo_password=PASSWORD,
        demo_data=False,
        host=HOST,
        port="0",
        cert=None,
        key=None,
        tls=False,
        proxy_protocol="noop",
        inherited_sockets=None,
        passlib_cfg=None,
        debug=False,
    )
    backend, config = await DictBackend.init(args)
    config.apply_context()
    reader = ProxyProtocolReader(ProxyProtocolVersion.NOOP.get())
    handle = reader.get_callback(IMAPServer(backend.login, config))
    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201
    gone = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, gone.set)
    await gone.wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
