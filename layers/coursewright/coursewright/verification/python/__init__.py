"""Verification of Python drafts."""
