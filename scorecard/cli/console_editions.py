"""What `diff` and `restate` print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from scorecard.cli.console_delivery import print_rows, say
from scorecard.cli.terminal import write_json
from scorecard.documents.formats import DASH
from scorecard.documents.kinds import KINDS
from scorecard.editions.naming import name_of

if TYPE_CHECKING:
    from scorecard.base.periods import Period
    from scorecard.delivery.correction import Restatement
    from scorecard.editions.compared import Compared
    from scorecard.ledger import Edition

_TITLES = {
    "verdict": "verdict",
    "stance": "stance",
    "limits": "limits",
    "owner": "owner",
    "added": "added",
    "removed": "removed",
    "figure": "figure",
}


def show_compared(found: Compared, *, as_json: bool) -> None:
    """What the later edition says otherwise, and of what else it was made."""
    if as_json:
        write_json(
            {
                "before": _edition(found.before),
                "now": _edition(found.now),
                "same": found.same,
                "differences": [asdict(each) for each in found.differences],
                "parts": list(found.parts),
                "made_of": list(found.made_of),
            }
        )
        return
    say(f"{KINDS[found.now.document].title}{_about(found.now)}")
    for word, each in (("before", found.before), ("now", found.now)):
        because = f"; because {each.reason}" if each.reason else ""
        say(f"  {word:<7} {each.period}, edition {each.number}  ({each.id}){because}")
    restated = found.before.period == found.now.period
    titles = _TITLES | ({"figure": "restated"} if restated else {})
    print_rows(
        ("what", "of what", "before", "now"),
        [(titles[d.kind], d.choice, d.before or DASH, d.now or DASH) for d in found.differences],
    )
    if found.made_of:
        say(f"Made of other things: {'; '.join(found.made_of)}.")
    say(_summed(found))


def _summed(found: Compared) -> str:
    if found.same:
        return "They say the same, word for word."
    count = len(found.differences)
    if count:
        return f"{count:,} {'difference' if count == 1 else 'differences'}."
    return f"No choice is told otherwise; they differ in: {', '.join(found.parts)}."


def _edition(edition: Edition) -> dict[str, Any]:
    return {
        "id": edition.id,
        "name": name_of(edition),
        "document": edition.document,
        "scope": edition.scope,
        "period": edition.period,
        "number": edition.number,
        "content_hash": edition.content_hash,
        "as_of": edition.as_of.isoformat(),
        "because": edition.reason,
    }


def show_editions(editions: Sequence[Edition], *, as_json: bool) -> None:
    """Every edition that there is, by name and id."""
    if as_json:
        write_json([_edition(each) for each in editions])
        return
    if not editions:
        say('No edition was made yet; "scorecard run --period 2026-10" does.')
        return
    rows = [(name_of(e), e.id, e.content_hash[:8], e.reason or DASH) for e in editions]
    print_rows(("edition", "id", "in its foot", "because"), rows)


def _about(edition: Edition) -> str:
    return f" of {edition.scope}" if KINDS[edition.document].folder else ""


def show_restated(made: Restatement, period: Period) -> None:
    """Which documents say something else now, and who gets them."""
    count = len(made.replaced)
    verb = "says" if count == 1 else "say"
    say(f"{period}: {count} of {made.documents} documents {verb} something else.")
    for each in made.replaced:
        say(f"  {name_of(each)}")
    say(f"{made.queued} to be sent to those who had an earlier edition.")
    for recipient, document in made.left_out:
        say(f"  {recipient} had {document}, and gets it no more")
