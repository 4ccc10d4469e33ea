"""One Jinja environment a format: the same words and charts, each escaped for its format."""

import base64
from collections.abc import Callable
from functools import lru_cache
from zoneinfo import ZoneInfo

from jinja2 import Environment, FunctionLoader, StrictUndefined, TemplateSyntaxError, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.filters import FILTERS
from markupsafe import Markup

from bulletin.errors import BulletinError
from bulletin.model.edition import Filed, Item, Reason
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.charts import blocks, sparkline
from bulletin.rendering.escape import Safe, clip
from bulletin.rendering.page import Page
from bulletin.rendering.words import Words, read_catalogue

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
        loader=FunctionLoader(lambda path: bundle.text(path) if path in bundle.files else None),
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
        return words.safe(words.safe.quote(voice[id_]))

    def sentence(reason: Reason) -> Safe:
        id_ = f"rule.{reason.rule}"
        given = dict(reason.words)
        return words(id_, **given) if words.knows(id_) else words("rule.other", rule=reason.rule)

    def state(item: Item) -> Safe:
        return words(f"state.{item.state}")

    def headline(length: int) -> Safe:
        return lead(filed, words, length)

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
            sentence=sentence,
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
    shown = {k: clip(v, length) if isinstance(v, str) else v for k, v in headline.words.items()}
    return words(headline.pattern, **shown)


def words_for(filed: Filed, bundle: Bundle, language: str, safe: type[Safe]) -> Words:
    """Return the words of an edition in a language, ready for a format."""
    return Words(read_catalogue(bundle, language), safe, ZoneInfo(filed.edition.zone))
