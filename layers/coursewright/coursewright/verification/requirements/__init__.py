"""Traceability from the text's requirements to the tests."""
