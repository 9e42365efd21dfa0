"""Answering: what owners are asked, what they answer and promise, and what may be said.

Values and rules only: `ledger` keeps them, `judging.outcome` says what became of a commitment,
and `replies` is the one door through which everything that owners write comes in.
"""
