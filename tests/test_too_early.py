"""A schedule that is due before the figures are final is found by check."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sample_project import small

from scorecard.check import check
from scorecard.project.settings import Project

NOW = datetime(2026, 7, 1, 6, tzinfo=UTC)


@pytest.fixture
def checked(tmp_path):
    """Check the small company, whose owner has a choice on first replies, with these settings."""
    root = small(tmp_path / "acme").root
    for other in (root / "schedules").glob("*.toml"):
        if other.name != "pre-reads.toml":
            other.unlink()
    settings = (root / "pyproject.toml").read_text()
    shipped = "matures = { margin = 10, resolution_p90 = 14 }"
    assert shipped in settings

    def check_with(days: int):
        text = settings.replace(shipped, f"matures = {{ resolution_p90 = {days} }}")
        (root / "pyproject.toml").write_text(text)
        found = check(Project.at(root, {}), period=None, as_of=NOW)
        return [f for f in found if f.id == "schedules.too_early"]

    return check_with


def test_what_is_final_on_the_day_it_is_due_is_in_time(checked):
    # June's pre-reads are due on the 15th of July, and 14 days after the 30th of June is the 15th.
    assert checked(14) == []


def test_a_run_before_its_figures_are_final_is_named_with_both_days(checked):
    (found,) = checked(15)
    assert found.place == "schedules/pre-reads.toml"
    assert found.severity == "warning"
    assert "is due on 2026-07-15, before" in found.message
    assert "final (on 2026-07-16" in found.message
    assert found.hint.startswith("Choose a later day, or set `matures`")
