"""What is written into a wiki: a page that says whose it is, and a list of all of them."""

import re
import unicodedata
from collections.abc import Sequence

from bulletin.errors import BulletinError
from bulletin.model.edition import Filed
from bulletin.notes import COMMENTS
from bulletin.publishing.standing import Dialect

DIALECT = Dialect(
    re.compile(
        r"<!-- bulletin:edition "
        r"(?P<week>\d{4}-W\d\d) (?P<revision>\d+) (?P<digest>[0-9a-f]{64}) -->"
    ),
    COMMENTS,
)
BEGIN = "<!-- bulletin:editions:begin -->"
END = "<!-- bulletin:editions:end -->"
ENTRY = re.compile(r"- \[(?P<week>\d{4}-W\d\d)\]\(")
HEADLINE = re.compile(r"^## (.+)$", re.MULTILINE)


def slug(text: str) -> str:
    """Return a name that every wiki shows: ASCII letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")


def written(markdown: str, links: Sequence[str], filed: Filed) -> str:
    """Return the page as it leaves: links to the attached files below, then the mark."""
    edition = filed.edition
    stamp = f"<!-- bulletin:edition {edition.week} {edition.revision} {filed.digest} -->"
    return "\n\n".join(filter(None, (markdown.rstrip(), " · ".join(links), stamp))) + "\n"


def headline_of(page: str) -> str:
    """Return the page's headline as it stands there, escaped already."""
    found = HEADLINE.search(page)
    return found[1] if found else ""


def renewed(page: str, standing: bytes | None, name: str) -> str | None:
    """Return the page with the notes of the one that stands there; None where it is that one.

    What people wrote outside of the notes goes when the edition changes, not before. Raises
    `BulletinError` as `Dialect.woven` does.
    """
    return DIALECT.woven(page, (standing or b"").decode("utf-8", "replace"), name)


def listed(standing: bytes | None, name: str, entry: str) -> str | None:
    """Return the page that lists the editions with one more entry, newest first; None where it has
    it. What stands outside of the markers is people's.

    Raises `BulletinError` where the page has no markers.
    """
    if standing is None or not standing.strip():
        return f"{BEGIN}\n{entry}\n{END}\n"
    text = standing.decode("utf-8", "replace")
    before, _, rest = text.partition(BEGIN)
    listing, _, after = rest.partition(END)
    if (text.count(BEGIN), text.count(END)) != (1, 1) or END in before or "\ufffd" in text:
        raise BulletinError(
            f"the page {name} has no place for the list of editions",
            f"Put one line {BEGIN} and below it one line {END} where the list shall be.",
        )
    lines = {found["week"]: line for line in listing.splitlines() if (found := ENTRY.match(line))}
    found = ENTRY.match(entry)
    assert found
    lines[found["week"]] = entry
    newest = "\n".join(lines[week] for week in sorted(lines, reverse=True))
    made = f"{before}{BEGIN}\n{newest}\n{END}{after}"
    return made if made != text else None
