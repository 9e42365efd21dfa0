"""Tiers as the exports suggest them: those that were sold, in order, or a way to compute them."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass

import duckdb

from scorecard.proposing.draft import Draft
from scorecard.proposing.names import words_of
from scorecard.proposing.profile import identifier, relation
from scorecard.proposing.proposal import Proposal
from scorecard.proposing.written import number_of
from scorecard.strategy.model import ALL, STATES

LADDERS = (
    ("diamond", "platinum", "platin", "gold", "silver", "silber", "bronze", "basic"),
    ("enterprise", "business", "pro", "team", "plus", "standard", "basic", "starter", "free"),
    ("premium", "plus", "standard", "komfort", "basis", "basic", "eco"),
    ("a", "b", "c", "d"),
)
"""Names of tiers whose order is known, the best first."""
EVERYBODY = "everybody"
"""The one tier where there is nothing to tell customers apart by."""
PAID = {"contracts": "recurring_amount", "transactions": "net_amount"}


@dataclass(frozen=True)
class Tiering:
    """A method, the labels of tiers by their ids, the best first, and why it is so."""

    method: str
    tiers: dict[str, str]
    why: str


def tiering_of(proposal: Proposal) -> Tiering:
    """The tiers that a strategy begins with."""
    customers = proposal.draft("customers")
    if customers is not None and customers.theirs("tier"):
        return _sold(customers, proposal)
    if customers is None or "tier" not in customers.mapped:
        paid = proposal.draft("transactions")
        if paid is not None and "customer_id" in paid.mapped:
            return _computed(proposal)
    return Tiering(
        "declared",
        {EVERYBODY: "Everybody"},
        "nothing in the exports tells customers apart: declare tiers once you have sold some",
    )


def is_computed(proposal: Proposal) -> bool:
    """Whether tiers can be computed from what customers pay."""
    paid = proposal.draft("transactions")
    return paid is not None and "customer_id" in paid.mapped


def _computed(proposal: Proposal) -> Tiering:
    top = {"top": "Top", "middle": "Middle", "base": "Base"}
    if proposal.draft("costs") is not None:
        why = "no column has the tier that was sold, and margins can be computed"
        return Tiering("margin_percentile", top, why)
    return Tiering(
        "rfm",
        top,
        "no column has the tier that was sold, so by when, how often and how much customers buy",
    )


def _sold(customers: Draft, proposal: Proposal) -> Tiering:
    """The tiers of a column, in an order that is known, by revenue, or of the alphabet."""
    column = customers.theirs("tier")
    values = sorted(customers.profiles[column].values)
    where = f'the values of "{column}" in {customers.export.label}'
    for ladder in LADDERS:
        plain = ["".join(words_of(value)) for value in values]
        if len(set(plain)) == len(plain) and set(plain) <= set(ladder):
            ordered = sorted(values, key=lambda v: ladder.index("".join(words_of(v))))
            return Tiering(
                "declared", _with_ids(ordered), f"{where}, the best first, as their names say"
            )
    paid = _mean_paid(customers, column, proposal)
    if set(paid) >= set(values):
        ordered = sorted(values, key=lambda v: (-paid[v], v))
        why = f"{where}, by what a customer of each pays; reorder them if that is not their value"
        return Tiering("declared", _with_ids(ordered), why)
    why = f"{where}, in the order of the alphabet: put the best first"
    return Tiering("declared", _with_ids(values), why)


def _mean_paid(customers: Draft, column: str, proposal: Proposal) -> dict[str, float]:
    """What a customer of each tier pays on average, as far as the exports say."""
    for table, name in PAID.items():
        draft = proposal.draft(table)
        if draft is None or "customer_id" not in draft.mapped or not draft.theirs(name):
            continue
        theirs = draft.theirs(name)
        amount = number_of(f"p.{identifier(theirs)}", draft.profiles[theirs], draft)
        if not amount or draft.sql:
            continue
        key, number = identifier(customers.theirs("customer_id")), draft.theirs("customer_id")
        text = (
            f"SELECT c.{identifier(column)}, sum({amount})::DOUBLE / count(DISTINCT c.{key}) "
            f"FROM {relation(customers.export)} c JOIN {relation(draft.export)} p "
            f"ON c.{key}::VARCHAR = p.{identifier(number)}::VARCHAR GROUP BY 1"
        )
        with closing(duckdb.connect()) as con:
            return {tier: paid for tier, paid in con.execute(text).fetchall() if paid is not None}
    return {}


def _with_ids(labels: list[str]) -> dict[str, str]:
    """Tiers by an id made of their label."""
    tiers: dict[str, str] = {}
    for place, label in enumerate(labels, 1):
        id = re.sub(r"[^a-z0-9]+", "-", "-".join(words_of(label)) or label.lower()).strip("-")
        if not id or id in tiers or id in (*STATES, ALL):
            id = f"{id or 'tier'}-{place}"
        tiers[id] = label
    return tiers
