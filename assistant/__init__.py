"""How a question becomes a cited answer; start reading at ``chain.py``."""
