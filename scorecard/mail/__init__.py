"""Mail: what it says, how it is composed and handed over, and what comes back of it.

    content, attachments  ──compose──►  message  ──hand_over──►  reply

One message, one server, one mailbox; nothing here knows a schedule or the ledger. Who gets
what, and when it is tried again, is decided in delivery.
"""
