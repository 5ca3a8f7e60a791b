"""Explains why a model cannot be called."""

from coursewright.domain.model_call import Unavailability, UnavailabilityCode
from coursewright.markup.i18n import N_, _

TEXTS = {
    UnavailabilityCode.DISABLED: N_("it is disabled in the registry"),
    UnavailabilityCode.NO_OUTPUT_MODE: N_("it supports neither tool calling nor JSON mode"),
    UnavailabilityCode.PACKAGE_MISSING: N_("the package %(package)s is not installed"),
    UnavailabilityCode.LAYER_MISSING: N_(
        "the package %(package)s is not installed; deploy with %(parameter)s=true"
    ),
    UnavailabilityCode.ADDRESS_MISSING: N_("its address %(address)s still contains a placeholder"),
    UnavailabilityCode.KEY_MISSING: N_("%(name)s is not set"),
    UnavailabilityCode.KEY_NOT_ALLOWED: N_(
        "%(name)s may not be sent to %(host)s; name this host in the key's entry in the secret"
    ),
    UnavailabilityCode.AWS_MISSING: N_("AWS credentials and an AWS region are missing"),
}


def unavailability_text(reason: Unavailability) -> str:
    """Return the reason why a model cannot be called."""
    return _(TEXTS[reason.code], **reason.params)
