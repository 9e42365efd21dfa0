"""Mail: its content, the messages made of it, SMTP, and the bounces that come back.

    content, attachments  ──compose──►  message  ──hand_over──►  reply

One message, one server, one mailbox; nothing here knows a schedule or the ledger. Who gets
what, and when it is tried again, is decided in delivery.
"""
