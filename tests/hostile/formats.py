"""Every format as its readers see it, and the search for a string that changes what they see."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from functools import cache, cached_property
from itertools import cycle, islice

from bulletin.model.edition import Filed
from bulletin.model.text import shorten
from bulletin.rendering import deck, paper
from bulletin.rendering.back_issues import render_back_issues
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.email import EmailRenderer
from bulletin.rendering.email.team import TeamEmailRenderer
from bulletin.rendering.environment import fill, print_asset, words_for
from bulletin.rendering.escape import Html, is_link
from bulletin.rendering.html import HtmlRenderer
from bulletin.rendering.markdown import MarkdownRenderer
from tests.hostile import oracles
from tests.hostile.oracles import Reading
from tests.hostile.shapes import OWN_HOST, Shape, is_linked

Read = Callable[[str], Reading]
# Pages without the fonts, which are long and hold no text.
BUNDLE = Bundle.of(
    {
        path: b"" if path.endswith(".woff2") else body
        for path, body in Bundle.read().files.items()
    }
)  # fmt: skip


ANCHOR = re.compile(r"\bi[0-9a-f]{12}\b")
"""The id of an item's row: a digest of its key, which is foreign."""
COMMAND = re.compile(r"(?<=bulletin waive )(?:&#39;)?'?[\w.:/#+-]+'?(?:&#39;)?(?= --until)")
"""The key in a command to type: plain letters, or the word KEY in the place of any other."""


def web(filed: Filed) -> str:
    page = HtmlRenderer().render(filed, BUNDLE, "en")[0].body.decode()
    return COMMAND.sub("KEY", ANCHOR.sub("item", page))


def mail(n: int) -> Callable[[Filed], str]:
    return lambda filed: EmailRenderer().render(filed, BUNDLE, "en")[n].body.decode()


def letter(filed: Filed) -> str:
    """The letter of a team that has everything."""
    team = filed.edition.items[0].owner
    items = tuple(replace(item, owner=team) for item in filed.edition.items)
    waived = tuple(replace(item, owner=team) for item in filed.edition.waived)
    theirs = replace(filed, edition=replace(filed.edition, items=items, waived=waived))
    return TeamEmailRenderer(team).render(theirs, BUNDLE, "en")[0].body.decode()


def markdown(filed: Filed) -> str:
    return COMMAND.sub("KEY", MarkdownRenderer().render(filed, BUNDLE, "en")[0].body.decode())


def slides(filed: Filed) -> str:
    words = words_for(filed, BUNDLE, "en", Html)
    return fill("deck/deck.html", filed, BUNDLE, words, rows=deck.ROWS, asset=print_asset)


def sheets(filed: Filed) -> str:
    return paper.sheets(filed, BUNDLE, "en")


def shelf(n: int) -> Callable[[Filed], str]:
    def render(filed: Filed) -> str:
        page = render_back_issues([filed], BUNDLE, "en", 0)[n].body.decode()
        return ANCHOR.sub("item", page)

    return render


def by_mail(raw: str) -> Reading:
    """Read a message as mail programs do; header values that hold a digest are masked."""
    body = raw.encode()
    message = message_from_bytes(body, policy=policy.SMTP)
    faults = [line[:60] for line in body.split(b"\r\n") if len(line) > LONGEST or set(line) & BARE]
    headers = [
        (name, re.sub(r"[0-9a-f]{40}", "digest", value) if name != "Subject" else "")
        for name, value in message.items()
    ]
    subject = re.sub(r"[\w .,:'’&()…-]", "", str(message["Subject"]))
    parts = [part for part in message.walk() if not part.is_multipart()]
    types = [(part.get_content_type(), part.keys()) for part in message.walk()]
    plain, rich, *_ = (part.get_content() for part in parts)
    read = oracles.by_lxml(rich)
    structure = (*faults, *headers, subject, repr(types), *read.structure)
    return Reading(structure, (*read.texts, oracles.plain(plain)), read.addresses)


SHORTEST = 16
"""Letters of a foreign word where a page has the least room for it: a cut may spare a word."""
LONGEST = 998
BARE = frozenset(b"\r\n\x00")
PAGE = (oracles.by_lxml, oracles.by_html5lib)


@dataclass(frozen=True, eq=False)
class Format:
    """One file of an edition, and the parsers that read it."""

    name: str
    render: Callable[[Filed], str]
    readers: tuple[Read, ...]
    mentions: bool = False
    """Whether a host looks for mentions in it."""

    def read(self, filed: Filed) -> list[Reading]:
        page = self.render(filed)
        return [read(page) for read in self.readers]


