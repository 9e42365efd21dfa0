"""Laying out a project whose settings and tiers are drafted from a folder of exports."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from babel.numbers import is_currency

from scorecard.base.files import write_whole
from scorecard.base.periods import zone
from scorecard.definitions.loader import load_metrics
from scorecard.errors import ProjectError
from scorecard.project.scaffold import SKELETON, room
from scorecard.proposing.draft import Line
from scorecard.proposing.exports import PassedOver
from scorecard.proposing.names import words_of
from scorecard.proposing.proposal import Proposal, one_each, propose
from scorecard.proposing.queries import customers_of, with_amount, with_first_day
from scorecard.proposing.texts import facts_text, measurable, strategy_text
from scorecard.proposing.tiering import EVERYBODY, is_computed, tiering_of

CURRENCIES = {
    "usd": "USD",
    "dollars": "USD",
    "gbp": "GBP",
    "eur": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "chf": "CHF",
}
"""Currencies by words in the names of columns."""
GUESSED = "a guess, for the exports do not say it; or give {} to init"
NO_CUSTOMERS = (
    "no file has a row for each with the day it came; from the other tables a query can take them, "
    "if they are saved as UTF-8 text or Parquet, and name the customer"
)
READY = ("transactions", "interactions", "surveys", "costs", "contracts", "promises")
"""Tables that schedules may wait for, the first that there is."""
_BOOKS = (
    " should not. Here books close on the tenth, and every\n# visit is made within two weeks.\n"
)
"""What the shipped settings say of the shipped example."""
_GUESSED_BOOKS = (
    " should not. That books\n"
    "# close on the tenth and visits are made within two weeks is a guess.\n"
)
_SECTIONS = re.compile(
    r"(?P<before>.*?)^\[tool\.scorecard\.facts\]\n.*?(?P<after>^\[tool\.scorecard\.mail\].*)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Chosen:
    """What exports do not say, as it was given; empty where it was not."""

    currency: str = ""
    timezone: str = ""


@contextmanager
def proposed(folder: Path, exports: Path, chosen: Chosen) -> Iterator[tuple[Proposal, Path]]:
    """The proposal for a project in `folder`, and a skeleton of it as `scaffold.init` takes it.

    ProjectError where the exports are no folder, or nothing in it is a table of facts.
    """
    _refuse_unknown(chosen)
    if not exports.is_dir():
        raise ProjectError(f"{exports} is not a folder; name the one that the exports lie in.")
    if not any(exports.iterdir()):
        raise ProjectError(f"{exports} is empty; name the folder that the exports lie in.")
    root = folder.resolve()
    with TemporaryDirectory(prefix="scorecard-proposal-") as made:
        skeleton = Path(made) / "skeleton"
        skeleton.mkdir()
        found = completed(propose(exports.resolve(), Path(made) / "columns"), root)
        if not found.standing:
            raise ProjectError(_nothing(exports, found))
        write_whole(skeleton / "pyproject.toml", settings_text(found, root, chosen))
        currency, _why = currency_of(found, chosen)
        metrics = measurable(load_metrics(room("metrics")), found)
        strategy = strategy_text(tiering_of(found), metrics, currency)
        write_whole(skeleton / "strategy.toml", strategy)
        shutil.copytree(room("schedules"), skeleton / "schedules")
        for file in (skeleton / "schedules").glob("*.toml"):
            write_whole(file, _schedule(file.read_text(encoding="utf-8"), found))
        yield found, skeleton


def _refuse_unknown(chosen: Chosen) -> None:
    if chosen.currency and not is_currency(chosen.currency):
        raise ProjectError(
            f'--currency "{chosen.currency}" is not an ISO 4217 code; write one such as EUR.'
        )
    if chosen.timezone:
        zone(chosen.timezone)


def inside(folder: Path, exports: Path) -> list[str]:
    """What in the project's folder belongs to the exports, where these lie in it."""
    root, path = folder.resolve(), exports.resolve()
    if path == root:
        return [entry.name for entry in root.iterdir()]
    return [path.relative_to(root).parts[0]] if path.is_relative_to(root) else []


