"""A placeholder for a scheduled function."""


def handler(event, context):
    """Do nothing."""
    return {}
