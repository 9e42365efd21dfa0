"""Scorecard as a library: a project opened from Python, and its results as values.

What the command line does, without printing. Everything here is named by `scorecard` itself,
which is where users import it from.
"""
