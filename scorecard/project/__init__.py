"""A project's folder: its settings, and everything in it opened for work.

Settings of [tool.scorecard], those of its mail, the workspace that a run works with, and the
laying out of a new project. What runs belongs higher up.
"""
