"""Proofreading: every template read before a page is made of it, whatever branch a week takes."""

from collections.abc import Collection, Iterator, Mapping

from jinja2 import nodes

from bulletin.errors import BulletinError
from bulletin.near import known_names
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import environment
from bulletin.rendering.escape import Html
from bulletin.rendering.faults import told
from bulletin.rendering.words import read_catalogue

TEMPLATES = (".html", ".txt", ".md", ".xml", ".css")
CALLS = {"t": "sentence", "asset": "file"}
"""Functions whose first argument is a name, and of what."""


def proofread(bundle: Bundle) -> Iterator[BulletinError]:
    """Yield what is wrong with a template: its syntax, or a name of a file or of a sentence."""
    catalogues = (read_catalogue(bundle, language) for language in bundle.languages)
    sentences = set.intersection(*(set(catalogue.forms) for catalogue in catalogues))
    known = {"sentence": sentences, "file": set(bundle.files), "template": set(bundle.files)}
    for path in bundle.files:
        if path.endswith(TEMPLATES) and not path.startswith("fonts/"):
            yield from _template(path, bundle, known)


def _template(
    path: str, bundle: Bundle, known: Mapping[str, Collection[str]]
) -> Iterator[BulletinError]:
    jinja = environment(bundle, Html)
    try:
        with told(bundle, (), jinja.filters):
            tree = jinja.parse(bundle.text(path), path)
            jinja.compile(bundle.text(path), path)
    except BulletinError as error:
        yield error
        return
    known = {**known, "filter": jinja.filters, "test": jinja.tests}
    for line, what, name in _named(tree):
        if name not in known[what]:
            problem = f"{bundle.place(path)}, line {line}: there is no {what} '{name}'"
            yield BulletinError(problem, known_names(name, known[what]))


def _named(tree: nodes.Template) -> Iterator[tuple[int, str, str]]:
    """Yield what a template names in so many letters: line, kind and name."""
    for node in tree.find_all(nodes.Node):
        match node:
            case nodes.Include() | nodes.Import() | nodes.FromImport():
                if isinstance(node.template, nodes.Const):
                    yield node.lineno, "template", str(node.template.value)
            case nodes.Filter(name=str(name)):
                # Inside a condition, Jinja would only say so on the day that it is met.
                yield node.lineno, "filter", name
            case nodes.Test(name=str(name)):
                yield node.lineno, "test", name
            case nodes.Call(node=nodes.Name(name=name), args=[nodes.Const(value=str(value)), *_]):
                if name in CALLS:
                    yield node.lineno, CALLS[name], value
            case _:
                pass
