"""Scoring of the sealed split: pure functions of references and predictions."""
