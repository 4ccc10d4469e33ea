"""Delivery: a filed edition out of the door, each parcel at most once, each channel by itself."""

import logging
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bulletin import registry
from bulletin.archive.outbox import Outbox
from bulletin.archive.store import Archive
from bulletin.config import Bulletin, Plug
from bulletin.crashing import crash_point
from bulletin.errors import BulletinError, SettingsError
from bulletin.model.delivery import (
    TOO_LATE,
    Delivery,
    DeliveryState,
    Fate,
    Mode,
    Receipt,
)
from bulletin.model.edition import Filed
from bulletin.model.text import clean
from bulletin.pipeline.clock import Clock
from bulletin.pipeline.gathering import Report
from bulletin.pipeline.guarding import check_approval, check_home, check_mode
from bulletin.pipeline.printing import render_all, render_shelf
from bulletin.pipeline.standing import bundle_of
from bulletin.publishing import Issue, Publisher

log = logging.getLogger("bulletin")

PAUSE = timedelta(minutes=30)
"""Before the second attempt; then twice as long each time (RFC 5321 4.5.4.1: at least 30)."""
DOUBLINGS = 7
"""Then no longer: that is further than any lateness."""
DETAIL = 300
"""Letters of what a target said that are kept."""
STATES = {
    Fate.DELIVERED: DeliveryState.SENT,
    Fate.ALREADY_THERE: DeliveryState.SENT,
    Fate.DEFERRED: DeliveryState.DEFERRED,
    Fate.REFUSED: DeliveryState.REFUSED,
    Fate.UNCERTAIN: DeliveryState.UNCERTAIN,
}


class LostHoldError(Exception):
    """The point of no return could not be filed: the attempt stops before anything leaves."""

    def __init__(self, why: BulletinError | None = None) -> None:
        super().__init__()
        self.why = why
        """What the archive said; None where another run has the delivery in its hands."""


Announce = Callable[[Filed, Sequence[Delivery]], None]
"""Told what is about to be brought, before the first attempt."""


def say_nothing(_filed: Filed, _deliveries: Sequence[Delivery]) -> None:
    """Announce nothing."""


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
        return all(one.is_over for one in self.deliveries) and not self.failures


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


def issue_of(
    settings: Bulletin, archive: Archive, filed: Filed, channels: Sequence[Publisher]
) -> Issue:
    """Return the edition with the pages that were made of it when it was filed.

    Those are never made again: what people approved is what leaves. Only what a channel asks for
    and nobody asked for then is made now, with the templates of then; and everything of an edition
    that is not filed, which is how one is looked at before it is.
    """
    language, week, mode = settings.language, filed.edition.week, filed.edition.mode
    bundle = bundle_of(archive, filed)
    printed = archive.renderings(filed.digest)
    held = {one.artifact.name: one.artifact for one in printed if one.language == language}
    if printed and not held:
        raise BulletinError(
            f"{week} was not printed in the language of the settings, {language}",
            "Set the language back, or draft the week again.",
        )
    asked = asked_formats(channels)
    if archive.get(filed.digest) is not None:
        asked = tuple(name for name in asked if name in registry.ON_REQUEST)
    made = render_all(filed, bundle, language, asked)[0] if asked else ()
    held = {artifact.name: artifact for artifact in made} | held
    return Issue(
        filed=filed,
        language=language,
        artifacts=tuple(held[name] for name in sorted(held)),
        shelf=lambda folder: render_shelf(archive, folder, week, bundle, language, mode),
    )


def pack(
    settings: Bulletin, issue: Issue, channels: Sequence[Publisher]
) -> tuple[dict[str, Delivery], list[BulletinError]]:
    """Return what would leave, by key, and what could not be packed; nothing is filed or reached.

    Two channels of one kind bring a target nothing twice: the first of them does.
    """
    packed: dict[str, Delivery] = {}
    failures: list[BulletinError] = []
    filed, edition = issue.filed, issue.filed.edition
    kinds = {plug.name: plug.kind for plug in settings.publish}
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
        for parcel in parcels:
            delivery = Delivery(
                edition=filed.digest,
                week=str(edition.week),
                mode=edition.mode,
                channel=channel.channel,
                kind=kinds.get(channel.channel, channel.channel),
                parcel=parcel,
            )
            packed.setdefault(delivery.key, delivery)
    if channels and not packed and not failures and edition.mode is not Mode.PREVIEW:
        failures.append(_nowhere(edition.mode))
    return packed, failures


