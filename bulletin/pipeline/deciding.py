"""What people decide at the door: that an edition may go, and what became of a delivery."""

from datetime import datetime

from bulletin.archive.filing import DRAFTED
from bulletin.archive.lock import run_lock
from bulletin.archive.outbox import DECIDABLE
from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.errors import BulletinError, SettingsError
from bulletin.model.delivery import Delivery, DeliveryState, Mode
from bulletin.model.edition import Filed
from bulletin.model.week import Week
from bulletin.pipeline.guarding import machine
from bulletin.pipeline.pressing import print_new
from bulletin.pipeline.standing import as_mode, tells_same


def approve(
    settings: Bulletin, week: Week, *, author: str, now: datetime
) -> tuple[Filed, tuple[BulletinError, ...]]:
    """File that somebody who did not draft it read the newest edition of a week, and lets it go.

    What is approved is the live edition, made of the draft to the letter; its digest is what
    leaves. Any newer draft voids it. Returns it, with what of it could not be printed. Raises
    `BulletinError` for the drafter's own word.
    """
    if settings.mode is not Mode.LIVE:
        told = (
            f"the settings let nothing go further than {settings.mode}: there is nothing to approve"
        )
        raise SettingsError(told, 'Write mode = "live" first.')
    with run_lock(settings.archive), Archive.open(settings.archive) as archive:
        newest = archive.find(week)
        drafter = _drafter(archive, newest)
        if _person(author) == _person(drafter):
            raise BulletinError(
                f"{drafter} drafted {week}: four eyes are needed, and these are the same two",
                "Somebody else reads it and approves it.",
            )
        live = as_mode(archive, newest, Mode.LIVE)
        printed = print_new(settings, archive, live)
        archive.gate.approve(live.digest, author, drafter, now)
        return live, printed.failures if printed else ()


def _drafter(archive: Archive, filed: Filed) -> str:
    """Return who drafted what this edition tells, last."""
    for event in reversed(archive.events(DRAFTED)):
        drafted, _, author = event.detail.partition(" by ")
        week, _, digest = drafted.partition(" ")
        made = archive.get(digest) if week == str(filed.edition.week) else None
        if made is not None and tells_same(made, filed):
            return author
    return "somebody unknown"


def _person(name: str) -> str:
    return " ".join(name.split()).casefold()


def resolve(
    settings: Bulletin, word: str, state: DeliveryState, *, author: str, now: datetime
) -> Delivery:
    """File a person's word on a delivery that is uncertain, refused, waiting or too late.

    `word` is its key, its reference or, where that leaves no doubt, its target; of several, the
    one that is uncertain is meant. Raises `BulletinError` where it is none or more than one.
    """
    with run_lock(settings.archive), Archive.open(settings.archive) as archive:
        outbox = archive.outbox
        outbox.recover(now)
        found = [one for one in outbox.find(word) if word and one.state in DECIDABLE]
        asked = [one for one in found if one.state is DeliveryState.UNCERTAIN] or found
        if len(asked) != 1:
            what = "no delivery" if not asked else f"{len(asked)} deliveries"
            raise BulletinError(
                f"{what} that could be decided on: {word[:80]}",
                "`bulletin status` shows what is uncertain, with the key to give here.",
            )
        outbox.resolve(asked[0].key, state, now, author=author)
        return asked[0]


def adopt(settings: Bulletin, *, author: str, now: datetime) -> str:
    """Make this machine the one that the archive sends from. Returns what it is called."""
    with run_lock(settings.archive), Archive.open(settings.archive) as archive:
        here = machine(settings)
        archive.gate.settle_in(here, now, author=author)
        return here
