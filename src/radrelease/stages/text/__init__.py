"""Texts as all that reads reports sees them: words, lines, sentences, stretches. Nothing here judges."""
