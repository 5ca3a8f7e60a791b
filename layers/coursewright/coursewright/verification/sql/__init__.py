"""Verification of SQL drafts."""
