"""Labels that a language model gives to the units of a scrubbed report, and what they cost."""
