"""Filing what people say: that an item may rest, whose it is, what was decided and what came of it.

Every word is checked against the newest edition and the settings before anything is filed.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bulletin.archive.lock import run_lock
from bulletin.archive.store import Archive
from bulletin.config import Bulletin
from bulletin.errors import BulletinError, SettingsError
from bulletin.masking.text import mask
from bulletin.model.edition import Edition, Item
from bulletin.model.facts import FactKey
from bulletin.model.text import clean
from bulletin.model.week import Week
from bulletin.model.word import AHEAD, DECISION, Origin, Said, Word, decision_key, waivers
from bulletin.near import near
from bulletin.pipeline.clock import utc_now
from bulletin.pipeline.minutes import Line, list_items, read_line

LENGTH = 200
"""Letters of a reason or a decision."""
READ = 2000
"""Letters of one that are read to say how many there are."""
NAME = 60
"""Letters of whoever says something."""
SOME = 6
"""Keys that are named where none fits."""
YEAR = 53
"""Weeks ahead by which a decision may be due."""


VERBS = {
    "waive": Said.WAIVED,
    "assign": Said.ASSIGNED,
    "done": Said.DONE,
    "dropped": Said.GIVEN_UP,
}
"""Verbs of the minutes → the words that they are filed as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """Checks words before they are filed: against the settings, the list, and earlier words."""

    settings: Bulletin
    edition: Edition
    """The newest."""
    words: Sequence[Word]
    """Every word on file."""
    weeks: Sequence[Week]
    """The weeks that have an edition, newest first."""
    author: str
    now: datetime
    origin: Origin | None = None

    @classmethod
    def of(
        cls,
        settings: Bulletin,
        archive: Archive,
        author: str,
        now: datetime | None,
        origin: Origin | None = None,
    ) -> "Clerk":
        """Take what is on file. Raises `BulletinError` where there is no edition yet."""
        return cls(
            settings=settings,
            edition=archive.find().edition,
            words=archive.words(),
            weeks=tuple(entry.week for entry in archive.editions()),
            author=clean(author, NAME).strip() or "somebody",
            now=(now or utc_now()).replace(microsecond=0),
            origin=origin,
        )

    def waive(self, name: str, until: date, reason: str) -> Word:
        """Say that an item rests until the end of a day, in the bulletin's zone.

        Raises `SettingsError` where the item is not followed, the day is past or beyond
        `waiver_days`, or there is no reason.
        """
        today = self.now.astimezone(self.settings.zone).date()
        latest = today + timedelta(days=self.settings.waiver_days)
        if until < today:
            msg = f"{until} is past: a waiver ends on a day to come"
            raise SettingsError(msg, f"Name a day from {today} to {latest}.")
        if until > latest:
            msg = f"{until} is too far: a waiver reaches {self.settings.waiver_days} days at most"
            raise SettingsError(msg, f"Name a day up to {latest}, or raise `waiver_days`.")
        why = _text(reason)
        if not why:
            raise SettingsError(
                "a waiver needs a reason", 'Say it in a few words: --reason "after the freeze".'
            )
        item = self.item(name)
        return self.word(Said.WAIVED, item.key, text=why, until=until, handle=item.handle)

    def withdraw(self, name: str) -> list[Word]:
        """Say that a waiver is over. Raises `SettingsError` where none stands."""
        item, standing = self.item(name), waivers(self.words)
        held = [key for key in (item.key, *item.formerly) if key in standing]
        voided = item.voided
        if not held or all(voided is not None and standing[key].at <= voided for key in held):
            msg = f"no waiver stands for {item.key}"
            msg += ": it was void when that got worse" if held else ""
            raise SettingsError(msg, "`bulletin ledger` shows what rests.")
        # A waiver is bound to the name that the item had then.
        return [self.word(Said.WITHDRAWN, key, handle=standing[key].handle) for key in held]

    def assign(self, name: str, team: str) -> Word:
        """Say whose an item is. Raises `SettingsError` for a team that the settings lack."""
        item = self.item(name)
        return self.word(Said.ASSIGNED, item.key, text=self._team(team), handle=item.handle)

    def decide(
        self,
        week: Week,
        text: str,
        *,
        owner: str | None = None,
        due: Week | None = None,
        about: str | None = None,
    ) -> Word:
        """Say what the meeting of a week decided; due in the edition after it unless said.

        Raises `SettingsError` for a week without an edition or a `due` that is not after it.
        """
        said = _text(text)
        if not said:
            raise SettingsError("a decision needs words", "Say in a line what is to be done.")
        verb = read_line(1, said, week, self.settings.teams).verb
        if verb:
            msg = f"'{verb} …' is a word about an item, and no decision"
            raise SettingsError(msg, "Write it among the notes of the week, or as a command.")
        if week not in self.weeks:
            msg = f"there is no edition of {week}: its meeting has not had a journal"
            raise SettingsError(msg, f"The last one is {self.weeks[0]}.")
        by = due or week.shift(AHEAD)
        if not 0 < by.weeks_since(week) <= YEAR:
            msg = f"a decision of {week} cannot be due in {by}"
            raise SettingsError(msg, f"Name a week from {week.shift(1)} on.")
        free = 1 + sum(1 for key in self._decided if key.subject.startswith(f"{week}-"))
        return self.word(
            Said.DECIDED,
            decision_key(week, free),
            text=said,
            owner=None if owner is None else self._team(owner),
            due=by,
            about=None if about is None else self.item(about).key,
        )

    def close(self, name: str, text: str, *, done: bool) -> Word:
        """Say that a decision was carried out, or given up for a reason.

        One that was taken since the newest edition may be closed as well. Raises `SettingsError`
        for what is no decision, and where nobody says how or why.
        """
        followed = {item.key for item in self.items}
        key = named(followed | self._decided, name, "is not on the list")
        if key.kind != DECISION:
            msg = f"{key} is not closed here, but where it lives"
            raise SettingsError(msg, f"Close it in {key.source}; the next edition sees it.")
        why = _text(text)
        if not why:
            msg = f"{key.subject} is not closed without a word"
            hint = "Say how it was done, or why it is given up, as in “deployed on Monday”."
            raise SettingsError(msg, hint)
        return self.word(Said.DONE if done else Said.GIVEN_UP, key, text=why)

    @property
    def _decided(self) -> set[FactKey]:
        """The keys of every decision on file."""
        return {word.key for word in self.words if word.said is Said.DECIDED}

    @property
    def items(self) -> tuple[Item, ...]:
        """What the newest edition follows."""
        return self.edition.followed

    def item(self, name: str) -> Item:
        """Return the followed item that this key, or the last part of one, names.

        Raises `SettingsError` where it names none or several.
        """
        waiting = self._decided - {item.key for item in self.items}
        if any(name.casefold() in {key.subject.casefold(), str(key)} for key in waiting):
            msg = f"the newest edition does not hold the decision {clean(name, NAME)}"
            raise SettingsError(msg, "It is an item from the edition after its meeting on.")
        key = named([item.key for item in self.items], name, "is not on the list")
        return next(item for item in self.items if item.key == key)

    def take(self, week: Week, line: Line) -> Word | None:
        """Return the word of a line of minutes; None for one that is on file already.

        Raises `SettingsError` for what cannot be filed.
        """
        if any(self._is_filed(week, line, word) for word in self.words):
            return None
        return self._taken(week, line)

    def _is_filed(self, week: Week, line: Line, word: Word) -> bool:
        """Whether a line was filed as this word: notes are read again and again."""
        if word.text.casefold() != _text(line.text).casefold():
            return False
        if not line.verb:
            return word.said is Said.DECIDED and word.key.subject.startswith(f"{week}-")
        named = line.key.casefold() in {str(word.key).casefold(), word.key.subject.casefold()}
        same = (word.said, word.author, word.until) == (VERBS[line.verb], self.author, line.until)
        return named and same

    def _taken(self, week: Week, line: Line) -> Word:
        match line.verb:
            case "waive":
                if line.until is None:
                    hint = "Write it as in: waive INC-42 until 2026-12-10: after the sale"
                    raise SettingsError("a waiver needs its last day", hint)
                return self.waive(line.key, line.until, line.text)
            case "assign":
                return self.assign(line.key, line.text)
            case "done" | "dropped":
                return self.close(line.key, line.text, done=line.verb == "done")
            case _:
                return self.decide(
                    week,
                    line.text,
                    owner=line.owner,
                    due=line.due,
                    about=line.key or None,
                )

    def _team(self, name: str) -> str:
        teams = {team.casefold(): team for team in self.settings.teams}
        if name.casefold() not in teams:
            known = ", ".join(sorted(self.settings.teams)) or "none yet"
            msg = f"there is no team '{clean(name, NAME)}'{near(name, self.settings.teams)}"
            raise SettingsError(msg, f"The teams in the settings are: {known}.")
        return teams[name.casefold()]

    def word(
        self,
        said: Said,
        key: FactKey,
        *,
        text: str = "",
        handle: str = "",
        until: date | None = None,
        owner: str | None = None,
        due: Week | None = None,
        about: FactKey | None = None,
    ) -> Word:
        """Return a word of whoever speaks, now."""
        return Word(
            said=said,
            key=key,
            author=self.author,
            at=self.now,
            until=until,
            text=text,
            handle=handle,
            owner=owner,
            due=due,
            about=about,
            origin=self.origin,
        )


