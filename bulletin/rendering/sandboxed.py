"""The Jinja that templates run in: it reads what it is given, and reaches nothing else.

A theme comes from a colleague's machine. What it cannot do: reach a class or a name that starts
with `_`, change a value, build text of any size by an operator, call what would say that foreign
text is ready to print.
"""

from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateRuntimeError, TemplateSyntaxError, Undefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from bulletin.near import known_names
from bulletin.rendering.escape import Safe

TEXT = frozenset(
    {"capitalize", "endswith", "lower", "lstrip", "removeprefix", "removesuffix", "rstrip"}
    | {"split", "startswith", "strip", "title", "upper"}
)
"""Methods of text; `format`, `join`, `translate` and the like are not there."""
REPEATED = 1000
"""How often text or a list may be repeated, and how far `range` may count."""


class RefusedError(TemplateRuntimeError):
    """What a template asked for is not there: `problem`, a line break, `hint`."""


def count(*bounds: int) -> range:
    """Count as `range` does, not far."""
    counted = range(*bounds)
    if len(counted) > REPEATED:
        raise RefusedError(f"range counts further than {REPEATED}\nShow fewer.")
    return counted


class Missing(StrictUndefined):
    """A name that is not there; whatever is done with it, it says what is."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        name, owner = str(self._undefined_name), self._undefined_obj
        if owner is missing:
            return f"there is no '{name}'"
        kind = type(owner).__name__
        if self._undefined_exception is SecurityError:
            return f"'{name}' of {kind} is out of reach\nA template reads, prints and counts."
        names = [*owner] if isinstance(owner, Mapping) else dir(owner)
        seen = [n for n in names if isinstance(n, str) and not n.startswith("_")]
        return f"{kind} has no '{name}'\n{known_names(name, seen)}"


class _NoConcatenation(CodeGenerator):
    """Refuses `a ~ b`, which would escape `b` for HTML in every format."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: ARG002, N802  (Jinja's names)
        told = "write {{ a }}{{ b }} instead of a ~ b"
        raise TemplateSyntaxError(told, node.lineno, self.name, self.filename)


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment whose templates reach only what they are given."""

    code_generator_class = _NoConcatenation
    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, **options: Any) -> None:
        super().__init__(undefined=Missing, **options)
        self.globals = {"range": count}
        self._safe: dict[tuple[type, str], bool] = {}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Return whether a template may read `obj.attr`: no class, and of text little."""
        asked = (type(obj), attr)
        if asked not in self._safe:
            is_text = isinstance(obj, str) and hasattr(Safe, attr)
            readable = super().is_safe_attribute(obj, attr, value)
            self._safe[asked] = attr in TEXT if is_text else readable
        return self._safe[asked] and not isinstance(value, type)

    def is_safe_callable(self, obj: Any) -> bool:
        """Return whether a template may call `obj`: no class, and no method of one."""
        owner = getattr(obj, "__self__", None)
        return not isinstance(obj, type) and not isinstance(owner, type)

    def wrap_str_format(self, value: Any) -> None:
        """Leave `format` as it is: no template may have it."""

    def call(self, context: Context, obj: Any, /, *args: Any, **given: Any) -> Any:
        """Call `obj` for a template. Raises `SecurityError` for what it may not call."""
        if not self.is_safe_callable(obj):
            raise SecurityError("that may not be called\nCall what the template is given.")
        return context.call(obj, *args, **given)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculate for a template; text is neither filled by `%` nor repeated without end."""
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        small = isinstance(left, int) and left <= REPEATED
        small = small or (isinstance(right, int) and right <= REPEATED)
        unknown = isinstance(left, Undefined) or isinstance(right, Undefined)
        if not unknown and not (numbers if operator != "*" else numbers or small):
            raise SecurityError(f"'{operator}' is for numbers\nPrint the parts one by one.")
        if operator == "**":
            raise SecurityError("'**' makes numbers of any size\nMultiply.")
        return super().call_binop(context, operator, left, right)
