"""Approved assignments in the formats that other programs import."""
