"""Renders notifications about a review in the language of the brief."""

from coursewright.domain.generation import GenerationRequest, GenerationStatus
from coursewright.domain.notification import Notification, NotificationKind
from coursewright.domain.review import Review
from coursewright.markup.formatting import count, moment
from coursewright.markup.i18n import _, ngettext, use_language


def waiting_notification(
    request: GenerationRequest, review: Review, *, reminder: int, authoring_url: str
) -> Notification:
    """Return the notification that a review is waiting for a decision."""
    with use_language(request.brief.language):
        placeholders = {
            "drafts": count(len(review.drafts), "draft"),
            "moment": moment(review.expires_at),
        }
        if reminder:
            text = _(
                "Reminder: a review is still waiting for a decision (%(drafts)s, due %(moment)s).",
                **placeholders,
            )
        else:
            text = _(
                "A review is waiting for a decision (%(drafts)s, due %(moment)s).", **placeholders
            )
        invited = _("The reviewers have received the link and the code by email.")
        return _notification(
            NotificationKind.REVIEW_WAITING,
            request,
            review.round,
            f"{text} {invited}",
            authoring_url,
        )


def ending_notification(
    request: GenerationRequest,
    round_number: int,
    status: GenerationStatus,
    *,
    approved: int,
    authoring_url: str,
) -> Notification | None:
    """Return the notification about a generation's end, None if nobody needs to be notified."""
    with use_language(request.brief.language):
        if status is GenerationStatus.PUBLISHED:
            text = ngettext(
                "%(num)s assignment has been published.",
                "%(num)s assignments have been published.",
                approved,
            )
            return _notification(
                NotificationKind.PUBLISHED, request, round_number, text, authoring_url
            )
        if status is GenerationStatus.EXPIRED:
            text = _("No decision was made in time, so nothing was published.")
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
        link_words=_("Open the generation") if authoring_url else "",
    )
