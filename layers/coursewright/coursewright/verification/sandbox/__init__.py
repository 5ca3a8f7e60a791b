"""Worker processes that run untrusted code."""
