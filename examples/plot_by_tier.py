"""One metric by tier over time, with its 90 % intervals, as a chart.

    pip install matplotlib
    python examples/plot_by_tier.py acme csat 2026-01 2026-06 chart.png

The periods must have been computed: `scorecard backfill --from 2026-01 --to 2026-06`.
"""

# %%
from __future__ import annotations

import sys

import matplotlib as mpl
import pandas as pd

import scorecard

mpl.use("Agg")
from matplotlib import pyplot as plt


# %% Figures of several periods, as one table
def figures(folder: str, metric: str, first: str, last: str) -> pd.DataFrame:
    """One row for each period and tier: value, low, high, n, verdict."""
    with scorecard.open(folder) as project:
        periods = [p.key for p in project.period(first).until(project.period(last))]
        tables = [pd.DataFrame.from_arrow(project.results(p)) for p in periods]
    table = pd.concat(tables)
    found = table[(table.metric == metric) & table.value.notna()]
    if found.empty:
        raise SystemExit(f"No figure of {metric}; there are {', '.join(table.metric.unique())}.")
    return found


# %% A line for each tier, and its interval as a band
def plot(table: pd.DataFrame, file: str) -> None:
    canvas, axes = plt.subplots(figsize=(8, 4.5))
    for tier, own in table.groupby("tier", sort=False):
        axes.plot(own.period, own.value, label=tier)
        axes.fill_between(own.period, own.low, own.high, alpha=0.15)
    axes.set_ylabel(table.unit.iloc[0])
    axes.legend(title="tier")
    canvas.savefig(file)
    plt.close(canvas)


# %%
if __name__ == "__main__":
    folder, metric, first, last, file = sys.argv[1:]
    plot(figures(folder, metric, first, last), file)
