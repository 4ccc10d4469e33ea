"""The outbox: what is on its way, from frozen bytes to what became of them.

    ready ──claim──► sending ──commit──► sending, committed ──settle──► sent
      ▲                 │ settle                    │ settle
      │◄── deferred ◄───┤                           ├──► deferred, refused (the target said so)
      │                 └──► refused                └──► uncertain (it said nothing)
      └◄── recover: a run died before its point of no return; after it, the row is uncertain

Only `claim` lets a delivery leave, and of any number that claim the same row one succeeds. It
names the attempt that begins, and whatever follows names it too: a run that lost its lock, and
was taken for dead, can say nothing any more about what another has in its hands.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, LargeBinary, func, literal, or_, select, update

from bulletin.archive import codec, filing, records, schema
from bulletin.model.delivery import TOO_LATE, Delivery, DeliveryState, Mode

RECOVERIES = 3
"""Runs that may die with a delivery in their hands, before it is refused (Mailman's rule)."""
OPEN = (DeliveryState.READY, DeliveryState.DEFERRED)
GONE = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNCERTAIN)
DECIDABLE = (*OPEN, DeliveryState.REFUSED, DeliveryState.UNCERTAIN, DeliveryState.CANCELLED)
"""What a person may decide on: all but what arrived, and what a run holds."""
TABLE = schema.delivery
COLUMN = schema.delivery.c


class Transactions(Protocol):
    """How the archive lends its database."""

    def __call__(self) -> AbstractContextManager[Connection]:
        """Begin a transaction."""
        ...


Check = Callable[[bytes, str, str], object]
"""Raises where bytes are not those of a SHA-256; told what they are."""


