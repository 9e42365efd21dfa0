"""Tiers for the systems in which customers are served: each customer's tier, and what is promised.

Read from the frozen snapshot of a period and from the stances in force in it; written as files or
as a table of the facts' database, for a help desk or a CRM to import.
"""
