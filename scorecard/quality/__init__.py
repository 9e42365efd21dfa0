"""What is wrong with the facts, found at once and said as findings.

Rules for columns, customers, money and tiers, counted by the engine. Nothing is corrected
here, and nothing of the strategy is looked at: see strategy.lints.
"""
