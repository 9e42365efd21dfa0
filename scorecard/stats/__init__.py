"""Statistics: from sums to figures with intervals, and from histories to signals.

Functions of numbers alone, each with its source. What asks the facts engine belongs into
measuring; what holds a figure against a stance into judging.
"""
