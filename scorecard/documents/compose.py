"""Composing: every document of a period, one after the other, from its report view."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from scorecard.documents.kinds import EXECUTIVES, OWNER, PACKET, PREREAD, TEAM, Document
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.packet import executive_packet
from scorecard.documents.preread import pre_reads
from scorecard.documents.team import team_review
from scorecard.documents.view import ReportView


def composed(view: ReportView, kinds: Sequence[str]) -> Iterator[tuple[str, str, Document]]:
    """(kind, scope, document) of each document of those kinds, composed when it is asked for."""
    for kind, composer in COMPOSERS.items():
        if kind in kinds:
            for scope, document in composer(view):
                yield kind, scope, document


def _packets(view: ReportView) -> Iterator[tuple[str, Document]]:
    yield EXECUTIVES, executive_packet(view)


def _reviews(view: ReportView) -> Iterator[tuple[str, Document]]:
    """One for each team that owns a stance."""
    for team in view.data.strategy.teams:
        if (review := team_review(view, team)) is not None:
            yield team.id, review


def _scorecards(view: ReportView) -> Iterator[tuple[str, Document]]:
    """One for each owner of a stance."""
    for owner in view.holders:
        yield owner.id, owner_scorecard(view, owner)


COMPOSERS: dict[str, Callable[[ReportView], Iterator[tuple[str, Document]]]] = {
    PACKET: _packets,
    TEAM: _reviews,
    OWNER: _scorecards,
    PREREAD: pre_reads,
}
