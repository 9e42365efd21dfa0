"""TOML files read field by field, each of its type, with every fault noted with its line.

tomllib tells no lines, so headers and keys are found again in the text. After a
fault reading goes on with an empty value, so that one reading finds them all. Of a
table that is not `sound` only its names may be used, in other findings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from scorecard.base import bounds
from scorecard.base.address import has_controls
from scorecard.base.findings import Finding
from scorecard.base.periods import YEARS
from scorecard.base.regular_file import as_text, read_text
from scorecard.base.toml_text import TomlError, TomlNumberError, parsed
from scorecard.errors import did_you_mean

_STRING_OR_COMMENT = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*', re.DOTALL
)
_HEADER = re.compile(r"\s*\[{1,2}\s*([\w.-]+)\s*\]{1,2}\s*(?:#.*)?")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*[=.]""")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*")
_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)")


class Entry:
    """One table of the file. `head` is its heading as written, `what` names it in findings."""

    def __init__(self, file: TomlFile, values: dict[str, Any], head: str, what: str, line: int):
        self.values = values
        self.line = line
        self.findings: list[Finding] = []
        self._file = file
        self._head = head
        self._what = what
        self._asked: set[str] = set()
        self._inner: list[Entry] = []

    @property
    def sound(self) -> bool:
        """Whether no fault of this table has been noted so far."""
        return not self.findings

    def note(self, id: str, message: str, key: str = "", hint: str = "") -> None:
        """Add a blocking finding, placed at the line of `key` where the table has it."""
        self.findings.append(Finding(id, "blocking", self._place(key), message, hint.strip()))

    def warn(self, id: str, message: str, key: str = "") -> None:
        """Add a warning, placed likewise."""
        self.findings.append(Finding(id, "warning", self._place(key), message))

    def raw(self, key: str) -> Any:
        """The value as TOML has it, None where absent; marks the key as known."""
        self._asked.add(key)
        return self.values.get(key)

    def text(self, key: str, required: bool = False, *, longest: int = bounds.LONGEST_NAME) -> str:
        """A text on one line without surrounding blanks; empty where absent or faulty."""
        value = self._typed(key, str, '"…"', required)
        if value is None:
            return ""
        if required and not value.strip():
            self._missing(key, '"…"')
        return str(value).strip() if self._may_be_printed(key, value.strip(), longest) else ""

    def prose(self, key: str, required: bool = False) -> str:
        """A text of one or more sentences, in which lines may end; empty where absent or faulty."""
        value = self.raw(key)
        if isinstance(value, str):
            self.values = {**self.values, key: bounds.on_one_line(value)}
        return self.text(key, required, longest=bounds.LONGEST_PROSE)

    def number(self, key: str, example: str = "40") -> float | None:
        """A number that can be counted with; None where absent or faulty."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.note(
                "wrong_type",
                f'{key} is "{value}", which is not a number; write {key} = {example}.',
                key,
            )
            return None
        if not -bounds.LARGEST <= value <= bounds.LARGEST:
            self.note(
                "wrong_value",
                f"{key} is {value:g}; write at most {bounds.LARGEST:,.0f}, or less.",
                key,
            )
            return None
        return float(value)

    def choice(self, key: str, options: Sequence[str], required: bool = False) -> str:
        """One of `options`; empty where absent or faulty."""
        value = self.text(key, required)
        if not value or value in options:
            return value
        written = " or ".join(f'"{o}"' for o in options)
        self.note(
            "unknown_value",
            f'{key} "{value}" does not exist; write {written}.',
            key,
            _near(value, options),
        )
        return ""

    def reference(self, key: str, what: str, known: Collection[str], required: bool = False) -> str:
        """The name of something declared elsewhere; empty where absent or not declared."""
        value = self.text(key, required)
        return value if value and self.is_declared(value, what, known, key) else ""

    def is_declared(self, name: str, what: str, known: Collection[str], key: str) -> bool:
        """Whether `name` is among `known`; notes with a suggestion that it is not."""
        declared = name in known
        if not declared:
            message = f'{what.capitalize()} "{name}" is not declared; declare or correct it.'
            self.note(f"unknown_{what}", message, key, did_you_mean(name, known))
        return declared

    def whole(self, key: str, default: int, high: int = bounds.MOST) -> int:
        """A whole number from 1 to `high`; `default` where absent or faulty."""
        value = self._typed(key, int, str(max(default, 1)))
        if value is None:
            return default
        if not 1 <= value <= high:
            shown = bounds.shortened(value)
            self.note(
                "wrong_value", f"{key} is {shown}; write a whole number from 1 to {high:,}.", key
            )
            return default
        return int(value)

    def day(self, key: str, required: bool = False) -> date | None:
        """A local date of the years that periods can have; None where absent or faulty."""
        value = self._typed(key, date, "2026-01-01", required)
        if isinstance(value, date) and value.year not in YEARS:
            self.note(
                "wrong_value",
                f"{key} {value} is out of reach; write a year from {YEARS[0]} to {YEARS[-1]}.",
                key,
            )
            return None
        return value if isinstance(value, date) else None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, each on one line; empty where absent or faulty."""
        value = self._typed(key, list, '["…"]')
        if value is None:
            return ()
        if not all(isinstance(v, str) for v in value):
            self.note("wrong_type", f'{key} must hold texts only; write {key} = ["…"].', key)
            return ()
        if not all(self._may_be_printed(key, v.strip(), bounds.LONGEST_NAME) for v in value):
            return ()
        return tuple(v.strip() for v in value)

    def tables(self, key: str) -> list[Entry]:
        """The tables in a list; their faults are noted as faults of this table."""
        value = self._typed(key, list, "[{ … }]")
        if value is None:
            return []
        if not all(isinstance(v, dict) for v in value):
            self.note("wrong_type", f"{key} must hold tables only; write {key} = [{{ … }}].", key)
            return []
        inner = [Entry(self._file, v, key, self._what, self.line) for v in value]
        for entry in inner:
            entry.findings = self.findings
        self._inner += inner
        return inner

    def ignore(self) -> None:
        """Take all keys of the table as known, so that one fault does not become many findings."""
        self._asked.update(self.values)

    def close(self) -> None:
        """Note every key that was not asked for, and so is not known, here and in inner tables."""
        for key in self.values:
            if key not in self._asked:
                self.note(
                    "unknown_key",
                    f'Key "{key}" does not belong in {self._head}; correct or remove it.',
                    key,
                    _near(key, self._asked),
                )
        for entry in self._inner:
            entry.close()

    def _place(self, key: str) -> str:
        line = self.line and (self._file.line_of_key(key, self.line) or self.line)
        return self._file.place(line, self._what)

    def _typed(self, key: str, kind: type, example: str, required: bool = False) -> Any:
        value = self.raw(key)
        if value is None:
            if required:
                self._missing(key, example)
            return None
        # To Python true is an int, and a moment is a date; in TOML neither is meant as one.
        if not isinstance(value, kind) or isinstance(value, (bool, datetime)):
            self.note(
                "wrong_type",
                f'{key} is "{bounds.shortened(value)}", which is not of the right type; write '
                f"{key} = {example}.",
                key,
            )
            return None
        return value

    def _may_be_printed(self, key: str, text: str, longest: int) -> bool:
        """Whether pages and mails can have a text; notes why not."""
        if has_controls(text):
            self.note(
                "line_break",
                f"{key} has a line break, or another control character or mark of direction, in "
                f'it; write {key} = "…" on one line.',
                key,
            )
        elif len(text) > longest:
            self.note(
                "too_long",
                f"{key} has {len(text):,} letters; write {longest:,} at most.",
                key,
            )
        return not has_controls(text) and len(text) <= longest

    def _missing(self, key: str, example: str) -> None:
        self.note("missing_field", f'"{key}" is missing; add {key} = {example}.')


