"""The ledger: the append-only memory of runs, results, editions and the stances witnessed.

with Ledger.open("sqlite:///.scorecard/ledger.db", project_folder) as ledger:
    run = ledger.claim(period, inputs=…, as_of=…, software=…, now=…)
"""

from __future__ import annotations

from scorecard.address import masked
from scorecard.ledger.addresses import Addresses, AddressEvent
from scorecard.ledger.deliveries import FAILED, OPEN, Attempt, Delivery, Parcel, State
from scorecard.ledger.editions import Edition, Editions, Reading, Rendering
from scorecard.ledger.expected import BROKEN, Expected, ExpectedRuns, Owed
from scorecard.ledger.leases import Lease, Leases
from scorecard.ledger.outbox import Outbox
from scorecard.ledger.results import HistoryPoint, Results, Series
from scorecard.ledger.runs import STEPS, Run, Runs
from scorecard.ledger.witness import Change, Witness, Witnessed, stance_hash

__all__ = [
    "BROKEN",
    "FAILED",
    "OPEN",
    "STEPS",
    "AddressEvent",
    "Attempt",
    "Change",
    "Delivery",
    "Edition",
    "Expected",
    "HistoryPoint",
    "Lease",
    "Ledger",
    "Owed",
    "Parcel",
    "Reading",
    "Rendering",
    "Run",
    "Series",
    "State",
    "Witnessed",
    "masked",
    "stance_hash",
]


class Ledger(Runs, Results, Editions, Witness, ExpectedRuns, Leases, Outbox, Addresses):
    """The whole memory behind one address. `now` is always an argument; instants are in UTC."""
