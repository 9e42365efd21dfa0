"""Delivery: documents that schedules owe are issued, queued, sent exactly once, and watched."""
