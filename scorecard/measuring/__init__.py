"""Metrics over the facts of a period, by tier.

Observations, their reduction to sums inside the engine, the SQL behind a figure, what customers
brought in, and who came and went. What a figure means is said in stats and judging.
"""
