"""Results become documents: values and sentences, complete before anything is drawn.

The models of packet, review and owner's page, the data of a report, and the wording of each
page. How they look on paper belongs into printing and templates.
"""
