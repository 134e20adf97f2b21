"""How the project's own encoder is made: a smaller vocabulary, French administrative pairs, eight-bit weights.

Run on a development machine (``python -m index.training --help``); the product only needs what comes out of it.
"""
