"""The words: sentences by id from the catalogue, with plurals, numbers, dates and lists."""

import gettext
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from io import BytesIO
from string import Formatter
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bulletin.errors import BulletinError
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.escape import Safe

NO_BREAK = "\u00a0"
FRENCH = re.compile(r" (?=[:;?!»%€])|(?<=«) |(?<=[Nn]°) |(?<=^\{n\}) ")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every sentence of one language, as plain text with `{placeholders}`."""

    language: str
    forms: Mapping[str, tuple[str, ...]]
    """Id → the sentence, or its plural forms."""
    plural: Callable[[int], int]
    """A number → the index of its form."""
    lines: Mapping[str, str]
    """Id → the voice's line, with `{placeholders}` as well."""

    def sentence(self, id_: str, n: int | None = None) -> str:
        """Return the sentence, in the form for `n`. Raises `BulletinError` for an unknown id."""
        forms = self.forms.get(id_)
        if forms is None:
            raise BulletinError(
                f"the catalogue '{self.language}' has no words for '{id_}'",
                f"Add it to templates/locale/{self.language}.po.",
            )
        return forms[0] if n is None or len(forms) == 1 else forms[self.plural(n)]

    def line(self, id_: str) -> str:
        """Return a line of the voice. Raises `BulletinError` for an unknown id."""
        if id_ not in self.lines:
            raise BulletinError(
                f"the voice '{self.language}' has no line '{id_}'",
                "Put it back: an edition that was printed with it cannot be printed without.",
            )
        return self.lines[id_]


@lru_cache(maxsize=4)
def read_catalogue(bundle: Bundle, language: str) -> Catalogue:
    """Read `locale/<language>.po`. Raises `BulletinError` where there is none."""
    if language not in bundle.languages:
        raise BulletinError(
            f"there is no catalogue for '{language}'",
            f"Choose one of: {', '.join(bundle.languages)}.",
        )
    catalogue = read_po(BytesIO(bundle.files[f"locale/{language}.po"]), locale=language)
    forms: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        several = not isinstance(message.id, str)
        strings = tuple(message.string or ()) if several else (str(message.string or ""),)
        id_ = str(message.id[0] if several else message.id)
        if id_ and all(strings):
            forms[id_] = tuple(spaced(text, language) for text in strings)
    voice = (line for lines in bundle.voice(language).values() for line in lines)
    lines = {line["id"]: spaced(line["text"], language) for line in voice}
    return Catalogue(language, forms, gettext.c2py(catalogue.plural_expr), lines)


def spaced(text: str, language: str) -> str:
    """Keep French punctuation on the line of its word."""
    return FRENCH.sub(NO_BREAK, text) if language == "fr" else text


