"""The optional language model: it reads and writes better, and never decides.

READ ``assisted.py`` FIRST. The answer of the rules is made before the model is asked, and shown when it fails.
"""
