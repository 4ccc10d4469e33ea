"""The outbox: what is on its way, from frozen bytes to what became of them.

    ready ──claim──► sending ──commit──► sending, committed ──settle──► sent
      ▲                 │ settle                    │ settle
      │◄── deferred ◄───┤                           ├──► deferred, refused (the target said so)
      │                 └──► refused                └──► uncertain (it said nothing)
      └◄── recover: a run died before its point of no return; after it, the row is uncertain

Only `claim` lets a delivery leave, and of any number that claim the same row one succeeds.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, LargeBinary, Row, literal, or_, select, update

from bulletin.archive import codec, filing, schema
from bulletin.model.delivery import Delivery, DeliveryState, Mode, Parcel

RECOVERIES = 3
"""Runs that may die with a delivery in their hands, before it is refused (Mailman's rule)."""
TOO_LATE = "too late"
"""What is said of a delivery that nobody but the clock has cancelled."""
OPEN = (DeliveryState.READY, DeliveryState.DEFERRED)
TABLE = schema.delivery
COLUMN = schema.delivery.c


class Transactions(Protocol):
    """How the archive lends its database."""

    def __call__(self) -> AbstractContextManager[Connection]:
        """Begin a transaction."""
        ...


class Outbox:
    """The deliveries of one bulletin. A delivery that was put in is never put in again, and every
    step that it takes is a line of the log.
    """

    def __init__(self, reading: Transactions, writing: Transactions, bulletin: str) -> None:
        self._reading = reading
        self._writing = writing
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
        self, week: str | None = None, mode: Mode | None = None, *, whole: bool = True
    ) -> tuple[Delivery, ...]:
        """Return what was put in, by week, channel and target; of one week or mode if named.

        Unless `whole`, the bodies stay where they are: years of them are heavy.
        """
        body = schema.payload.c.body if whole else literal(b"", LargeBinary).label("body")
        query = select(TABLE, body).join(schema.payload)
        query = query.where(COLUMN.bulletin == self._bulletin)
        if week is not None:
            query = query.where(COLUMN.week == week)
        if mode is not None:
            query = query.where(COLUMN.mode == str(mode))
        ordered = query.order_by(COLUMN.week, COLUMN.channel, COLUMN.target, COLUMN.key)
        with self._reading() as connection:
            return tuple(_delivery(row) for row in connection.execute(ordered))

    def claim(self, key: str, at: datetime) -> bool:
        """Take a delivery that is due into one's hands. False where another took it, or it is over.

        The update is the claim, not a look before it.
        """
        due = or_(COLUMN.next_at.is_(None), COLUMN.next_at <= at)
        return self._step(
            key,
            at,
            COLUMN.state.in_([str(state) for state in OPEN]) & due,
            state=DeliveryState.SENDING,
            attempts=COLUMN.attempts + 1,
        )

    def commit(self, key: str, at: datetime) -> bool:
        """Pass the point of no return. False where the delivery is in nobody's hands: stop then."""
        return self._step(
            key,
            at,
            (COLUMN.state == str(DeliveryState.SENDING)) & COLUMN.committed.is_(False),
            state=DeliveryState.SENDING,
            committed=True,
        )

    def settle(
        self,
        key: str,
        state: DeliveryState,
        at: datetime,
        *,
        detail: str = "",
        reference: str | None = None,
        next_at: datetime | None = None,
    ) -> bool:
        """Say how an attempt ended. False where the delivery was in nobody's hands."""
        values: dict[str, Any] = {"detail": detail, "next_at": next_at, "committed": False}
        if reference is not None:
            values["reference"] = reference
        return self._step(
            key, at, COLUMN.state == str(DeliveryState.SENDING), state=state, **values
        )

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
        """File a person's word on a delivery that is over, or cannot be told. False if it is not.

        Sent: it arrived. Ready: it did not, send it again. Cancelled: leave it.
        """
        asked = (DeliveryState.UNCERTAIN, DeliveryState.REFUSED, *OPEN)
        return self._step(
            key,
            at,
            COLUMN.state.in_([str(one) for one in asked]),
            state=state,
            detail=f"{author} said so",
            next_at=None,
            recoveries=0,
        )

    def cancel(self, key: str, at: datetime) -> bool:
        """Let a delivery be that is too late. False where it has ended, or a run holds it."""
        waits = COLUMN.state.in_([str(state) for state in OPEN])
        return self._step(key, at, waits, state=DeliveryState.CANCELLED, detail=TOO_LATE)

    def approve(self, edition: str, approver: str, drafter: str, at: datetime) -> None:
        """File that somebody read the edition of this digest and lets it go. Saying so again
        changes nothing.
        """
        column = schema.approval.c
        said = select(column.at).where(column.edition == edition, column.approver == approver)
        with self._writing() as connection:
            if connection.execute(said).first() is None:
                row = {"edition": edition, "approver": approver, "drafter": drafter, "at": at}
                connection.execute(schema.approval.insert().values(row))
                filing.log(connection, self._bulletin, at, "approved", f"{edition} by {approver}")

    def approvers(self, edition: str) -> tuple[str, ...]:
        """Return who approved the edition of this digest, in the order that they did."""
        column = schema.approval.c
        query = select(column.approver).where(column.edition == edition).order_by(column.at)
        with self._reading() as connection:
            return tuple(connection.execute(query).scalars())

    def home(self) -> str | None:
        """Return the machine that this archive sends from; None where it never sent."""
        column = schema.home.c
        with self._reading() as connection:
            query = select(column.machine).order_by(column.id.desc()).limit(1)
            machine: str | None = connection.execute(query).scalar()
        return machine

    def settle_in(self, machine: str, at: datetime, *, author: str = "") -> None:
        """Make a machine the one that this archive sends from."""
        with self._writing() as connection:
            connection.execute(schema.home.insert().values(machine=machine, at=at))
            told = f"{machine}{' by ' if author else ''}{author}"
            filing.log(connection, self._bulletin, at, "home", told)

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


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        edition=row.edition,
        week=row.week,
        mode=Mode(row.mode),
        channel=row.channel,
        parcel=Parcel(
            target=row.target,
            reference=row.reference,
            title=row.title,
            head=row.head,
            body=row.body,
        ),
        state=DeliveryState(row.state),
        committed=row.committed,
        attempts=row.attempts,
        recoveries=row.recoveries,
        next_at=row.next_at,
        detail=row.detail,
        at=row.at,
    )
