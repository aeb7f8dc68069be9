"""Vocabularies and de-identification profiles, as data that describes itself."""
