"""Everything the steps need from the outside world, with one protocol per aggregate.

Each function imports only the modules whose ports it uses.
"""
