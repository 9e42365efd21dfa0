"""The starters: small invented companies of several trades, which `scorecard init --like` lays out.

Each has its own strategy, and facts that are written anew, always the same. Nothing of the product
is decided here; no other room knows it but the command line.
"""
