"""Frozen documents become PDFs, are read back, and may name nobody but their own.

Layouts, charts, rendering in one process or several, the reading back, and the shelf on which PDFs
wait until all are good. What a document says belongs into documents; its HTML into templates.
"""
