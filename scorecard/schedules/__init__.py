"""Schedules: when documents are made, worked out on calendars.

A schedule and its file's readers, cron, calendars of holidays, the timetable and the lints. What
a schedule makes is sent from delivery.
"""
