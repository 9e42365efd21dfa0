"""A browser that prints the same pages, warm: one process, asked over its own pipe.

    python chromium.py BROWSER TIMES PAGE.html …

Prints by page the least processor seconds and seconds on the clock of TIMES printings after one
that warmed up, and the memory of all processes of the browser at the end, as JSON. Processor
seconds are those of every process of the browser.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--allow-file-access-from-files",
    "--remote-debugging-pipe",
)
PRINTED = {"printBackground": True, "preferCSSPageSize": True}


class Browser:
    """One browser. Its DevTools protocol is spoken over two pipes, messages end in a zero byte."""

    def __init__(self, program: str, folder: str) -> None:
        asked, self._ask = os.pipe()
        self._answer, answered = os.pipe()
        # The browser reads from descriptor 3 and writes to 4, whatever ours are.
        command = [program, *FLAGS, f"--user-data-dir={folder}", "about:blank"]
        text = f'exec 3<&{asked} 4>&{answered}; exec "$0" "$@"'
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", text, *command],
            pass_fds=(asked, answered),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(asked)
        os.close(answered)
        self._number, self._session, self._heard = 0, "", b""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        session = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = session["sessionId"]
        self._call("Page.enable")

    def close(self) -> None:
        self._session = ""
        self._call("Browser.close")
        self._process.wait(30)

    def printed(self, page: Path) -> bytes:
        """The page as a PDF, loaded anew."""
        self._call("Page.navigate", url=page.as_uri())
        self._until("Page.loadEventFired")
        self._call("Runtime.evaluate", expression="document.fonts.ready", awaitPromise=True)
        return base64.b64decode(self._call("Page.printToPDF", **PRINTED)["data"])

    def processor(self) -> float:
        """Processor seconds of all its processes, those that ended included."""
        ticks = os.sysconf("SC_CLK_TCK")
        # Of a process that ended, the seconds are with the one that waited for it.
        return sum(sum(map(int, stat[11:15])) for stat in self._stats().values()) / ticks

    def memory(self) -> float:
        """MB of all its processes, what they share counted once."""
        total = 0
        for id in self._stats():
            with suppress(OSError):  # it may have ended meanwhile
                lines = Path(f"/proc/{id}/smaps_rollup").read_text().splitlines()
                total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total / 1024

    def _stats(self) -> dict[int, list[str]]:
        """What the system counts of the browser and everything that it started."""
        every = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                text = (folder / "stat").read_text()
            except OSError:  # it has ended meanwhile
                continue
            every[int(folder.name)] = text.rpartition(")")[2].split()
        found = {self._process.pid}
        while more := {i for i, stat in every.items() if int(stat[1]) in found} - found:
            found |= more
        return {id: every[id] for id in found if id in every}

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._ask, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result

    def _until(self, event: str) -> None:
        while self._next().get("method") != event:
            pass

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._heard:
            if not (more := os.read(self._answer, 1 << 20)):
                raise RuntimeError("the browser has gone")
            self._heard += more
        text, _, self._heard = self._heard.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message


def printings(browser: Browser, page: Path, times: int) -> dict[str, float]:
    taken = []
    for _turn in range(times + 1):
        began = browser.processor(), time.perf_counter()
        pdf = browser.printed(page)
        taken.append((browser.processor() - began[0], time.perf_counter() - began[1]))
    processor, wall = min(taken[1:])
    return {
        "processor": processor,
        "wall": wall,
        "bytes": len(pdf),
        "pages": pdf.count(b"/Type /Page\n"),
    }


if __name__ == "__main__":
    program, times = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(program, folder)
        found: dict[str, Any] = {
            Path(page).stem: printings(browser, Path(page).resolve(), times)
            for page in sys.argv[3:]
        }
        found["memory"] = browser.memory()
        browser.close()
    json.dump(found, sys.stdout)
