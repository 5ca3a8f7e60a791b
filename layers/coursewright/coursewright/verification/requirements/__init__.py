"""Traces the text's requirements to the tests."""
