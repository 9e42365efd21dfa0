"""Printing: frozen documents become PDFs, are read back, and may name nobody else's."""
