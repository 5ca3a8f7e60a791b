"""The crash drill: injects a fault into each outside call of the workflow, one at a time."""
