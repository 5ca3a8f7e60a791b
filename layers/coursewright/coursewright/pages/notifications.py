"""Says news about a review in the language of the brief."""

from coursewright.domain.generation import GenerationRequest, GenerationStatus
from coursewright.domain.notification import Notification, NotificationKind
from coursewright.domain.review import Review
from coursewright.markup.formatting import count, moment
from coursewright.markup.i18n import _, ngettext, speaking


def waiting_notification(
    request: GenerationRequest, review: Review, *, reminder: int, authoring_url: str
) -> Notification:
    """Say that a review waits for its reviewers."""
    with speaking(request.brief.language):
        placeholders = {
            "drafts": count(len(review.drafts), "draft"),
            "moment": moment(review.expires_at),
        }
        if reminder:
            text = _("Nobody has decided yet: %(drafts)s, until %(moment)s.", **placeholders)
        else:
            text = _("A review is waiting: %(drafts)s, until %(moment)s.", **placeholders)
        mailed = _("The reviewers have the link and the code in their mail.")
        told = f"{text} {mailed}"
        return _notification(
            NotificationKind.REVIEW_WAITING, request, review.round, told, authoring_url
        )


def ending_notification(
    request: GenerationRequest,
    round_number: int,
    status: GenerationStatus,
    *,
    approved: int,
    authoring_url: str,
) -> Notification | None:
    """Say how a generation ended, where that is news for others."""
    with speaking(request.brief.language):
        if status is GenerationStatus.PUBLISHED:
            text = ngettext(
                "%(num)s assignment is published.", "%(num)s assignments are published.", approved
            )
            return _notification(
                NotificationKind.PUBLISHED, request, round_number, text, authoring_url
            )
        if status is GenerationStatus.EXPIRED:
            text = _("Nobody decided in time, so nothing was published.")
            return _notification(
                NotificationKind.EXPIRED, request, round_number, text, authoring_url
            )
    return None


def _notification(
    kind: NotificationKind,
    request: GenerationRequest,
    round_number: int,
    text: str,
    authoring_url: str,
) -> Notification:
    placeholders = {"module": request.module.title, "course": request.course.title}
    path = f"{authoring_url.rstrip('/')}/authoring/generations/{request.generation}"
    return Notification(
        kind=kind,
        generation=request.generation,
        round=round_number,
        language=request.brief.language,
        title=" ".join(_("%(module)s (%(course)s)", **placeholders).split()),
        text=text,
        link=path if authoring_url else "",
        link_words=_("Open the generation on the authoring pages") if authoring_url else "",
    )
