"""Stored pixels to published pictures, and what is burned into them."""
