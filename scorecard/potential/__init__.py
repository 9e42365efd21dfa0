"""Potential: what customers will bring, from models that are fitted to what they did.

Pure arithmetic on grouped histories: how often they buy and whether they still do, what a
purchase is worth, and how long contracts are renewed. Nothing here knows facts, tiers or a clock.
"""
