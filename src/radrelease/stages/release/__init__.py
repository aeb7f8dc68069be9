"""What is published of what was made: rows, tables, statements, and the lists of a publication."""
