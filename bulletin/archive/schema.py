"""The archive's tables, as they stand after the last migration."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

REVISIONS = "bulletin_revision"
"""The table that says which migrations were run."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite has no zones: there it is stored without one and read back with."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Write. Raises ValueError for a moment without a zone."""
        if value is not None and value.utcoffset() is None:
            msg = "a moment without a zone cannot be filed"
            raise ValueError(msg)
        return value and value.astimezone(UTC)

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        """Read, always as UTC."""
        if value is None:
            return None
        moment: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.astimezone(UTC)


bundle = Table(
    "bundle",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

edition = Table(
    "edition",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("bulletin", Text, nullable=False),
    Column("week", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("mode", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("filed_at", Moment, nullable=False),
    Column("previous", Text),
    Column("bundle", Text, ForeignKey("bundle.digest"), nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("bulletin", "week", "revision"),
)

rendering = Table(
    "rendering",
    metadata,
    Column("edition", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("edition", "language", "name"),
    ForeignKeyConstraint(["edition"], ["edition.digest"]),
)

event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bulletin", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("what", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

approval = Table(
    "approval",
    metadata,
    Column("edition", Text, ForeignKey("edition.digest"), nullable=False),
    Column("approver", Text, nullable=False),
    Column("drafter", Text, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("edition", "approver"),
    CheckConstraint("approver <> drafter", name="four_eyes"),
)

payload = Table(
    "payload",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

delivery = Table(
    "delivery",
    metadata,
    Column("key", Text, primary_key=True),
    Column("bulletin", Text, nullable=False),
    Column("edition", Text, ForeignKey("edition.digest"), nullable=False),
    Column("week", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("payload", Text, ForeignKey("payload.sha256"), nullable=False),
    Column("state", Text, nullable=False),
    Column("committed", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("recoveries", Integer, nullable=False),
    Column("next_at", Moment),
    Column("detail", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("edition", "kind", "target"),
    CheckConstraint(
        "state in ('ready','sending','deferred','sent','refused','uncertain','cancelled')",
        name="state",
    ),
)

home = Table(
    "home",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("machine", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
