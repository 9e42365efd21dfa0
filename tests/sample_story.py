"""What happens in a year of the demonstration company, chosen by what its figures will be.

Nothing is typed in of what the figures say: all months are computed first, in a project beside, and
commitments are made about those choices that will be missed, mended, or kept as they were.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import duckdb
from sample_year import FIRST, ZONE, Promise, Said, Year

from scorecard.base.periods import Period
from scorecard.definitions.results import Result
from scorecard.ledger import Ledger
from scorecard.library.scorecard import Scorecard
from scorecard.project.declared import declared
from scorecard.project.settings import Project

OUTSIDE = ("below", "above")
LEAVER, DEPUTY, MISSED = "key-accounts", "renewals", "net_revenue_retention/gold"
INVOICED = "repeat_purchase/silver"
"""The choice whose verdict is another once the late invoices are there."""
LATE = "Invoices of the last week came late."


def month(n: int) -> Period:
    return Period.parse(FIRST, ZONE).shift(n)


@dataclass(frozen=True)
class Calendar:
    """In which months what happens, counted from 0.

    silent      about which nobody says anything
    relabelled  after whose packet a missed strength is made a weakness; it holds three months later
    left        the first about which the deputy speaks for whoever left
    restated    of which invoices come late
    """

    months: int
    silent: int
    relabelled: int
    left: int
    restated: int
    reviewed: int = 3
    later: int = 5

    @property
    def eased(self) -> int:
        """The first month that is judged by what the strength was made."""
        return self.relabelled + 3


HALF = Calendar(months=6, silent=3, relabelled=1, left=4, restated=4)
YEAR = Calendar(months=12, silent=4, relabelled=4, left=6, restated=9)


@dataclass(frozen=True)
class Foretold:
    """The results of all months by month and choice, as they will be."""

    results: dict[tuple[int, str], Result]
    owners: dict[str, str]

    @classmethod
    def of(cls, project: Project, months: int) -> Foretold:
        """Compute so many months in a project of its own."""
        then = datetime(2026, 11, 28, 6, tzinfo=UTC)
        Scorecard(project, then, now=lambda: then).backfill(month(0), month(months - 1))
        with Ledger.open(project.ledger, project.root) as ledger:
            found = {
                (n, f"{each.metric}/{each.tier}"): each
                for n in range(months)
                for each in ledger.results(month(n))
                if each.verdict is not None
            }
        strategy = declared(project).strategy
        return cls(found, {s.key: s.owner for s in strategy.stances})

    def region(self, n: int, key: str) -> str:
        """Where a figure lies; "straddle" where the evidence does not decide."""
        result = self.results.get((n, key))
        return (result.verdict.region if result else "") or "straddle"

    def first(
        self,
        wanted: Callable[[str, str], bool],
        made: Iterable[int],
        due: Sequence[int],
        of: Sequence[str] = (),
    ) -> tuple[str, int, int]:
        """The first choice, or the first `of` some, with the months in which a commitment about it
        is made and due, whose regions in both are as they are wanted."""
        for at in made:
            for key in of or self.owners:
                for until in (d for d in due if d > at):
                    known = (at, key) in self.results and (until, key) in self.results
                    if known and wanted(self.region(at, key), self.region(until, key)):
                        return key, at, until
        raise AssertionError("The demonstration has no such case any more; look for another.")


@dataclass
class Story:
    """What is planned, and what was said: by name (choice, month in which it is made, and due) of
    each commitment, and its number once it was made; by month and post who answered, and what."""

    foretold: Foretold
    calendar: Calendar
    promised: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    answers: dict[tuple[int, str], dict[str, str]] = field(default_factory=dict)
    speakers: dict[tuple[int, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        first, of = self.foretold.first, self.calendar
        early, due = range(3), range(1, min(of.eased, of.restated))
        self.promised = {
            "moved": first(lambda was, is_: was in OUTSIDE and is_ == "within", early, due),
            "same": first(lambda was, is_: was == is_ == "within", early, due),
            "broken": first(lambda _was, is_: is_ in OUTSIDE, early, due),
            "unclear": first(lambda _was, is_: is_ == "straddle", early, due),
            "later": first(lambda _was, _is: True, [1], [3]),
            "dropped": first(lambda was, _is: was in OUTSIDE, [1], [4]),
            "flipped": first(
                lambda _was, is_: is_ == "below", [of.restated - 2], [of.restated], [INVOICED]
            ),
        }

    def owner(self, name: str) -> str:
        return self.foretold.owners[self.promised[name][0]]

    def said(self, year: Year, n: int, owner: str) -> Said:
        """What a post says about a month: an answer to all it is asked, and what is planned."""
        answers = {
            a.question.id: f"In {month(n)} number {a.question.number} was due to the old rota."
            for a in year.asked(month(n).key)
            if a.question.owner == owner
        }
        promises = tuple(
            Promise(f"do what {name} needs", key, month(due).key)
            for name, (key, made, due) in self.promised.items()
            if made == n and self.foretold.owners[key] == owner
        )
        steps = [
            (self.numbers[name], later, reason)
            for name, later, reason in (
                ("later", month(self.calendar.later).key, "staffing"),
                ("dropped", "", "scope"),
            )
            if self.promised[name][1] == n - 1 and self.owner(name) == owner
        ]
        return Said(answers, promises, tuple(steps))

    def answer(self, year: Year, n: int) -> None:
        """Every post answers, by one of the three ways; in one month nobody does."""
        ways = (year.by_desk, year.by_command, year.by_form)
        posts = list(dict.fromkeys(self.foretold.owners.values()))
        for place, owner in enumerate(posts):
            if n == self.calendar.silent:
                continue
            said = self.said(year, n, owner)
            self.speakers[n, owner] = year.speaker(owner).name
            ways[(n + place) % 3](owner, said)
            self.answers[n, owner] = said.answers
            for promise in said.promises:
                made = [c for c in year.ledger.commitments(owner) if c.text == promise.text]
                self.numbers[promise.text.split()[2]] = made[-1].number


def live(year: Year, story: Story) -> None:
    """Months of pre-reads, answers and packets, and of what else happens."""
    of = story.calendar
    for n in range(of.months):
        after = month(n + 1)
        year.until(_day(after, 18))  # between business day 11 and 14 of each month of that year
        story.answer(year, n)
        year.until(_day(after, 27))
        if n in (0, 1):
            _propose(year, of, whole=n == 1)
        if n == of.relabelled:
            _relabel(year.project, after)
        if n == of.left - 1:
            _leave(year.project, after.after)
        if n == of.restated:
            _invoice_late(year, n)
            year.typed("restate", month(n).key, "--because", LATE)


def _day(of: Period, day: int) -> datetime:
    return datetime(of.first.year, of.first.month, day, 12, tzinfo=UTC)


def _relabel(project: Project, at: Period) -> None:
    """The strength that was missed becomes an accepted weakness, back-dated to the next month."""
    text = project.strategy.read_text()
    metric, tier = MISSED.split("/")
    block = re.search(rf'\[\[stance\]\]\nmetric *= "{metric}"\ntier *= "{tier}".*?\n\n', text, re.S)
    assert block is not None
    said = block[0]
    for old, new in (
        (r'kind( *)= "strength"', r'kind\1= "weakness"'),
        (r"at_worst( *)= .*", r'at_worst\1= "70 %"\nat_best\1= "110 %"'),
        (
            r"(?s)funded_by *= .*?\]\n",
            'funds = ["logo_retention/platinum"]\nreleases = "9 EUR/month"\n',
        ),
        (r"declared( *)= .*", rf"declared\1= {at.first.replace(day=27)}"),
        (r"effective( *)= .*", rf"effective\1= {at.after}"),
    ):
        said, count = re.subn(old, new, said, count=1)
        assert count == 1, old
    text = text.replace(block[0], said)
    text = text.replace(f'funds = ["{MISSED}"]', 'funds = ["logo_retention/platinum"]')
    project.strategy.write_text(text + WAIVER)


WAIVER = """
[[waiver]]
lint = "no_strength"
on = "gold"
reason = "until the new one is found"
by = "Oriane Falkenrath, managing director"
"""


def _leave(project: Project, on: date) -> None:
    """Whoever has the post leaves it; it has a deputy, and no successor."""
    text = project.strategy.read_text()
    head = re.search(rf'\[\[owner\]\]\nid *= "{LEAVER}"\n', text)
    assert head is not None
    project.strategy.write_text(text.replace(head[0], f"{head[0]}until = {on}\n"))


def _invoice_late(year: Year, n: int) -> None:
    """Everybody who bought the month before, and not in that one, did so after all."""
    file = year.project.root / "facts" / "transactions.parquet"
    before, of = month(n - 1), month(n)
    with duckdb.connect() as con:
        con.execute(f"create table t as from '{file}'")
        con.execute(
            f"""insert into t select * replace (
                txn_id || '-late' as txn_id, (event_on + interval 1 month)::date as event_on,
                timestamp '{year.at:%Y-%m-%d %H:%M:%S}' as loaded_at)
            from t where kind = 'sale' and net_amount > 0
                and event_on >= '{before.first}' and event_on < '{before.after}'
                and customer_id not in (select customer_id from t where customer_id is not null
                    and event_on >= '{of.first}' and event_on < '{of.after}')
            qualify row_number() over (partition by customer_id order by txn_id) = 1"""
        )
        con.execute(f"copy t to '{file}' (format parquet)")


PROPOSAL = """title = "Reminders for Silver"
owner = "renewals"
worse_off = "Bronze, who are reminded a week later."
{stance}
[customers]
tiers = ["silver"]
niche = "Plants that calibrate once a year"
count = 40

[[experience]]
metric = "repeat_purchase"
tier = "silver"
from = "70 %"
to = "80 %"

[[profit]]
tier = "silver"
per_customer = "3 EUR/month"
by = {by}
assumption = "Two of forty order a month earlier."

[promise]
of = "CAL"
how = "Nobody has to remember the day."

[[paid_by]]
willingness = "price paid"
amount = "2 EUR/month"
on = 2025-12-15

[[asked]]
who = "Ten of the forty, by telephone"
on = 2025-12-20

[review]
measure = "repeat_purchase/silver"
on = {on}
"""
SUPPORTS = 'stance = { of = "repeat_purchase/silver", effect = "supports strength" }\n'


def _propose(year: Year, of: Calendar, *, whole: bool) -> None:
    """First it does not say which choice it touches, then it does."""
    folder = year.project.root / "proposals"
    folder.mkdir(exist_ok=True)
    file = folder / "reminders.toml"
    on = month(of.reviewed).first + timedelta(days=19)
    stance = SUPPORTS if whole else ""
    file.write_text(PROPOSAL.format(stance=stance, on=on, by=on - timedelta(days=9)))
    if whole:
        year.typed("hand-in", file)
    else:
        assert "stance" in year.refused("hand-in", file)
