"""What is wrong with a template: which file, which line, and what to do about it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType

from jinja2 import TemplateError, TemplateNotFound, TemplateRuntimeError, TemplateSyntaxError

from bulletin.errors import BulletinError
from bulletin.model.text import clean
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.near import known_names

COMPILED = "bundle:"
"""What the file names of compiled templates begin with."""
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
        is_filter = (error.message or "").startswith("No filter")
        hint = known_names(word, filters) if is_filter else "Correct that line; it is Jinja."
        raise BulletinError(f"{where}: {clean(error.message or '', LIMIT)}", hint) from error
    except BulletinError:
        raise
    except Exception as error:
        place, ours = _place(error.__traceback__, bundle)
        if not place or (ours and not isinstance(error, TemplateError | RecursionError)):
            raise
        problem, hint = _words(error, bundle, names)
        raise BulletinError(f"{place}: {problem}", hint) from error


def _place(traceback: TracebackType | None, bundle: Bundle) -> tuple[str, bool]:
    """Return the innermost line of a template, and whether code of ours broke below one of ours."""
    place, ours = "", False
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_filename.startswith(COMPILED):
            path = code.co_filename.removeprefix(COMPILED)
            place, ours = f"{bundle.place(path)}, line {traceback.tb_lineno}", False
            is_theirs = path in bundle.origins
        elif place and str(traceback.tb_frame.f_globals.get("__name__")).startswith("bulletin."):
            ours = not is_theirs
        traceback = traceback.tb_next
    return place, ours


def _words(error: Exception, bundle: Bundle, names: Iterable[str]) -> tuple[str, str]:
    if isinstance(error, TemplateNotFound):
        name = str(error.name)
        return f"there is no template '{name}'", known_names(name, bundle.files)
    if isinstance(error, TemplateRuntimeError):
        problem, _, hint = (error.message or "").partition("\n")
        word = problem.partition("'")[2].partition("'")[0]
        return clean(problem, LIMIT), hint or known_names(word, names)
    if isinstance(error, RecursionError):
        return "it goes round in circles", "A template must not include or call itself."
    said = clean(str(error), LIMIT)
    problem = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return problem, "Correct that line; docs/themes.md says what a template is given."
