"""Checks a draft in a sandbox, so that only evidence, never code, reaches the caller."""
