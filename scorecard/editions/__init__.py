"""Editions: documents as they were issued, found by name, compared, made again and proved.

What one edition says otherwise than another, what it was made of, and whether it is still what was
recorded and archived. Freezing and drawing belong into printing, whom they go to into delivery.
"""
