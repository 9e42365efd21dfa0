"""What changed since the last packet: told from that packet as it was frozen, and from this one.

A figure of the period before is restated where the ledger has another one now, by the same
definition, that would be printed otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

from scorecard.base.periods import Period
from scorecard.documents import expiry
from scorecard.documents.differences import NO_STANCE, Difference, differences
from scorecard.documents.formats import DASH
from scorecard.documents.grammar import capital, listed, plural, shortened
from scorecard.documents.packet_model import ExecutivePacket, SincePage, Turned
from scorecard.documents.report_data import LOUD, LastPacket
from scorecard.documents.said import Said, said_in
from scorecard.documents.said_since import said_since
from scorecard.documents.view import ReportView

MOST_TURNED, MOST_CHOICES = 11, 5
"""Rows of each list; with as many, each of them on two lines, one page is full."""
MOST_ABOVE = 3
"""Choices and figures, each, above what was promised, answered and proposed, which is on seven
lines at most."""
UNDECIDED = "too little evidence"
_LABEL = 56
"""Letters of a choice's name."""


def since(view: ReportView, packet: ExecutivePacket) -> SincePage | None:
    """The page; with no more than its sentence in a first packet. None of a span."""
    last, period = view.data.last, view.data.period
    if period.is_span:
        return None
    if last is None:
        return SincePage(f"This is the first packet: there is none before {_called(view, period)}.")
    before, now = said_in(last.document), said_in(packet)
    changed = differences(last.document, packet)
    # What was chosen otherwise has another verdict for that alone.
    anew = {(d.metric, d.tier) for d in changed if d.kind == "stance"}
    keys = [(d.metric, d.tier) for d in changed if d.kind == "verdict"]
    turned = [_turned(view, before[key], now[key]) for key in keys if key not in anew]
    verdicts = [t for t in turned if t.now in _DECIDED]
    lost = [t for t in turned if t.before in _DECIDED and t.now not in _DECIDED]
    choices = [said for d in changed if (said := _chosen(view, d))]
    restated = list(_restated(view, last, before))
    room, answering = max(MOST_TURNED - len(verdicts), 0), said_since(view, packet)
    most = MOST_ABOVE if answering else MOST_CHOICES
    return SincePage(
        _sentence(view, last, len(verdicts), len(lost), len(choices), len(restated)),
        f"{_called(view, last.period)}, edition {last.edition}",
        tuple(verdicts[:MOST_TURNED]),
        tuple(lost[:room]),
        tuple(choices[:most]),
        tuple(restated[:most]),
        (
            _more(len(verdicts) + len(lost) - MOST_TURNED, "the stance map has them"),
            _more(len(choices) - most, "the stance map has them"),
            _more(len(restated) - most, "the ledger has them"),
        ),
        answering,
    )


_DECIDED = ("delivered", "not delivered", "as accepted", "beyond acceptance", "over-served")


def _called(view: ReportView, period: Period) -> str:
    return view.formats.period(period)


def _more(count: int, where: str) -> str:
    return f"And {count} more; {where}." if count > 0 else ""


def _turned(view: ReportView, before: Said, now: Said) -> Turned:
    result = view.result(now.metric, now.tier)
    verdict = result.verdict if result is not None else None
    label, _, tier = now.choice.rpartition(" · ")
    return Turned(
        now.mark or before.mark,
        shortened(label, _LABEL),
        tier,
        "" if verdict is None else (verdict.region or "straddle"),
        _briefly(before),
        "" if before.figure == DASH else before.figure,
        _briefly(now),
        "" if now.figure == DASH else now.figure,
        now.verdict in LOUD,
    )


def _briefly(said: Said) -> str:
    """The verdict, or without its reason why there is none: "not shown", "not measured"."""
    return said.verdict or said.words.partition(":")[0]


def _chosen(view: ReportView, of: Difference) -> str:
    """ "Gold promises kept: promised 90 % or more, before that 94 % or more." """
    if of.kind == "limits":
        verb, _, limit = of.now.partition(": ")
        was, _, before = of.before.partition(": ")
        before = before if was == verb else f"{was} {before}"
        return f"{_named(view, of)}: {verb} {limit}, before that {before}."
    if of.kind == "stance":
        was = "no choice" if of.before == NO_STANCE else f"a {of.before}"
        ended = expiry.WORDS if (of.metric, of.tier) in view.expired else "no choice any more"
        now = ended if of.now == NO_STANCE else f"a {of.now}"
        return f"{_named(view, of)}: {now}, before that {was}."
    if of.kind in ("added", "removed") and of.tier and _printed(of):
        word = "is new in the packet" if of.kind == "added" else "is no longer in the packet"
        return f"{of.choice}: {word}."
    return ""


def _printed(of: Difference) -> bool:
    """Whether an added or removed figure was one that was judged."""
    said = of.now or of.before
    return any(said.endswith(word) for word in (*_DECIDED, UNDECIDED))


def _named(view: ReportView, of: Difference) -> str:
    return capital(view.named([(of.metric, of.tier)]))


def _restated(
    view: ReportView, last: LastPacket, before: dict[tuple[str, str], Said]
) -> Iterator[str]:
    """Figures of the period before that were printed otherwise, in the order of that packet."""
    printed = {(r.metric, r.tier): r for r in last.results}
    for key, said in before.items():
        result, metric = printed.get(key), view.data.metrics.get(key[0])
        if result is None or metric is None or not said.has_figure:
            continue
        points = view.histories.get((result.metric, result.version, result.tier), ())
        now = next((p for p in points if p.period == last.period.key), None)
        if now is None or now.value is None or now.value == result.estimate.value:
            continue
        then, figure = (view.figure(metric, v) for v in (result.estimate.value, now.value))
        words = result.verdict.words if result.verdict else ""
        verdict = f", {words} then and {now.words} now" if now.words != words else ""
        if then != figure or verdict:
            yield f"{capital(view.named([key]))}: previously {then}, now {figure}{verdict}."


def _sentence(
    view: ReportView, last: LastPacket, turned: int, lost: int, chosen: int, restated: int
) -> str:
    """ "Since the packet of September 2026, 2 verdicts changed and 1 figure was restated."."""
    of = f"the packet of {_called(view, last.period)}"
    said = []
    if turned:
        said.append(f"{turned} {plural(turned, 'verdict')} changed")
    if lost:
        said.append(f"{lost} {plural(lost, 'choice')} lost {_its(lost)} verdict")
    if chosen:
        said.append(f"{chosen} {plural(chosen, 'choice')} {_were(chosen)} altered")
    if restated:
        said.append(f"{restated} {plural(restated, 'figure')} {_were(restated)} restated")
    if not said:
        return f"No verdict and no choice changed since {of}."
    return f"Since {of}, {listed(said)}."


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _its(count: int) -> str:
    return "its" if count == 1 else "their"


def printed_on(page: SincePage) -> tuple[str, ...]:
    """Every text below the page's title, to be looked for where it is read back."""
    rows = [t for of in (*page.verdicts, *page.lost) for t in (of.choice, of.before, of.now)]
    return (*rows, *page.choices, *page.restated, *page.more, *page.answering)
