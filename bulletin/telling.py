"""The status in words, as JSON and as Prometheus reads it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from shlex import quote
from typing import Any

from bulletin.config import Bulletin
from bulletin.model.delivery import Delivery, DeliveryState
from bulletin.model.harvest import State
from bulletin.status import Status

Sample = tuple[Mapping[str, str], float]

ASKED = {
    DeliveryState.UNCERTAIN: "Look whether it arrived, then",
    DeliveryState.REFUSED: "Mend what refused it, then",
}


def lines(settings: Bulletin, status: Status) -> Iterator[str]:
    """Tell people how it stands."""
    edition = status.edition
    if edition is None or status.filed is None:
        yield "No edition yet."
    else:
        made = _local(settings, edition.made)
        yield f"Edition    {edition.week} ({edition.mode}), {status.filed.digest[:12]}, made {made}"
        for one in edition.coverage:
            yield f"Coverage   {one.source}: {one.seen}{_of(one.expected)} {one.unit}, {one.state}"
        yield f"List       {edition.ledger.open_now} open, {len(edition.gaps)} gaps"
        if status.approvers:
            yield f"Approved   by {', '.join(status.approvers)}"
        for delivery in status.deliveries:
            yield from _delivery(settings, delivery)
        if not status.deliveries:
            yield "Delivery   nothing is on its way"
    others = [one for one in status.asking if one not in status.deliveries]
    for delivery in others:
        yield from _delivery(settings, delivery)
    yield f"Lateness   {_lateness(status)}"
    yield f"Next       {status.ahead.week}, due {_local(settings, status.ahead.opens)}"
    yield f"Home       {status.home or 'none yet: the first machine that sends'}"
    yield f"Mode       {status.mode}"


def _delivery(settings: Bulletin, delivery: Delivery) -> Iterator[str]:
    parcel = delivery.parcel
    yield f"Delivery   {delivery.week} {delivery.channel} {delivery.state}: {parcel.target}"
    if delivery.state is DeliveryState.SENDING and delivery.at is not None:
        since = _local(settings, delivery.at)
        yield f"           since {since}; if no run is at it, the next one says what became of it"
    if delivery.state is not DeliveryState.SENT and delivery.detail:
        yield f"           {delivery.detail}"
    if delivery.state.waits_for_a_person:
        yield f"           {decision(delivery)}"
    elif not delivery.is_over and delivery.channel not in {one.name for one in settings.publish}:
        drop = f"bulletin resolve {quote(_key(delivery))} --drop"
        yield f"           No channel is called so any more. Unless it was only renamed: {drop}"


def decision(delivery: Delivery) -> str:
    """Return what to do about a delivery that waits for a person, with the command that says it."""
    key = quote(_key(delivery))
    return f"{ASKED[delivery.state]}: bulletin resolve {key} --arrived | --resend | --drop"


def _key(delivery: Delivery) -> str:
    """Return what `bulletin resolve` takes and no other delivery has."""
    return delivery.parcel.reference or delivery.key


def _lateness(status: Status) -> str:
    week = status.due.week
    if status.due.reason:
        return f"none: {week} has no edition ({status.due.reason})"
    hours, rest = divmod(status.lateness_seconds, 3600)
    told = f"{hours} h {rest // 60:02} min after the cut-off"
    if status.last_out == week:
        return f"{week} was everywhere {told}"
    over = " and too late to leave by itself" if status.now >= status.due.closes else ""
    return f"{week} is not everywhere, {told}{over}"


def _of(expected: int | None) -> str:
    return "" if expected is None else f" of {expected}"


def _local(settings: Bulletin, moment: datetime) -> str:
    return f"{moment.astimezone(settings.zone):%A %Y-%m-%d %H:%M %Z}"


def as_json(status: Status) -> dict[str, Any]:
    """Return the status as programs read it. Moments are ISO 8601 in UTC."""
    edition = status.edition
    return {
        "now": status.now.isoformat(),
        "mode": status.mode,
        "home": status.home,
        "edition": edition
        and status.filed
        and {
            "week": str(edition.week),
            "mode": edition.mode,
            "digest": status.filed.digest,
            "made": edition.made.isoformat(),
            "open_items": edition.ledger.open_now,
            "approvers": list(status.approvers),
            "gaps": len(edition.gaps),
            "coverage": [
                {
                    "source": one.source,
                    "state": one.state,
                    "seen": one.seen,
                    "expected": one.expected,
                }
                for one in edition.coverage
            ],
        },
        "deliveries": [_row(one) for one in status.deliveries],
        "asking": [_row(one) for one in status.asking],
        "due": {"week": str(status.due.week), "reason": status.due.reason},
        "next": {"week": str(status.ahead.week), "at": status.ahead.opens.isoformat()},
        "last_out": str(status.last_out) if status.last_out else None,
        "lateness_seconds": status.lateness_seconds,
        "exit_code": status.exit_code,
    }


def _row(delivery: Delivery) -> dict[str, Any]:
    return {
        "key": _key(delivery),
        "week": delivery.week,
        "channel": delivery.channel,
        "target": delivery.parcel.target,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "at": delivery.at.isoformat() if delivery.at else None,
        "detail": delivery.detail,
    }


def as_metrics(status: Status) -> str:
    """Return the status in Prometheus' text format, for its textfile collector."""
    return "".join(f"{line}\n" for name in _metrics(status) for line in _written(*name))


def _metrics(status: Status) -> Iterator[tuple[str, str, list[Sample]]]:
    """Yield each metric's name, its meaning and its samples; what is not known has none."""
    edition = status.edition
    if edition is not None:
        about = {"week": str(edition.week), "mode": str(edition.mode)}
        yield "edition_info", "The newest edition.", [(about, 1)]
        made = edition.made.timestamp()
        yield "edition_timestamp_seconds", "When the newest edition was made.", [({}, made)]
        yield "open_items", "Items on its list.", [({}, edition.ledger.open_now)]
        yield "gaps", "What it could not learn.", [({}, len(edition.gaps))]
        coverage = edition.coverage
        seen: list[Sample] = [({"source": one.source}, one.seen) for one in coverage]
        yield "coverage_seen", "What a source was seen to have.", seen
        yield (
            "coverage_expected",
            "What a source has, where it says so.",
            [({"source": o.source}, o.expected) for o in coverage if o.expected is not None],
        )
        yield (
            "coverage_state",
            "How much of a source is known: 1 for the state that it is in.",
            [
                ({"source": one.source, "state": state}, one.state is state)
                for one in coverage
                for state in State
            ],
        )
    yield (
        "deliveries",
        "Deliveries of the newest edition by state.",
        [({"state": state}, count) for state, count in status.counts.items()],
    )
    yield "deliveries_asking", "Deliveries that wait for a person.", [({}, len(status.asking))]
    late = "How late the newest due edition was or is."
    yield "lateness_seconds", late, [({}, status.lateness_seconds)]
    out = status.last_out == status.due.week or bool(status.due.reason)
    yield "due_edition_out", "Whether it arrived everywhere, or its week has none.", [({}, out)]
    ahead = status.ahead.opens.timestamp()
    yield "next_due_timestamp_seconds", "When the next edition is due.", [({}, ahead)]


def _written(name: str, meaning: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP bulletin_{name} {meaning}"
    yield f"# TYPE bulletin_{name} gauge"
    for labels, value in samples:
        told = ",".join(f'{key}="{_escaped(str(text))}"' for key, text in labels.items())
        yield f"bulletin_{name}{'{' if told else ''}{told}{'}' if told else ''} {float(value):.15g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
