"""Who belongs to which tier, by what was known when a period opened.

Customer margin, the scores made of it, the frozen snapshots and the assignment of customers.
What a tier promises is declared in strategy.
"""
