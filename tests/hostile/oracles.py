"""What parsers that nobody here wrote see in a page: its structure apart from its text."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from unicodedata import category
from urllib.parse import urlsplit

import cmarkgfm
import html5lib
import lxml.etree
import lxml.html
from cmarkgfm.cmark import Options
from markdown_it import MarkdownIt

MENTION = re.compile(r"(?:^|\W)@\w|#\d|\w+/\w+#\d|\bGH-\d", re.IGNORECASE)
QUIET = frozenset({"a", "code", "pre", "script", "style", "title"})
"""Elements in which hosts look for no mention."""
ADDRESSES = frozenset({"href", "src", "xlink:href", "action"})
UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs"})
GFM = MarkdownIt("gfm-like")
# Its linkifier makes links of bare names, as no host of Markdown does.
GFM.linkify.set({"fuzzy_link": False, "fuzzy_email": False})


SMALLER = re.compile(r"\s+(?:long(?:er|est)?)?$")
"""What the class of a long nameplate ends in."""


@dataclass(frozen=True)
class Reading:
    """A page as a parser reads it: what stands in it, and the text before, between and after."""

    structure: tuple[object, ...]
    texts: tuple[str, ...]
    addresses: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()


class _Reader:
    """Collects the structure in the order of the page."""

    def __init__(self) -> None:
        self.structure: list[object] = []
        self.texts = [""]
        self.addresses: list[str] = []
        self.mentions: list[str] = []

    def mark(self, what: object) -> None:
        self.structure.append(what)
        self.texts.append("")

    def say(self, text: str, *, quiet: bool = False) -> None:
        self.texts[-1] += text
        self.mentions += [] if quiet else [m[0] for m in MENTION.finditer(text)]

    def reading(self) -> Reading:
        return Reading(
            tuple(self.structure), tuple(map(plain, self.texts)), tuple(self.addresses),
            tuple(self.mentions),
        )  # fmt: skip

    def element(self, node: lxml.etree._Element, *, quiet: bool = False) -> None:
        if not isinstance(node.tag, str):
            self.mark((type(node).__name__, node.text))
        else:
            quiet = quiet or node.tag in QUIET
            self.mark((node.tag, *self._attributes(_placed(node))))
            self.say(node.text or "", quiet=quiet)
            for child in node:
                if _goes_on(child):
                    self.texts[-2] += child.text or ""
                else:
                    self.element(child, quiet=quiet)
                self.say(child.tail or "", quiet=quiet)
            self.mark(f"/{node.tag}")

    def _attributes(self, items: Iterable[tuple[str, str]]) -> Iterator[object]:
        for name, value in sorted(items):
            if name in ADDRESSES:
                # The pictures of an e-mail are named after its edition.
                self.addresses.append(re.sub(r"^(cid:[a-z-]+)\.[0-9a-f]{16}@", r"\1@", value))
                yield name, urlsplit(value).scheme
            else:
                # The journal's title stands in attributes as well, and a long one is set small;
                # what a picture shows is told in words.
                told = name in {"alt", "content", "title"}
                yield name if told else (name, SMALLER.sub("", value))


def _placed(node: lxml.etree._Element) -> list[tuple[str, str]]:
    """Return the attributes, without the height at which a drawing writes words."""
    is_drawn = str(node.tag).endswith("text")
    return [(name, value) for name, value in node.items() if not (is_drawn and name == "y")]


def _goes_on(node: lxml.etree._Element) -> bool:
    """Whether an element is the second line of a name in a drawing: the wheel breaks long ones."""
    before = node.getprevious()
    if not str(node.tag).endswith("text") or len(node) or before is None or len(before):
        return False
    return (node.tag, _placed(node)) == (before.tag, _placed(before))


def plain(text: str) -> str:
    """Return the text as it is compared: without word joiners, with single spaces."""
    return " ".join(text.replace("\u2060", "").split())


def by_lxml(page: str) -> Reading:
    """Read HTML as libxml2 does."""
    reader = _Reader()
    reader.element(lxml.html.document_fromstring(page))
    return reader.reading()


def by_html5lib(page: str) -> Reading:
    """Read HTML as the standard tells browsers to."""
    reader = _Reader()
    tree = html5lib.parse(page, treebuilder="lxml", namespaceHTMLElements=False)
    reader.mark(tree.docinfo.doctype)
    reader.element(tree.getroot())
    return reader.reading()


def by_expat(page: str) -> Reading:
    """Read XML. Raises where it is none."""
    reader = _Reader()
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    reader.element(lxml.etree.fromstring(page.encode(), parser))
    return reader.reading()


def by_cmark(page: str) -> Reading:
    """Read Markdown with GitHub's own parser, raw HTML let through."""
    made = cmarkgfm.markdown_to_html_with_extensions(
        page,
        options=Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES,
        extensions=["table", "tasklist", "strikethrough", "autolink"],
    )
    return by_html5lib(made)


def by_markdown_it(page: str) -> Reading:
    """Read Markdown as a second parser does."""
    reader = _Reader()

    def walk(tokens: Iterable[object], *, linked: bool = False) -> None:
        for token in tokens:
            if token.type in {"text", "text_special", "softbreak", "code_inline"}:
                reader.say(token.content or " ", quiet=linked or token.type == "code_inline")
            elif token.type != "inline":
                reader.mark((token.type, token.tag, *reader._attributes(token.attrs.items())))
            linked = (linked or token.type == "link_open") and token.type != "link_close"
            walk(token.children or (), linked=linked)

    walk(GFM.parse(page))
    return reader.reading()


def by_lines(page: str) -> Reading:
    """Read plain text: its headings and items, and any letter that is no letter."""
    reader = _Reader()
    for n, line in enumerate(page.split("\n")):
        mark = re.match(r"==(?= )|--$|\* \[|-(?= |$)", line)
        if mark and n:
            reader.mark(mark[0])
        reader.structure += [hex(ord(c)) for c in line if category(c) in UNSEEN and c != "\u200d"]
        reader.say(line + "\n", quiet=True)
    return reader.reading()