def say(
    settings: Bulletin,
    speak: Callable[[Clerk], Word | Iterable[Word]],
    *,
    author: str,
    now: datetime | None = None,
) -> list[Word]:
    """File what `speak` says, all or nothing, and return it.

    Raises what `speak` raises, and `LockedError` while a run is at it.
    """
    with run_lock(settings.archive), Archive.open(settings.archive) as archive:
        said = speak(Clerk.of(settings, archive, author, now))
        words = [said] if isinstance(said, Word) else list(said)
        archive.say(*words)
    return words


def named(keys: Collection[FactKey], name: str, otherwise: str) -> FactKey:
    """Return the key that a person wrote in whole, or by its last part.

    Raises `SettingsError` where it is none or several of them; `otherwise` says what none is.
    """
    found = [key for key in keys if str(key) == name]
    found = found or [key for key in keys if key.subject.casefold() == name.casefold()]
    told = clean(name, NAME)
    if len(found) > 1:
        every = " or ".join(sorted(map(str, found)))
        raise SettingsError(f"'{told}' names {len(found)} items", f"Write {every}.")
    if not found:
        known = [one for key in keys for one in (str(key), key.subject)]
        some = ", ".join(sorted(map(str, keys))[:SOME]) or "none"
        msg = f"'{told}' {otherwise}{near(name, known)}"
        raise SettingsError(msg, f"Known are: {some}. `bulletin ledger` shows every key.")
    return found[0]


def take_minutes(clerk: Clerk, week: Week, text: str) -> tuple[list[Word], list[str]]:
    """Return the words of a meeting's notes that are not on file yet, and what is wrong with them.

    `text` is Markdown, see `minutes`.
    """
    words: list[Word] = []
    wrong: list[str] = []
    for number, said in list_items(text):
        try:
            line = read_line(number, said, week, clerk.settings.teams)
            word = replace(clerk, words=(*clerk.words, *words)).take(week, line)
        except BulletinError as error:
            stop = "" if error.problem.endswith("?") else "."
            wrong.append(f"line {number}: {error.problem}{stop} {error.hint}")
            continue
        words += [word] if word is not None else []
    return words, wrong


def _text(text: str) -> str:
    """Return text that is fit to be kept: on one line, without secrets.

    Raises `SettingsError` for more than `LENGTH` letters: half a sentence is no decision.
    """
    said = mask(clean(text, READ)).text.strip()
    if len(said) > LENGTH:
        msg = f"“{clean(said, NAME)}” is {len(said)} letters long"
        raise SettingsError(msg, f"Say it in {LENGTH} letters at most.")
    return said
