"""News goes out beside the workflow: whether it arrives changes nothing in it."""

from coursewright.domain.errors import NoticeNotSent
from coursewright.domain.notification import Notice
from coursewright.observability import logger
from coursewright.ports.mail import Noticeboard


def tell_notice(notice: Notice | None, *, noticeboard: Noticeboard) -> None:
    """Put up a notice, if there is one; a board that is down stops no review."""
    if notice is None:
        return
    try:
        noticeboard.put_up(notice)
    except NoticeNotSent as error:
        logger.warning("notice_not_sent", generation=notice.generation, error=str(error))
