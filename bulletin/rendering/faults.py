"""What is wrong with a template: which file, which line, and what to do about it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from traceback import walk_tb
from types import TracebackType

from jinja2 import TemplateError, TemplateNotFound, TemplateRuntimeError, TemplateSyntaxError

from bulletin.errors import BulletinError
from bulletin.model.text import clean
from bulletin.near import known_names
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.sandboxed import Sandbox

COMPILED = "bundle:"
"""What the file names of compiled templates begin with."""
NO_FILTER = "No filter"
"""What Jinja's message about an unknown filter begins with."""
LIMIT = 200
"""Letters of a foreign message."""


@contextmanager
def told(bundle: Bundle, names: Iterable[str], filters: Iterable[str]) -> Iterator[None]:
    """Turn what a template does wrong into a `BulletinError`; a fault of ours is left as it is.

    `names` are the variables that the template is given, `filters` the filters.
    """
    try:
        yield
    except TemplateSyntaxError as error:
        where = f"{bundle.place(error.name or '')}, line {error.lineno}"
        word = (error.message or "").partition("'")[2].partition("'")[0]
        is_filter = (error.message or "").startswith(NO_FILTER)
        hint = known_names(word, filters) if is_filter else "Correct that line; it is Jinja."
        raise BulletinError(f"{where}: {clean(error.message or '', LIMIT)}", hint) from error
    except BulletinError as error:
        place = _place(error.__traceback__, bundle)
        if place is None or not place.is_theme:
            raise
        raise BulletinError(f"{place}: {error.problem}", error.hint) from error
    except Exception as error:
        place = _place(error.__traceback__, bundle)
        blamed = isinstance(error, TemplateError | RecursionError)
        if place is None or not (blamed or place.is_theme or place.is_innermost):
            raise
        problem, hint = _words(error, bundle, names, filters)
        raise BulletinError(f"{place}: {problem}", hint) from error


@dataclass(frozen=True, slots=True)
class _Place:
    """The innermost line of a template that was at work."""

    shown: str
    line: int
    is_theme: bool
    is_innermost: bool
    """Whether no code of ours was at work below it."""

    def __str__(self) -> str:
        return f"{self.shown}, line {self.line}"


def _place(traceback: TracebackType | None, bundle: Bundle) -> _Place | None:
    place = None
    for frame, line in walk_tb(traceback):
        name = frame.f_code.co_filename
        if name.startswith(COMPILED):
            path = name.removeprefix(COMPILED)
            place = _Place(bundle.place(path), line, path in bundle.origins, is_innermost=True)
        elif place and _is_ours(str(frame.f_globals.get("__name__"))):
            place = replace(place, is_innermost=False)
    return place


def _is_ours(module: str) -> bool:
    return module.startswith("bulletin.") and module != Sandbox.__module__


def _words(
    error: Exception, bundle: Bundle, names: Iterable[str], filters: Iterable[str]
) -> tuple[str, str]:
    if isinstance(error, TemplateNotFound):
        name = str(error.name)
        return f"there is no template '{name}'", known_names(name, bundle.files)
    if isinstance(error, TemplateRuntimeError):
        problem, _, hint = (error.message or "").partition("\n")
        word = problem.partition("'")[2].partition("'")[0]
        known = filters if problem.startswith(NO_FILTER) else names
        return clean(problem, LIMIT), hint or known_names(word, known)
    if isinstance(error, RecursionError):
        return "it goes round in circles", "A template must not include or call itself."
    said = clean(str(error), LIMIT)
    problem = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return problem, "Correct that line; docs/themes.md says what a template is given."
