"""Figures judged by stances, and by their own history.

The verdict rule, the judging of a period's results, and which customers an exception touched.
How a verdict is worded on a page belongs into documents.
"""
