"""The version of this software, as runs and documents record it."""

from __future__ import annotations

VERSION = "0.1.0"
