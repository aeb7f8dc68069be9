"""Asks a language model for the labels of reports that passed the scrubber.

``labelling`` is the entry. Nothing of the answers gets further than :class:`LabelAnswer`, whose content
is read by a stage and never published.
"""
