"""How long customers wait while service is open: nights, weekends and days off do not count."""

from __future__ import annotations

from scorecard import metric

from ._waits import waited


@metric(
    label="First human reply in service hours, half within",
    unit="hours",
    better="lower",
    kind="quantile",
    family="service",
    needs=["interactions.first_human_reply_at", "service_hours"],
    evidence="sample",
    section="experienced",
    matures=7,
    q=0.5,
    role="input",
    subject="operational",
    optional=True,
    harm="waited longer than the limit",
)
def service_hours_reply_p50(facts, window):
    """Service hours from the first message to the first reply by a person: the median contact.

    Population  assisted contacts opened by the customer in the period, answered or not.
    Formula     median; contacts still unanswered count with the service hours since,
                those given up with the service hours until then.
    Empties     no contacts, or no service hours set: no figure. Whatever comes and is done while
                service is closed took 0 hours.
    Source      order statistics (Hahn and Meeker); Kaplan–Meier where some are unanswered.
    """
    return waited(facts, window, "first_human_reply_at", in_service_hours=True)


@metric(
    label="First human reply in service hours, 9 of 10 within",
    unit="hours",
    better="lower",
    kind="quantile",
    family="service",
    needs=["interactions.first_human_reply_at", "service_hours"],
    evidence="sample",
    section="experienced",
    matures=7,
    q=0.9,
    role="input",
    subject="operational",
    optional=True,
    harm="waited longer than the limit",
)
def service_hours_reply_p90(facts, window):
    """Service hours within which nine of ten contacts get their first reply by a person.

    Population  assisted contacts opened by the customer in the period, answered or not.
    Formula     90th percentile; contacts still unanswered count with the service hours since,
                those given up with the service hours until then.
    Empties     no contacts, or no service hours set: no figure. Whatever comes and is done while
                service is closed took 0 hours.
    Source      order statistics (Hahn and Meeker); Kaplan–Meier where some are unanswered.
    """
    return waited(facts, window, "first_human_reply_at", in_service_hours=True)


@metric(
    label="Resolved in service hours, 9 of 10 within",
    unit="hours",
    better="lower",
    kind="quantile",
    family="service",
    needs=["interactions.resolved_at", "service_hours"],
    evidence="sample",
    section="experienced",
    matures=30,
    q=0.9,
    role="input",
    subject="operational",
    optional=True,
    harm="waited longer than the limit",
)
def service_hours_resolution_p90(facts, window):
    """Service hours within which nine of ten contacts are resolved.

    Population  assisted contacts opened in the period, resolved or not.
    Formula     90th percentile; open contacts count with the service hours since,
                those given up with the service hours until then.
    Empties     no contacts, or no service hours set: no figure. Whatever comes and is done while
                service is closed took 0 hours.
    Source      order statistics (Hahn and Meeker); Kaplan–Meier where some are open.
    """
    return waited(facts, window, "resolved_at", in_service_hours=True)
