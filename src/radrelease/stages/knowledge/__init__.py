"""What a whole export knows of everybody, compiled to be looked for."""
