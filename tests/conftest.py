"""Lets tests in folders below this one import the samples and the cast that lie here."""
