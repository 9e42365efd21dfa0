"""Writing rows of tiers as CSV, JSON lines or Parquet, a batch of them in memory at a time.

The same rows and cards give the same bytes, whichever engine found the rows and in what pieces.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scorecard.lookup.cards import Card, Said
from scorecard.lookup.rows import KIND
from scorecard.lookup.target import MARK

BATCH = 16_384
"""Rows of which the columns are in memory at a time."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell begins with that spreadsheets take for a formula; with an apostrophe they do not."""
QUOTED = frozenset('",\r\n')
STANCE = pa.struct(
    [(name, pa.string()) for name in ("metric", "label", "offer", "said", "post")]
    + [("to_all", pa.bool_())]
)
FLAT = ("customer_id", "name", "tier", "tier_label", "state", "since", "as_of", "period")
SENTENCES = ("promises", "accepts")
"""Columns with a sentence each."""
LISTS = ("promises_list", "accepts_list")
"""Columns with the stances one by one, where a format has lists."""


@dataclass(frozen=True)
class Content:
    """What goes into every row: the cards by tier or state, the day whose tiers they are, and the
    period; `names` says whether customers' names do."""

    cards: Mapping[str, Card]
    as_of: date
    period: str
    names: bool

    @property
    def columns(self) -> list[str]:
        """The flat columns, in order; lists come after them."""
        return [c for c in (*FLAT, *SENTENCES) if self.names or c != "name"]

    def values(self, kind: str) -> dict[str, str]:
        """The columns that are the same for everybody in a tier or state."""
        card = self.cards[kind]
        return {
            "tier": card.tier,
            "tier_label": card.label,
            "state": card.state,
            "as_of": str(self.as_of),
            "period": self.period,
            "promises": card.promised,
            "accepts": card.accepted,
        }


def write(rows: Path, to: Path, format: str, content: Content) -> int:
    """Write the rows of a Parquet file in the format; how many ids got an apostrophe."""
    if format == "parquet":
        write_parquet(rows, to, content, lists=True)
        return 0
    with to.open("xb") as file:
        if format == "csv":
            return _write_csv(rows, file, content)
        _write_lines(rows, file, content)
    return 0


def write_parquet(rows: Path, to: Path, content: Content, *, lists: bool) -> None:
    """Write the rows as Parquet; with `lists`, the stances one by one, too."""
    kinds = list(content.cards)
    fixed = {kind: content.values(kind) for kind in kinds}
    schema = _schema(content, lists)
    of_kind = {
        name: pa.array([fixed[kind][name] or None for kind in kinds], pa.string())
        for name in content.values(kinds[0])
        if name != "as_of"
    }
    cards = [content.cards[kind] for kind in kinds]
    listed = (
        pa.array([[_plain(s) for s in said] for said in column], pa.list_(STANCE))
        for column in ([c.promises for c in cards], [c.accepts for c in cards])
    )
    of_kind |= dict(zip(LISTS, listed, strict=True)) if lists else {}
    days = pa.array([content.as_of], pa.date32())
    with pq.ParquetWriter(to, schema, compression="zstd") as file:
        for batch in _batches(rows):
            place = pc.index_in(batch[KIND], value_set=pa.array(kinds))
            columns = {name: values.take(place) for name, values in of_kind.items()}
            columns["as_of"] = days.take(pa.array([0] * len(place), pa.int32()))
            columns |= {n: batch[n] for n in ("customer_id", "name", "since") if n in schema.names}
            file.write_table(pa.table([columns[n] for n in schema.names], schema=schema))


def _schema(content: Content, lists: bool) -> Any:
    types = dict.fromkeys(content.columns, pa.string()) | {
        "since": pa.date32(),
        "as_of": pa.date32(),
    }
    types |= dict.fromkeys(LISTS, pa.list_(STANCE)) if lists else {}
    return pa.schema(list(types.items()), metadata={MARK: b"1"})


def _write_csv(rows: Path, file: BinaryIO, content: Content) -> int:
    marked = 0
    fixed = {kind: _by_place(content, content.values(kind), _cell) for kind in content.cards}
    file.write((",".join(content.columns) + "\n").encode())
    for batch in _batches(rows):
        lines = []
        for customer, name, kind, since in _values(batch):
            before, after = fixed[kind]
            own = _cell(customer) + (f",{_cell(name)}" if content.names else "")
            lines.append(f"{own},{before},{since},{after}\n")
            marked += customer.startswith(FORMULA)
        file.write("".join(lines).encode())
    return marked


def _write_lines(rows: Path, file: BinaryIO, content: Content) -> None:
    fixed = {}
    for kind, card in content.cards.items():
        said = {k: v or None for k, v in content.values(kind).items()}
        before, after = _by_place(content, said, str, keyed=True)
        listed = zip(LISTS, (card.promises, card.accepts), strict=True)
        lists = ", ".join(
            f'"{name}": {_json([_plain(s) for s in found])}' for name, found in listed
        )
        fixed[kind] = before, f"{after}, {lists}"
    for batch in _batches(rows):
        lines = []
        for customer, name, kind, since in _values(batch):
            before, after = fixed[kind]
            own = f'"customer_id": {_json(customer)}'
            own += f', "name": {_json(name or None)}' if content.names else ""
            lines.append(f'{{{own}, {before}, "since": {_json(since or None)}, {after}}}\n')
        file.write("".join(lines).encode())


def _by_place(
    content: Content, values: Mapping[str, Any], written: Any, *, keyed: bool = False
) -> tuple[str, str]:
    """The columns of a tier or state as text, those before `since` and those after it."""
    names = [name for name in content.columns if name in values or name == "since"]
    split = names.index("since")
    parts = names[:split], names[split + 1 :]
    if keyed:
        before, after = (", ".join(f'"{n}": {_json(values[n])}' for n in p) for p in parts)
    else:
        before, after = (",".join(written(values[n]) for n in p) for p in parts)
    return before, after


def _plain(said: Said) -> dict[str, Any]:
    return {name: value if value != "" else None for name, value in asdict(said).items()}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cell(text: str) -> str:
    """A text as a cell of CSV that no spreadsheet takes for a formula."""
    if text.startswith(FORMULA):
        text = f"'{text}"
    return text if QUOTED.isdisjoint(text) else '"' + text.replace('"', '""') + '"'


def _values(batch: Any) -> Iterator[tuple[str, str, str, str]]:
    """Each row's customer, name, tier or state, and day, the last as text; empty where there is
    none."""
    names: Sequence[str | None] = [None] * len(batch)
    if "name" in batch.schema.names:
        names = batch["name"].to_pylist()
    days = pc.cast(batch["since"], pa.string()).to_pylist()
    columns = batch["customer_id"].to_pylist(), names, batch[KIND].to_pylist(), days
    for customer, name, kind, day in zip(*columns, strict=True):
        yield customer, name or "", kind, day or ""


def _batches(rows: Path) -> Iterator[Any]:
    """The rows in tables of BATCH rows each, however the file has them in pieces."""
    with pq.ParquetFile(rows) as file:
        rest = file.schema_arrow.empty_table()
        for batch in file.iter_batches(BATCH):
            rest = pa.concat_tables([rest, pa.Table.from_batches([batch])])
            while len(rest) >= BATCH:
                yield rest.slice(0, BATCH).combine_chunks()
                rest = rest.slice(BATCH)
        if len(rest):
            yield rest.combine_chunks()
