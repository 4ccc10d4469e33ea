"""One Jinja environment a format: the same words and charts, each escaped for its format."""

import base64
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from jinja2 import FunctionLoader
from jinja2.filters import FILTERS
from markupsafe import Markup

from bulletin.model.edition import VOIDED, Edition, Filed, Item, ItemState, Reason, Trend
from bulletin.model.facts import ErrorTrend
from bulletin.model.front import Remark, Sentence
from bulletin.model.harvest import Gap
from bulletin.model.week import Week
from bulletin.model.word import DECISION
from bulletin.near import known_names
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.charts import blocks
from bulletin.rendering.drawings import Drawings
from bulletin.rendering.escape import Safe, clip
from bulletin.rendering.faults import COMPILED, told
from bulletin.rendering.furniture import Furniture
from bulletin.rendering.gap_lines import gap_lines
from bulletin.rendering.lives import anchor
from bulletin.rendering.logo import MEDIA_TYPES, find_logo
from bulletin.rendering.masked import spoken, tell
from bulletin.rendering.meeting import Meeting
from bulletin.rendering.page import Page
from bulletin.rendering.sandboxed import RefusedError, Sandbox
from bulletin.rendering.share import Share
from bulletin.rendering.taught import Taught
from bulletin.rendering.told import Told, standing, told_under
from bulletin.rendering.words import Words, read_catalogue

COLLECTORS_SPEAK = "en"
"""The language of the hints that collectors write; the others have one a cause."""
TITLE = 90
"""Letters of a foreign title within a sentence of ours."""
SAID_ONCE = ("days", "events")
"""Numbers that an item's reasons share."""
NEUTRAL_FILTERS = ("first", "last", "length", "list", "rejectattr", "selectattr")
"""Filters of Jinja's own that never touch escaping; `safe`, `join` and the like are not there."""


