"""A month's documents as a task for a scheduler of one's own.

Running it again for the same month is safe: what was computed is continued or found, and the
same facts give the same editions, byte for byte. In Airflow:

    @task
    def packet(data_interval_start=None):
        return monthly_documents("/srv/acme", data_interval_start)

In Dagster, the body of an asset with monthly partitions; from cron, `scorecard serve --once`
does this and sends the documents, too.
"""

from __future__ import annotations

from datetime import datetime

import scorecard


class FactsNotReadyError(Exception):
    """Worth another try later; other errors need somebody to mend something."""


def monthly_documents(folder: str, month: datetime) -> list[str]:
    """Make the documents of the month that the moment lies in; the files written.

    FactsNotReadyError while the month is not over, a table ends before it does, or a blocking
    finding says that the facts are not fit yet. What else blocks is a ScorecardError.
    """
    with scorecard.open(folder) as project:
        here = month.astimezone(project.project.zone)  # where the month begins for the company
        period = project.period(f"{here:%Y-%m}")
        if project.as_of < period.end:
            raise FactsNotReadyError(f"{period} is not over")
        facts = [f for f in project.check(period) if f.id.startswith("facts.")]
        wrong = [f for f in facts if f.severity == "blocking" or f.id == "facts.stale"]
        if wrong:
            raise FactsNotReadyError("; ".join(map(str, wrong)))
        outcome = project.run(period)
    return [str(published.path) for published in outcome.published]
