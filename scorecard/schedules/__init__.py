"""Schedules: when documents are made, worked out on calendars; nothing is sent from here."""