class TomlFile:
    """A parsed TOML file with its lines. `data` is None when it cannot be read at all.

    `content` is what stands in it, where it has been read already, as from a pipe.
    """

    def __init__(self, path: Path, content: bytes | None = None) -> None:
        self.name = path.name
        self.data: dict[str, Any] | None = None
        self._found: list[Finding] = []
        self._entries: list[Entry] = []
        self._asked: set[str] = set()
        self._lines: list[str] = []
        try:
            text = read_text(path) if content is None else as_text(content)
            self._lines = _STRING_OR_COMMENT.sub(_emptied, text).split("\n")
            self.data = parsed(text)
            if key := bounds.uncountable(self.data):
                self.data = None
                line = self.line_of_key(key, 0) or self._line_below_headers(key)
                self._note(line, "wrong_value", f"{key} {bounds.NO_NUMBER}; write a smaller one.")
        except OSError as error:
            self._note(0, "unreadable", f"Cannot be opened ({error.strerror}); put it in place.")
        except UnicodeDecodeError:
            self._note(0, "unreadable", "Is not text in UTF-8; save it in that encoding.")
        except TomlNumberError:
            self._note(0, "wrong_value", f"A number {bounds.NO_NUMBER}; write a smaller one.")
        except TomlError as error:
            at = _AT_LINE.search(str(error))
            said = _AT_LINE.sub("", str(error)).removesuffix(" (at end of document)")
            self._note(
                int(at[1]) if at else len(self._lines),
                "syntax",
                f"Is not TOML: {said}; correct the line.",
            )

    def _line_below_headers(self, key: str) -> int:
        """The first line on which the key stands below any header; 0 where not found."""
        headers = (n for n, text in enumerate(self._lines, 1) if _HEADER.fullmatch(text))
        return next((line for n in headers if (line := self.line_of_key(key, n))), 0)

    def place(self, line: int, what: str = "") -> str:
        """`strategy.toml:41 (stance first_reply_p90/gold)`, without what is not known."""
        return self.name + (f":{line}" if line else "") + (f" ({what})" if what else "")

    def one(self, table: str) -> Entry:
        """The single table of that name, written [table]; an empty one where absent."""
        value = self._top(table, dict, f"[{table}]")
        line = next(iter(self._headers(table)), 0)
        return self._entry(value if value is not None else {}, f"[{table}]", table, line)

    def many(self, table: str, named: Callable[[dict[str, Any]], str]) -> list[Entry]:
        """The tables of that name, written [[table]], in the order of the file."""
        values = self._top(table, list, f"[[{table}]]") or []
        lines = self._headers(table)
        # Written as one inline list, the tables have no headers by which to find their lines.
        lines = lines if len(lines) == len(values) else [0] * len(values)
        return [
            self._entry(value, f"[[{table}]]", f"{table} {named(value) or nth}", line)
            for nth, (value, line) in enumerate(zip(values, lines, strict=True), 1)
        ]

    def with_id(self, table: str, *, theirs: bool = False) -> list[Entry]:
        """The [[table]]s that have an id of their own; a repeated id is noted and left out.

        Ids become parts of file names and addresses, so they are plain. Where they are
        `theirs`, the facts' own codes, they may be any text.
        """
        first: dict[str, Entry] = {}
        for entry in self.many(table, lambda v: str(v.get("id", ""))):
            id = entry.text("id", required=True)
            if id in first:
                entry.note(
                    "duplicate_id",
                    f'{table.capitalize()} "{id}" is already on line '
                    f"{first[id].line}; give one of them another id.",
                    "id",
                )
            elif id and not theirs and not _SLUG.fullmatch(id):
                entry.note(
                    "malformed_id",
                    f'{table.capitalize()} id "{id}" is not plain; write '
                    "lowercase letters, digits, - and _ only, a letter or digit first.",
                    "id",
                )
            if not id or id in first:
                entry.ignore()
            else:
                first[id] = entry
        return list(first.values())

    def findings(self) -> list[Finding]:
        """All faults in the order of reading, with keys and tables that are not known."""
        for entry in self._entries:
            entry.close()
        for table in self.data or {}:
            if table not in self._asked:
                line = next(iter(self._headers(table)), 0) or self.line_of_key(table, 0)
                self._note(
                    line,
                    "unknown_key",
                    f'"{table}" is not known here; correct or remove it.',
                    did_you_mean(table, self._asked),
                )
        return self._found + [f for entry in self._entries for f in entry.findings]

    def line_of_key(self, key: str, header: int) -> int:
        """The line on which `key` stands below the header on line `header`; 0 where not found."""
        for number, line in enumerate(self._lines[header:], header + 1):
            if _HEADER.fullmatch(line):
                return 0
            if (match := _KEY.match(line)) and match[1] == key:
                return number
        return 0

    def _top(self, table: str, kind: type, head: str) -> Any:
        self._asked.add(table)
        value: Any = (self.data or {}).get(table)
        tables = value if isinstance(value, list) else [value]
        if value is None or (isinstance(value, kind) and all(isinstance(v, dict) for v in tables)):
            return value
        line = next(iter(self._headers(table)), 0) or self.line_of_key(table, 0)
        self._note(line, "wrong_type", f'"{table}" is not a table of the right form; write {head}.')
        return None

    def _entry(self, values: dict[str, Any], head: str, what: str, line: int) -> Entry:
        self._entries.append(Entry(self, values, head, what, line))
        return self._entries[-1]

    def _headers(self, table: str) -> list[int]:
        matches = ((n, _HEADER.fullmatch(line)) for n, line in enumerate(self._lines, 1))
        return [n for n, match in matches if match and match[1] == table]

    def _note(self, line: int, id: str, message: str, hint: str = "") -> None:
        self._found.append(Finding(id, "blocking", self.place(line), message, hint.strip()))


def _near(value: str, options: Iterable[str]) -> str:
    """A suggestion, without the list of all options where nothing is near."""
    said = did_you_mean(value, options)
    return said if said.startswith(" Did") else ""


def _emptied(token: re.Match[str]) -> str:
    """A string of several lines without its text, which may look like a header; others as is."""
    text = token[0]
    return '""' + "\n" * text.count("\n") if text[:3] in ('"""', "'''") else text
