"""The demonstration company: Meridian Instruments, invented, of any size, always the same.

Its facts as SQL, one theme a file, and what puts them together. Nothing of the product is decided
here; no other room knows it but the command line.
"""
