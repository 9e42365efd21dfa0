"""Documents: values and sentences made from results, complete before anything is drawn.

The models of packet, review and owner's page, the data of a report, and the wording of each
page. Printing and the templates decide how they look on paper.
"""
