"""What is wrong with the facts, found at once and said as findings.

Rules for columns, customers, money and tiers, counted by the engine. Nothing is corrected
here. Of the strategy only its tiers are looked at: what it says is for strategy.lints.
"""
