"""One use case per state, named after its Lambda function."""