FORMATS = {
    one.name: one
    for one in (
        Format("index.html", web, PAGE),
        Format("email.html", mail(0), PAGE),
        Format("email.txt", mail(1), (oracles.by_lines,)),
        Format("email.eml", mail(2), (by_mail,)),
        Format("bulletin.md", markdown, (oracles.by_cmark, oracles.by_markdown_it), mentions=True),
        Format("deck.html", slides, PAGE),
        Format("paper.html", sheets, PAGE),
    )
}
# What is made of an edition for the shelf, or for somebody.
BESIDE = {
    one.name: one
    for one in (
        Format("shelf.html", shelf(0), PAGE),
        Format("feed.xml", shelf(1), (oracles.by_expat,)),
        Format("items.html", shelf(2), PAGE),
        Format("email.team.eml", letter, (by_mail,)),
    )
}


@dataclass(frozen=True, eq=False)
class Trial:
    """One format of one shape: what it prints, and what a filling of it changes."""

    format: Format
    shape: Shape

    @cached_property
    def inert(self) -> list[Reading]:
        """How the harmless twin reads."""
        return self.format.read(self.shape.fill({}))

    @cached_property
    def printed(self) -> Mapping[str, list[int]]:
        """Every harmless word that a reader sees, and the texts that it stands in."""
        found: dict[str, list[int]] = {}
        for n, text in enumerate(self.inert[0].texts):
            for word in re.findall(r"inert\d{5}", text):
                if not self.shape.places[word].endswith(".url"):
                    found.setdefault(word, []).append(n)
        return found

    def complaints(self, texts: Mapping[str, str]) -> list[str]:
        """Return in what the filled page differs from its harmless twin, text apart."""
        found = []
        readings = self.format.read(self.shape.fill(texts))
        for reader, was, now in zip(self.format.readers, self.inert, readings, strict=True):
            name = reader.__name__
            if now.structure != was.structure:
                found.append(f"{name}: {_first_difference(was.structure, now.structure)}")
            if self.format.mentions and now.mentions:
                found.append(f"{name}: mentions {now.mentions[:3]}")
            strange = set(now.addresses) - set(was.addresses)
            found += [f"{name}: leads to {a!r}" for a in strange if not a.startswith(OWN_HOST)]
        return found or [f"not shown: {text!r}" for text in self._unseen(texts, readings[0])]

    def _unseen(self, texts: Mapping[str, str], reading: Reading) -> Iterator[str]:
        for word, text in texts.items():
            stored = text.encode("utf-8", "replace").decode()
            # Where a drawing breaks a line, the space is gone.
            opening = oracles.plain(shorten(stored, SHORTEST).removesuffix("…")[:20])
            opening = opening.replace(" ", "")
            shown = (reading.texts[n].replace(" ", "") for n in self.printed.get(word, ()))
            if any(opening not in one for one in shown):
                yield text

    def guilty(self, texts: Mapping[str, str]) -> str:
        """Return the complaint of the smallest filling that still makes one."""
        words = list(texts)
        while len(words) > 1:
            half = words[: len(words) // 2]
            other = words[len(words) // 2 :]
            words = next(
                (part for part in (half, other) if self.complaints({w: texts[w] for w in part})), []
            )
        blamed = {w: texts[w] for w in words} or texts
        where = [(self.shape.places[w], texts[w]) for w in list(blamed)[:3]]
        return f"{self.format.name}: {where!r}: {self.complaints(blamed)[:2]}"

    def fillings(self, strings: Sequence[str]) -> Iterator[dict[str, str]]:
        """Yield fillings until each string has stood in a place that this format prints."""
        places = list(self.printed)
        links = [w for w, where in self.shape.places.items() if where.endswith(".url")]
        good, bad = addresses(tuple(strings))
        for start in range(0, len(strings), len(places)):
            texts = dict(zip(places, strings[start : start + len(places)], strict=False))
            yield texts | {w: next(good if is_linked(w) else bad) for w in links}

    def everywhere(self, strings: Sequence[str]) -> Iterator[dict[str, str]]:
        """Yield fillings until each string has stood in every place that this format prints."""
        places = list(self.printed)
        for start in range(len(strings)):
            turned = islice(cycle(strings), start, start + len(places))
            yield dict(zip(places, turned, strict=True))


def addresses(strings: Sequence[str]) -> tuple[Iterator[str], Iterator[str]]:
    """Return, without end, addresses of our host that are links, and what must not become one."""
    sorted_ = _sorted_addresses(tuple(strings))
    return cycle(sorted_[True]), cycle(sorted_[False])


@cache
def _sorted_addresses(strings: tuple[str, ...]) -> dict[bool, list[str]]:
    stored = [text.encode("utf-8", "replace").decode() for text in strings]
    ours = [OWN_HOST + text for text in stored]
    strange = [text for text in stored if not is_link(text)]
    return {
        True: [address for address in ours if is_link(address)] or [OWN_HOST],
        False: [address for address in ours if not is_link(address)] + strange,
    }


def _first_difference(was: Sequence[object], now: Sequence[object]) -> str:
    pairs = enumerate(zip(was, now, strict=False))
    n = next((n for n, (a, b) in pairs if a != b), min(len(was), len(now)))
    return f"{was[n : n + 2]} became {now[n : n + 2]}"
