"""Contracts: the tables that a project's facts can have, column by column, declared as data.

A column is `required` when its table makes no sense without it; all others may
be missing and are then empty. Types are Ibis' names. A check is one of
`>=0`, `>0`, `in:a,b`, `after:column`, and is warned about, never repaired.
"""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.errors import FactsError, did_you_mean
from scorecard.facts.writing import PLAIN, Mapped, Writing

SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
"""Lowest and highest answer of each survey instrument."""
PLANNED = ("contracts", "promises")
"""Tables whose rows may be dated in the future, because they are planned."""
ANONYMOUS = ("interactions", "surveys")
"""Tables whose rows may be of nobody in particular: they count in all, and in no tier."""
PAYING = ("transactions", "contracts")
"""Tables that say what customers pay; without both, nothing about money is known."""
FLOWING = ("transactions", "costs", "interactions", "surveys")
"""Tables that get new rows all the time: where none are recent, some are missing."""

SIGNED = {
    "transactions": ("net_amount", "list_amount"),
    "costs": ("amount",),
    "contracts": ("recurring_amount",),
}
"""Amounts that a source may write with the opposite sign."""

WORKBOOKS = (".xlsx", ".xlsm")
"""How the names of Excel files end that are read."""


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    means: str
    required: bool = False
    check: str = ""


@dataclass(frozen=True)
class Source:
    """Where a table comes from: a file or glob, a table name, or a query.

    `columns` says what contract columns are made of, most often a column of the source by its
    name; a contract column that is not named there is looked for under its own name. `encoding` is
    that of text files; empty: UTF-8, or what a file itself begins with. `sheet` is that of an Excel
    file; empty: the only one with values. `first_row` is its row, from 1 on, that names the columns.
    """

    table: str
    of: str
    columns: tuple[tuple[str, str | Mapped], ...] = ()
    is_sql: bool = False
    encoding: str = ""
    writing: Writing = PLAIN
    sheet: str = ""
    first_row: int = 1


@dataclass(frozen=True)
class Contract:
    """One table. `key` must be unique where mapped; `event` dates a row, if any column does."""

    table: str
    means: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    event: str = ""

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name == name), None)

    @property
    def required(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.required)


def _table(name: str, means: str, columns: str, key: str = "", event: str = "") -> Contract:
    """Read the compact form: one column a line, `name type! check — meaning` (! = required)."""
    read = []
    for line in columns.strip().splitlines():
        head, _, text = line.strip().partition(" — ")
        words = head.split()
        required = words[1].endswith("!")
        check = words[2] if len(words) > 2 else ""
        read.append(Column(words[0], words[1].rstrip("!"), text, required, check))
    return Contract(name, means, tuple(read), tuple(key.split()), event)


