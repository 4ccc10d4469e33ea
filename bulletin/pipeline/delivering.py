"""Delivery: a filed edition out of the door, each parcel at most once, each channel by itself."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bulletin import registry
from bulletin.archive import codec
from bulletin.archive.outbox import Outbox
from bulletin.archive.store import Archive
from bulletin.config import Bulletin, Plug
from bulletin.errors import BulletinError, SettingsError
from bulletin.model.delivery import (
    Delivery,
    DeliveryState,
    Fate,
    Mode,
    Receipt,
)
from bulletin.model.edition import Filed
from bulletin.model.text import clean
from bulletin.pipeline.crashing import crash_point
from bulletin.pipeline.drafting import print_edition
from bulletin.pipeline.gathering import Report
from bulletin.pipeline.guarding import check_approval, check_home, check_mode
from bulletin.pipeline.printing import render_all, render_shelf
from bulletin.publishing import Issue, Publisher
from bulletin.rendering.bundle import Bundle

log = logging.getLogger("bulletin")

PAUSE = timedelta(minutes=30)
"""Before the second attempt; then twice as long each time (RFC 5321 4.5.4.1: at least 30)."""
DETAIL = 300
"""Letters of what a target said that are kept."""
Clock = Callable[[], datetime]
"""Tells the moment, in UTC; a delivery takes its time."""
STATES = {
    Fate.DELIVERED: DeliveryState.SENT,
    Fate.ALREADY_THERE: DeliveryState.SENT,
    Fate.DEFERRED: DeliveryState.DEFERRED,
    Fate.REFUSED: DeliveryState.REFUSED,
    Fate.UNCERTAIN: DeliveryState.UNCERTAIN,
}


class LostHoldError(Exception):
    """Another run has this delivery in its hands: this one stops before anything leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a delivery run did: a receipt for each attempt, and what could not even be packed."""

    receipts: tuple[Receipt, ...] = ()
    failures: tuple[BulletinError, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    """Every delivery of the edition as it stands now."""

    @property
    def is_whole(self) -> bool:
        """Whether everything arrived, but for what a person let be."""
        over = {DeliveryState.SENT, DeliveryState.CANCELLED}
        return all(one.state in over for one in self.deliveries) and not self.failures


def publishers(settings: Bulletin, only: Sequence[str] = ()) -> tuple[Publisher, ...]:
    """Build the configured channels, or the named ones. Raises `SettingsError` for a name that
    none has.
    """
    names = [plug.name for plug in settings.publish]
    for name in only:
        if name not in names:
            known = ", ".join(names) or "none"
            raise SettingsError(f"no channel is called '{name}'", f"The settings name: {known}.")
    return tuple(_built(settings, p) for p in settings.publish if not only or p.name in only)


def _built(settings: Bulletin, plug: Plug) -> Publisher:
    made: Publisher = registry.find("publish", plug.kind).from_settings(
        plug.settings, plug.name, settings
    )
    return made


def asked_formats(channels: Sequence[Publisher]) -> tuple[str, ...]:
    """Return every format that is rendered when these channels are to be served."""
    return registry.formats(name for channel in channels for name in channel.formats)


def in_mode(
    settings: Bulletin, archive: Archive, filed: Filed, mode: Mode, bundle: Bundle
) -> Filed:
    """Return the edition as one of this mode: itself, the one made of it before, or a new one.

    What is told is the same to the letter; the digest is another, since the mode is part of it.
    """
    if filed.edition.mode is mode:
        return filed
    standing = archive.latest(filed.edition.week)
    revision = (standing or filed).edition.revision
    newest = archive.latest(filed.edition.week, mode)
    if newest is not None and _told(newest) == _told(filed):
        return newest
    made = codec.file(
        replace(
            filed.edition,
            mode=mode,
            revision=revision + 1,
            corrects=newest.digest if newest else None,
        )
    )
    print_edition(archive, settings, made, bundle)
    return made


def _told(filed: Filed) -> bytes:
    same = replace(filed.edition, mode=Mode.PREVIEW, revision=1, corrects=None)
    return codec.dumps(same)


def issue_of(
    settings: Bulletin, archive: Archive, filed: Filed, channels: Sequence[Publisher]
) -> Issue:
    """Return the edition with the pages that were made of it when it was filed.

    Those are never made again: what people approved is what leaves. Only what a channel asks for
    and nobody asked for then is made now, with the templates of then.
    """
    language, week = settings.language, filed.edition.week
    body = archive.bundle(filed.edition.bundle)
    if body is None:
        told = f"the templates of {week} are not in the archive"
        raise BulletinError(told, "The archive is incomplete: restore it from a backup.")
    bundle = Bundle.loads(body)
    held = {
        one.artifact.name: one.artifact
        for one in archive.renderings(filed.digest)
        if one.language == language
    }
    asked = [name for name in asked_formats(channels) if name in registry.ON_REQUEST]
    made = render_all(filed, bundle, language, asked)[0] if asked else ()
    held = {artifact.name: artifact for artifact in made} | held
    return Issue(
        filed=filed,
        language=language,
        artifacts=tuple(held[name] for name in sorted(held)),
        shelf=lambda folder: render_shelf(archive, folder, week, bundle, language),
    )


def pack(
    filed: Filed, issue: Issue, channels: Sequence[Publisher]
) -> tuple[list[Delivery], list[BulletinError]]:
    """Return what would leave, and what could not be packed; nothing is filed or reached."""
    packed: list[Delivery] = []
    failures: list[BulletinError] = []
    edition = filed.edition
    for channel in channels:
        try:
            parcels = channel.pack(issue)
        except BulletinError as error:
            failures.append(BulletinError(f"{channel.channel}: {error.problem}", error.hint))
            continue
        except Exception as error:
            log.exception("%s could not be packed", channel.channel)
            failures.append(_fault(channel.channel, error))
            continue
        packed.extend(
            Delivery(
                edition=filed.digest,
                week=str(edition.week),
                mode=edition.mode,
                channel=channel.channel,
                parcel=parcel,
            )
            for parcel in parcels
        )
    return packed, failures


def deliver(
    settings: Bulletin,
    archive: Archive,
    issue: Issue,
    channels: Sequence[Publisher],
    *,
    now: Clock,
    report: Report,
) -> Outcome:
    """Bring an issue wherever it has not been. Whoever calls this holds the run's lock.

    Each delivery is claimed in the outbox before it is touched; what a dead run left there is
    taken back first. Raises `BulletinError` where nothing may leave at all.
    """
    filed, outbox = issue.filed, archive.outbox
    check_mode(settings, filed.edition.mode)
    check_approval(settings, outbox, filed)
    check_home(settings, outbox, now())
    outbox.recover(now())
    packed, failures = pack(filed, issue, channels)
    outbox.put(packed, now())
    crash_point("outbox-filled")
    by_name = {channel.channel: channel for channel in channels}
    mine = [one for one in _standing(outbox, filed) if one.channel in by_name]
    receipts = []
    for delivery in mine:
        receipt = _attempt(outbox, delivery, issue, by_name[delivery.channel], now)
        if receipt is not None:
            receipts.append(receipt)
            about = {"edition": filed.digest, "week": delivery.week, "channel": receipt.channel}
            log.info("%s: %s", receipt.target, receipt.fate, extra=about)
            report(receipt.channel, f"{receipt.target}: {receipt.fate}")
    return Outcome(
        receipts=tuple(receipts),
        failures=tuple(failures),
        deliveries=tuple(_standing(outbox, filed)),
    )


def _standing(outbox: Outbox, filed: Filed) -> list[Delivery]:
    every = outbox.deliveries(str(filed.edition.week))
    return [one for one in every if one.edition == filed.digest]


def _attempt(
    outbox: Outbox, delivery: Delivery, issue: Issue, channel: Publisher, now: Clock
) -> Receipt | None:
    """Bring one delivery, and file how it ended; None where it is over, not due, or another's."""
    if delivery.state.is_settled or not outbox.claim(delivery.key, now()):
        return None
    crash_point("claimed")
    committed = False

    def commit() -> None:
        nonlocal committed
        if not outbox.commit(delivery.key, now()):
            raise LostHoldError
        committed = True
        crash_point("committed")

    def receipt(fate: Fate, detail: str) -> Receipt:
        target, reference = delivery.parcel.target, delivery.parcel.reference
        return Receipt(
            channel=delivery.channel, target=target, fate=fate, reference=reference, detail=detail
        )

    try:
        made = channel.deliver(delivery, issue, commit)
    except LostHoldError:
        return None
    except BulletinError as error:
        fate = Fate.UNCERTAIN if committed else Fate.REFUSED
        made = receipt(fate, f"{error.problem}. {error.hint}")
    except Exception as error:
        log.exception("%s broke on %s", delivery.channel, delivery.parcel.target)
        fault = _fault(delivery.channel, error)
        made = receipt(Fate.UNCERTAIN if committed else Fate.REFUSED, fault.problem)
    crash_point("answered")
    at = now()
    outbox.settle(
        delivery.key,
        STATES[made.fate],
        at,
        detail=clean(made.detail, DETAIL),
        reference=made.reference,
        next_at=at + PAUSE * 2**delivery.attempts if made.fate is Fate.DEFERRED else None,
    )
    crash_point("settled")
    return made


def _fault(channel: str, error: Exception) -> BulletinError:
    told = f"{channel} broke: a fault in bulletin ({type(error).__name__})"
    return BulletinError(told, "The log has the traceback; the other channels went on.")
