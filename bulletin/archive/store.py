"""The archive: every edition that was ever filed, as the bytes that it was."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, Row, Select, case, func, select

from bulletin.archive import codec, filing, records, schema
from bulletin.archive.connection import parse_address, place, told, writer
from bulletin.archive.gate import Gate
from bulletin.archive.migrating import prepare
from bulletin.archive.outbox import Outbox
from bulletin.archive.records import Entry, Event, Rendering
from bulletin.errors import BulletinError
from bulletin.model.delivery import Artifact, Mode
from bulletin.model.edition import Filed
from bulletin.model.week import Week
from bulletin.model.word import Said, Word

__all__ = ["Archive", "Entry", "Event", "Rendering"]


class Archive:
    """The editions of one bulletin. It only grows: nothing filed is ever changed.

    Every body that is read is held against its SHA-256; `BulletinError` says that the archive is
    damaged where they differ. Every method raises `BulletinError` where the database fails, and
    `LockedError` where another program has held it for 5 seconds.
    """

    def __init__(self, engine: Engine, url: URL, bulletin: str) -> None:
        self._engine = engine
        self._url = url
        self._bulletin = bulletin

    @classmethod
    def open(cls, url: str, *, create: bool = False, bulletin: str = "") -> Self:
        """Open the archive at an SQLAlchemy address and bring its tables up to date.

        `bulletin` is the name of one among several that share an archive. Raises `SettingsError`
        for an address that is none, and `BulletinError` for what is missing, damaged, something
        else or made by a newer version; nothing is changed then.
        """
        address = parse_address(url)
        return cls(prepare(address, create=create), address, bulletin)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @property
    def outbox(self) -> Outbox:
        """What is on its way from this archive. Its methods raise as the archive's own do."""
        return Outbox(self._reading, self._writing, self._whole, self._bulletin)

    @property
    def gate(self) -> Gate:
        """Who may let what go from where. Its methods raise as the archive's own do."""
        return Gate(self._reading, self._writing, self._bulletin)

    def file(
        self,
        filed: Filed,
        bundle_digest: str,
        bundle_body: bytes,
        at: datetime,
        renderings: Sequence[Rendering] = (),
        *,
        author: str = "",
    ) -> bool:
        """File an edition, the templates it was made with and what was made, all or nothing; and
        that `author` drafted it, where it is new.

        Returns whether it was new: filing the same bytes again changes nothing. Raises
        `BulletinError` where this week has other bytes under this revision.
        """
        if codec.digest(filed.body) != filed.digest or codec.digest(bundle_body) != bundle_digest:
            msg = "a digest is the SHA-256 of its bytes"
            raise ValueError(msg)
        if filed.edition.bundle != bundle_digest:
            msg = "an edition is filed with the templates that it names"
            raise ValueError(msg)
        with self._writing() as connection:
            new = filing.is_new(connection, self._bulletin, filed)
            if new:
                filing.insert(connection, self._bulletin, filed, bundle_body, at)
                if author:
                    told = f"{filed.edition.week} {filed.digest} by {author}"
                    filing.log(connection, self._bulletin, at, filing.DRAFTED, told)
            filing.keep(connection, filed.digest, renderings)
        return new

    def latest(self, week: Week, mode: Mode | None = None) -> Filed | None:
        """Return the highest revision of a week, or the highest of one mode."""
        query = select(schema.edition).where(schema.edition.c.week == str(week))
        if mode is not None:
            query = query.where(schema.edition.c.mode == str(mode))
        return self._one(query.order_by(schema.edition.c.revision.desc()).limit(1))

    def find(self, week: Week | None = None) -> Filed:
        """Return the week's edition, or the newest. Raises `BulletinError` where there is none."""
        entries = self.editions()
        if not entries:
            msg = "the archive holds no edition yet"
            raise BulletinError(msg, "Run `bulletin draft` to make the first.")
        filed = self.latest(week or max(entry.week for entry in entries))
        if filed is None:
            known = ", ".join(sorted({str(entry.week) for entry in entries})[-6:])
            msg = f"the archive holds no edition of {week}"
            raise BulletinError(msg, f"The last ones are {known}; `bulletin list` shows all.")
        return filed

    def before(self, week: Week, count: int) -> tuple[Filed, ...]:
        """Return one edition of each of up to `count` weeks before this one, newest first.

        It is the highest revision of those that went out live, which people saw; of a week in
        which none did, the highest of all.
        """
        columns = schema.edition.c
        seen = case((columns.mode == str(Mode.LIVE), 0), else_=1)
        place = func.row_number().over(
            partition_by=columns.week, order_by=(seen, columns.revision.desc())
        )
        standing = (
            select(columns.digest, place.label("place"))
            .where(columns.bulletin == self._bulletin, columns.week < str(week))
            .subquery()
        )
        query = (
            select(schema.edition)
            .join(standing, columns.digest == standing.c.digest)
            .where(standing.c.place == 1)
        )
        return self._all(query.order_by(columns.week.desc()).limit(count))

    def editions(self) -> tuple[Entry, ...]:
        """List every edition, corrections included, newest first. Bodies are not read."""
        columns = schema.edition.c
        query = (
            select(
                columns.week,
                columns.revision,
                columns.number,
                columns.mode,
                columns.title,
                columns.digest,
                columns.filed_at,
            )
            .where(columns.bulletin == self._bulletin)
            .order_by(columns.week.desc(), columns.revision.desc())
        )
        with self._reading() as connection:
            return tuple(
                Entry(**{**row._mapping, "week": Week.parse(row.week), "mode": Mode(row.mode)})  # noqa: SLF001  (SQLAlchemy's public name)
                for row in connection.execute(query)
            )

    def get(self, digest: str) -> Filed | None:
        """Return the edition of this digest."""
        return self._one(select(schema.edition).where(schema.edition.c.digest == digest))

    def bundle(self, digest: str) -> bytes | None:
        """Return the templates, catalogue and voice of this digest."""
        query = select(schema.bundle.c.body).where(schema.bundle.c.digest == digest)
        with self._reading() as connection:
            body = connection.execute(query).scalar()
        return None if body is None else self._whole(body, digest, "templates")

    def renderings(self, digest: str) -> tuple[Rendering, ...]:
        """Return all that was made of an edition, by language and name."""
        columns = schema.rendering.c
        query = (
            select(schema.rendering)
            .where(columns.edition == digest)
            .order_by(columns.language, columns.name)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return tuple(
            Rendering(
                language=row.language,
                engine=row.engine,
                artifact=Artifact(
                    name=row.name,
                    media_type=row.media_type,
                    body=self._whole(row.body, row.sha256, row.name),
                ),
            )
            for row in rows
        )

    def record(self, at: datetime, what: str, detail: str) -> None:
        """Add a line to the log."""
        with self._writing() as connection:
            filing.log(connection, self._bulletin, at, what, detail)

    def events(self, *what: str) -> tuple[Event, ...]:
        """Return the log, oldest first; only the lines of these names, if any are given."""
        columns = schema.event.c
        query = (
            select(columns.at, columns.what, columns.detail)
            .where(columns.bulletin == self._bulletin)
            .order_by(columns.id)
        )
        if what:
            query = query.where(columns.what.in_(what))
        with self._reading() as connection:
            return tuple(
                Event(at=row.at, what=row.what, detail=row.detail)
                for row in connection.execute(query)
            )

    def say(self, *words: Word) -> None:
        """File people's words, each as a line of the log, all or nothing."""
        with self._writing() as connection:
            for word in words:
                told = records.written(word)
                filing.log(connection, self._bulletin, word.at, str(word.said), told)

    def words(self) -> tuple[Word, ...]:
        """Return every word that was filed, oldest first."""
        try:
            return tuple(records.read(event) for event in self.events(*map(str, Said)))
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged("a word in the log cannot be read") from error

    def faults(self) -> Iterator[str]:
        """Read everything there is and yield what is damaged, a line each; nothing if all is whole.

        Takes as long as reading the whole archive does. On SQLite its pages and indexes are
        looked through as well, since a damaged index can hide an edition.
        """
        try:
            with self._reading() as connection:
                if connection.dialect.name == "sqlite":
                    said = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
                else:
                    said = ["ok"]
            entries = self.editions()
        except BulletinError as error:
            yield error.problem
            return
        yield from (f"the archive is damaged: {line}" for line in said if line != "ok")
        for entry in entries:
            try:
                filed = self.get(entry.digest)
                if filed is None or self.bundle(filed.edition.bundle) is None:
                    yield f"the archive is damaged: a part of {entry.week} cannot be found"
                self.renderings(entry.digest)
                self.outbox.deliveries(edition=entry.digest)
            except BulletinError as error:
                yield error.problem

    def _one(self, query: Select[Any]) -> Filed | None:
        return next(iter(self._all(query)), None)

    def _all(self, query: Select[Any]) -> tuple[Filed, ...]:
        with self._reading() as connection:
            mine = query.where(schema.edition.c.bulletin == self._bulletin)
            return tuple(self._filed(row) for row in connection.execute(mine).all())

    def _filed(self, row: Row[Any]) -> Filed:
        what = f"edition {row.week} revision {row.revision}"
        body = self._whole(row.body, row.digest, what)
        edition = codec.loads(body)
        if any(getattr(row, name) != value for name, value in filing.columns(edition).items()):
            raise self._damaged(f"the row of {what} is not that of the edition in it")
        return Filed(edition=edition, digest=row.digest, body=body)

    def _whole(self, body: bytes, digest: str, what: str) -> bytes:
        if codec.digest(body) != digest:
            raise self._damaged(f"the bytes of {what} are not those that were filed")
        return body

    def _damaged(self, how: str) -> BulletinError:
        return BulletinError(
            f"the archive is damaged: {how}",
            f"Nothing was changed. Restore {place(self._url)} from a backup.",
        )

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with told(self._url), self._engine.begin() as connection:
            try:
                yield connection
            except (ValueError, TypeError) as error:
                raise self._damaged("a row cannot be read") from error

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with told(self._url), writer(self._engine).begin() as connection:
            yield connection
