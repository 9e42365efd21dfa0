"""TOML files whose first keys stand before any table, read as an entry of their own."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from scorecard.base.toml_file import Entry, TomlFile


class TopFile(TomlFile):
    """A file that is one thing: its own keys first, then tables that belong to it."""

    def top(self, tables: Collection[str]) -> Entry:
        """The keys before the first table, as an entry; `tables` are those that are read apart."""
        values = {k: v for k, v in (self.data or {}).items() if k not in tables}
        own = {k: v for k, v in values.items() if not _is_table(v)}
        self._asked.update(own)
        self._entries.append(_Top(self, own, "the file", "", 0))
        return self._entries[-1]

    def line_of(self, table: str, key: str) -> int:
        """The line of a key in a table, or of the table; `table` is empty for keys before any."""
        header = next(iter(self._headers(table)), 0)
        return (self.line_of_key(key, header) if header or not table else 0) or header


class _Top(Entry):
    """The keys before the first table, which have no header above them."""

    def _place(self, key: str) -> str:
        return self._file.place(self._file.line_of_key(key, 0))


def _is_table(value: Any) -> bool:
    """Whether a value is a table or a list of them, and so no key of the file itself."""
    tables = value if isinstance(value, list) else [value]
    return bool(tables) and all(isinstance(each, dict) for each in tables)
