"""Exports approved assignments in formats that other programs can import."""
