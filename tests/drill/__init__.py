"""The crash drill: a fault at every outside call of the workflow, one at a time."""
