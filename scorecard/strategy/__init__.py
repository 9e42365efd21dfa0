"""What the company chose: tiers, teams, owners and stances, read from strategy.toml.

The frozen model, its readers, the limits of a stance, the lints that a strategy must pass, and
who answers for a stance on a day. Whether a choice was kept is said in judging.
"""
