"""The company's own tables, as Ibis expressions over the engine that holds them.

Contracts of the tables, the connection, the binding of columns, exchange rates and windows of
time. Rows stay in the engine. What is wrong with them is found in quality.
"""
