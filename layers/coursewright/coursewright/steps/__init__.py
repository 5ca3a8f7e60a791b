"""One use case per state, named like its function."""
