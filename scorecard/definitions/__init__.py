"""What a metric is, and what a result of one is.

The `@metric` declaration, its unit, the loader of a project's metrics folder, and the frozen
values that measuring and judging fill. No arithmetic, and no facts: see stats and measuring.
"""
