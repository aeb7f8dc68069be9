"""The vocabulary: every record that travels. What an export holds and what is published share no class."""
