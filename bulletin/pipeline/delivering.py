"""Delivery: a filed edition out of the door, each parcel at most once, each channel by itself."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bulletin.archive.outbox import Outbox
from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.crashing import crash_point
from bulletin.errors import BulletinError
from bulletin.model.delivery import NOBODY, Delivery, DeliveryState, Fate, Receipt
from bulletin.model.edition import Filed
from bulletin.model.text import clean
from bulletin.pipeline.clock import Clock
from bulletin.pipeline.gathering import Report
from bulletin.pipeline.guarding import check_approval, check_home, check_mode
from bulletin.pipeline.packing import fault_of, pack, stranded
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
    """Every delivery of the edition as it stands now, without its body."""

    @property
    def is_whole(self) -> bool:
        """Whether everything arrived, but for what a person let be."""
        return all(one.is_over for one in self.deliveries) and not self.failures


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
    """Bring an issue wherever it has not been. Whoever calls this holds the run's lock, and has
    taken back what dead runs left in the outbox.

    Each delivery is claimed there before it is touched. `by_hand`, what was refused, waits or came
    too late is tried again.

    Raises `BulletinError` where nothing may leave at all, and where the archive failed: what was
    in hand then is told by the next run.
    """
    filed, outbox = issue.filed, archive.outbox
    check_mode(settings, filed.edition.mode)
    check_approval(settings, archive.gate, filed)
    check_home(settings, archive.gate, now())
    packed, failures = pack(settings, issue, channels)
    outbox.put(list(packed.values()), now())
    crash_point("outbox-filled")
    mine = _shared_out(outbox, filed, packed, channels)
    if len(channels) == len(settings.publish):
        standing = outbox.deliveries(edition=filed.digest, whole=False)
        failures += stranded(settings, standing, packed)
    if not failures:
        _pass_over(archive, filed, channels, now())
    if by_hand:
        mine = [(_again(outbox, one, now()), channel) for one, channel in mine]
    announce(filed, [one for one, _ in mine])
    return Outcome(
        receipts=tuple(_attempts(outbox, mine, issue, now, report)),
        failures=tuple(failures),
        deliveries=outbox.deliveries(edition=filed.digest, whole=False),
    )


def _shared_out(
    outbox: Outbox, filed: Filed, packed: Mapping[str, Delivery], channels: Sequence[Publisher]
) -> list[tuple[Delivery, Publisher]]:
    """Return what these channels have to bring or have brought, as it stands, each with its own.

    A channel that was given another name goes on with what it had begun.
    """
    by_name = {channel.channel: channel for channel in channels}
    standing = outbox.deliveries(edition=filed.digest, whole=False)
    names = [packed[one.key].channel if one.key in packed else one.channel for one in standing]
    named = zip(standing, names, strict=True)
    return [(one, by_name[name]) for one, name in named if name in by_name]


def _pass_over(archive: Archive, filed: Filed, channels: Sequence[Publisher], at: datetime) -> None:
    """File, once, which of these channels have nothing of their own to bring of an edition."""
    busy = {one.channel for one in archive.outbox.deliveries(edition=filed.digest, whole=False)}
    told = {event.detail for event in archive.events(NOBODY)}
    for channel in channels:
        detail = f"{filed.digest} {channel.channel}"
        if channel.channel not in busy and detail not in told:
            archive.record(at, NOBODY, detail)


def _again(outbox: Outbox, one: Delivery, at: datetime) -> Delivery:
    """Make ready what did not leave: a person asks for it, so the cause may be gone."""
    late = one.state is DeliveryState.CANCELLED and not one.is_over
    if not late and one.state not in {DeliveryState.REFUSED, DeliveryState.DEFERRED}:
        return one
    outbox.resolve(one.key, DeliveryState.READY, at, author="whoever published it")
    return replace(one, state=DeliveryState.READY)


def _attempts(
    outbox: Outbox,
    mine: Sequence[tuple[Delivery, Publisher]],
    issue: Issue,
    now: Clock,
    report: Report,
) -> Iterator[Receipt]:
    """Attempt each that is due, and say how it ended."""
    for delivery, channel in mine:
        receipt = _attempt(outbox, delivery, issue, channel, now)
        if receipt is not None:
            about = {"edition": delivery.edition, "week": delivery.week, "channel": receipt.channel}
            log.info("%s: %s", receipt.target, receipt.fate, extra=about)
            report(receipt.channel, f"{receipt.target}: {receipt.fate}")
            yield receipt


def _attempt(
    outbox: Outbox, delivery: Delivery, issue: Issue, channel: Publisher, now: Clock
) -> Receipt | None:
    """Bring one delivery, and file how it ended; None where it is over, not due, or another's."""
    attempt = delivery.attempts + 1
    if delivery.state.is_settled:
        return None
    whole = outbox.get(delivery.key)
    if not outbox.claim(delivery.key, attempt, now()):
        return None
    crash_point("claimed")
    made = _bring(outbox, whole, issue, channel, attempt, now)
    if made is None:
        return None
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


def _bring(  # noqa: PLR0917  (each is a different thing, and there is one call)
    outbox: Outbox, delivery: Delivery, issue: Issue, channel: Publisher, attempt: int, now: Clock
) -> Receipt | None:
    """Let the channel bring one delivery that is claimed. None where another run took it.

    Whatever the channel raises is a receipt, too: before the point of no return nothing can have
    arrived; after it, nobody can say. Raises `BulletinError` where that point could not be filed.
    """
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

    try:
        return channel.deliver(delivery, issue, commit)
    except LostHoldError as lost:
        if lost.why is not None:
            raise lost.why from lost
        return None
    except BulletinError as error:
        detail = f"{error.problem}. {error.hint}"
    except Exception as error:
        log.exception("%s broke on %s", delivery.channel, delivery.parcel.target)
        detail = fault_of(delivery.channel, error).problem
    return Receipt(
        channel=delivery.channel,
        target=delivery.parcel.target,
        fate=Fate.UNCERTAIN if committed else Fate.REFUSED,
        reference=delivery.parcel.reference,
        detail=detail,
    )
