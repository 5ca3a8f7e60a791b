"""Proves a draft in a sandbox: evidence comes out, code never comes near the caller."""
