"""The ledger: every kind of record, on one database."""

from __future__ import annotations

from scorecard.ledger.acceptance import Acceptances
from scorecard.ledger.addresses import Addresses
from scorecard.ledger.answers import Answers
from scorecard.ledger.commitments import Commitments
from scorecard.ledger.editions import Editions
from scorecard.ledger.expected import ExpectedRuns
from scorecard.ledger.leases import Leases
from scorecard.ledger.limits_then import LimitsKept
from scorecard.ledger.outbox import Outbox
from scorecard.ledger.proposals import Proposals
from scorecard.ledger.register import Register
from scorecard.ledger.replies import Replies
from scorecard.ledger.reply_links import ReplyLinks
from scorecard.ledger.results import Results
from scorecard.ledger.runs import Runs
from scorecard.ledger.verification import Verifiable
from scorecard.ledger.witness import Witness


class Ledger(
    Verifiable,
    Acceptances,
    Runs,
    Results,
    LimitsKept,
    Editions,
    Answers,
    Commitments,
    Replies,
    Proposals,
    ReplyLinks,
    Witness,
    Register,
    ExpectedRuns,
    Leases,
    Outbox,
    Addresses,
):
    """All records of one database. `now` is always an argument; instants are in UTC."""
