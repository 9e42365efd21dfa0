"""The command line: commands, what they print, and their log."""
