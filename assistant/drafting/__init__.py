"""The staff desk's core: an applicant's e-mail in, a draft reply out. READ FIRST: ``drafter.py``."""
