"""What the steps need from the outside world, one protocol per aggregate.

Each function loads only the modules whose ports it uses.
"""
