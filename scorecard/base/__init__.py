"""Words, values and files that know nothing of customers.

Findings, periods, durations, addresses, how a TOML file is read with its line numbers, and
how a file is written whole. What knows a metric, a tier or a table belongs higher up.
"""
