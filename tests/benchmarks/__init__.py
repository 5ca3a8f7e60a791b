"""Benchmarks that print the project's figures; `make bench PART=verify` runs one of them."""
