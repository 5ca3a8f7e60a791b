"""A package of the sample's own layer."""

GREETING = "from the layer"
