"""Proposing: a folder of exports becomes the draft of a project, which people then correct.

Files are read as they will be read later, by `facts`; what they are is concluded here from their
names and values, with a reason that is written beside each line. Nothing else guesses: what is
doubtful is written as a comment, and takes effect only once a person has taken the `#` away.
"""
