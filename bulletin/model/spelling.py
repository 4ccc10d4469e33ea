"""Values that people type as one word, and that are stored as that word."""

from abc import ABC, abstractmethod
from typing import Any, Self


class Spelled(ABC):
    """A value with one spelling: `str(value)` writes it and `parse` reads it back."""

    __slots__ = ()

    @classmethod
    @abstractmethod
    def parse(cls, text: str) -> Self:
        """Read the spelling. Raises ValueError for anything else."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: Any) -> dict[str, Any]:
        """Tell pydantic, which the model must not import, to store the spelling.

        A core schema is a plain dictionary; this one reads as "a string, then `parse`".
        """

        def read(value: Any) -> Self:
            return value if isinstance(value, cls) else cls.parse(value)

        return {
            "type": "function-before",
            "function": {"type": "no-info", "function": read},
            "schema": {"type": "is-instance", "cls": cls},
            "serialization": {"type": "to-string"},
            "metadata": {
                "pydantic_js_functions": [lambda _schema, _handler: {"type": "string"}],
            },
        }
