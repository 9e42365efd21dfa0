"""The ledger: the append-only record of runs, results, editions, stances and deliveries.

with Ledger.open("sqlite:///.scorecard/ledger.db", project_folder) as ledger:
    run = ledger.claim(period, inputs=…, as_of=…, software=…, now=…)

Each module beside this one keeps one kind of record, on the connection of `store` and in the
tables of `models`. The ledger only records; `pipeline` and `delivery` decide what is to be done.
"""

from __future__ import annotations

from scorecard.ledger.addresses import AddressEvent
from scorecard.ledger.chain import Head, Wrong
from scorecard.ledger.deliveries import (
    FAILED,
    OPEN,
    Attempt,
    Delivery,
    NewDelivery,
    State,
    delivery_id,
)
from scorecard.ledger.editions import Edition, ReadBack, Rendering
from scorecard.ledger.expected import BROKEN, FAILED_TRY, WAITING, ExpectedRun, Owed
from scorecard.ledger.leases import Lease
from scorecard.ledger.ledger import Ledger
from scorecard.ledger.limits_then import LimitsThen
from scorecard.ledger.register import Expired, Registered
from scorecard.ledger.replies import Known
from scorecard.ledger.reply_links import LinkEvent, LinkUse, ReplyLink
from scorecard.ledger.results import HistoryPoint, SeriesKey
from scorecard.ledger.runs import STEPS, Run
from scorecard.ledger.witness import StanceChange, Witnessed, stance_hash

__all__ = [
    "BROKEN",
    "FAILED",
    "FAILED_TRY",
    "OPEN",
    "STEPS",
    "WAITING",
    "AddressEvent",
    "Attempt",
    "Delivery",
    "Edition",
    "ExpectedRun",
    "Expired",
    "Head",
    "HistoryPoint",
    "Known",
    "Lease",
    "Ledger",
    "LimitsThen",
    "LinkEvent",
    "LinkUse",
    "NewDelivery",
    "Owed",
    "ReadBack",
    "Registered",
    "Rendering",
    "ReplyLink",
    "Run",
    "SeriesKey",
    "StanceChange",
    "State",
    "Witnessed",
    "Wrong",
    "delivery_id",
    "stance_hash",
]