CONTRACTS: dict[str, Contract] = {
    c.table: c
    for c in (
        _table(
            "customers",
            "one row per customer, the purchasing decision unit",
            """
            customer_id string! — your own number or code of the customer
            parent_id string — the customer that decides for this one, if another does
            name string — as it should be printed
            segment string — a cut of your own
            niche string — the niche the customer belongs to
            acquired_on date! — the day of the first sale or contract
            acquired_how string in:earned,bought,unknown — came by reference, or by spending
            channel string — where the customer came from
            tier string — the tier sold to the customer, for tiers by method "declared"
            status string in:active,lost — what your system says today
            closed_on date after:acquired_on — the day the customer was lost, empty while here
            closed_reason string — why the customer was lost
            currency string — the customer's own currency""",
            "customer_id",
        ),
        _table(
            "tier_history",
            "one row per customer and day on which its tier changed, for tiers by method "
            '"declared"',
            """
            customer_id string! — the customer
            tier string! — the tier sold to it, by its id or label
            from date! — the first day in that tier""",
            "customer_id from",
            "from",
        ),
        _table(
            "transactions",
            "one row per invoice line, credit or refund",
            """
            txn_id string — unique number of the row
            order_id string — the order or invoice that the line belongs to; empty: that of its customer and day
            customer_id string — empty is reported as unattributed revenue, never dropped
            event_on date! — booking day
            loaded_at timestamp — when the row became known
            stream string in:first_sale,warranty,maintenance_contract,upgrade,consumable,repair,spare_part,other_service — what was sold
            offer_id string — the offer it belongs to
            kind string in:sale,refund,credit — what the row is
            net_amount decimal(18,4)! — net of discount and tax; refunds and credits negative
            list_amount decimal(18,4) — at list price
            currency string — ISO code; empty: the company's own
            qty float64 — pieces
            original_txn_id string — the sale that a refund belongs to
            contract_id string — the contract that it bills, whose billing period it is then for
            service_from date — the first day that it was paid for
            service_to date after:service_from — the last day that it was paid for""",
            "txn_id",
            "event_on",
        ),
        _table(
            "contracts",
            "one row per contract with a recurring amount",
            """
            contract_id string — unique number; of renewals in rows of their own it may be the same
            customer_id string! — the customer
            offer_id string — the offer
            start_on date! — first day
            end_on date after:start_on — last day in force, empty while open
            recurring_amount decimal(18,4)! >=0 — per billing period
            billing_period string in:month,quarter,year — what recurring_amount covers; empty: month
            currency string — ISO code; empty: the company's own
            cancelled_on date — the day notice was given
            reason string — why it ended""",
            "contract_id start_on",
            "start_on",
        ),
        _table(
            "costs",
            "one row per booked cost",
            """
            cost_id string — unique number
            event_on date! — booking day
            amount decimal(18,4)! — positive is a cost
            currency string — ISO code; empty: the company's own
            category string! in:acquire,deliver,support,service,discretionary,unused — what it was for
            pool string — the cost pool
            customer_id string — the customer that caused it, where known
            channel string — where it was spent to win customers, as their channel says
            driver string — by which driver to allocate it otherwise
            loaded_at timestamp — when the row became known""",
            "cost_id",
            "event_on",
        ),
        _table(
            "drivers",
            "how much of a cost driver each customer used",
            """
            driver_id string — unique number
            driver string! — name, as costs.driver has it
            customer_id string! — the customer
            date date! — the day
            qty float64! >=0 — how much""",
            "driver_id",
            "date",
        ),
        _table(
            "interactions",
            "one row per contact with a customer",
            """
            interaction_id string — unique number
            customer_id string! — the customer; empty counts in all and in no tier
            issue_key string — contacts about the same issue share it
            channel string — phone, mail, chat, portal, visit …
            opened_at timestamp! — first inbound message
            first_human_reply_at timestamp after:opened_at — first reply by a person, empty while none
            resolved_at timestamp after:opened_at — empty while open
            abandoned_at timestamp after:opened_at — when the customer gave up before an answer
            reason_code string — your own code of the reason
            demand_type string in:value,failure — failure: something was not done, or not right
            root_cause string — your own code of the cause
            class string in:support,service,unknown — predictable part of the offer, or failure
            minutes float64 >=0 — handling time
            self_service boolean — solved by the customer alone
            team string — the team that handled it
            tier_known_at_open boolean — whether staff saw the tier
            learning_id string — what was learnt, if recorded
            loaded_at timestamp — when the row became known""",
            "interaction_id",
            "opened_at",
        ),
        _table(
            "surveys",
            "one row per invitation to a survey",
            """
            invite_id string — unique number
            customer_id string! — the customer; empty counts in all and in no tier
            contact_id string — the person asked; empty: the customer is taken for one person
            instrument string! in:nps,csat,ces — which question
            kind string in:relationship,transactional — occasion
            sent_at timestamp! — invitation
            answered_at timestamp after:sent_at — empty: no answer
            score float64 — the answer; empty: no answer, which is not a middle score
            scale_min float64 — lowest possible answer
            scale_max float64 — highest possible answer
            eligible boolean — false: bounced, employee, test
            weight float64 >=0 — how many people the answer stands for, whatever the unit; empty: 1""",
            "invite_id",
            "sent_at",
        ),
        _table(
            "signals",
            "one row per value signal of a customer",
            """
            customer_id string! — the customer
            name string! — name of the signal
            category string in:internal,external,online,offline,research — where it comes from
            value float64! — its value
            observed_on date! — the day""",
            "",
            "observed_on",
        ),
        _table(
            "offers",
            "one row per offer",
            """
            offer_id string! — your own code
            name string! — as printed
            relationship string in:contractual,noncontractual — how losses show
            active boolean — still sold""",
            "offer_id",
        ),
        _table(
            "support_elements",
            "what an offer contains of predictable support",
            """
            element_id string! — your own code
            offer_id string! — the offer
            name string! — as printed
            reason_code string — the contact reason it covers
            expected_volume float64 >=0 — contacts per customer and year
            unit_cost float64 >=0 — cost of one
            price float64 >=0 — what the customer pays for one
            in_price boolean — carried by the offer's price
            sla_hours float64 >0 — promised time""",
            "element_id",
        ),
        _table(
            "promises",
            "one row per promise made to a customer",
            """
            promise_id string — unique number
            customer_id string — the customer
            offer_id string — the offer
            promised_by string — function that promised
            delivered_by string — function that delivers
            attribute string — what was promised
            level float64 — the promised level
            due_at timestamp! — by when, as it was promised first
            actual float64 — the level delivered
            kept boolean — empty: no evidence, which counts as not kept
            renegotiated_at timestamp — when a new date was agreed; it counts if that was before due_at
            new_due_at timestamp — that new date""",
            "promise_id",
            "due_at",
        ),
        _table(
            "requests",
            "one row per request that was answered yes or no",
            """
            request_id string — unique number
            customer_id string! — the customer
            asked_at timestamp! — when
            decision string in:yes,no — the answer
            reason_code string — why
            rule_cited string — the promise, offer or rule named
            contradicts_rule boolean — the answer goes against a stated rule
            cost float64 >=0 — cost of saying yes""",
            "request_id",
            "asked_at",
        ),
        _table(
            "recommendations",
            "one row per recommendation by service staff",
            """
            rec_id string — unique number
            customer_id string! — the customer
            by string — who recommended
            role string — that person's function
            made_at timestamp! — when
            customer_agreed_at timestamp — when the customer agreed
            passed_at timestamp — when it went to sales
            proposal_at timestamp — when a proposal was made
            won_txn_id string — the sale
            amount decimal(18,4) — its value""",
            "rec_id",
            "made_at",
        ),
        _table(
            "assets",
            "one row per installed product",
            """
            asset_id string! — serial number
            customer_id string! — the customer
            active_from date! — in use since
            active_to date after:active_from — out of use""",
            "asset_id",
        ),
        _table(
            "incidents",
            "one row per incident",
            """
            incident_id string! — unique number
            from date! — first day
            to date — last day
            cause string — what happened
            owner string — who answers for it""",
            "incident_id",
        ),
        _table(
            "incident_customers",
            "which customers an incident touched",
            """
            incident_id string! — the incident
            customer_id string! — the customer
            how string — how it touched them""",
            "incident_id customer_id",
        ),
        _table(
            "fx",
            "one row per exchange rate",
            """
            date date! — valid from this day until the next rate, 35 days at most
            from string! — ISO code
            to string! — ISO code
            rate float64! >0 — one unit of `from` in `to`""",
            "date from to",
        ),
        _table(
            "ledger_totals",
            "control totals from the general ledger",
            """
            period string! — as 2026-10
            account string! in:revenue,costs — what the total is of
            amount decimal(18,4)! — in the company's currency""",
            "period account",
        ),
    )
}

DATED = tuple(name for name, each in CONTRACTS.items() if each.event and name != "tier_history")
"""Tables of what happened on a day or at a moment; a project needs one of them."""


def contract(table: str) -> Contract:
    """The contract of that name; FactsError with a suggestion when there is none."""
    try:
        return CONTRACTS[table]
    except KeyError:
        raise FactsError(
            f'Table "{table}" is not one that facts can have.{did_you_mean(table, CONTRACTS)}'
        ) from None
