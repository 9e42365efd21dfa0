"""What is printed is wrong as seldom as docs/evidence.md says, on invented customers.

Each figure stands for tiers whose truth is known and lies on the limit; see evidence.py. In the
small size those cases are tried in which the intervals of textbooks fail, in the full size all.
"""

from __future__ import annotations

from math import sqrt
from pathlib import Path

import pytest
from evidence import SMALL, TABLES, Case, measure, page

KEY = [
    "5 customers, one answer each",
    "12 customers, one answer each",
    "30 customers, one answer each",
    "3 customers, 30 answers each, likeness 0.3",
    "8 customers, 12 answers each, likeness 0.3",
    "12 customers, 5 answers each, likeness 0.3",
    "30 customers, 10 answers each, likeness 0.3",
    "30 customers, 1 to many answers (10), likeness 0.3",
    "30 customers, log-normal 1",
    "100 customers, log-normal 2",
    "30 customers, 1 each, log-normal 1",
    "10 customers, 1 each, all 100",
    "100 customers, 1 each, 10 for one in ten, else 1",
    "100 customers, 1 each month, likeness 0",
    "200 customers, 4 each month, likeness 0.3",
    "12 customers",
    "20 customers, half watched for less",
]
"""Rows in which Wilson's, Student's, Rocks' and the log-log interval are wrong too often."""


def chosen(title: str) -> list[Case]:
    (table,) = (t for t in TABLES if t.title == title)
    return [case for case in table.cases() if case.row in KEY]


def wrong(case: Case, repeats: int) -> str:
    """What is wrong more often than by chance; empty where nothing is."""
    found = measure(case, repeats)
    allowed = 0.05 + 3.3 * sqrt(0.05 * 0.95 / repeats)
    least = 0.87 if case.customers >= 10 else 0.85
    least -= 3.3 * sqrt(least * (1 - least) / repeats)
    short = found.printed and found.coverage < least
    return (
        f"{case.row}, {case.column}: {found}"
        if short or max(found.delivered, found.missed) > allowed
        else ""
    )


@pytest.mark.parametrize("title", [table.title for table in TABLES])
def test_words_are_wrong_at_most_once_in_twenty(title):
    cases = chosen(title)
    assert cases
    assert [said for case in cases if (said := wrong(case, SMALL // 2))] == []


@pytest.mark.prove
@pytest.mark.parametrize("title", [table.title for table in TABLES])
def test_all_words_are_wrong_at_most_once_in_twenty(title):
    (table,) = (t for t in TABLES if t.title == title)
    assert [said for case in table.cases() if (said := wrong(case, SMALL))] == []


def test_the_page_has_every_table_and_the_worst_of_each():
    """The page that is shipped is as `make evidence` writes it, with the figures of its size."""
    shipped = (Path(__file__).parents[1] / "docs" / "evidence.md").read_text(encoding="utf-8")
    head = next(page(0))
    assert shipped.startswith(head)
    for table in TABLES:
        assert f"\n## {table.title}\n\n{table.method}\n" in shipped
        for case in table.cases():
            assert f"\n| {case.row} | " in shipped
