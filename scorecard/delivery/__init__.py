"""Documents that schedules owe: issued, queued, sent exactly once, and watched.

Who gets what, what is tried again and when, what comes back, and how things stand. How one message
is put together and handed over belongs into mail; what is owed and sent is kept by the ledger.
"""
