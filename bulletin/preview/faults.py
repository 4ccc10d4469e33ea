"""What is wrong with a template, where, and what to do: for the person who is editing it."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType

from jinja2 import TemplateSyntaxError

from bulletin.errors import BulletinError
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.faults import COMPILED

AROUND = 3
"""Lines that are shown before and after the one at fault."""
MEND = "Mend it and save: this page comes back by itself."
WRITTEN = (".html", ".css", ".md", ".txt", ".po", ".toml", ".xml")
"""Files that people write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a template."""

    number: int
    text: str
    is_at_fault: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a page cannot be shown."""

    problem: str
    hint: str = MEND
    template: str | None = None
    lines: tuple[Line, ...] = ()

    @property
    def place(self) -> str:
        """Where it is, as in `html/journal.html, line 12`."""
        at = next((line.number for line in self.lines if line.is_at_fault), None)
        return ", ".join([self.template or "", *([f"line {at}"] if at else [])])


def explain(error: Exception, bundle: Bundle | None) -> Fault:
    """Say what is wrong; `bundle` holds the templates, if they could be read."""
    hint = f"{error.hint} {MEND}" if isinstance(error, BulletinError) else MEND
    problem = error.problem if isinstance(error, BulletinError) else _said(error)
    template, number = _place(_root(error), bundle) if bundle is not None else (None, 0)
    if bundle is None or template is None:
        return Fault(problem=problem, hint=hint)
    return Fault(
        problem=problem, hint=hint, template=template, lines=tuple(_lines(bundle, template, number))
    )


def _root(error: Exception) -> Exception:
    """Return what a foreseen error was made of: it knows the place."""
    return error.__cause__ if isinstance(error.__cause__, Exception) else error


def _said(error: Exception) -> str:
    if isinstance(error, TemplateSyntaxError):
        return error.message or "the template cannot be read"
    return f"{type(error).__name__}: {error}"


def _place(error: Exception, bundle: Bundle) -> tuple[str | None, int]:
    """Return the template and the line that an error comes from."""
    if isinstance(error, TemplateSyntaxError):
        return error.name, error.lineno
    if isinstance(error, tomllib.TOMLDecodeError | UnicodeDecodeError):
        return next(_unreadable(bundle), (None, 0))
    return next(_frames(error.__traceback__, bundle), (None, 0))


def _frames(trace: TracebackType | None, bundle: Bundle) -> Iterator[tuple[str, int]]:
    """Yield the templates that were being filled, the innermost first."""
    found: list[tuple[str, int]] = []
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename.removeprefix(COMPILED)
        if name in bundle.files:
            found.append((name, trace.tb_lineno))
        trace = trace.tb_next
    return reversed(found)


def _unreadable(bundle: Bundle) -> Iterator[tuple[str, int]]:
    """Yield the files that are not what their name says, with the line where that shows."""
    for path, body in bundle.files.items():
        try:
            if path.endswith(WRITTEN):
                text = body.decode("utf-8")
            if path.endswith(".toml"):
                tomllib.loads(text)
        except UnicodeDecodeError as error:
            yield path, body[: error.start].count(b"\n") + 1
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"at line (\d+)", str(error))
            yield path, int(line[1]) if line else text.count("\n") + 1


def _lines(bundle: Bundle, template: str, number: int) -> Iterator[Line]:
    lines = bundle.files[template].decode("utf-8", "replace").splitlines()
    start = max(1, number - AROUND)
    for at, text in enumerate(lines[start - 1 : number + AROUND], start):
        yield Line(number=at, text=text, is_at_fault=at == number)
