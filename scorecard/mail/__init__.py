"""Mail: letters composed, handed to a server, and what comes back of them.

    letter, attachments  ──compose──►  message  ──hand_over──►  reply

Sealing (`mail.sealing`), bounces (`mail.bounces`) and the mailbox that they
come to (`mail.box`) are imported by their own names.
"""

from __future__ import annotations

from scorecard.mail.message import compose, encoded_size, message_id
from scorecard.mail.reply import Kind, Reply, Stage
from scorecard.mail.sender import Sender, connect
from scorecard.mail.server import SETTING, Server
from scorecard.mail.stationery import Stationery

__all__ = [
    "SETTING",
    "Kind",
    "Reply",
    "Sender",
    "Server",
    "Stage",
    "Stationery",
    "compose",
    "connect",
    "encoded_size",
    "message_id",
]
