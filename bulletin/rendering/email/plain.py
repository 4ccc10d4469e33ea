"""Lines of plain text, as wide as a page and never mistaken for what they are not."""

import re
import textwrap

WIDTH = 76
"""Letters of a line of plain text."""
FORGED = re.compile(r"\n(?:==|--|[*-] |\[ \] )")
"""A line broken in such a place that foreign words would pass for a heading or an item of ours."""
BULLET = re.compile(r"\s*(?:[*-] |\[ \] )?")


def wrapped(text: str) -> str:
    """Break long lines at spaces, each under the first letter of its own; addresses stay whole."""
    return "".join(f"{_folded(line)}\n" for line in text.splitlines())


def _folded(line: str) -> str:
    bullet = BULLET.match(line)
    indent = " " * len(bullet[0] if bullet else "")
    folded = _filled(line, indent)
    return _filled(line, "  ") if FORGED.search(folded) else folded


def _filled(line: str, indent: str) -> str:
    return textwrap.fill(
        line,
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
