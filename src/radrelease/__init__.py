"""radrelease: from a raw hospital export to a de-identified, documented, loadable release."""
