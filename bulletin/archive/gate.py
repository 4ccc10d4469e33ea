"""The gate: who let which edition go, and the machine that an archive sends from."""

from datetime import datetime

from sqlalchemy import select

from bulletin.archive import filing, schema
from bulletin.archive.outbox import Transactions


class Gate:
    """What people and machines were let do in one bulletin; it only grows."""

    def __init__(self, reading: Transactions, writing: Transactions, bulletin: str) -> None:
        self._reading = reading
        self._writing = writing
        self._bulletin = bulletin

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
