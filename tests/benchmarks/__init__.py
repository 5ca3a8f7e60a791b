"""Benchmarks of the project; `make bench PART=verify` runs a single one."""
