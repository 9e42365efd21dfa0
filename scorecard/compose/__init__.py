"""Compose: from gathered material to documents, complete as data before anything is drawn."""

from scorecard.compose.owner import owner_scorecard
from scorecard.compose.packet import executive_packet
from scorecard.compose.team import team_review

__all__ = ["executive_packet", "owner_scorecard", "team_review"]
