"""The facts and rules of the domain, without any I/O."""
