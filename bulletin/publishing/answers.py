"""What a service that an edition is brought to said instead of taking it."""

from bulletin.errors import BulletinError
from bulletin.model.delivery import Delivery
from bulletin.model.harvest import Cause
from bulletin.wire.refused import Refused

PASSING = frozenset({Cause.UNREACHABLE, Cause.TOO_SLOW, Cause.RATE_LIMITED, Cause.SERVER_ERROR})
WORDS = {
    400: ("does not take what was sent", "Update bulletin, or report it with the log."),
    401: (
        "does not accept the credentials",
        "Make a new token and put it where the settings point to.",
    ),
    403: ("does not let this account do that", "Give the account the right to write there."),
    404: (
        "has nothing there, or hides it from this account",
        "Check the name in the settings, and that the account may see it.",
    ),
    413: ("takes nothing as large as this", "Attach fewer files, or raise the limit there."),
}


def is_passing(refused: Refused) -> bool:
    """Whether it may be otherwise in an hour, so that trying again is of use."""
    return refused.cause in PASSING


def is_lost(refused: Refused) -> bool:
    """Whether what was written may stand there: nothing was said of it, or nothing readable."""
    return is_passing(refused) or refused.cause is Cause.CHANGED_SHAPE


def told(refused: Refused, host: str) -> BulletinError:
    """Return a refusal as what a person must act upon."""
    if refused.status not in WORDS:
        return BulletinError(refused.detail, refused.hint)
    problem, hint = WORDS[refused.status]
    return BulletinError(f"{host} {problem} ({refused.status})", hint)


def moved(delivery: Delivery, kind: str) -> BulletinError:
    """Return what is said of a target that is no `kind` of the delivery's mode any more."""
    return BulletinError(
        f"{delivery.parcel.target} is no {kind} of the {delivery.mode} editions any more",
        "Name it again in the settings, or let this delivery be.",
    )
