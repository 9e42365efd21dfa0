"""The command line: commands, what they print, and their log.

It alone reads the clock, the environment and the arguments. What a command does belongs into
library, or into delivery where something is sent.
"""
