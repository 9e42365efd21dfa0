"""Settings of how money counts: revenue, credits, and the cost to acquire and to serve."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from scorecard.base.periods import LONGEST

_SHARED = {
    "head": "",
    "channel": "; what names no customer is shared within the channel",
    "revenue": "; what names no customer is shared by revenue of the first year",
}


class MoneySettings(BaseModel):
    """How money counts: the part of [tool.scorecard] that every margin is printed with.

    revenue     on the days that it was paid for where these are known, or as invoiced
    credits     credits and refunds count on the day they are booked, or on those of their sale
    acquisition_by  who of the customers won in a month shares what names none of them
    without_costs   whether a customer without cost to serve cost nothing, or nobody knows
    margin_known  percentage of a tier's revenue for which the cost to serve must be known, that
                its margin is printed and judged
    """

    revenue: Literal["recognised", "invoiced"] = "recognised"
    credits: Literal["booked", "sale"] = "booked"
    acquisition: Literal["amortised", "period", "lifetime"] = "amortised"
    acquisition_months: int = Field(default=24, ge=1, le=12 * LONGEST)
    acquisition_by: Literal["head", "channel", "revenue"] = "head"
    without_costs: Literal["not known", "zero"] = "not known"
    margin_known: int = Field(default=90, ge=0, le=100)

    @property
    def counting(self) -> dict[str, object]:
        """What of these settings decides figures, by the names of the options of reading facts."""
        months = self.acquisition_months if self.acquisition == "amortised" else 0
        return {
            "revenue": self.revenue,
            "credits": self.credits,
            "acquisition": self.acquisition,
            "amortise_months": months,
            "acquisition_by": self.acquisition_by,
            "costless": self.without_costs == "zero",
        }

    @property
    def acquisition_said(self) -> str:
        """When the cost of acquiring a customer counts, as words that follow "counts"."""
        counts = {
            "period": "in the period in which it was spent",
            "amortised": f"in equal parts over the first {self.acquisition_months} months",
            "lifetime": "in full, whenever it was spent",
        }
        return counts[self.acquisition] + _SHARED[self.acquisition_by]