def completed(proposal: Proposal, root: Path) -> Proposal:
    """The proposal with what takes a query: amounts, and customers where they have no file."""
    drafts = [with_amount(draft, root) for draft in proposal.drafts]
    standing = [d for d in drafts if d.stands]
    if not any(d.table == "customers" for d in standing):
        drafts = one_each([with_first_day(draft, standing, root) for draft in drafts])
    proposal = proposal.having(drafts)
    tier = "" if is_computed(proposal) else EVERYBODY
    customers = proposal.draft("customers")
    if customers is None and any(d.table == "customers" and d.rival for d in drafts):
        return proposal  # people choose one of several files
    if customers is None:
        made = customers_of(standing, root, tier)
        if made is not None:
            return proposal.having([*drafts, made])
        lacking = PassedOver("customers", NO_CUSTOMERS)
        return replace(proposal, passed_over=(*proposal.passed_over, lacking))
    if tier and "tier" not in customers.mapped:
        line = Line("tier", f'{{ value = "{tier}" }}', "likely", "one tier, until you sell more")
        drafts = [d.with_line(line) if d is customers else d for d in proposal.drafts]
        return proposal.having(drafts)
    return proposal


def _nothing(exports: Path, found: Proposal) -> str:
    why = [f"{d.export.label} lacks {'; '.join(d.missing)}" for d in found.drafts if d.missing]
    why += [d.rival for d in found.drafts if d.rival]
    why += [f"{each.label}: {each.why}" for each in found.passed_over]
    said = ". ".join(why[:6]) or "it has no files"
    return f"{exports}: nothing in it is a table of facts, so no project was laid out. {said}."


def settings_text(proposal: Proposal, root: Path, chosen: Chosen) -> str:
    """The shipped settings with what is known of this company, and the section of facts."""
    text = (SKELETON / "pyproject.toml").read_text(encoding="utf-8")
    parts = _SECTIONS.fullmatch(text)
    if parts is None:
        raise ProjectError(f"{SKELETON}: its sections are not there; install the package again.")
    currency, why = currency_of(proposal, chosen)
    zone = chosen.timezone or "UTC"
    zone_why = "as given" if chosen.timezone else GUESSED.format("--timezone")
    name = " ".join(word.capitalize() for word in re.split(r"[\s_-]+", root.name) if word)
    head = parts["before"]
    head = _line(head, "company", name or "Company", "by the folder; as printed on every page")
    head = _line(head, "timezone", zone, zone_why)
    head = _line(head, "currency", currency, why)
    head = _line(head, "notice", "", "printed on every page")
    head = head.replace(_BOOKS, _GUESSED_BOOKS)
    mail = re.sub(r"(?m)^(from|operator|allow) = ", r"# \1 = ", parts["after"])
    return f"{head}{facts_text(proposal, root)}\n{mail}"


def _line(text: str, key: str, value: str, why: str) -> str:
    """The text with another value of a setting, and why."""
    line = f'{key} = "{value}"'
    return re.sub(rf"(?m)^{key} = .*$", lambda _m: f"{line:40}# {why}", text, count=1)


def currency_of(proposal: Proposal, chosen: Chosen) -> tuple[str, str]:
    """The company's currency, and how it is known."""
    if chosen.currency:
        return chosen.currency, "as given; ISO 4217"
    for draft in proposal.standing:
        for name in draft.profiles:
            for word in words_of(name):
                if word in CURRENCIES:
                    return CURRENCIES[word], f'by the name of "{name}"; ISO 4217'
        theirs = draft.theirs("currency")
        if theirs and draft.profiles[theirs].values:
            code = draft.profiles[theirs].values[0].strip().upper()
            return code, f'the most frequent in "{theirs}"; ISO 4217'
    return "EUR", GUESSED.format("--currency")


def _schedule(shipped: str, proposal: Proposal) -> str:
    """A shipped schedule that waits for a table which there is."""
    have = [t for t in READY if proposal.draft(t) is not None]
    waits = f'complete = ["{have[0]}"]' if have else "# complete = []"
    return shipped.replace('complete = ["transactions"]', waits, 1)
