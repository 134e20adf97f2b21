"""The form of a project: from an address to facts, the question to ask next, and the ruling to show."""
