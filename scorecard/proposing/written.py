"""How an export writes days and numbers: said where values prove it, else left to people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from scorecard.facts.contracts import contract
from scorecard.proposing.draft import Draft, Line, Setting
from scorecard.proposing.matching import NUMBERS, quoted
from scorecard.proposing.profile import ISO, Profile


def with_writing(draft: Draft) -> Draft:
    """The draft with what has to be said of its days, numbers and encoding."""
    draft = _dated(draft)
    settings = [*_encoding(draft), *draft.settings, *_marks(draft)]
    return replace(draft, settings=tuple(settings))


def _encoding(draft: Draft) -> Iterator[Setting]:
    export = draft.export
    if export.encoding:
        why = "it is not in UTF-8, and Western systems write this; look at a name with accents"
        yield Setting("encoding", quoted(export.encoding), "likely", why)
    if export.sheet:
        yield Setting("sheet", quoted(export.sheet), "certain", "one of several sheets")
    if export.first_row != 1:
        why = "the first that names the columns"
        yield Setting("first_row", str(export.first_row), "likely", why)


def _of_type(draft: Draft, types: Iterable[str]) -> list[Profile]:
    """The columns of the export that lines of these types are made of, doubtful ones too."""
    types, wanted = tuple(types), contract(draft.table)
    found = {}
    for line in draft.lines:
        column = wanted.column(line.column)
        if line.theirs and column is not None and column.type in types:
            found[line.theirs] = draft.profiles[line.theirs]
    return list(found.values())


def _dated(draft: Draft) -> Draft:
    """With the format of days: that of the table, and of columns that differ from it."""
    written = [p for p in _of_type(draft, ("date", "timestamp")) if p.days and ISO not in p.days]
    if not written:
        return draft
    proven = proven_format(draft.profiles.values())
    fit = [p.days[0] for p in written if len(p.days) == 1] + [
        proven for p in written if len(p.days) > 1 and proven in p.days
    ]
    if not fit:
        first, *others = written[0].days
        both = (Setting("date", quoted(f), "doubtful", _said(f)) for f in (first, *others))
        note = (
            f"The days of {quoted(written[0].name)} can be read in two ways, for none comes after "
            "the twelfth: say which is right."
        )
        return replace(draft, settings=(*draft.settings, *both), notes=(*draft.notes, note))
    usual = max(fit, key=fit.count)
    example = next((p for p in written if p.days == (usual,)), written[0])
    why = f"the only way in which all values of {quoted(example.name)} are days"
    settings = (*draft.settings, Setting("date", quoted(usual), "certain", why))
    lines = [_own_format(line, draft.profiles, usual, proven) for line in draft.lines]
    return replace(draft, settings=settings, lines=tuple(lines))


def _said(format: str) -> str:
    return "if the day comes first" if format.startswith("%d") else "if the month comes first"


def proven_format(profiles: Iterable[Profile]) -> str:
    """The format that is the only one for some column, among those that are in doubt for others."""
    single = [p.days[0] for p in profiles if len(p.days) == 1 and p.days[0] != ISO]
    return max(single, key=single.count) if single else ""


def _own_format(line: Line, profiles: Mapping[str, Profile], usual: str, proven: str) -> Line:
    """The line, with a format of its own where its days are not in that of the table."""
    profile = profiles.get(line.theirs)
    if profile is None or not profile.days or ISO in profile.days or usual in profile.days:
        return line
    if not line.says.startswith('"'):
        return line
    own = proven if proven in profile.days else profile.days[0]
    if len(profile.days) > 1 and own != proven:
        why = f"its days fit {' and '.join(quoted(d) for d in profile.days[:2])}"
        return replace(line, certainty="doubtful", why=why)
    return replace(line, says=f"{{ from = {line.says}, date = {quoted(own)} }}")


def _marks(draft: Draft) -> Iterator[Setting]:
    """The marks in numbers, where they are not a point and none."""
    mapped = [p for p in _of_type(draft, NUMBERS) if p.kind == "text" and p.pointed]
    if not mapped:
        return
    evidence = [p for p in draft.profiles.values() if p.kind == "text" and p.numbers and p.pointed]
    proofs = [p for p in evidence if len(p.decimals) == 1]
    proven = {next(iter(p.decimals)) for p in proofs}
    if len(proven) > 1:
        return  # each column in a way of its own: check names the values
    if not proven:
        example = next((p.example for p in mapped), "")
        yield Setting("decimal", quoted("."), "doubtful", f"if {quoted(example)} has decimals")
        why = "if its mark stands between thousands"
        yield Setting("decimal", quoted(","), "doubtful", f"and thousands = {quoted('.')}, {why}")
        return
    decimal = proven.pop()
    fit = [{t for d, t in p.marks if d == decimal} for p in mapped]
    common = set.intersection(*fit)
    if not common:
        return
    thousands = min(common, key=lambda mark: (mark != "", mark != ".", mark))
    proof = next(p for p in proofs)
    why = f"as {quoted(proof.example)} in {quoted(proof.name)} shows"
    if decimal == ",":
        yield Setting("decimal", quoted(decimal), "certain", why)
    if thousands:
        yield Setting("thousands", quoted(thousands), "certain", "as its numbers are written")


def day_of(column: str, profile: Profile, draft: Draft) -> str:
    """A query's expression for the day in a column, empty where it is none."""
    if profile.kind == "day":
        return column
    if profile.kind == "moment":
        return f"cast({column} as date)"
    if ISO in profile.days:
        written = r"^\s*(\d{4}-\d{1,2}-\d{1,2})"
        return f"try_cast(regexp_extract({column}, '{written}', 1) as date)"
    proven = proven_format(draft.profiles.values())
    format = (
        proven if proven in profile.days else (profile.days[0] if len(profile.days) == 1 else "")
    )
    return f"cast(try_strptime(trim({column}), '{format}') as date)" if format else ""


def number_of(column: str, profile: Profile, draft: Draft) -> str:
    """A query's expression for the number in a column; empty where its marks are in doubt."""
    if profile.kind != "text":
        return column
    said = {s.key: s.says.strip('"') for s in draft.settings if s.certainty != "doubtful"}
    doubtful = any(s.key == "decimal" and s.certainty == "doubtful" for s in draft.settings)
    if doubtful and profile.pointed:
        return ""
    plain = column
    if "thousands" in said:
        plain = f"replace({plain}, '{said['thousands']}', '')"
    if said.get("decimal") == ",":
        plain = f"replace({plain}, ',', '.')"
    return f"try_cast({plain} as decimal(18, 4))"
