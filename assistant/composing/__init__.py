"""Passages and rulings become sentences with citations."""
