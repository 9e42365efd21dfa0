"""The facts of the starters: each writes the tables that a company of its trade has.

Every rate and amount is made up, so that most choices of the starter's strategy are kept and a
few are not. They end with June 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from scorecard.base.periods import shift_months
from scorecard.starters.chance import PLACES, Chance, months, write

FIRST, AFTER = date(2025, 1, 1), date(2026, 7, 1)
"""The first day of most facts, and the first after all of them."""
Contact = tuple[str, str, str, datetime, datetime, datetime, str]
"""A contact in the columns of CONTACTS, without the first."""
CUSTOMERS = "customer_id name tier acquired_on acquired_how status closed_on"
CONTACTS = (
    "interaction_id customer_id issue_key channel opened_at first_human_reply_at resolved_at class"
)
ANSWERS = "invite_id customer_id instrument kind sent_at answered_at score"
SALES = "txn_id customer_id event_on stream kind net_amount"
COSTS = "cost_id event_on amount category customer_id"


@dataclass(frozen=True)
class Customer:
    """An invented customer; `closed` is the day it was lost."""

    id: str
    name: str
    tier: str
    since: date
    closed: date | None = None

    def here(self, day: date) -> bool:
        return self.since <= day and (self.closed is None or day < self.closed)


@dataclass(frozen=True)
class Habit:
    """How contacts of a tier go: hours to the reply and to the end, and the shares of good ones."""

    contacts: float
    reply: tuple[float, float]
    end: tuple[float, float]
    returns: float


def services(folder: Path) -> None:
    """A facility service: invoices, costs, contacts and promises of two kinds of sites."""
    chance = Chance("services")
    all_customers = _customers(chance, "House", {"partner": 12, "single": 26}, lost=0.1)
    _write_customers(folder, chance, all_customers)
    sales: list[tuple[object, ...]] = []
    promises: list[tuple[object, ...]] = []
    costs = _won(chance, all_customers, FIRST, 300.0)
    for month in months(FIRST, 18):
        for c in (c for c in all_customers if c.here(month)):
            partner = c.tier == "partner"
            if not partner and not chance.happens(0.6):
                continue
            day = month + timedelta(days=chance.whole(1, 25))
            amount = chance.between(1400, 2600) if partner else chance.between(180, 900)
            stream = "maintenance_contract" if partner else "repair"
            sales.append((f"T{len(sales) + 1:04}", c.id, day, stream, "sale", amount))
            spent = [("deliver", amount * chance.between(0.55, 0.7))]
            if chance.happens(0.08 if partner else 0.2):
                spent.append(("service", amount * chance.between(0.05, 0.2)))
            for category, cost in spent:
                costs.append((f"K{len(costs) + 1:04}", day, cost, category, c.id))
            due = chance.moment(day, 9, 17)
            kept = chance.happens(0.98 if partner else 0.76)
            promises.append((f"P{len(promises) + 1:04}", c.id, "visit on the day", due, kept))
    write(folder, "transactions", SALES, sales)
    write(folder, "costs", COSTS, costs)
    columns = "promise_id customer_id attribute due_at kept"
    write(folder, "promises", columns, ((*p[:4], str(p[4]).lower()) for p in promises))
    habits = {
        "partner": Habit(0.7, (0.2, 3), (6, 60), 0.1),
        "single": Habit(0.35, (1, 20), (24, 150), 0.04),
    }
    write(folder, "interactions", CONTACTS, _contacts(chance, all_customers, habits, "mail"))


def subscription(folder: Path) -> None:
    """A software company: contracts, contacts, and a question after some of these."""
    chance = Chance("subscription")
    all_customers = _customers(chance, "Studio", {"team": 22, "solo": 34}, lost=0.25)
    _write_customers(folder, chance, all_customers)
    contracts = []
    for c in all_customers:
        price = round(chance.between(120, 480) if c.tier == "team" else chance.between(15, 60), 2)
        contracts.append((c.id, "books", c.since, c.closed, price, "month"))
        added = date(2026, 1, 12)
        if c.here(added) and c.since < added and chance.happens(0.3):
            extra = round(price * chance.between(0.1, 0.4), 2)
            contracts.append((c.id, "payroll", added, c.closed, extra, "month"))
    columns = "contract_id customer_id offer_id start_on end_on recurring_amount billing_period"
    numbered = ((f"V{number:03}", *row) for number, row in enumerate(contracts, 1))
    write(folder, "contracts", columns, numbered)
    habits = {
        "team": Habit(0.45, (0.3, 5), (4, 60), 0.12),
        "solo": Habit(0.35, (2, 30), (6, 70), 0.05),
    }
    contacts = _contacts(chance, all_customers, habits, "chat")
    write(folder, "interactions", CONTACTS, contacts)
    tiers = {c.id: c.tier for c in all_customers}
    rows: list[tuple[object, ...]] = []
    for _id, customer, _issue, _channel, _opened, _replied, ended, _class in contacts:
        sent = ended + timedelta(hours=1)
        answered = sent + timedelta(hours=chance.whole(1, 60)) if chance.happens(0.5) else None
        good = chance.happens(0.9 if tiers[customer] == "team" else 0.75)
        score = None if answered is None else chance.whole(4, 5) if good else chance.whole(1, 3)
        row = (f"S{len(rows) + 1:04}", customer, "csat", "transactional", sent, answered, score)
        rows.append(row)
    write(folder, "surveys", ANSWERS, rows)


def shop(folder: Path) -> None:
    """A shop: purchases and costs of two years, from which its tiers are computed."""
    chance = Chance("shop")
    first = date(2024, 7, 1)
    everyone: list[Customer] = []
    for place in PLACES[:60]:
        since = shift_months(first, chance.whole(-10, 6)) + timedelta(days=chance.whole(0, 27))
        everyone.append(Customer(f"C{len(everyone) + 1:02}", f"{place} Household", "", since))
    rows = ((c.id, c.name, c.since, chance.one_of(["earned", "bought"])) for c in everyone)
    write(folder, "customers", "customer_id name acquired_on acquired_how", rows)
    regular = {c.id: place % 4 == 0 for place, c in enumerate(everyone)}
    costs = _won(chance, everyone, first, 4.0)
    sales: list[tuple[object, ...]] = []
    for month in months(first, 24):
        for c in (c for c in everyone if c.since <= month):
            if not chance.happens(0.9 if regular[c.id] else 0.3):
                continue
            day = month + timedelta(days=chance.whole(0, 26))
            amount = chance.between(30, 75) if regular[c.id] else chance.between(12, 45)
            sales.append((f"T{len(sales) + 1:04}", c.id, day, "first_sale", "sale", amount))
            goods = amount * chance.between(0.5, 0.62)
            costs.append((f"K{len(costs) + 1:04}", day, goods, "deliver", c.id))
            if chance.happens(0.15):
                broken = amount * chance.between(0.1, 0.3)
                costs.append((f"K{len(costs) + 1:04}", day, broken, "service", c.id))
    write(folder, "transactions", SALES, sales)
    write(folder, "costs", COSTS, costs)


def call_centre(folder: Path) -> None:
    """A telephone line: nothing but calls, which are answered within seconds or minutes."""
    chance = Chance("call-centre")
    all_customers = _customers(chance, "Garage", {"priority": 14, "standard": 30}, lost=0.1)
    _write_customers(folder, chance, all_customers)
    second = 1 / 3600
    habits = {
        "priority": Habit(1.5, (4 * second, 54 * second), (0.05, 9), 0.1),
        "standard": Habit(0.7, (20 * second, 300 * second), (0.05, 12), 0.06),
    }
    calls = _contacts(chance, all_customers, habits, "phone", first=date(2025, 7, 1))
    write(folder, "interactions", CONTACTS, calls)


def survey(folder: Path) -> None:
    """A housing association: nothing but what its tenants answer each quarter."""
    chance = Chance("survey")
    all_customers = _customers(chance, "Court", {"sheltered": 40, "general": 44}, lost=0.05)
    _write_customers(folder, chance, all_customers)
    liked = {
        ("csat", "sheltered"): 0.96,
        ("csat", "general"): 0.62,
        ("ces", "sheltered"): 0.58,
        ("ces", "general"): 0.93,
    }
    good, bad = {"csat": (4, 5), "ces": (5, 7)}, {"csat": (1, 3), "ces": (1, 4)}
    rows: list[tuple[object, ...]] = []
    for quarter in (shift_months(date(2025, 4, 1), 3 * i) for i in range(5)):
        for place, c in enumerate(c for c in all_customers if c.here(quarter)):
            for instrument, later in (("csat", 10), ("ces", 40)):
                sent = chance.moment(quarter + timedelta(days=later + place % 20), 9, 11)
                answered, score = None, None
                if chance.happens(0.94):
                    answered = sent + timedelta(hours=chance.whole(2, 200))
                    well = chance.happens(liked[instrument, c.tier])
                    score = chance.whole(*(good if well else bad)[instrument])
                row = (c.id, instrument, "relationship", sent, answered, score)
                rows.append((f"S{len(rows) + 1:04}", *row))
    write(folder, "surveys", ANSWERS, rows)


FACTS: dict[str, Callable[[Path], None]] = {
    "services": services,
    "subscription": subscription,
    "shop": shop,
    "call-centre": call_centre,
    "survey": survey,
}
"""What writes the facts of each starter."""


def _customers(chance: Chance, kind: str, tiers: dict[str, int], lost: float) -> Sequence[Customer]:
    """Customers of the years before, a few of them won and lost since."""
    found: list[Customer] = []
    for tier, count in tiers.items():
        for number in range(count):
            name = f"{PLACES[len(found)]} {kind}"
            since = shift_months(FIRST, -chance.whole(2, 30)) + timedelta(days=chance.whole(0, 27))
            if number % 9 == 8:
                since = shift_months(FIRST, chance.whole(1, 14)) + timedelta(days=3)
            closed = None
            if number % 9 != 8 and chance.happens(lost):
                closed = shift_months(FIRST, chance.whole(3, 17)) + timedelta(days=9)
            found.append(Customer(f"C{len(found) + 1:02}", name, tier, since, closed))
    return found


def _won(
    chance: Chance, customers: Sequence[Customer], first: date, mean: float
) -> list[tuple[str, date, float, str, str]]:
    """What it cost to win those who came since the first day."""
    came = [c for c in customers if first <= c.since < AFTER]
    spent = ((c, mean * chance.between(0.5, 1.5)) for c in came)
    return [(f"A{i:03}", c.since, cost, "acquire", c.id) for i, (c, cost) in enumerate(spent, 1)]


def _write_customers(folder: Path, chance: Chance, customers: Sequence[Customer]) -> None:
    rows = []
    for c in customers:
        how = chance.one_of(["earned", "bought"])
        status = "lost" if c.closed else "active"
        rows.append((c.id, c.name, c.tier, c.since, how, status, c.closed))
    write(folder, "customers", CUSTOMERS, rows)


def _contacts(
    chance: Chance,
    customers: Sequence[Customer],
    habits: dict[str, Habit],
    channel: str,
    first: date = FIRST,
) -> list[tuple[str, *Contact]]:
    """Contacts month by month, in the order in which they began; some come back within days."""
    rows: list[Contact] = []
    month = first
    while month < AFTER:
        for c in (c for c in customers if c.here(month)):
            habit = habits[c.tier]
            for _number in range(_count(chance, habit.contacts)):
                issue = f"Q{len(rows) + 1:04}"
                opened = chance.moment(month + timedelta(days=chance.whole(0, 23)))
                rows.append(_contact(chance, c, issue, channel, opened, habit))
                if chance.happens(habit.returns):
                    again = opened + timedelta(days=chance.whole(1, 4))
                    rows.append(_contact(chance, c, issue, channel, again, habit))
        month = shift_months(month, 1)
    rows.sort(key=lambda row: (row[3], row[0]))
    return [(f"I{number:04}", *row) for number, row in enumerate(rows, 1)]


def _contact(
    chance: Chance, c: Customer, issue: str, channel: str, opened: datetime, habit: Habit
) -> Contact:
    replied = opened + timedelta(seconds=round(chance.between(*habit.reply) * 3600))
    ended = replied + timedelta(seconds=round(chance.between(*habit.end) * 3600))
    kind = "support" if chance.happens(0.6) else "service"
    return (c.id, issue, channel, opened, replied, ended, kind)


def _count(chance: Chance, mean: float) -> int:
    """A number of contacts of a month, `mean` on average."""
    whole = int(mean)
    return whole + chance.happens(mean - whole)
