"""Replies: what owners write, from the browser, a form or the command line, to one door.

Whatever way it comes, `door` holds it against the strategy, the edition that was read, its deadline
and what is open already, and records all of it or nothing.
"""
