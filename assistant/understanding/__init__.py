"""A French message becomes topics and facts, each with the words it came from."""
