"""The command line: commands, what they print, and their log.

It reads the clock, the environment and the arguments, and hands them down. What a command
does belongs into library, or into delivery where something is sent.
"""
