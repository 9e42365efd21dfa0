"""Writing text files whole, so that no reader ever sees half of one."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all; its folder must be there.

    An existing file is replaced. OSError where it cannot be written.
    """
    # A rename is atomic only within a folder. Two processes may write the same file at once.
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
