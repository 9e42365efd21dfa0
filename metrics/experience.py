"""What customers say about us when they are asked."""

from __future__ import annotations

import ibis
from ibis import _

from scorecard import metric

from ._answers import answers, invited, opinions


@metric(
    label="Would recommend us (NPS)",
    unit="points",
    better="higher",
    kind="nps",
    family="experience",
    needs=["surveys.score"],
    evidence="sample",
    section="experienced",
    matures=14,
    confidential=True,
    harm="would not recommend us",
)
def nps(facts, window):
    """Promoters (9–10) less detractors (0–6), per hundred answers.

    Population  answers on the 0–10 scale, within 14 days, to invitations sent in the period;
                of one person (where nobody wrote down who: of one customer) the last given in
                the period, and none about a contact.
    Formula     100 × (promoters − detractors) ÷ answers; where answers have weights, Σ weight of
                all three.
    Empties     no answer: no figure; an unanswered invitation is not a passive.
    Source      Reichheld (2003); exact interval on the effective number of answers.
    """
    promoter, detractor = (_.score >= 9).cast("int64"), (_.score <= 6).cast("int64")
    return opinions(facts, window, "nps").select(
        "customer_id", "apart", "weight", num=promoter - detractor, affected=_.score <= 6
    )


@metric(
    label="Satisfied, 4 or 5 of 5 (CSAT)",
    unit="share",
    better="higher",
    kind="proportion",
    family="experience",
    needs=["surveys.score"],
    evidence="sample",
    section="experienced",
    matures=14,
    confidential=True,
    harm="were not satisfied",
)
def csat(facts, window):
    """Share of answers that are 4 or 5 on the 1–5 scale.

    Population  answers on the 1–5 scale, within 14 days, to invitations sent in the period.
    Formula     answers of 4 or 5 ÷ answers; where answers have weights, Σ weight of both.
    Empties     no answer: no figure, not 0 %.
    Source      top-two-box; exact interval on the effective number of answers.
    """
    satisfied = (_.score >= 4).cast("int64")
    return answers(facts, window, "csat").select(
        "customer_id", "apart", "weight", num=satisfied, den=ibis.literal(1)
    )


@metric(
    label="Satisfaction, mean of 1–5",
    unit="score",
    better="higher",
    kind="mean",
    family="experience",
    needs=["surveys.score"],
    evidence="sample",
    section="experienced",
    matures=14,
    scale=(1, 5),
    confidential=True,
    harm="scored below the limit",
)
def csat_mean(facts, window):
    """Mean answer on the 1–5 scale: a companion to the share, never instead of it.

    Population  answers on the 1–5 scale, within 14 days, to invitations sent in the period.
    Formula     Σ score ÷ answers; where answers have weights, Σ score · weight ÷ Σ weight.
    Empties     no answer: no figure.
    Source      mean of an ordinal scale; its interval stays on the scale.
    """
    return answers(facts, window, "csat").select(
        "customer_id", "apart", "weight", num=_.score, den=ibis.literal(1)
    )


@metric(
    label="Easy to deal with, 5–7 of 7 (CES)",
    unit="share",
    better="higher",
    kind="proportion",
    family="experience",
    needs=["surveys.score"],
    evidence="sample",
    section="experienced",
    matures=14,
    confidential=True,
    harm="did not find it easy",
)
def ces(facts, window):
    """Share of answers of 5, 6 or 7 to "made it easy for me", on the 1–7 agreement scale.

    Population  answers on the 1–7 scale, within 14 days, to invitations sent in the period;
                the older 1–5 effort scale is not comparable and stays out.
    Formula     answers of 5 or more ÷ answers; where answers have weights, Σ weight of both.
    Empties     no answer: no figure.
    Source      customer effort score 2.0 (2013), the share form.
    """
    easy = (_.score >= 5).cast("int64")
    return answers(facts, window, "ces").select(
        "customer_id", "apart", "weight", num=easy, den=ibis.literal(1)
    )


@metric(
    label="Answered the survey",
    unit="share",
    better="neither",
    kind="proportion",
    family="experience",
    needs=["surveys.score"],
    evidence="sample",
    section="experienced",
    matures=14,
    role="input",
    subject="operational",
    harm="did not answer",
)
def response_rate(facts, window):
    """Share of eligible invitations that were answered, over all instruments.

    Population  invitations sent in the period to people who should be asked.
    Formula     answered within 14 days ÷ invited.
    Empties     nobody invited: no figure.
    Source      AAPOR response rate 1, the minimum rate.
    """
    return invited(facts, window).select("customer_id", num=_.answered, den=ibis.literal(1))
