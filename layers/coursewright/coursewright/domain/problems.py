"""Codes for problems with a form or a sign-in; pages translate them into the reader's language."""

from enum import StrEnum


class ProblemCode(StrEnum):
    """A problem with a submitted form."""

    CODE_MISSING = "code_missing"
    CODE_DIFFERS = "code_differs"
    NOTHING_APPROVED = "nothing_approved"
    UNVERIFIED_APPROVED = "unverified_approved"
    DOUBTS_NOT_CONFIRMED = "doubts_not_confirmed"
    NO_CHANGES_DESCRIBED = "no_changes_described"
    NO_DECISION = "no_decision"
    NOTES_TOO_LONG = "notes_too_long"
    UNKNOWN_DRAFT_REJECTED = "unknown_draft_rejected"
    APPROVED_AND_REJECTED = "approved_and_rejected"
    REASON_TOO_LONG = "reason_too_long"
    REASONS_TOO_LONG = "reasons_too_long"
    NO_EDIT_TO_UNDO = "no_edit_to_undo"
    TOO_MANY_EDITS = "too_many_edits"
    NOTHING_CHANGED = "nothing_changed"
    PART_TOO_LONG = "part_too_long"
    PART_EMPTY = "part_empty"
    DATASET_UNREADABLE = "dataset_unreadable"
    NOTHING_TO_VERIFY = "nothing_to_verify"
    ADDRESS_INVALID = "address_invalid"
    TITLE_INVALID = "title_invalid"
    ALREADY_INVITED = "already_invited"
    TOO_MANY_REVIEWERS = "too_many_reviewers"
    FOREIGN_DOMAIN = "foreign_domain"
    REVIEWER_DOMAIN = "reviewer_domain"
    AUTHOR_REVIEWS = "author_reviews"
    AUTHOR_UNKNOWN = "author_unknown"
    NO_LINK_NOW = "no_link_now"
    NO_MODEL = "no_model"
    MODEL_UNAVAILABLE = "model_unavailable"
    NO_REVIEWER = "no_reviewer"
    TOO_MANY_DRAFTS = "too_many_drafts"
    LESSON_TWICE = "lesson_twice"
    LESSON_MISSING = "lesson_missing"
    LESSON_TOO_LARGE = "lesson_too_large"
    LESSON_EMPTY = "lesson_empty"
    LESSON_NOT_UTF_8 = "lesson_not_utf_8"
    LESSON_PLACE_INVALID = "lesson_place_invalid"


class SignInProblem(StrEnum):
    """Why a visitor is not signed in."""

    NOT_CONFIGURED = "not_configured"
    UNAVAILABLE = "unavailable"  # the issuer does not answer, or violates the standard
    STALE = "stale"  # begun in another browser, too long ago, or finished before
    DENIED = "denied"  # the visitor or the issuer declined
    REFUSED = "refused"  # the issuer's answer is not valid for this sign-in
    NO_SCOPE = "no_scope"  # the account may sign in, but not author assignments
