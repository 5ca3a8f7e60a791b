"""Says news about a review in the language of the brief."""

from coursewright.domain.generation import GenerationRequest, GenerationStatus
from coursewright.domain.notification import Notice, NoticeKind
from coursewright.domain.review import Review
from coursewright.pages.formatting import count, moment
from coursewright.pages.i18n import _, ngettext, speaking


def waiting_notice(
    request: GenerationRequest, review: Review, *, reminder: int, desk_url: str
) -> Notice:
    """Say that a review waits for its reviewers."""
    with speaking(request.brief.language):
        gaps = {
            "drafts": count(len(review.drafts), "draft"),
            "moment": moment(review.expires_at),
        }
        if reminder:
            text = _("Nobody has decided yet: %(drafts)s, until %(moment)s.", **gaps)
        else:
            text = _("A review is waiting: %(drafts)s, until %(moment)s.", **gaps)
        mailed = _("The reviewers have the link and the code in their mail.")
        told = f"{text} {mailed}"
        return _notice(NoticeKind.REVIEW_WAITING, request, review.round, told, desk_url)


def ending_notice(
    request: GenerationRequest,
    round_number: int,
    status: GenerationStatus,
    *,
    approved: int,
    desk_url: str,
) -> Notice | None:
    """Say how a generation ended, where that is news for others."""
    with speaking(request.brief.language):
        if status is GenerationStatus.PUBLISHED:
            text = ngettext(
                "%(num)s assignment is published.", "%(num)s assignments are published.", approved
            )
            return _notice(NoticeKind.PUBLISHED, request, round_number, text, desk_url)
        if status is GenerationStatus.EXPIRED:
            text = _("Nobody decided in time, so nothing was published.")
            return _notice(NoticeKind.EXPIRED, request, round_number, text, desk_url)
    return None


def _notice(
    kind: NoticeKind, request: GenerationRequest, round_number: int, text: str, desk_url: str
) -> Notice:
    gaps = {"module": request.module.title, "course": request.course.title}
    path = f"{desk_url.rstrip('/')}/desk/generations/{request.generation}"
    return Notice(
        kind=kind,
        generation=request.generation,
        round=round_number,
        language=request.brief.language,
        title=" ".join(_("%(module)s (%(course)s)", **gaps).split()),
        text=text,
        link=path if desk_url else "",
        link_words=_("Open the generation on the desk") if desk_url else "",
    )