def _nowhere(mode: Mode) -> BulletinError:
    return BulletinError(
        f"no channel has anybody to bring a {mode} edition to",
        "Name recipients, a folder or a page for this mode in the settings.",
    )


def deliver(
    settings: Bulletin,
    archive: Archive,
    issue: Issue,
    channels: Sequence[Publisher],
    *,
    now: Clock,
    report: Report,
    announce: Announce = say_nothing,
    by_hand: bool = False,
) -> Outcome:
    """Bring an issue wherever it has not been. Whoever calls this holds the run's lock.

    Each delivery is claimed in the outbox before it is touched; what a dead run left there is
    taken back first. `by_hand`, what was refused, waits or came too late is tried again.

    Raises `BulletinError` where nothing may leave at all, and where the archive failed: what was
    in hand then is told by the next run.
    """
    filed, outbox = issue.filed, archive.outbox
    check_mode(settings, filed.edition.mode)
    check_approval(settings, outbox, filed)
    check_home(settings, outbox, now())
    outbox.recover(now())
    packed, failures = pack(settings, issue, channels)
    outbox.put(list(packed.values()), now())
    crash_point("outbox-filled")
    by_name = {channel.channel: channel for channel in channels}
    # A channel that was given another name goes on with what it had begun.
    names = {key: one.channel for key, one in packed.items()}
    if by_hand:
        _again(outbox, filed, {*by_name, *_former(outbox, filed, names)}, now())
    mine = [
        (one, by_name[name])
        for one in _standing(outbox, filed)
        if (name := names.get(one.key, one.channel)) in by_name
    ]
    announce(filed, [one for one, _ in mine])
    receipts = []
    for delivery, channel in mine:
        receipt = _attempt(outbox, delivery, issue, channel, now)
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


def _former(outbox: Outbox, filed: Filed, names: Mapping[str, str]) -> set[str]:
    """Return the names that channels had when they began with what is theirs."""
    return {one.channel for one in _standing(outbox, filed) if one.key in names}


def _standing(outbox: Outbox, filed: Filed) -> list[Delivery]:
    every = outbox.deliveries(str(filed.edition.week))
    return [one for one in every if one.edition == filed.digest]


def _again(outbox: Outbox, filed: Filed, channels: Container[str], at: datetime) -> None:
    """Make ready what did not leave: a person asks for it, so the cause may be gone."""
    stuck = {DeliveryState.REFUSED, DeliveryState.DEFERRED}
    for one in _standing(outbox, filed):
        late = one.state is DeliveryState.CANCELLED and one.detail == TOO_LATE
        if one.channel in channels and (one.state in stuck or late):
            outbox.resolve(one.key, DeliveryState.READY, at, author="whoever published it")


def _attempt(
    outbox: Outbox, delivery: Delivery, issue: Issue, channel: Publisher, now: Clock
) -> Receipt | None:
    """Bring one delivery, and file how it ended; None where it is over, not due, or another's."""
    attempt = delivery.attempts + 1
    if delivery.state.is_settled or not outbox.claim(delivery.key, attempt, now()):
        return None
    crash_point("claimed")
    committed = False

    def commit() -> None:
        nonlocal committed
        try:
            held = outbox.commit(delivery.key, attempt, now())
        except BulletinError as error:
            raise LostHoldError(error) from error
        if not held:
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
    except LostHoldError as lost:
        if lost.why is not None:
            raise lost.why from lost
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
    pause = PAUSE * 2 ** min(attempt - 1, DOUBLINGS)
    outbox.settle(
        delivery.key,
        attempt,
        STATES[made.fate],
        at,
        detail=clean(made.detail, DETAIL),
        reference=made.reference,
        next_at=at + pause if made.fate is Fate.DEFERRED else None,
    )
    crash_point("settled")
    return made


def _fault(channel: str, error: Exception) -> BulletinError:
    told = f"{channel} broke: a fault in bulletin ({type(error).__name__})"
    return BulletinError(told, "The log has the traceback; the other channels went on.")
