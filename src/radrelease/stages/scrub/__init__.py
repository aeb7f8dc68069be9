"""What identifies in the text of a report: the layers, and the rules that they share."""