@lru_cache(maxsize=8)
def environment(bundle: Bundle, safe: type[Safe]) -> Sandbox:
    """Return the environment of a format, without words."""

    def load(path: str) -> tuple[str, str, None] | None:
        return (bundle.text(path), f"{COMPILED}{path}", None) if path in bundle.files else None

    made = Sandbox(
        loader=FunctionLoader(load),
        autoescape=True,
        finalize=lambda value: value if isinstance(value, Markup) else safe.escape(value),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.filters = {name: FILTERS[name] for name in NEUTRAL_FILTERS}
    made.filters |= {"link": safe.link, "clip": clip}
    return made


def render(template: str, bundle: Bundle, safe: type[Safe], given: Mapping[str, object]) -> str:
    """Render a template. Raises `BulletinError` that names its file and line where it is wrong."""
    made = environment(bundle, safe)
    with told(bundle, given, made.filters):
        return made.get_template(template).render(given)


def inline_asset(bundle: Bundle) -> Callable[[str], Markup]:
    """Return a function that turns a font or a logo of the bundle into a `data:` address."""

    def asset(path: str) -> Markup:
        if path not in bundle.files:
            raise RefusedError(f"there is no file '{path}'\n{known_names(path, bundle.files)}")
        return Markup("data:{};base64,{}").format(
            MEDIA_TYPES.get(path, "font/woff2"), base64.b64encode(bundle.files[path]).decode()
        )

    return asset


def print_asset(path: str) -> Markup:
    """Name a file of the bundle for the PDF printer."""
    return Markup("asset://journal/{}").format(path)


def fill(
    template: str,
    filed: Filed,
    bundle: Bundle,
    words: Words,
    **more: object,
) -> str:
    """Fill a template. Raises `BulletinError` where it is wrong, and where the catalogue or the
    voice lacks a line.
    """

    def remark(given: Remark) -> Safe:
        return words.line(given.line, **given.words)

    def spoken_out(sentence: Sentence, length: int = TITLE) -> Safe:
        return say(sentence, words, length)

    def sentences(item: Item, *, counted: bool = False) -> tuple[Safe, ...]:
        if item.state is ItemState.UNKNOWN and not item.is_dark:
            return (words("item.waits"),)
        fact = filed.edition.fact(item.key) if counted else None
        events = fact.events if isinstance(fact, ErrorTrend) else None
        void = (words("item.voided"),) if item.why == VOIDED else ()
        return (*void, *reasons(item, filed.edition.week, words, events))

    def hint(gap: Gap) -> Safe:
        own = words.catalogue.language == COLLECTORS_SPEAK and gap.hint
        return words.safe.escape(gap.hint) if own else words(f"hint.{gap.reason}")

    def state(item: Item) -> Safe:
        return standing(item, words)

    def told(item: Item) -> tuple[Told, ...]:
        return tuple(told_under(item, page, words))

    def headline(length: int) -> Safe:
        return lead(filed, words, length)

    filed = spoken(filed, words)
    page = Page(filed)
    given: dict[str, object] = {
        "page": page,
        "edition": page.edition,
        "digest": filed.digest,
        "language": words.catalogue.language,
        "logo": find_logo(bundle.files),
        "t": words,
        "remark": remark,
        "sentences": sentences,
        "hint": hint,
        "gap_lines": gap_lines,
        "state": state,
        "told": told,
        "headline": headline,
        "say": spoken_out,
        "blocks": blocks,
        "draw": Drawings(page, words),
        "front": Furniture(page, words),
        "meeting": Meeting(page, words),
        "share": partial(Share, page),
        "taught": Taught.by(page.edition, words),
        "anchor": anchor,
    }
    return render(template, bundle, words.safe, given | more)


def say(sentence: Sentence, words: Words, length: int) -> Safe:
    """Say a sentence of the desk, with at most `length` letters of each foreign word in it."""
    given = sentence.words.items()
    shown = {k: clip(v, length) if isinstance(v, str) else v for k, v in given}
    return words(sentence.pattern, **shown)


def lead(filed: Filed, words: Words, length: int) -> Safe:
    """Say the headline, with at most `length` characters of each foreign word in it.

    The voice's line may be gone since an old edition was made; the catalogue's wording is not.
    """
    headline = filed.edition.headline
    given = headline.words.items()
    shown = {k: clip(tell(v, words), length) if isinstance(v, str) else v for k, v in given}
    if headline.line is not None and headline.line in words.catalogue.lines:
        return words.line(headline.line, **shown)
    return words(_today(headline.pattern, shown, words), **shown)


def reasons(item: Item, week: Week, words: Words, events: int | None = None) -> Iterator[Safe]:
    """Say why rules point at an item. A number of events or of days is said once: the next
    sentence that has it is, where the catalogue has such a one, the shorter `rule.<rule>.again`.
    Where an item got worse, a rule that joined this week is said to have. `events` are printed
    beside.
    """
    if item.is_dark and item.unknown_since is not None:
        week = item.unknown_since.shift(-1)  # what was seen is told as it was then
    heard: set[tuple[str, str | int | None]] = {("events", events)}
    older = {reason.since for reason in item.reasons} - {None, week}
    grown = bool(older) and item.trend is Trend.WORSE
    for reason in item.reasons:
        held = reason.since is not None and reason.since != week
        again = not heard.isdisjoint(reason.words.items())
        said = _said(reason, words, held=held, again=again)
        yield words("reason.joined", reason=said) if grown and reason.since == week else said
        heard.update((name, n) for name, n in reason.words.items() if name in SAID_ONCE)


def _said(reason: Reason, words: Words, *, held: bool, again: bool) -> Safe:
    """Say one reason. One that held on since an earlier week may have a sentence of its own, and
    so may one that compares with a week of which we `printed` another number.
    """
    given: dict[str, object] = dict(reason.words)
    id_ = _today(f"rule.{reason.rule}", given, words)
    lasting = f"rule.{reason.rule.removesuffix('.bare')}.held"
    if held and reason.since is not None and words.knows(lasting):
        id_ = lasting
        given["since"] = str(reason.since.number)
    if "printed" in given and words.knows(f"{id_}.recounted"):
        id_ = f"{id_}.recounted"
    if again and words.knows(f"{id_}.again"):
        return words(f"{id_}.again", **given)
    if words.knows(id_):
        return words(id_, **given)
    return words("rule.other", rule=reason.rule)


def _today(id_: str, given: Mapping[str, object], words: Words) -> str:
    """Return the sentence for `0 days`, where there is one."""
    today = f"{id_}.today"
    return today if given.get("days") == 0 and words.knows(today) else id_


def words_for(filed: Filed, bundle: Bundle, language: str, safe: type[Safe]) -> Words:
    """Return the words of an edition in a language, ready for a format."""
    catalogue, zone = read_catalogue(bundle, language), ZoneInfo(filed.edition.zone)
    return Words(catalogue, safe, zone, decided=is_decided(filed.edition))


def is_decided(edition: Edition) -> bool:
    """Whether a decision is among what an edition calls fixed."""
    return any(one.kind == DECISION and one.state is ItemState.FIXED for one in edition.items)