@dataclass(frozen=True, slots=True)
class Words:
    """Speaks one language in one format and one time zone; every answer is ready to print."""

    catalogue: Catalogue
    safe: type[Safe]
    zone: ZoneInfo
    decided: bool = False
    """Whether a decision is among what the edition calls fixed: a decision is done, not fixed."""

    def __call__(self, id_: str, /, **words: object) -> Safe:
        """Say the sentence `id_`, in the form for `n` if there is one; foreign words are escaped.

        `{days}` is the value. `{days:days}` is the value counted: the sentence `count.days` for
        that number. `{level:severity}` is a word: the sentence `severity.<value>`. `{at:clock}`
        is a moment in seconds since 1970, said as `clock` says it; so are `{at:day}` and
        `{at:weekday}`. Where a decision is among what was fixed, the sentence `<id_>.decided` is
        said, if there is one.
        Raises `BulletinError` for an unknown id or a missing value.
        """
        n = words.get("n")
        number = n if isinstance(n, int) else None
        if self.decided and self.knows(f"{id_}.decided"):
            id_ = f"{id_}.decided"
        return self._filled(id_, self.catalogue.sentence(id_, number), words)

    def line(self, id_: str, /, **words: object) -> Safe:
        """Say a line of the voice, whose placeholders are those of a sentence.

        Raises `BulletinError` for an unknown id or a missing value.
        """
        return self._filled(id_, self.catalogue.line(id_), words)

    def _filled(self, id_: str, sentence: str, words: Mapping[str, object]) -> Safe:
        said: list[str] = []
        for literal, name, spec, _ in Formatter().parse(sentence):
            said.append(self.safe.quote(literal))
            if name is not None:
                said.append(self._value(id_, name, spec or "", words))
        return self.safe("".join(said))

    def _value(self, id_: str, name: str, spec: str, words: Mapping[str, object]) -> str:
        if name not in words:
            raise BulletinError(
                f"the sentence '{id_}' asks for '{name}', which nobody gave",
                f"Mend it in templates/locale/{self.catalogue.language}.po, "
                f"or in templates/voice/{self.catalogue.language}.toml.",
            )
        value = words[name]
        if spec in MOMENTS and isinstance(value, int):
            return MOMENTS[spec](self, datetime.fromtimestamp(value, UTC))
        if spec and isinstance(value, int):
            return self.counted(value, spec)
        if spec:
            return self(f"{spec}.{value}")
        return self.number(value) if isinstance(value, int) else self.safe.escape(value)

    def knows(self, id_: str) -> bool:
        """Whether the catalogue has this sentence."""
        return id_ in self.catalogue.forms

    def counted(self, n: int, unit: str) -> Safe:
        """Say a number of things, as in `3 days`; an unknown unit is `things`."""
        return self(f"count.{unit}" if self.knows(f"count.{unit}") else "count.things", n=n)

    def number(self, value: int) -> Safe:
        """Write a whole number with the language's separators."""
        # The narrow no-break space of French is in few fonts; the page would borrow a stranger's.
        text: str = format_decimal(value, locale=self.catalogue.language)
        return self.safe(text.replace("\u202f", NO_BREAK))

    def listing(self, parts: Iterable[object]) -> Safe:
        """Join with commas and the language's `and`."""
        ready = [str(self.safe.escape(part)) for part in parts]
        return self.safe(format_list(ready, locale=self.catalogue.language))

    def parts(self, names: Iterable[str]) -> Safe:
        """Name fields of facts in a row; one without a word of its own stays as it is spelled."""
        known = {name: f"part.{name}" for name in names}
        return self.listing(self(id_) if self.knows(id_) else name for name, id_ in known.items())

    def day(self, moment: date) -> Safe:
        """Write a date as in `Thursday, November 26, 2026`; a moment counts in the zone."""
        return self._written(format_date(self._local(moment), "full", self.catalogue.language))

    def short_day(self, moment: date) -> Safe:
        """Write a date as in `Nov 26, 2026`; a moment counts in the zone."""
        return self._written(format_date(self._local(moment), "medium", self.catalogue.language))

    def month(self, moment: datetime) -> Safe:
        """Write month and year in the zone, as in `November 2026`."""
        return self._written(format_date(self._local(moment), "LLLL y", self.catalogue.language))

    def weekday(self, day: date) -> Safe:
        """Write weekday and day of the month, as in `Tue 29`."""
        return self._written(format_date(day, "EEE d", self.catalogue.language))

    def clock(self, moment: datetime) -> Safe:
        """Write weekday and time of day in the zone, as in `Thursday 10:02`."""
        local, language = moment.astimezone(self.zone), self.catalogue.language
        weekday = format_datetime(local, "EEEE", locale=language)
        return self("clock", weekday=weekday, time=format_time(local, "HH:mm", locale=language))

    def moment(self, moment: datetime) -> Safe:
        """Write date, time and time zone, as in `Nov 26, 2026, 10:02 CET`."""
        local = moment.astimezone(self.zone)
        clock = format_time(local, "HH:mm", locale=self.catalogue.language)
        return self.safe(
            f"{self.short_day(moment)}, {clock} {self.safe.quote(local.tzname() or '')}"
        )

    def _local(self, moment: date) -> date:
        return moment.astimezone(self.zone) if isinstance(moment, datetime) else moment

    def _written(self, text: str) -> Safe:
        return self.safe(self.safe.quote(text.replace("\u202f", NO_BREAK)))


MOMENTS: Mapping[str, Callable[[Words, datetime], Safe]] = {
    "clock": Words.clock,
    "day": Words.short_day,
    "weekday": Words.weekday,
}
"""How a moment among the words of a sentence is said."""