class Outbox:
    """The deliveries of one bulletin. A delivery that was put in is never put in again, and every
    step that it takes is a line of the log.
    """

    def __init__(
        self, reading: Transactions, writing: Transactions, check: Check, bulletin: str
    ) -> None:
        self._reading = reading
        self._writing = writing
        self._check = check
        self._bulletin = bulletin

    def put(self, deliveries: Sequence[Delivery], at: datetime) -> int:
        """Put deliveries in, all or none; those that are there stay as they are. Returns how many
        were new.
        """
        new = 0
        with self._writing() as connection:
            for delivery in deliveries:
                there = select(COLUMN.key).where(COLUMN.key == delivery.key)
                if connection.execute(there).first() is None:
                    self._insert(connection, delivery, at)
                    new += 1
        return new

    def _insert(self, connection: Connection, delivery: Delivery, at: datetime) -> None:
        parcel = delivery.parcel
        sha256 = codec.digest(parcel.body)
        held = select(schema.payload.c.sha256).where(schema.payload.c.sha256 == sha256)
        if connection.execute(held).first() is None:
            connection.execute(schema.payload.insert().values(sha256=sha256, body=parcel.body))
        row = {
            "key": delivery.key,
            "bulletin": self._bulletin,
            "edition": delivery.edition,
            "week": delivery.week,
            "mode": str(delivery.mode),
            "channel": delivery.channel,
            "kind": delivery.kind,
            "target": parcel.target,
            "reference": parcel.reference,
            "title": parcel.title,
            "head": parcel.head,
            "payload": sha256,
            "state": str(delivery.state),
            "committed": False,
            "attempts": 0,
            "recoveries": 0,
            "detail": "",
            "at": at,
        }
        connection.execute(TABLE.insert().values(row))
        self._log(connection, at, delivery.key, f"{delivery.state}")

    def deliveries(
        self,
        week: str | None = None,
        mode: Mode | None = None,
        *,
        edition: str | None = None,
        whole: bool = True,
    ) -> tuple[Delivery, ...]:
        """Return what was put in, by week, channel and target; of one week, mode or
        edition (its digest) if named.

        Unless `whole`, the bodies stay where they are: years of them are heavy.
        """
        asked = [] if week is None else [COLUMN.week == week]
        asked += [] if mode is None else [COLUMN.mode == str(mode)]
        asked += [] if edition is None else [COLUMN.edition == edition]
        return self._read(*asked, whole=whole)

    def get(self, key: str) -> Delivery:
        """Return the delivery of this key, whole. Raises `KeyError` where there is none."""
        found = self._read(COLUMN.key == key)
        if not found:
            raise KeyError(key)
        return found[0]

    def find(self, word: str) -> tuple[Delivery, ...]:
        """Return the deliveries of this key, target or reference."""
        return self._read(or_(*(c == word for c in (COLUMN.key, COLUMN.target, COLUMN.reference))))

    def waiting(self) -> tuple[Delivery, ...]:
        """Return all that will be tried again by itself, without the bodies."""
        return self._read(COLUMN.state.in_([str(one) for one in OPEN]), whole=False)

    def begun(self, mode: Mode) -> frozenset[str]:
        """Return the weeks of which an edition of this mode was put in, whatever became of it."""
        query = select(COLUMN.week).where(COLUMN.bulletin == self._bulletin)
        with self._reading() as connection:
            mine = query.where(COLUMN.mode == str(mode)).distinct()
            return frozenset(connection.execute(mine).scalars())

    def left(self, mode: Mode, *, waiting: bool = False) -> frozenset[tuple[str, str]]:
        """Return the week and digest of every edition of this mode that arrived or may have, or
        that waits for its next attempt as well.
        """
        states = (*GONE, *OPEN) if waiting else GONE
        gone = COLUMN.state.in_([str(one) for one in states]) & (COLUMN.mode == str(mode))
        query = select(COLUMN.week, COLUMN.edition).where(COLUMN.bulletin == self._bulletin, gone)
        with self._reading() as connection:
            rows = connection.execute(query.distinct()).all()
        return frozenset((row.week, row.edition) for row in rows)

    def _read(self, *asked: ColumnElement[bool], whole: bool = True) -> tuple[Delivery, ...]:
        frozen = schema.payload.c.body
        body = frozen if whole else literal(b"", LargeBinary)
        size = func.length(COLUMN.head) + func.length(frozen)
        query = select(TABLE, body.label("body"), size.label("size")).join(schema.payload)
        mine = query.where(COLUMN.bulletin == self._bulletin, *asked)
        ordered = mine.order_by(COLUMN.week, COLUMN.channel, COLUMN.target, COLUMN.key)
        with self._reading() as connection:
            rows = connection.execute(ordered).all()
        if whole:
            for row in rows:
                self._check(row.body, row.payload, f"the delivery to {row.target}")
        return tuple(records.delivery(row) for row in rows)

    def claim(self, key: str, attempt: int, at: datetime) -> bool:
        """Begin an attempt, the first being 1, at a delivery that is due. False where another
        began it, or it is over.

        The update is the claim, not a look before it.
        """
        due = or_(COLUMN.next_at.is_(None), COLUMN.next_at <= at)
        free = COLUMN.state.in_([str(state) for state in OPEN]) & due
        return self._step(
            key,
            at,
            free & (COLUMN.attempts == attempt - 1),
            state=DeliveryState.SENDING,
            attempts=attempt,
        )

    def commit(self, key: str, attempt: int, at: datetime) -> bool:
        """Pass the point of no return. False where it is in this attempt's hands no more: stop."""
        held = _held(attempt) & COLUMN.committed.is_(False)
        return self._step(key, at, held, state=DeliveryState.SENDING, committed=True)

    def settle(
        self,
        key: str,
        attempt: int,
        state: DeliveryState,
        at: datetime,
        *,
        detail: str = "",
        reference: str | None = None,
        next_at: datetime | None = None,
    ) -> bool:
        """Say how an attempt ended. False where the delivery is in its hands no more."""
        values: dict[str, Any] = {"detail": detail, "next_at": next_at, "committed": False}
        if reference is not None:
            values["reference"] = reference
        return self._step(key, at, _held(attempt), state=state, **values)

    def recover(self, at: datetime) -> int:
        """Take back what dead runs left in their hands. Only whoever holds the run lock may.

        Before the point of no return nothing can have arrived: it is ready again, until it died
        too often. After it, nobody can say.
        """
        mine = (COLUMN.bulletin == self._bulletin) & (COLUMN.state == str(DeliveryState.SENDING))
        query = select(COLUMN.key, COLUMN.committed, COLUMN.recoveries).where(mine)
        with self._writing() as connection:
            rows = connection.execute(query).all()
            for row in rows:
                tired = row.recoveries + 1 > RECOVERIES
                state, detail = DeliveryState.READY, "a run ended before it left"
                if row.committed:
                    state = DeliveryState.UNCERTAIN
                    detail = "a run ended after it was handed over, before the answer was filed"
                elif tired:
                    state = DeliveryState.REFUSED
                    detail = f"{RECOVERIES + 1} runs ended with it in their hands"
                self._move(
                    connection,
                    row.key,
                    at,
                    mine,
                    state=state,
                    detail=detail,
                    committed=False,
                    recoveries=row.recoveries + 1,
                )
        return len(rows)

    def resolve(self, key: str, state: DeliveryState, at: datetime, *, author: str) -> bool:
        """File a person's word on a delivery. False where it arrived, or a run holds it.

        Sent: it arrived. Ready: it did not, send it again. Cancelled: leave it.
        """
        return self._step(
            key,
            at,
            COLUMN.state.in_([str(one) for one in DECIDABLE]),
            state=state,
            detail=f"{author} said so",
            next_at=None,
            recoveries=0,
        )

    def cancel(self, key: str, at: datetime) -> bool:
        """Let a delivery be that is too late. False where it has ended, or a run holds it."""
        waits = COLUMN.state.in_([str(state) for state in OPEN])
        return self._step(key, at, waits, state=DeliveryState.CANCELLED, detail=TOO_LATE)

    def _step(self, key: str, at: datetime, condition: ColumnElement[bool], **values: Any) -> bool:
        with self._writing() as connection:
            return self._move(connection, key, at, condition, **values)

    def _move(
        self,
        connection: Connection,
        key: str,
        at: datetime,
        condition: ColumnElement[bool],
        **values: Any,
    ) -> bool:
        state = str(values.pop("state"))
        mine = (COLUMN.key == key) & (COLUMN.bulletin == self._bulletin)
        moved = update(TABLE).where(mine, condition).values(state=state, at=at, **values)
        if connection.execute(moved).rowcount != 1:
            return False
        committed = " committed" if values.get("committed") else ""
        detail = values.get("detail", "")
        self._log(connection, at, key, f"{state}{committed}{' ' if detail else ''}{detail}")
        return True

    def _log(self, connection: Connection, at: datetime, key: str, told: str) -> None:
        filing.log(connection, self._bulletin, at, "delivery", f"{key} {told}")


def _held(attempt: int) -> ColumnElement[bool]:
    return (COLUMN.state == str(DeliveryState.SENDING)) & (COLUMN.attempts == attempt)
