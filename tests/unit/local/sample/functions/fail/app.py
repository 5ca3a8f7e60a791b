"""Always fails."""


class LessonUnreadable(Exception):
    """The error that this function always raises."""


def handler(event, context):
    """Raise the error."""
    raise LessonUnreadable("no lesson in the event")
