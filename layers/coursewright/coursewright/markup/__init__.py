"""Sanitising, highlighting and translation, shared by pages, exports and steps; no I/O."""
