"""A package in the sample's own layer."""

GREETING = "from the layer"
