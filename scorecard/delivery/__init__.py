"""Delivery: what schedules owe is issued, queued, sent once, and watched."""
