"""One Jinja environment a format: the same words and charts, each escaped for its format."""

import base64
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from zoneinfo import ZoneInfo

from jinja2 import Environment, FunctionLoader, StrictUndefined, TemplateSyntaxError, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.filters import FILTERS
from markupsafe import Markup

from bulletin.errors import BulletinError
from bulletin.model.edition import Filed, Item, Reason
from bulletin.model.harvest import Gap
from bulletin.model.week import Week
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.charts import blocks, sparkline
from bulletin.rendering.escape import Safe, clip
from bulletin.rendering.masked import spoken, tell
from bulletin.rendering.page import Page
from bulletin.rendering.words import Words, read_catalogue, spaced

COLLECTORS_SPEAK = "en"
"""The language of the hints that collectors write; the others have one a cause."""
NEUTRAL_FILTERS = ("first", "last", "length", "list", "rejectattr", "selectattr")
"""Filters of Jinja's own that never touch escaping; `safe`, `join` and the like are not there."""


class _NoConcatenation(CodeGenerator):
    """Refuses `a ~ b`, which would escape `b` for HTML in every format."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: ARG002, N802  (Jinja's names)
        raise TemplateSyntaxError("write {{ a }}{{ b }} instead of a ~ b", node.lineno)


class _Environment(Environment):
    code_generator_class = _NoConcatenation


@lru_cache(maxsize=8)
def environment(bundle: Bundle, safe: type[Safe]) -> Environment:
    """Return the environment of a format, without words."""
    made = _Environment(
        # A template that fails is then named in the traceback.
        loader=FunctionLoader(lambda p: (bundle.text(p), p, None) if p in bundle.files else None),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: value if isinstance(value, Markup) else safe.escape(value),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.filters = {name: FILTERS[name] for name in NEUTRAL_FILTERS}
    made.filters |= {"link": safe.link, "clip": clip}
    return made


def inline_asset(bundle: Bundle) -> Callable[[str], Markup]:
    """Return a function that turns a font of the bundle into a `data:` address."""

    def asset(path: str) -> Markup:
        return Markup("data:font/woff2;base64,{}").format(
            base64.b64encode(bundle.files[path]).decode()
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
    """Fill a template. Raises `BulletinError` where the catalogue or the voice lacks a line."""
    voice = {
        line["id"]: line["text"]
        for lines in bundle.voice(words.catalogue.language).values()
        for line in lines
    }

    def remark(id_: str) -> Safe:
        if id_ not in voice:
            raise BulletinError(
                f"the voice '{words.catalogue.language}' has no line '{id_}'",
                "Put it back: an edition that was printed with it cannot be printed without.",
            )
        return words.safe(words.safe.quote(spaced(voice[id_], words.catalogue.language)))

    def sentences(item: Item) -> tuple[Safe, ...]:
        return tuple(reasons(item, filed.edition.week, words))

    def hint(gap: Gap) -> Safe:
        own = words.catalogue.language == COLLECTORS_SPEAK and gap.hint
        return words.safe.escape(gap.hint) if own else words(f"hint.{gap.reason}")

    def state(item: Item) -> Safe:
        return words(f"state.{item.state}")

    def headline(length: int) -> Safe:
        return lead(filed, words, length)

    filed = spoken(filed, words)
    page = Page(filed)
    return (
        environment(bundle, words.safe)
        .get_template(template)
        .render(
            page=page,
            edition=page.edition,
            digest=filed.digest,
            language=words.catalogue.language,
            t=words,
            remark=remark,
            sentences=sentences,
            hint=hint,
            state=state,
            headline=headline,
            sparkline=sparkline,
            blocks=blocks,
            **more,
        )
    )


def lead(filed: Filed, words: Words, length: int) -> Safe:
    """Say the headline, with at most `length` characters of each foreign word in it."""
    headline = filed.edition.headline
    given = headline.words.items()
    shown = {k: clip(tell(v, words), length) if isinstance(v, str) else v for k, v in given}
    return words(_today(headline.pattern, shown, words), **shown)


def reasons(item: Item, week: Week, words: Words) -> Iterator[Safe]:
    """Say why rules point at an item. A number of events is said once: the next sentence that
    has it is, where the catalogue has such a one, the shorter `rule.<rule>.again`.
    """
    heard: set[str | int] = set()
    for reason in item.reasons:
        held = reason.since is not None and reason.since != week
        again = reason.words.get("events") in heard
        yield _said(reason, words, held=held, again=again)
        heard.update(n for name, n in reason.words.items() if name == "events")


def _said(reason: Reason, words: Words, *, held: bool, again: bool) -> Safe:
    """Say one reason; one that held on since an earlier week may have a sentence of its own."""
    given: dict[str, object] = dict(reason.words)
    id_ = f"rule.{reason.rule}"
    lasting = f"{id_.removesuffix('.bare')}.held"
    if held and reason.since is not None and words.knows(lasting):
        id_ = lasting
        given["since"] = str(reason.since.number)
    if again and words.knows(f"{id_}.again"):
        return words(f"{id_}.again", **given)
    if words.knows(id_):
        return words(_today(id_, given, words), **given)
    return words("rule.other", rule=reason.rule)


def _today(id_: str, given: Mapping[str, object], words: Words) -> str:
    """Return the sentence for `0 days`, where there is one."""
    today = f"{id_}.today"
    return today if given.get("days") == 0 and words.knows(today) else id_


def words_for(filed: Filed, bundle: Bundle, language: str, safe: type[Safe]) -> Words:
    """Return the words of an edition in a language, ready for a format."""
    return Words(read_catalogue(bundle, language), safe, ZoneInfo(filed.edition.zone))
