"""Compose: from gathered material to documents, complete as data before anything is drawn."""

from scorecard.compose.owner import owner_scorecard
from scorecard.compose.packet import executive_packet

__all__ = ["executive_packet", "owner_scorecard"]
