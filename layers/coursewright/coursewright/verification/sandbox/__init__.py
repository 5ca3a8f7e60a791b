"""Worker processes in which untrusted code runs."""
