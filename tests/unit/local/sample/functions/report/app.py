"""Stands for the operator's periodic report."""


def handler(event, context):
    """Do nothing."""
    return {}
