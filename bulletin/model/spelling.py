"""Values that people type as one word, and that are stored as that word."""

from abc import abstractmethod
from typing import Any, Self


class Spelled:
    """A value with one spelling: `str(value)` writes it and `parse` reads it back."""

    __slots__ = ()

    @classmethod
    @abstractmethod
    def parse(cls, text: str) -> Self:
        """Read the spelling. Raises ValueError for anything else."""

    @classmethod
    def words(cls) -> tuple[str, ...]:
        """Return every spelling there is, or nothing where there is no end of them."""
        return ()

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> dict[str, Any]:
        """Tell pydantic, which the model must not import, to store the spelling.

        A core schema is a plain dictionary; this one reads as "in JSON a string, then `parse`".
        """
        words = cls.words()
        text = {"type": "literal", "expected": list(words)} if words else {"type": "str"}
        return {
            "type": "json-or-python",
            "json_schema": {
                "type": "function-after",
                "function": {"type": "no-info", "function": cls.parse},
                "schema": text,
            },
            "python_schema": {"type": "is-instance", "cls": cls},
            "serialization": {
                "type": "function-plain",
                "function": str,
                "return_schema": text,
            },
        }
