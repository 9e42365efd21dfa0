"""One run of a period, from its claim to the PDFs in the output folder, and the backfill.

What is asked of a run, its steps, and the order in which they are taken and recorded. When a
run is due, and who gets what it made, belongs into delivery.
"""
