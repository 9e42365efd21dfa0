"""The metrics of service and experience in plain Python: rows of (customer, num, den), waits, and
what is set apart. Written from what the metrics say of themselves, and from nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from random_service import AFTER, END, FIRST, NOW, START, Company, Row

SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
WEEK, CLOSES = timedelta(days=7), timedelta(days=14)


@dataclass
class Figure:
    """Observations (customer, num, den), and how many rows are set apart by why."""

    rows: list[tuple[Any, float, float]] = field(default_factory=list)
    apart: Counter = field(default_factory=Counter)


def figures(company: Company, served: Callable[[Any, datetime, datetime], float]) -> dict:
    """By metric its Figure; `served` has the hours of service of a team between two moments."""
    contacts = _opened(company)
    found = {
        name: _surveyed(company, name, instrument)
        for name, instrument in (
            *(("nps", "nps"), ("csat", "csat"), ("csat_mean", "csat"), ("ces", "ces")),
        )
    }
    found |= {
        "response_rate": Figure([(s["customer_id"], _in_time(s), 1) for s in _asked(company)])
    }
    found |= _issues(company)
    for name, until in (("first_reply", "first_human_reply_at"), ("resolution", "resolved_at")):
        for clock, passed in (("", _by_calendar), ("service_hours_", served)):
            waits = _waits(contacts, until, passed)
            short = "reply" if clock and name == "first_reply" else name
            found |= {f"{clock}{short}_p{q}": Figure(waits) for q in (50, 90)}
    mean = Figure()
    for customer, num, censored in _waits(contacts, "resolved_at", _by_calendar):
        if censored:
            mean.apart["still open or given up"] += 1
        else:
            mean.rows.append((customer, num, 1))
    gave_up = [(c["customer_id"], _gave_up(c), 1) for c in contacts]
    found |= {"resolution_mean": mean, "abandonment_rate": Figure(gave_up)}
    seen = [(c["customer_id"], int(c["tier_known_at_open"] is True), 1) for c in contacts]
    found |= {"tier_known": Figure(seen)}
    found |= {"contacts_per_customer": _per_customer(company, contacts)}
    return found | {"promises_kept": _promises(company)}


def _opened(company: Company) -> list[Row]:
    seen = [c for c in company["interactions"] if not c["self_service"]]
    return [c for c in seen if START <= c["opened_at"] < END]


def _known(moment: datetime | None) -> bool:
    return moment is not None and moment <= NOW


# surveys


def _asked(company: Company) -> list[Row]:
    invited = [s for s in company["surveys"] if START <= s["sent_at"] < END]
    return [s for s in invited if s["eligible"] is not False]


def _given(s: Row) -> bool:
    if s["score"] is None or s["answered_at"] is None:
        return False
    low, high = SCALES[s["instrument"]]
    low = low if s["scale_min"] is None else s["scale_min"]
    high = high if s["scale_max"] is None else s["scale_max"]
    return low <= s["score"] <= high


def _late(s: Row) -> bool:
    return s["answered_at"] > s["sent_at"] + CLOSES


def _in_time(s: Row) -> int:
    return int(_given(s) and not _late(s))


def _weight(s: Row) -> float:
    return 1.0 if s["weight"] is None else s["weight"]


def _why_not(s: Row) -> str:
    low, high = SCALES[s["instrument"]]
    fits = low <= s["score"] <= high
    fits &= s["scale_min"] in (None, low) and s["scale_max"] in (None, high)
    if s["instrument"] == "nps":
        fits &= s["score"] == int(s["score"])
    if _late(s):
        return "given late"
    if not fits:
        return "on another scale"
    return "" if _weight(s) > 0 else "without weight"


def _surveyed(company: Company, name: str, instrument: str) -> Figure:
    found, used = Figure(), []
    given = [s for s in _asked(company) if s["instrument"] == instrument and _given(s)]
    why = {s["invite_id"]: _why_not(s) for s in given}
    if name == "nps":
        why = _opinions(given, why)
    for s in given:
        if why[s["invite_id"]]:
            found.apart[why[s["invite_id"]]] += 1
        else:
            used.append(s)
    mean = sum(map(_weight, used)) / len(used) if used else 1.0
    for s in used:
        score, w = s["score"], _weight(s) / mean
        num = {"nps": (score >= 9) - (score <= 6), "csat": score >= 4, "ces": score >= 5}
        worth = score if name == "csat_mean" else float(num[instrument])
        found.rows.append((s["customer_id"], worth * w, w))
    return found


def _opinions(given: list[Row], why: dict[str, str]) -> dict[str, str]:
    """Only the last answer of a person about the relationship is an opinion of us."""
    why = dict(why)
    last: dict[Any, Row] = {}
    for s in given:
        if why[s["invite_id"]]:
            continue
        if s["kind"] == "transactional":
            why[s["invite_id"]] = "about a contact"
            continue
        person = (s["customer_id"], s["contact_id"])
        if person == (None, None):
            continue
        before = last.setdefault(person, s)
        newest = max(before, s, key=lambda a: (a["answered_at"], a["sent_at"], a["invite_id"]))
        if before is not s:
            other = before if newest is s else s
            why[other["invite_id"]] = "of somebody who answered again"
        last[person] = newest
    return why


# contacts


def _issues(company: Company) -> dict[str, Figure]:
    by_issue: dict[Any, list[Row]] = defaultdict(list)
    for c in company["interactions"]:
        if not c["self_service"]:
            alone = c["interaction_id"] if c["issue_key"] is None else ""
            by_issue[c["customer_id"], c["issue_key"], alone].append(c)
    first, open_, again = Figure(), Figure(), Figure()
    for contacts in by_issue.values():
        contacts.sort(key=lambda c: (c["opened_at"], c["interaction_id"]))
        for place, c in enumerate(contacts):
            if not START <= c["opened_at"] < END:
                continue
            later = contacts[place + 1 : place + 2]
            back = any(n["opened_at"] <= c["opened_at"] + WEEK for n in later)
            settled = _known(c["first_human_reply_at"]) and _known(c["resolved_at"])
            who = c["customer_id"]
            again.rows.append((who, int(back), 1))
            if place == 0:
                first.rows.append((who, int(settled and not back), 1))
                open_.rows.append((who, int(not settled and not back), 1))
    return {"first_contact_resolution": first, "issues_open": open_, "recontact_rate": again}


def _by_calendar(_team: Any, start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 3600


def _waits(
    contacts: Iterable[Row], until: str, passed: Callable[[Any, datetime, datetime], float]
) -> list[tuple[Any, float, bool]]:
    """(customer, hours, whether it is not over)."""
    found = []
    for c in contacts:
        began, over = c["opened_at"], _known(c[until])
        last = c[until] if over else NOW
        left = c["abandoned_at"]
        if not over and left is not None and began <= left <= NOW:
            last = left
        if last >= began:
            found.append((c["customer_id"], passed(c["team"], began, last), not over))
    return found


def _gave_up(c: Row) -> int:
    left, reply = c["abandoned_at"], c["first_human_reply_at"]
    return int(_known(left) and (reply is None or reply > left))


def here(customer: Row, first: Any, after: Any) -> bool:
    """Whether a customer is here on any of these days."""
    left = customer["closed_on"]
    return customer["acquired_on"] < after and (left is None or left >= first)


def _per_customer(company: Company, contacts: list[Row]) -> Figure:
    ours = [c["customer_id"] for c in company["customers"] if here(c, FIRST, AFTER)]
    counts = Counter(c["customer_id"] for c in contacts)
    found = Figure([(who, counts[who], 1) for who in ours])
    if strangers := sum(n for who, n in counts.items() if who not in ours):
        found.apart["of nobody who was a customer then"] = strangers
    return found


def _promises(company: Company) -> Figure:
    found = Figure()
    for p in company["promises"]:
        moved = p["renegotiated_at"] is not None and p["renegotiated_at"] < p["due_at"]
        due = (p["new_due_at"] or p["due_at"]) if moved else p["due_at"]
        if not START <= due < END or due > NOW:
            continue
        if moved and p["new_due_at"] is None:
            found.apart["moved to a day that is not known"] += 1
        else:
            late = not moved and _put_off(p)
            found.rows.append((p["customer_id"], int(p["kept"] is True and not late), 1))
    return found


def _put_off(p: Row) -> bool:
    if p["new_due_at"] is None:
        return p["renegotiated_at"] is not None
    return bool(p["new_due_at"] > p["due_at"])


def survival(company: Company, months: int, opened: Any) -> float | None:
    """Kaplan and Meier of all, of a window that opened on that day and ends with the period."""
    end, spans = -(-months * 365.25 // 12), []
    for c in company["customers"]:
        if not here(c, opened, AFTER):
            continue
        lost = c["closed_on"] is not None and c["closed_on"] < AFTER
        left = ((c["closed_on"] if lost else AFTER) - c["acquired_on"]).days
        spans.append((max((opened - c["acquired_on"]).days - 1, 0), left, lost))
    spans = [s for s in spans if (s[1] > s[0] or s == (0, 0, True)) and s[0] < end]
    value, at = 1.0, sorted({left for _, left, lost in spans if lost and left <= end})
    for day in at:
        risk = [s for s in spans if (s[0] < day or s[0] == day == 0) and s[1] >= day]
        value *= 1 - sum(lost and left == day for _, left, lost in risk) / len(risk)
    return value if spans else None
