"""The sealed test split: its commitment, the log of its openings, and what is submitted."""
